-- Groups: named sets of people in an organization and below, which rules read.

-- Not a word of SQL's own: `group` is.
create table people_group (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  name text not null check (name <> ''),
  description text not null default '',
  state text not null default 'active' check (state in ('active', 'ended')),
  version int not null default 1,
  created_by uuid references app_user (id),
  created_at timestamptz not null default remit_now(),
  changed_at timestamptz not null default remit_now()
);
create unique index people_group_name on people_group (organization_id, lower(name)) where state = 'active';

-- A membership counts where it lies in the group's organization or below at the time: whoever moves out is out.
create table group_member (
  group_id uuid not null references people_group (id),
  membership_id uuid not null references membership (id),
  added_at timestamptz not null default remit_now(),
  primary key (group_id, membership_id)
);
create index group_member_of on group_member (membership_id);

-- Who: members of this group; and one of several values of a field: [{"key": "depot", "in": ["x", "y"]}], all of which
-- have to fit, as do the fields of `attributes`.
alter table access_rule add column group_id uuid references people_group (id);
alter table access_rule add column any_of jsonb not null default '[]' check (jsonb_typeof(any_of) = 'array');
create index access_rule_group on access_rule (group_id) where group_id is not null and state <> 'ended';

-- Is this membership, which lies there now, in the group? An ended group has nobody.
create function in_group(member uuid, place text, of_group uuid) returns boolean language sql stable as $$
  select exists (
    select 1 from group_member g join people_group p on p.id = g.group_id and p.state = 'active'
    join organization o on o.id = p.organization_id
    where g.group_id = of_group and g.membership_id = member and (place = o.path or starts_with(place, o.path || '.'))) $$;

-- Does one of the listed values stand in each of these fields?
create function fields_fit(any_of jsonb, recorded jsonb) returns boolean language sql immutable parallel safe as $$
  select not exists (select 1 from jsonb_array_elements(any_of) c
    where not coalesce((c -> 'in') @> (recorded -> (c ->> 'key')), false)) $$;
