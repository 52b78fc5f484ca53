-- Seats of standing delegations, access by rule, and what a mandate is limited to.

-- The one error that crosses to whoever brings a person: no seat left (RM001). RM002 names, to whoever sets seats, how
-- many people are there already. The process turns both into refusals.

-- Nothing is looked for, and so nothing paid, where no seats are set.
create index delegation_seats on delegation using gin (place_paths)
  where seats is not null and kind = 'administer' and delegate_kind = 'organization' and state <> 'ended';
-- Seats count everybody in places; for named people or reports they would mean nothing.
alter table delegation add constraint delegation_seats_in_places check (seats is null
  or cardinality(place_paths) > 0 and not jsonb_path_exists(scope, '$[*] ? (exists (@.users) || exists (@.reports))'));

-- Is this place in one of the boxes? A box of people without places lies wherever the links above it reach.
create function scope_covers(scope jsonb, place text) returns boolean language sql immutable strict parallel safe as $$
  select exists (
    select 1 from jsonb_array_elements(scope) box
    where (not box ? 'places' or exists (
      select 1 from jsonb_array_elements(box -> 'places') p
      where place = p ->> 'path' or (p ->> 'below')::boolean and starts_with(place, (p ->> 'path') || '.')))
    and not exists (
      select 1 from jsonb_array_elements(coalesce(box -> 'holes', '[]')) h
      where place = h ->> 'path' or (h ->> 'below')::boolean and starts_with(place, (h ->> 'path') || '.'))) $$;

-- Seats taken: people and open invitations in the scope of the link and of those above it. An invitation for somebody
-- who is a member already (taken over from files) takes no second one. Counted when asked: people leave and invitations
-- expire without any write.
create function seats_taken(link uuid) returns bigint language sql stable as $$
  with counted as (select d.scope, d.chain, d.place_paths from delegation d where d.id = link),
  tops as (
    select distinct p.path collate "C" as path from counted, unnest(place_paths) p (path)
    where not exists (select 1 from counted, unnest(place_paths) q (path) where q.path <> p.path and starts_with(p.path, q.path || '.'))
  ),
  taken as (
    select m.path, count(*) as people from tops t join membership m
      on m.path >= t.path and m.path < t.path || '/' and m.state <> 'ended' and m.ends_at > remit_now() group by m.path
    union all
    select i.path, count(*) from tops t join invitation i
      on i.path >= t.path and i.path < t.path || '/' and i.state = 'open' and i.expires_at > remit_now() and i.membership_id is null
      group by i.path
  )
  select coalesce(sum(t.people), 0)::bigint from taken t, counted c where scope_covers(c.scope, t.path)
    and not exists (select 1 from delegation a where a.id = any (c.chain) and a.delegate_kind <> 'root' and not scope_covers(a.scope, t.path)) $$;

-- Whoever comes to be counted at these places takes turns with the others there: the links with seats above are locked,
-- the highest first, and counted by statements of their own, which see what was committed while they waited.
create function seats_take(places text[]) returns void language plpgsql volatile as $$
declare link record;
begin
  -- Seats that are being set at this moment wait for us, or we for them: neither would see the other.
  perform pg_advisory_xact_lock_shared(1382116970);
  for link in
    select d.id, d.seats from delegation d
    where d.seats is not null and d.kind = 'administer' and d.delegate_kind = 'organization' and d.state <> 'ended'
      and d.ends_at > remit_now()
      and d.place_paths && array(select distinct a.path from unnest(places) p (path), unnest(path_ancestors(p.path)) a (path))
    order by d.place_paths collate "C", d.id
    for no key update
  loop
    if seats_taken(link.id) > link.seats then
      raise exception using errcode = 'RM001', message = 'no seat left';
    end if;
  end loop;
end $$;

create function membership_takes_seat() returns trigger language plpgsql as $$
declare places text[];
begin
  if tg_op = 'INSERT' then
    select array_agg(distinct n.path) into places from added n where n.state <> 'ended' and n.ends_at > remit_now();
  else
    select array_agg(distinct n.path) into places from added n join gone o on o.id = n.id
    where n.state <> 'ended' and n.ends_at > remit_now()
      and (o.state = 'ended' or o.ends_at <= remit_now() or o.path <> n.path);
  end if;
  if places is not null then
    perform seats_take(places);
  end if;
  return null;
