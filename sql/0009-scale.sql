-- Size: pages and counts of people that cost the same in every boundary, and a stamp that tells a process whether the
-- authority facts it keeps are still those of the database.

-- ANCHORS. Each membership names the nearest anchor at or above it. An anchor is an organization with many people at
-- and below it; a page of a middle-sized boundary then merges a few short walks by name, instead of sorting thousands
-- of people or walking past hundreds of thousands. Which organizations are anchors changes the speed, never an answer.
create table people_anchor (path text collate "C" primary key);
insert into people_anchor values ('r');
alter table membership add column anchor text collate "C" not null default 'r';
create index membership_anchor on membership (anchor, sort_name, id) include (path, ends_at) where state <> 'ended';

create function nearest_anchor(place text) returns text language sql stable strict as $$
  select coalesce((select a.path from people_anchor a where a.path = any (path_ancestors(place)) order by length(a.path) desc limit 1), 'r') $$;

-- The lock keeps the set of anchors still until whoever files somebody under one commits.
create function membership_anchor_keep() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(1382116980);
  new.anchor := nearest_anchor(new.path);
  return new;
end $$;
create trigger membership_anchor_new before insert on membership for each row execute function membership_anchor_keep();
create trigger membership_anchor_moved before update of path on membership
  for each row when (old.path is distinct from new.path) execute function membership_anchor_keep();

-- COUNTS. How many memberships stand at and below each organization: what was folded, and what came since. A change
-- only appends a row of its own, so that no two enrolments wait for each other; a sweeper folds them. Both are read by
-- one statement, so the sum is right at any time.
create table people_total (path text collate "C" primary key, people bigint not null);
create table people_delta (
  id bigint generated always as identity primary key,
  path text collate "C" not null,
  people int not null
);
create index people_delta_path on people_delta (path) include (people);

create function people_count_keep() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into people_delta (path, people) select path, count(*) from added where state <> 'ended' group by path;
  elsif tg_op = 'DELETE' then
    insert into people_delta (path, people) select path, -count(*) from gone where state <> 'ended' group by path;
  else
    insert into people_delta (path, people)
    select path, sum(n) from (
      select path, -1 as n from gone where state <> 'ended' union all select path, 1 from added where state <> 'ended'
    ) both_sides group by path having sum(n) <> 0;
  end if;
  return null;
end $$;
create trigger people_count_new after insert on membership
  referencing new table as added for each statement execute function people_count_keep();
create trigger people_count_changed after update on membership
  referencing old table as gone new table as added for each statement execute function people_count_keep();
create trigger people_count_gone after delete on membership
  referencing old table as gone for each statement execute function people_count_keep();

-- Folds what came since into the totals at and above. One at a time; who finds another at work leaves it to that one.
create function people_fold() returns bigint language plpgsql as $$
declare folded bigint;
begin
  if not pg_try_advisory_xact_lock(1382116981) then return 0; end if;
  with taken as (delete from people_delta returning path, people),
  summed as (
    select above as path, sum(t.people) as people
    from (select path, sum(people) as people from taken group by path) t, unnest(path_ancestors(t.path)) above
    group by above
  ),
  kept as (
    insert into people_total (path, people) select path, people from summed where people <> 0 order by path
    on conflict (path) do update set people = people_total.people + excluded.people
    returning 1
  )
  select count(*) into folded from taken;
  return folded;
end $$;

insert into people_delta (path, people) select path, count(*) from membership where state <> 'ended' group by path;
select people_fold();

-- Makes one organization an anchor that has grown large, or lets go one that has shrunk; to be called until it says
-- null. Alone: nobody is filed under an anchor meanwhile.
create function people_anchor_settle(large int, small int) returns text language plpgsql as $$
declare place text; above text;
begin
  perform pg_advisory_xact_lock(1382116980);
  select t.path into place from people_total t
  where t.people >= large and not exists (select 1 from people_anchor a where a.path = t.path) order by t.path limit 1;
  if place is not null then
    above := nearest_anchor(place);
    insert into people_anchor values (place);
    update membership set anchor = place where anchor = above and path >= place and path < place || '/';
    return place;
  end if;
  select a.path into place from people_anchor a
  where a.path <> 'r' and coalesce((select t.people from people_total t where t.path = a.path), 0) < small order by a.path limit 1;
  if place is not null then
    delete from people_anchor where path = place;
    update membership set anchor = nearest_anchor(place) where anchor = place;
  end if;
  return place;
end $$;
create index people_total_large on people_total (path) where people >= 1500;

-- STAMPS. A process keeps the authority facts of a session and reads, in the statement that finds the session, whether
-- any change since could concern them. Every change raises what it may concern, in its own transaction:
--   r       concerns everybody: what stands at the root, admin roles, exceptions, links without a place
--   b<path> what stands in one branch (the first two codes of its path)
--   u<xx>   what concerns one person, by the last two digits of their id
-- A raise takes a row that nobody else holds, or makes one: writers never wait for each other here. The sum over the
-- rows of a key only grows, with each commit that raised it.
create table stamp (
  key text collate "C" not null,
  slot bigint not null,
  value bigint not null,
  primary key (key, slot)
) with (fillfactor = 40, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0.05);
create sequence stamp_slot;

