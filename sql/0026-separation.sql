-- Separation of duties: roles that one person may not hold together, and the dated ways round it.

-- Nobody may hold `too_many` or more of its roles by their memberships in the organization and below.
create table separation (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  name text not null check (name <> ''),
  reason text not null default '',
  too_many int not null default 2 check (too_many >= 2),
  -- changing it loosens what a level above set, so only there, or above, is it changed
  set_by uuid references app_user (id),
  set_under uuid references delegation (id),
  state text not null default 'active' check (state in ('active', 'retired')),
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  changed_at timestamptz not null default remit_now()
);
create unique index separation_name on separation (organization_id, lower(name)) where state = 'active';
create index separation_place on separation (organization_id);

create table separation_part (
  separation_id uuid not null references separation (id),
  entitlement_id uuid not null references entitlement (id),
  primary key (separation_id, entitlement_id)
);
create index separation_part_of on separation_part (entitlement_id);

-- The only way round: for one person, for at most a year, approved by somebody else than whoever gains by it or asked.
create table separation_exception (
  id uuid primary key,
  separation_id uuid not null references separation (id),
  user_id uuid not null references app_user (id),
  -- the membership in which the person was named
  membership_id uuid not null references membership (id),
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  asked_by uuid not null references app_user (id),
  approved_by uuid not null references app_user (id),
  approved_under uuid references delegation (id),
  reason text not null default '',
  state text not null default 'active' check (state in ('active', 'lifted')),
  lifted_at timestamptz,
  lifted_by uuid references app_user (id),
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  check (approved_by <> user_id and approved_by <> asked_by),
  check (starts_at < ends_at and ends_at <= starts_at + interval '366 days')
);
create index separation_exception_of on separation_exception (user_id) where state = 'active';
create index separation_exception_from on separation_exception (separation_id);

-- What was given to these people of the roles of these sets, to them or to an organization that they are in, singly or
-- in a bundle, from now on. What stops it from being used at the moment (a suspension, a ceiling) may be lifted, and
-- does not count here.
create function separation_pieces(people uuid[], sets uuid[]) returns table (
  separation_id uuid, user_id uuid, membership_id uuid, assignment_id uuid, access_role_id uuid, entitlement_id uuid,
  through_id uuid, through_path text, starts_at timestamptz, ends_at timestamptz
) language sql stable as $$
  with spots as (
    select s.id, m.id as membership, m.user_id, m.path, m.starts_at, m.ends_at
    from separation s join organization o on o.id = s.organization_id
    join membership m on m.path >= o.path and m.path < o.path || '/'
    where s.id = any (sets) and m.user_id = any (people) and m.state <> 'ended' and m.ends_at > remit_now()
  ),
  given as (
    select t.id, t.user_id, t.membership, a.id as assignment, a.access_role_id, a.entitlement_id, null::uuid as through_id, null::text as through_path,
      greatest(a.starts_at, t.starts_at) as starts_at, least(a.ends_at, t.ends_at) as ends_at
    from spots t join assignment a on a.membership_id = t.membership where a.state = 'active'
    union all
    select t.id, t.user_id, t.membership, a.id, a.access_role_id, a.entitlement_id, x.id, x.path,
      greatest(a.starts_at, t.starts_at), least(a.ends_at, t.ends_at)
    from spots t join organization x on x.path = any (path_ancestors(t.path))
    join assignment a on a.organization_id = x.id where a.state = 'active'
  ),
  single as (
    select g.*, g.entitlement_id as part from given g where g.entitlement_id is not null
    union all
    select g.*, re.entitlement_id from given g join access_role r on r.id = g.access_role_id and r.state = 'active'
      join access_role_entitlement re on re.access_role_id = r.id
  )
  select i.id, i.user_id, i.membership, i.assignment, i.access_role_id, i.part, i.through_id, i.through_path, i.starts_at, i.ends_at
  from single i join separation_part p on p.separation_id = i.id and p.entitlement_id = i.part
  where i.starts_at < i.ends_at and i.ends_at > remit_now() $$;

