-- Whether anything but links has a say near an actor, asked by one look-up: each check asked five indexes for what is
-- almost always nothing. A row for each organization that is off, each relation that a link is given to, each guardian
-- and each exception; kept with what it tells of, in the same transaction.
--   key   a path; for a guardian the membership; '>' and a path for an exception somewhere below that path
--   what  'off': the organization itself is suspended or closed; 'more': load everything
create table nearby (
  key text collate "C" not null,
  what text not null check (what in ('off', 'more')),
  ref uuid not null,
  primary key (key, ref)
);
create index nearby_ref on nearby (ref);

create function nearby_put(about uuid, kind text, keys text[]) returns void language sql as $$
  delete from nearby where ref = about and key <> all (keys);
  insert into nearby (key, what, ref) select k, kind, about from unnest(keys) k on conflict (key, ref) do nothing $$;

create function nearby_forget() returns trigger language plpgsql as $$
begin
  delete from nearby where ref = old.id;
  return null;
end $$;

create function nearby_organization() returns trigger language plpgsql as $$
begin
  perform nearby_put(new.id, 'off', case when new.state <> 'active' then array[new.path] else '{}' end);
  return null;
end $$;
create trigger organization_nearby_new after insert on organization for each row
  when (new.state <> 'active') execute function nearby_organization();
create trigger organization_nearby_changed after update on organization for each row
  when ((old.state <> 'active' or new.state <> 'active') and (old.state, old.path) is distinct from (new.state, new.path))
  execute function nearby_organization();
create trigger organization_nearby_gone after delete on organization for each row
  when (old.state <> 'active') execute function nearby_forget();

create function nearby_relation() returns trigger language plpgsql as $$
begin
  perform nearby_put(new.id, 'more',
    case when new.relation_path is not null and new.state <> 'ended' then array[new.relation_path] else '{}' end);
  return null;
end $$;
create trigger delegation_nearby_new after insert on delegation for each row
  when (new.delegate_kind = 'relation') execute function nearby_relation();
create trigger delegation_nearby_changed after update on delegation for each row
  when ((old.relation_path, old.state) is distinct from (new.relation_path, new.state)
    and (old.relation_path is not null or new.relation_path is not null))
  execute function nearby_relation();
create trigger delegation_nearby_gone after delete on delegation for each row
  when (old.delegate_kind = 'relation') execute function nearby_forget();

create function nearby_exception() returns trigger language plpgsql as $$
begin
  perform nearby_put(new.id, 'more', case when new.state <> 'active' then '{}' else
    array(select '>' || above from unnest(path_ancestors(new.path)) above where above <> new.path) || new.path end);
  return null;
end $$;
create trigger exception_nearby_changed after insert or update on exception for each row execute function nearby_exception();
create trigger exception_nearby_gone after delete on exception for each row execute function nearby_forget();

create function nearby_guardian() returns trigger language plpgsql as $$
begin
  perform nearby_put(new.id, 'more', case when new.state = 'active' then array[new.membership_id::text] else '{}' end);
  return null;
end $$;
create trigger guardian_nearby_changed after insert or update on guardian for each row execute function nearby_guardian();
create trigger guardian_nearby_gone after delete on guardian for each row execute function nearby_forget();

-- Also while rows are filled in with the other triggers at rest: whoever fills them knows nothing of this table.
alter table organization enable always trigger organization_nearby_new;
alter table organization enable always trigger organization_nearby_changed;
alter table organization enable always trigger organization_nearby_gone;
alter table delegation enable always trigger delegation_nearby_new;
alter table delegation enable always trigger delegation_nearby_changed;
alter table delegation enable always trigger delegation_nearby_gone;
alter table exception enable always trigger exception_nearby_changed;
alter table exception enable always trigger exception_nearby_gone;
alter table guardian enable always trigger guardian_nearby_changed;
alter table guardian enable always trigger guardian_nearby_gone;

select nearby_put(id, 'off', array[path]) from organization where state <> 'active';
select nearby_put(id, 'more', array[relation_path]) from delegation where delegate_kind = 'relation' and state <> 'ended';
select nearby_put(id, 'more', array(select '>' || above from unnest(path_ancestors(path)) above where above <> path) || path)
  from exception where state = 'active';
select nearby_put(id, 'more', array[membership_id::text]) from guardian where state = 'active';

-- What somebody may act under; mandates, of which an attorney has thousands, are asked for on their own.
create index delegation_acting on delegation (delegate_membership_id)
  where delegate_kind = 'user' and kind in ('administer', 'approve') and state <> 'ended';