create function stamp_branch(path text) returns text language sql immutable strict parallel safe as
  $$ select case when strpos(path, '.') = 0 then 'r' else 'b' || split_part(path, '.', 1) || '.' || split_part(path, '.', 2) end $$;
create function stamp_person(id uuid) returns text language sql immutable strict parallel safe as
  $$ select 'u' || right(id::text, 2) $$;

create function raise_stamps(wanted text[]) returns void language plpgsql as $$
declare keys text[]; one text;
begin
  select array_agg(distinct k order by k) into keys from unnest(wanted) k where k is not null;
  if keys is null then return; end if;
  -- Everybody reads r: it stands for many, and for all the others.
  if 'r' = any (keys) or cardinality(keys) > 24 then keys := array['r']; end if;
  foreach one in array keys loop
    update stamp set value = value + 1 where key = one and slot =
      (select s.slot from stamp s where s.key = one limit 1 for update skip locked);
    if not found then
      insert into stamp (key, slot, value) values (one, nextval('stamp_slot'), 1);
    end if;
  end loop;
end $$;

-- A link concerns who holds it, and whoever holds one below it: those stand in its places, or below the root.
create function delegation_stamp_keys(place_paths text[], relation_path text, person uuid) returns text[] language sql immutable as $$
  select array(select stamp_branch(p) from unnest(place_paths) p)
    || case when cardinality(place_paths) = 0 then 'r' end
    || stamp_branch(relation_path)
    || stamp_person(person) $$;

create function delegation_stamp() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform raise_stamps(array(select unnest(delegation_stamp_keys(a.place_paths, a.relation_path, a.delegate_user_id)) from added a));
  elsif tg_op = 'DELETE' then
    perform raise_stamps(array(select unnest(delegation_stamp_keys(g.place_paths, g.relation_path, g.delegate_user_id)) from gone g));
  else
    perform raise_stamps(array(
      select unnest(delegation_stamp_keys(g.place_paths, g.relation_path, g.delegate_user_id) || delegation_stamp_keys(a.place_paths, a.relation_path, a.delegate_user_id))
      from gone g full join added a on a.id = g.id where g is distinct from a));
  end if;
  return null;
end $$;
create trigger delegation_stamp_new after insert on delegation
  referencing new table as added for each statement execute function delegation_stamp();
create trigger delegation_stamp_changed after update on delegation
  referencing old table as gone new table as added for each statement execute function delegation_stamp();
create trigger delegation_stamp_gone after delete on delegation
  referencing old table as gone for each statement execute function delegation_stamp();

-- Facts of a session start at its membership, so a new one concerns nobody's facts that are kept; whatever reads other
-- people's memberships (relations, deputies) is never kept.
create function membership_stamp() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    perform raise_stamps(array(select stamp_person(g.user_id) from gone g));
  else
    perform raise_stamps(array(
      select unnest(array[stamp_person(g.user_id), stamp_person(a.user_id)])
      from gone g full join added a on a.id = g.id
      where (g.user_id, g.organization_id, g.path, g.line_manager_id, g.state, g.starts_at, g.ends_at)
        is distinct from (a.user_id, a.organization_id, a.path, a.line_manager_id, a.state, a.starts_at, a.ends_at)));
  end if;
  return null;
end $$;
create trigger membership_stamp_changed after update on membership
  referencing old table as gone new table as added for each statement execute function membership_stamp();
create trigger membership_stamp_gone after delete on membership
  referencing old table as gone for each statement execute function membership_stamp();

create function organization_stamp() returns trigger language plpgsql as $$
begin
  perform raise_stamps(array[stamp_branch(old.path), stamp_branch(new.path)]);
  return null;
end $$;
create trigger organization_stamp_changed after update on organization for each row
  when (old.state is distinct from new.state or old.path is distinct from new.path) execute function organization_stamp();
create function organization_stamp_new() returns trigger language plpgsql as $$
begin
  perform raise_stamps(array[stamp_branch(new.path)]);
  return null;
end $$;
create trigger organization_stamp_new after insert on organization for each row
  when (new.state <> 'active') execute function organization_stamp_new();

create function app_user_stamp() returns trigger language plpgsql as $$
begin
  perform raise_stamps(array[stamp_person(old.id)]);
  return null;
end $$;
create trigger app_user_stamp_changed after update on app_user for each row
  when (old.state is distinct from new.state or old.display_name is distinct from new.display_name
    or old.language is distinct from new.language) execute function app_user_stamp();

-- Rare, and they concern whoever holds something anywhere below.
create function stamp_everybody() returns trigger language plpgsql as $$
begin
  perform raise_stamps(array['r']);
  return null;
end $$;
create trigger admin_role_stamp after insert or update or delete on admin_role for each statement execute function stamp_everybody();
create trigger exception_stamp after insert or update or delete on exception for each statement execute function stamp_everybody();

-- Links of named people or reports alone, which lie wherever the links above reach: few, and asked for each target.
create index delegation_no_place on delegation (id) where place_paths = '{}' and kind = 'administer';