-- Did this place lie in the organization, where that stands now or where it stood before it was moved?
create function stood_in(place text, organization uuid, path text) returns boolean language sql stable as $$
  select place = path or starts_with(place, path || '.')
    or exists (select 1 from former_place f where f.organization_id = organization and (place = f.path or starts_with(place, f.path || '.'))) $$;

-- Whoever adds to what people hold takes turns for each person, and refuses (RM003) where what was added comes together
-- with too many at any instant from now on. What was together before does not stand in the way of anything else.
--   assignments    all pieces by these are new
--   sets, members  pieces of this membership in this set are new; with `were`, where it lay before, only those that came
--                  to it by an organization in which it was not
--   roles, parts   this role of this bundle is new
create function separation_keep(people uuid[], concerned uuid[], assignments uuid[], sets uuid[], members uuid[], were text[],
  roles uuid[], parts uuid[]) returns void language plpgsql volatile as $$
declare broken jsonb;
begin
  if people is null or concerned is null then return; end if;
  perform 1 from app_user u where u.id = any (people) order by u.id for no key update;
  -- A statement of its own: it sees what was committed while we waited.
  with pieces as materialized (
    select p.*, p.assignment_id = any (coalesce(assignments, '{}'))
      or exists (select 1 from unnest(sets, members, were) n (separation_id, membership_id, was)
        where n.separation_id = p.separation_id and n.membership_id = p.membership_id
          and (n.was is null or p.through_id is not null and not stood_in(n.was, p.through_id, p.through_path)))
      or exists (select 1 from unnest(roles, parts) n (role_id, part_id)
        where n.role_id = p.access_role_id and n.part_id = p.entitlement_id) as added
    from separation_pieces(people, concerned) p
  ),
  ways as (
    select x.separation_id, x.user_id, x.starts_at, x.ends_at from separation_exception x
    where x.user_id = any (people) and x.separation_id = any (concerned) and x.state = 'active' and x.ends_at > remit_now()
  ),
  instants as (
    select p.separation_id, p.user_id, greatest(p.starts_at, remit_now()) as at from pieces p
    union select w.separation_id, w.user_id, w.ends_at from ways w
  ),
  together as (
    select i.separation_id, i.user_id, i.at from instants i
    join separation s on s.id = i.separation_id and s.state = 'active'
    join pieces p on p.separation_id = i.separation_id and p.user_id = i.user_id and p.starts_at <= i.at and p.ends_at > i.at
    where not exists (select 1 from ways w where w.separation_id = i.separation_id and w.user_id = i.user_id
      and w.starts_at <= i.at and w.ends_at > i.at)
    group by i.separation_id, i.user_id, i.at, s.too_many
    having count(distinct p.entitlement_id) >= s.too_many and bool_or(p.added)
    order by i.separation_id, i.user_id, i.at limit 1
  )
  select jsonb_build_object('id', s.id, 'name', s.name, 'organizationId', s.organization_id, 'path', o.path, 'at', t.at,
      'roles', (select jsonb_agg(distinct jsonb_build_object('entitlementId', e.id, 'name', e.name, 'applicationName', ap.name,
          'membershipId', m.id, 'organizationId', m.organization_id, 'path', m.path, 'userId', m.user_id, 'line', m.line))
        from pieces p join entitlement e on e.id = p.entitlement_id join application ap on ap.id = e.application_id
        join membership m on m.id = p.membership_id
        where p.separation_id = t.separation_id and p.user_id = t.user_id and p.starts_at <= t.at and p.ends_at > t.at))
    into broken from together t join separation s on s.id = t.separation_id join organization o on o.id = s.organization_id;
  if broken is not null then
    raise exception using errcode = 'RM003', message = 'separation of duties', detail = broken::text;
  end if;
end $$;

-- Nothing is looked for, and so nothing paid, where there is no set.
create function separations_stand() returns boolean language sql stable as
  $$ select exists (select 1 from separation s where s.state = 'active') $$;

-- What concerns one person waits only for others about that person. What concerns everybody in an organization, or
-- everybody who has a bundle, waits for all who are giving something, as they do for it: neither would see the other.
create function separation_turn(everybody boolean) returns void language plpgsql as $$
begin
  if everybody then
    perform pg_advisory_xact_lock(1382116990);
  else
    perform pg_advisory_xact_lock_shared(1382116990);
  end if;
