-- Fields: who may see and change what is recorded in them; and rules that read them, which read nothing that their subject
-- writes (ruling 2).

alter table attribute_definition
  -- whoever may change people there; the person, too; or whoever may see the person at all
  add column seen_by text not null default 'everybody' check (seen_by in ('managers', 'self', 'everybody')),
  -- whoever may change people there; the person, too; or nobody but what feeds them in
  add column changed_by text not null default 'managers' check (changed_by in ('managers', 'self', 'source')),
  -- stands in tokens, for applications that ask for it
  add column claim boolean not null default false,
  add constraint attribute_own_is_seen check (changed_by <> 'self' or seen_by <> 'managers');
create index attribute_definition_own on attribute_definition (key) where changed_by = 'self';

-- Whom a rule leaves out, whatever else is recorded of them.
alter table access_rule add column except_ids uuid[] not null default '{}';
alter table access_rule add column changed_at timestamptz not null default remit_now();
create index access_rule_fields on access_rule (id) where state <> 'ended' and (attributes <> '{}' or any_of <> '[]');

create function rule_keys(attributes jsonb, any_of jsonb) returns setof text language sql immutable parallel safe as $$
  select jsonb_object_keys(attributes) union select c ->> 'key' from jsonb_array_elements(any_of) c $$;

-- Refuses (RM004) where a rule that has not ended reads a field which people it is about change themselves: one defined
-- where the rule looks, or below; or above, with no nearer definition between. A paused rule may be resumed.
--   only_rule, only_key  looked at alone, where only these changed
create function rules_read_own(only_rule uuid, only_key text) returns void language plpgsql volatile as $$
declare broken text;
begin
  -- A rule and a field that are saved at once would not see each other.
  perform pg_advisory_xact_lock(1382116991);
  select d.label into broken
  from access_rule r join organization o on o.id = coalesce(r.in_organization_id, r.organization_id)
  cross join lateral rule_keys(r.attributes, r.any_of) k (key)
  join attribute_definition d on d.key = k.key and d.changed_by = 'self'
  join organization p on p.id = d.organization_id
  where r.state <> 'ended' and (r.attributes <> '{}' or r.any_of <> '[]')
    and (only_rule is null or r.id = only_rule) and (only_key is null or k.key = only_key)
    and (p.path = o.path or r.below and starts_with(p.path, o.path || '.')
      or starts_with(o.path, p.path || '.') and not exists (
        select 1 from attribute_definition n join organization q on q.id = n.organization_id
        where n.key = d.key and starts_with(q.path, p.path || '.') and (q.path = o.path or starts_with(o.path, q.path || '.'))))
  limit 1;
  if broken is not null then
    raise exception using errcode = 'RM004', message = 'a rule reads what people write themselves', detail = broken;
  end if;
end $$;

create function access_rule_reads() returns trigger language plpgsql as $$
begin
  perform rules_read_own(new.id, null);
  return null;
end $$;
create trigger access_rule_reads after insert or update on access_rule for each row
  when (new.state <> 'ended' and (new.attributes <> '{}' or new.any_of <> '[]')) execute function access_rule_reads();

create function attribute_is_read() returns trigger language plpgsql as $$
begin
  perform rules_read_own(null, coalesce(new.key, old.key));
  return null;
end $$;
create trigger attribute_is_read after insert or update on attribute_definition for each row
  when (new.changed_by = 'self') execute function attribute_is_read();
-- Then the nearest above counts.
create trigger attribute_is_read_again after delete on attribute_definition for each row execute function attribute_is_read();

-- Fields are defined for those below: a move brings people below others.
create function organization_moves_fields() returns trigger language plpgsql as $$
begin
  if exists (select 1 from attribute_definition where changed_by = 'self') then
    perform rules_read_own(null, null);
  end if;
  return null;
end $$;
create trigger organization_moves_fields after update of path on organization for each statement
  execute function organization_moves_fields();