end $$;
create trigger membership_seat_new after insert on membership
  referencing new table as added for each statement execute function membership_takes_seat();
create trigger membership_seat_again after update on membership
  referencing old table as gone new table as added for each statement execute function membership_takes_seat();

create function invitation_takes_seat() returns trigger language plpgsql as $$
declare places text[];
begin
  if tg_op = 'INSERT' then
    select array_agg(distinct n.path) into places from added n
    where n.state = 'open' and n.expires_at > remit_now() and n.membership_id is null;
  else
    select array_agg(distinct n.path) into places from added n join gone o on o.id = n.id
    where n.state = 'open' and n.expires_at > remit_now() and n.membership_id is null
      and (o.state <> 'open' or o.expires_at <= remit_now() or o.membership_id is not null or o.path <> n.path);
  end if;
  if places is not null then
    perform seats_take(places);
  end if;
  return null;
end $$;
create trigger invitation_seat_new after insert on invitation
  referencing new table as added for each statement execute function invitation_takes_seat();
create trigger invitation_seat_again after update on invitation
  referencing old table as gone new table as added for each statement execute function invitation_takes_seat();

-- Fewer seats than people there are never set.
create function delegation_sets_seats() returns trigger language plpgsql as $$
declare taken bigint;
begin
  -- One that counts already is locked by whoever brings somebody, as by us; one that comes to count is not yet.
  if tg_op = 'INSERT' or old.seats is null or old.scope <> new.scope or old.state = 'ended' or old.ends_at <= remit_now() then
    perform pg_advisory_xact_lock(1382116970);
  end if;
  taken := seats_taken(new.id);
  if taken > new.seats then
    raise exception using errcode = 'RM002', message = 'more people than seats', detail = taken;
  end if;
  return null;
end $$;
create trigger delegation_seats_new after insert on delegation
  for each row when (new.seats is not null and new.state <> 'ended') execute function delegation_sets_seats();
create trigger delegation_seats_change after update of seats, scope, state, ends_at on delegation
  for each row when (new.seats is not null and new.state <> 'ended'
    and (new.seats is distinct from old.seats or new.scope <> old.scope or old.state = 'ended' or old.ends_at < new.ends_at))
  execute function delegation_sets_seats();

-- Access that people have because of what is recorded of them: where they belong, their title and fields, a relation they
-- stand in; nothing that they can write themselves (ruling 2). Read at use: nobody is given anything, and whoever does
-- not fit any more has nothing. It stands in an organization, reaches no further than there and below, and gives no
-- more than that organization may hand out.
create table access_rule (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  name text not null default '',
  -- who: everybody in this organization (absent: where the rule stands) and below; all parts that are set have to fit
  in_organization_id uuid references organization (id),
  below boolean not null default true,
  title text,
  attributes jsonb not null default '{}' check (jsonb_typeof(attributes) = 'object'),
  relation text check (relation in ('managers', 'line-managers', 'guardians', 'members')),
  -- what
  entitlement_id uuid references entitlement (id),
  access_role_id uuid references access_role (id),
  starts_at timestamptz not null default '-infinity',
  ends_at timestamptz not null default 'infinity',
  state text not null default 'active' check (state in ('active', 'paused', 'ended')),
  given_by uuid references app_user (id),
  given_under uuid references delegation (id),
  ended_at timestamptz,
  ended_by uuid references app_user (id),
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  check (num_nonnulls(entitlement_id, access_role_id) = 1),
  check (starts_at <= ends_at)
);
create index access_rule_organization on access_rule (organization_id) where state = 'active';

-- Acts inside an application that somebody may be given a mandate for, as the application declares them.
alter table application add column themes text[] not null default '{}';
-- Conditions of a mandate on its themes: {"theme": {"field": {"max": n} | {"in": [..]}}}; and the law or judgment it
-- rests on where the represented did not give it.
alter table delegation add column limits jsonb not null default '{}' check (jsonb_typeof(limits) = 'object');
alter table delegation add column legal_basis text;
alter table delegation add constraint delegation_only_mandates
  check (kind = 'represent' or (limits = '{}' and legal_basis is null));
-- A mandate ends at whom it represents: by their own hand, or by law.
alter table delegation add constraint delegation_mandate_giver check (
  kind <> 'represent' or parent_id is not null or legal_basis is not null
  or giver_user_id is not null and (represented_user_id is null or giver_user_id = represented_user_id));