end $$;

create function assignment_keeps_apart() returns trigger language plpgsql as $$
declare fresh uuid[]; wide boolean; concerned uuid[]; people uuid[];
begin
  if not separations_stand() then return null; end if;
  if tg_op = 'INSERT' then
    select array_agg(n.id), bool_or(n.organization_id is not null) into fresh, wide from added n
    where n.state = 'active' and n.ends_at > remit_now();
  else
    select array_agg(n.id), bool_or(n.organization_id is not null) into fresh, wide from added n join gone o on o.id = n.id
    where n.state = 'active' and n.ends_at > remit_now()
      and (o.state <> 'active' or n.starts_at < o.starts_at or n.ends_at > o.ends_at
        or (n.membership_id, n.organization_id, n.entitlement_id, n.access_role_id)
          is distinct from (o.membership_id, o.organization_id, o.entitlement_id, o.access_role_id));
  end if;
  if fresh is null then return null; end if;
  perform separation_turn(wide);
  with given as (
    select a.id, a.membership_id, a.organization_id, coalesce(a.entitlement_id, re.entitlement_id) as part
    from assignment a left join access_role_entitlement re on re.access_role_id = a.access_role_id where a.id = any (fresh)
  ),
  apart as (
    select g.*, s.id as set_id, o.path from given g join separation_part p on p.entitlement_id = g.part
    join separation s on s.id = p.separation_id and s.state = 'active' join organization o on o.id = s.organization_id
  ),
  found as (
    select a.set_id, a.id, m.user_id from apart a join membership m on m.id = a.membership_id
    where a.path = any (path_ancestors(m.path))
    union
    select a.set_id, a.id, m.user_id from apart a join organization x on x.id = a.organization_id
    join membership m on m.path >= greatest(x.path, a.path) and m.path < greatest(x.path, a.path) || '/' and m.state <> 'ended'
    where x.path = any (path_ancestors(a.path)) or a.path = any (path_ancestors(x.path))
  )
  select array_agg(distinct f.set_id), array_agg(distinct f.id), array_agg(distinct f.user_id) into concerned, fresh, people from found f;
  perform separation_keep(people, concerned, fresh, null, null, null, null, null);
  return null;
end $$;
create trigger assignment_apart_new after insert on assignment
  referencing new table as added for each statement execute function assignment_keeps_apart();
create trigger assignment_apart_again after update on assignment
  referencing old table as gone new table as added for each statement execute function assignment_keeps_apart();

create function bundle_keeps_apart() returns trigger language plpgsql as $$
declare roles uuid[]; parts uuid[]; concerned uuid[]; people uuid[];
begin
  if not separations_stand() then return null; end if;
  perform separation_turn(true);
  select array_agg(n.access_role_id), array_agg(n.entitlement_id) into roles, parts from added n;
  select array_agg(distinct s.id) into concerned from added n join separation_part p on p.entitlement_id = n.entitlement_id
    join separation s on s.id = p.separation_id and s.state = 'active';
  if concerned is null then return null; end if;
  select array_agg(distinct f.user_id) into people from (
    select m.user_id from assignment a join membership m on m.id = a.membership_id
    where a.access_role_id = any (roles) and a.state = 'active' and a.ends_at > remit_now() and m.state <> 'ended'
    union
    select m.user_id from assignment a join organization x on x.id = a.organization_id
    join membership m on m.path >= x.path and m.path < x.path || '/' and m.state <> 'ended'
    where a.access_role_id = any (roles) and a.state = 'active' and a.ends_at > remit_now()) f;
  perform separation_keep(people, concerned, null, null, null, null, roles, parts);
  return null;
end $$;
create trigger access_role_entitlement_apart after insert on access_role_entitlement
  referencing new table as added for each statement execute function bundle_keeps_apart();

