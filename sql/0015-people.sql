-- Pages and counts of people at size: whole reporting lines, search in a boundary, and people apart from memberships.

-- WHOLE REPORTING LINES. A signature of the line above somebody, two bits for each name in it, stands in the index that
-- the page walks by name: who cannot report to a manager is passed over without a look at the row. Whoever passes is
-- looked up, so a signature changes the time, never an answer.
create function line_bits(line uuid[]) returns bigint language sql immutable strict parallel safe as $$
  select case when cardinality(line) = 0 then 0 else (
    select bit_or((1::bigint << (h & 63)::int) | (1::bigint << ((h >> 6) & 63)::int))
    from unnest(line) l (id), uuid_hash_extended(l.id, 0) h) end $$;
alter table membership add column line_bits bigint not null generated always as (line_bits(line)) stored;

-- PEOPLE. Somebody with memberships in several organizations is one person. One of these is the home; the others say
-- so, and are counted beside all. At most one live membership stands in the home, so whoever counts without the further
-- ones counts nobody twice.
alter table membership add column further boolean not null default false;
alter table people_total add column further bigint not null default 0;
alter table people_delta add column further int not null default 0;

-- SEARCH. Pieces of three letters under each anchor: from anywhere in the name; and, marked, from the beginnings of the
-- address and the user name. A word of three letters or more finds its people by piece and boundary at once. Own pieces
-- instead of pg_trgm: a server need not have it, and it knows nothing of boundaries.
alter table membership add column starts text[] not null default '{}';
create function starts_of(email text, user_name text) returns text[] language sql immutable parallel safe as $$
  select array(select distinct left(lower(t), 3) from unnest(array[email, user_name]) t where length(t) >= 3) $$;
create function name_pieces(anchor text, name text, starts text[]) returns text[] language sql immutable strict parallel safe as $$
  select array(
    select anchor || ':' || piece from generate_series(1, length(name) - 2) n, substr(name, n, 3) piece where strpos(piece, ' ') = 0
    union select anchor || ':^' || s from unnest(starts) s) $$;

-- Both follow the user. The lock keeps the home still until whoever asked for it commits.
create function membership_of_user_keep() returns trigger language plpgsql as $$
begin
  select u.home_organization_id <> new.organization_id, starts_of(u.email, u.user_name) into new.further, new.starts
  from app_user u where u.id = new.user_id for share;
  new.further := coalesce(new.further, false);
  new.starts := coalesce(new.starts, '{}');
  return new;
end $$;
create trigger membership_of_user before insert or update of organization_id, user_id on membership
  for each row execute function membership_of_user_keep();

create function membership_of_user_follow() returns trigger language plpgsql as $$
begin
  update membership m set further = m.organization_id <> new.home_organization_id, starts = starts_of(new.email, new.user_name)
  where m.user_id = new.id
    and (m.further <> (m.organization_id <> new.home_organization_id) or m.starts <> starts_of(new.email, new.user_name));
  return null;
end $$;
create trigger membership_follows_user after update of home_organization_id, email, user_name on app_user
  for each row when (old.home_organization_id <> new.home_organization_id
    or starts_of(old.email, old.user_name) <> starts_of(new.email, new.user_name))
  execute function membership_of_user_follow();

create or replace function people_count_keep() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into people_delta (path, people, further)
    select path, count(*), count(*) filter (where further) from added where state <> 'ended' group by path;
  elsif tg_op = 'DELETE' then
    insert into people_delta (path, people, further)
    select path, -count(*), -count(*) filter (where further) from gone where state <> 'ended' group by path;
  else
    insert into people_delta (path, people, further)
    select path, sum(n), sum(f) from (
      select path, -1 as n, -further::int as f from gone where state <> 'ended'
      union all select path, 1, further::int from added where state <> 'ended'
    ) both_sides group by path having sum(n) <> 0 or sum(f) <> 0;
  end if;
  return null;
end $$;

create or replace function people_fold() returns bigint language plpgsql as $$
declare folded bigint;
begin
  if not pg_try_advisory_xact_lock(1382116981) then return 0; end if;
  with taken as (delete from people_delta returning path, people, further),
  summed as (
    select above as path, sum(t.people) as people, sum(t.further) as further
    from (select path, sum(people) as people, sum(further) as further from taken group by path) t, unnest(path_ancestors(t.path)) above
    group by above
  ),
  kept as (
    insert into people_total (path, people, further) select path, people, further from summed
    where people <> 0 or further <> 0 order by path
    on conflict (path) do update set people = people_total.people + excluded.people, further = people_total.further + excluded.further
    returning 1
  )
  select count(*) into folded from taken;
  return folded;
end $$;

-- Nobody comes, moves or leaves by this.
alter table membership disable trigger user;
update membership m set further = u.home_organization_id <> m.organization_id, starts = starts_of(u.email, u.user_name)
from app_user u where u.id = m.user_id;
alter table membership enable trigger user;
insert into people_delta (path, people, further) select path, 0, count(*) from membership where state <> 'ended' and further group by path;
select people_fold();

create index membership_pieces on membership using gin (name_pieces(anchor, sort_name, starts))
  with (gin_pending_list_limit = 256) where state <> 'ended';
drop index membership_page;
create index membership_page on membership (sort_name, id) include (path, ends_at, line_bits, starts) where state <> 'ended';
create index membership_further on membership (path) include (user_id) where state <> 'ended' and further;
