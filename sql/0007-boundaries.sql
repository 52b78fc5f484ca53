-- Every form of delegate and boundary: relations, reporting lines, exceptions, guardians, deputies.

-- The reporting line above a membership, nearest first, at most 16 levels, kept so that "all reports of" is an index
-- look-up: walking it at every question took seconds at the top of a large organization.
alter table membership add column line uuid[] not null default '{}';
create index membership_line_above on membership using gin (line) where state <> 'ended';

-- The line above one membership, walked through the pointers. Stops at a circle and never contains its start.
create function line_above(start uuid, first uuid) returns uuid[] language sql volatile as $$
  with recursive up (id, above, seen) as (
    select first, 1, array[start, first] where first is not null and first <> start
    union all
    select m.line_manager_id, up.above + 1, up.seen || m.line_manager_id
    from up join membership m on m.id = up.id
    where up.above < 16 and m.line_manager_id is not null and m.line_manager_id <> all (up.seen)
  )
  select coalesce(array_agg(id order by above), '{}') from up $$;

-- Two changes of a line at once would each keep what the other had before: they take turns.
create function membership_line_keep() returns trigger language plpgsql as $$
begin
  if new.line_manager_id is null then
    new.line := '{}';
  else
    perform pg_advisory_xact_lock(1382116969);
    new.line := line_above(new.id, new.line_manager_id);
  end if;
  return new;
end $$;
create trigger membership_line_own before insert or update of line_manager_id on membership
  for each row execute function membership_line_keep();

create function membership_line_follow() returns trigger language plpgsql as $$
begin
  update membership m set line = line_above(m.id, m.line_manager_id) where m.line @> array[new.id];
  return null;
end $$;
create trigger membership_line_below after update of line_manager_id on membership
  for each row when (old.line_manager_id is distinct from new.line_manager_id) execute function membership_line_follow();

-- Rows of one statement may name each other in any order.
create function membership_line_follow_new() returns trigger language plpgsql as $$
declare named uuid[];
begin
  select array_agg(n.id) into named from added n
  where n.line_manager_id is not null and exists (select 1 from membership b where b.line_manager_id = n.id);
  if named is not null then
    update membership m set line = line_above(m.id, m.line_manager_id) where m.line && named;
  end if;
  return null;
end $$;
create trigger membership_line_new after insert on membership
  referencing new table as added for each statement execute function membership_line_follow_new();

-- The reporting line of the person at this place, of their membership there of now or of the last one; null where the
-- person never was.
create function line_of(person uuid, place text) returns uuid[] language sql stable as
  $$ select m.line from membership m where m.user_id = person and m.path = place collate "C"
     order by m.state = 'ended', m.created_at desc, m.id limit 1 $$;

-- A relation as delegate: "managers of", "line managers in", "guardians in", "members of" this organization and those
-- below. The path is a copy, rewritten by a move.
alter table delegation drop column delegate_relation;
alter table delegation add column relation text check (relation in ('managers', 'line-managers', 'guardians', 'members'));
alter table delegation add column relation_path text collate "C";
-- Below a relation the giver has to stand in it still; a deputy has what their giver may decide. Both are asked of the
-- membership in which it was given.
alter table delegation add column giver_membership_id uuid references membership (id);
alter table delegation drop constraint delegation_check4;
alter table delegation add constraint delegation_of_whom
  check ((delegate_kind in ('organization', 'relation')) = (delegate_organization_id is not null));
alter table delegation add constraint delegation_relation
  check ((delegate_kind = 'relation') = (relation is not null) and (delegate_kind = 'relation') = (relation_path is not null));
create index delegation_of_relation on delegation (relation_path) where delegate_kind = 'relation';
create index delegation_given on delegation (giver_membership_id) where giver_membership_id is not null and state <> 'ended';

-- What nobody may do here, whatever was delegated (an empty list of permissions: nothing at all); for one person, one
-- application or one role where these are named. It binds everybody but holders of the link it was set under, and of
-- links above that one: otherwise what an owner sets could never be lifted.
create table exception (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  path text collate "C" not null,
  below boolean not null default true,
  permissions text[] not null default '{}',
  application_id uuid references application (id),
  entitlement_id uuid references entitlement (id),
  user_id uuid references app_user (id),
  set_under uuid references delegation (id),
  set_by uuid references app_user (id),
  reason text not null default '',
  starts_at timestamptz not null default '-infinity',
  ends_at timestamptz not null default 'infinity',
  state text not null default 'active' check (state in ('active', 'lifted')),
  lifted_by uuid references app_user (id),
  lifted_at timestamptz,
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  check (num_nonnulls(application_id, entitlement_id) <= 1),
  check (starts_at <= ends_at)
);
create index exception_place on exception (path) where state = 'active';
create index exception_organization on exception (organization_id);

-- Who looks after the minors and charges of a household (an organization): a fact that the relation "guardians in" reads.
create table guardian (
  id uuid primary key,
  membership_id uuid not null references membership (id),
  organization_id uuid not null references organization (id),
  starts_at timestamptz not null default '-infinity',
  ends_at timestamptz not null default 'infinity',
  state text not null default 'active' check (state in ('active', 'ended')),
  created_at timestamptz not null default remit_now(),
  check (starts_at <= ends_at)
);
create index guardian_membership on guardian (membership_id) where state = 'active';
create index guardian_organization on guardian (organization_id) where state = 'active';

-- A mandate ends at whom it represents; a deputy's link has no parent either. Only the root row is both parentless and
-- for administering.
alter table delegation drop constraint delegation_check1;
alter table delegation add column represented_user_id uuid references app_user (id);
alter table delegation add column represented_organization_id uuid references organization (id);
alter table delegation add constraint delegation_parent_by_kind check (
  case kind
    when 'administer' then (delegate_kind = 'root') = (parent_id is null)
    when 'approve' then parent_id is null and giver_membership_id is not null and delegate_kind = 'user'
    else delegate_kind in ('user', 'organization') end);
alter table delegation add constraint delegation_represents check (
  (kind = 'represent') = (num_nonnulls(represented_user_id, represented_organization_id) = 1)
  and num_nonnulls(represented_user_id, represented_organization_id) <= 1);
create index delegation_represented_user on delegation (represented_user_id) where represented_user_id is not null;
create index delegation_represented_organization on delegation (represented_organization_id) where represented_organization_id is not null;

-- In which membership somebody invited: below a relation its standing counts still when the invitation is accepted.
alter table invitation add column inviter_membership_id uuid references membership (id);

-- Who are "managers of" a place: links by their first place; the few with several are looked at one by one.
create index delegation_first_place on delegation ((place_paths[1]) collate "C")
  where kind = 'administer' and delegate_kind = 'user' and state <> 'ended';
create index delegation_several_places on delegation (id)
  where kind = 'administer' and delegate_kind = 'user' and state <> 'ended' and cardinality(place_paths) > 1;