create function membership_keeps_apart() returns trigger language plpgsql as $$
declare sets uuid[]; members uuid[]; were text[]; people uuid[];
begin
  if not separations_stand() then return null; end if;
  perform separation_turn(false);
  if tg_op = 'INSERT' then
    select array_agg(s.id), array_agg(n.id), array_agg(null::text), array_agg(distinct n.user_id) into sets, members, were, people
    from added n join separation s on s.state = 'active'
    join organization o on o.id = s.organization_id and o.path = any (path_ancestors(n.path))
    where n.state <> 'ended' and n.ends_at > remit_now();
  else
    select array_agg(c.set_id), array_agg(c.id), array_agg(c.was), array_agg(distinct c.user_id) into sets, members, were, people
    from (
      select s.id as set_id, n.id, n.user_id,
        case when b.state <> 'ended' and n.starts_at >= b.starts_at and n.ends_at <= b.ends_at and n.user_id = b.user_id
          and stood_in(b.path, o.id, o.path) then b.path end as was
      from added n join gone b on b.id = n.id join separation s on s.state = 'active'
      join organization o on o.id = s.organization_id and o.path = any (path_ancestors(n.path))
      where n.state <> 'ended' and n.ends_at > remit_now()
        and (b.state = 'ended' or n.starts_at < b.starts_at or n.ends_at > b.ends_at or n.user_id <> b.user_id or n.path <> b.path)) c;
  end if;
  perform separation_keep(people, (select array_agg(distinct x) from unnest(sets) x), null, sets, members, were, null, null);
  return null;
end $$;
create trigger membership_apart_new after insert on membership
  referencing new table as added for each statement execute function membership_keeps_apart();
create trigger membership_apart_again after update on membership
  referencing old table as gone new table as added for each statement execute function membership_keeps_apart();

-- What an invitation offers is not offered where it could not be held together; and again when it is accepted.
create function invitation_keeps_apart() returns trigger language plpgsql as $$
declare broken jsonb;
begin
  if not separations_stand() then return null; end if;
  if tg_op = 'UPDATE' and new.path = old.path and new.entitlement_ids = old.entitlement_ids and new.access_role_ids = old.access_role_ids
    and new.membership_id is not distinct from old.membership_id and old.state = 'open' then return null; end if;
  with offered as (
    select unnest(new.entitlement_ids) as part
    union select re.entitlement_id from access_role_entitlement re join access_role r on r.id = re.access_role_id and r.state = 'active'
      where re.access_role_id = any (new.access_role_ids)
  ),
  there as (
    select a.entitlement_id, a.access_role_id from organization x join assignment a on a.organization_id = x.id
    where x.path = any (path_ancestors(new.path)) and a.state = 'active' and a.ends_at > remit_now()
    union all
    select a.entitlement_id, a.access_role_id from assignment a
    where a.membership_id = new.membership_id and a.state = 'active' and a.ends_at > remit_now()
  ),
  had as (
    select t.entitlement_id as part from there t where t.entitlement_id is not null
    union select re.entitlement_id from there t join access_role r on r.id = t.access_role_id and r.state = 'active'
      join access_role_entitlement re on re.access_role_id = r.id
  ),
  both_of as (select part, true as fresh from offered union all select part, false from had)
  select jsonb_build_object('id', s.id, 'name', s.name, 'organizationId', s.organization_id, 'path', o.path, 'roles', '[]'::jsonb)
    into broken
  from separation s join organization o on o.id = s.organization_id
  join separation_part p on p.separation_id = s.id join both_of b on b.part = p.entitlement_id
  where s.state = 'active' and o.path = any (path_ancestors(new.path))
    and not exists (select 1 from separation_exception x join membership m on m.user_id = x.user_id
      where m.id = new.membership_id and x.separation_id = s.id and x.state = 'active' and x.ends_at > remit_now())
  group by s.id, o.path having count(distinct p.entitlement_id) >= s.too_many and bool_or(b.fresh)
  order by s.id limit 1;
  if broken is not null then
    raise exception using errcode = 'RM003', message = 'separation of duties', detail = broken::text;
  end if;
  return null;
end $$;
create trigger invitation_apart after insert or update on invitation
  for each row when (new.state = 'open' and (new.entitlement_ids <> '{}' or new.access_role_ids <> '{}'))
  execute function invitation_keeps_apart();
