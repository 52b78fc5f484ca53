-- Separations of duties where a hundred thousand people are concerned at once: only those are looked at who could have
-- too many. Looking at everybody took 17 s for a role given to all of them, most of it for people with that role alone.

-- Who has as many different roles of these sets as are too many, whenever: by what was given to them, and by what was
-- given to organizations that they are in. Of those who were given nothing themselves only people of several
-- organizations, and of organizations where several roles meet, can have that.
create function separation_suspects(sets uuid[]) returns table (separation_id uuid, user_id uuid) language sql stable as $$
  with parts as (
    select s.id, s.too_many, o.path, p.entitlement_id from separation s join organization o on o.id = s.organization_id
    join separation_part p on p.separation_id = s.id where s.id = any (sets)
  ),
  givings as materialized (
    select t.id, t.path, t.entitlement_id, a.membership_id, a.organization_id from parts t
    join assignment a on a.entitlement_id = t.entitlement_id where a.state = 'active' and a.ends_at > remit_now()
    union
    select t.id, t.path, t.entitlement_id, a.membership_id, a.organization_id from parts t
    join access_role_entitlement re on re.entitlement_id = t.entitlement_id
    join access_role r on r.id = re.access_role_id and r.state = 'active'
    join assignment a on a.access_role_id = r.id where a.state = 'active' and a.ends_at > remit_now()
  ),
  -- what is given to an organization counts in the lower one of its place and the set's
  wide as materialized (
    select g.id, g.entitlement_id, greatest(x.path, g.path) as path from givings g join organization x on x.id = g.organization_id
    where g.path = any (path_ancestors(x.path)) or x.path = any (path_ancestors(g.path))
  ),
  meeting as (
    select distinct w.id, greatest(w.path, v.path) as path from wide w join wide v on v.id = w.id and v.entitlement_id > w.entitlement_id
    where w.path = any (path_ancestors(v.path)) or v.path = any (path_ancestors(w.path))
  ),
  own as materialized (
    select g.id, g.entitlement_id, m.user_id from givings g join membership m on m.id = g.membership_id
    where m.state <> 'ended' and m.path >= g.path and m.path < g.path || '/'
  ),
  people as (
    select o.id, o.user_id from own o where exists (select 1 from wide w where w.id = o.id)
    union
    select w.id, m.user_id from wide w join membership m on m.path >= w.path and m.path < w.path || '/'
    where m.state <> 'ended' and m.further
    union
    select w.id, m.user_id from meeting w join membership m on m.path >= w.path and m.path < w.path || '/' where m.state <> 'ended'
  ),
  has as (
    select o.id, o.user_id, o.entitlement_id from own o
    union
    select p.id, p.user_id, w.entitlement_id from people p join membership m on m.user_id = p.user_id and m.state <> 'ended'
    join wide w on w.id = p.id and w.path = any (path_ancestors(m.path))
  )
  select e.id, e.user_id from has e join separation s on s.id = e.id
  group by e.id, e.user_id, s.too_many having count(distinct e.entitlement_id) >= s.too_many $$;

create or replace function assignment_keeps_apart() returns trigger language plpgsql as $$
declare fresh uuid[]; wide boolean; concerned uuid[]; people uuid[];
begin
  if not separations_stand() then return null; end if;
  if tg_op = 'INSERT' then
    select array_agg(n.id), bool_or(n.organization_id is not null) or count(*) > 1000 into fresh, wide from added n
    where n.state = 'active' and n.ends_at > remit_now();
  else
    select array_agg(n.id), bool_or(n.organization_id is not null) or count(*) > 1000 into fresh, wide from added n join gone o on o.id = n.id
    where n.state = 'active' and n.ends_at > remit_now()
      and (o.state <> 'active' or n.starts_at < o.starts_at or n.ends_at > o.ends_at
        or (n.membership_id, n.organization_id, n.entitlement_id, n.access_role_id)
          is distinct from (o.membership_id, o.organization_id, o.entitlement_id, o.access_role_id));
  end if;
  if fresh is null then return null; end if;
  perform separation_turn(wide);
  select array_agg(distinct p.separation_id) into concerned
  from assignment a left join access_role_entitlement re on re.access_role_id = a.access_role_id
  join separation_part p on p.entitlement_id = coalesce(a.entitlement_id, re.entitlement_id)
  join separation s on s.id = p.separation_id and s.state = 'active'
  where a.id = any (fresh);
  if concerned is null then return null; end if;
  if wide then
    select array_agg(distinct f.user_id) into people from separation_suspects(concerned) f;
  else
    select array_agg(distinct m.user_id) into people from assignment a join membership m on m.id = a.membership_id where a.id = any (fresh);
  end if;
  perform separation_keep(people, concerned, fresh, null, null, null, null, null);
  return null;
end $$;

create or replace function bundle_keeps_apart() returns trigger language plpgsql as $$
declare roles uuid[]; parts uuid[]; concerned uuid[]; people uuid[];
begin
  if not separations_stand() then return null; end if;
  perform separation_turn(true);
  select array_agg(n.access_role_id), array_agg(n.entitlement_id) into roles, parts from added n;
  select array_agg(distinct s.id) into concerned from added n join separation_part p on p.entitlement_id = n.entitlement_id
    join separation s on s.id = p.separation_id and s.state = 'active';
  if concerned is null then return null; end if;
  select array_agg(distinct f.user_id) into people from separation_suspects(concerned) f;
  perform separation_keep(people, concerned, null, null, null, null, roles, parts);
  return null;
end $$;

create or replace function membership_keeps_apart() returns trigger language plpgsql as $$
declare many boolean; sets uuid[]; members uuid[]; were text[]; people uuid[]; concerned uuid[];
begin
  if not separations_stand() then return null; end if;
  select count(*) > 1000 into many from added;
  perform separation_turn(many);
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
  if people is null then return null; end if;
  select array_agg(distinct x) into concerned from unnest(sets) x;
  if many then
    select array_agg(distinct f.user_id) into people from separation_suspects(concerned) f where f.user_id = any (people);
  end if;
  perform separation_keep(people, concerned, null, sets, members, were, null, null);
  return null;
end $$;
