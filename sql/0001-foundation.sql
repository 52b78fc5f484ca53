-- The foundation: the tree, its people, what they may do, what they have, and the trail of it.
-- Forward only. Every link (membership, assignment, delegation, standing delegation) carries dates from here on.

-- One clock for SQL and jobs alike. Production never writes `clock`; tests move `ahead` to let time pass.
create table clock (
  one boolean primary key default true check (one),
  ahead interval not null default interval '0'
);
insert into clock default values;

-- Database time. `stable`: one value within a statement, so that a comparison cannot straddle an instant. Whole
-- milliseconds, as the process has them: with finer instants here, what ended at this very microsecond still
-- stood for a process that reads the same instant rounded down.
create function remit_now() returns timestamptz language sql stable as
  $$ select date_trunc('milliseconds', statement_timestamp() + (select ahead from clock)) $$;

-- Whether this database was made as a demo, once and for all: demo sign-ins never appear in a real one (ruling 17).
create table instance (
  one boolean primary key default true check (one),
  demo boolean not null,
  created_at timestamptz not null default remit_now()
);

-- 'a.b.c' -> {'a','a.b','a.b.c'}: the places at or above a place, for index look-ups by equality.
create function path_ancestors(path text) returns text[] language sql immutable strict parallel safe as
  $$ select array_agg(array_to_string(parts[1:n], '.') order by n)
     from (select string_to_array(path, '.') as parts) p, generate_series(1, cardinality(parts)) n $$;

-- A node of the tree. `path` is one short code of [a-z0-9] per level joined by '.'; below p is the range
-- path >= p and path < p || '/', never the bare prefix: 'a1' must not take in 'a10'.
create table organization (
  id uuid primary key,
  parent_id uuid references organization (id),
  path text collate "C" not null unique,
  next_code bigint not null default 0,
  name text not null check (name <> ''),
  description text not null default '',
  state text not null default 'active' check (state in ('active', 'suspended', 'closed')),
  time_zone text not null default 'UTC',
  -- mail domains that belong here; an invitation outside them warns, and a domain stands in one organization only
  domains text[] not null default '{}',
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  closed_at timestamptz
);
create unique index organization_one_root on organization ((true)) where parent_id is null;
create index organization_children on organization (parent_id, name, id);
create index organization_name on organization (lower(name), id);
-- Few organizations are off at any time: being below one of them is asked on every check.
create index organization_off on organization (path) where state <> 'active';

-- True when the place or anything above it is suspended or closed (design, section 2, point 4).
create function place_is_off(place text) returns boolean language sql stable strict parallel safe as
  $$ select exists (select 1 from organization o where o.state <> 'active' and o.path = any (path_ancestors(place))) $$;

-- A person. `email` is what somebody claims; only `proved_email` (normalized) is unique and signs in.
create table app_user (
  id uuid primary key,
  home_organization_id uuid not null references organization (id),
  user_name text,
  display_name text not null check (display_name <> ''),
  email text,
  proved_email text unique,
  email_proved_at timestamptz,
  language text not null default 'en',
  state text not null default 'active' check (state in ('active', 'suspended', 'erased')),
  version int not null default 1,
  created_at timestamptz not null default remit_now()
);
create unique index app_user_user_name on app_user (home_organization_id, lower(user_name)) where user_name is not null;
create index app_user_email on app_user (lower(email));

-- Fields that an organization defines for its people and those below it.
create table attribute_definition (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  key text not null check (key ~ '^[a-z][a-z0-9_]{0,39}$'),
  label text not null,
  kind text not null check (kind in ('text', 'number', 'date', 'boolean', 'choice')),
  choices text[] not null default '{}',
  required boolean not null default false,
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  unique (organization_id, key)
);

-- A user belongs to an organization. The path and the name are copies, so that a page of people in any
-- boundary is one index walk; whoever copies a path locks that organization first.
create table membership (
  id uuid primary key,
  user_id uuid not null references app_user (id),
  organization_id uuid not null references organization (id),
  path text collate "C" not null,
  sort_name text not null,
  title text not null default '',
  line_manager_id uuid references membership (id),
  attributes jsonb not null default '{}',
  -- days in the organization's time zone, and the instants they mean (half-open)
  first_day date,
  last_day date,
  starts_at timestamptz not null default '-infinity',
  ends_at timestamptz not null default 'infinity',
  state text not null default 'active' check (state in ('active', 'suspended', 'ended')),
  ended_at timestamptz,
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  check (starts_at <= ends_at)
);
create unique index membership_once on membership (user_id, organization_id) where state <> 'ended';
create index membership_page on membership (sort_name, id) include (path) where state <> 'ended';
create index membership_place on membership (path, sort_name, id) where state <> 'ended';
create index membership_organization on membership (organization_id, sort_name, id);
create index membership_user on membership (user_id);
create index membership_line on membership (line_manager_id) where line_manager_id is not null;

-- A named set of permissions. Built-in ones stand in no organization and cannot be edited.
create table admin_role (
  id uuid primary key,
  organization_id uuid references organization (id),
  key text unique,
  name text not null,
  description text not null default '',
  permissions text[] not null,
  version int not null default 1,
  created_at timestamptz not null default remit_now()
);

-- A machine that acts: an API key. The key itself is shown once; its hash stands here.
create table client (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  name text not null,
  key_hash bytea unique,
  key_hint text not null default '',
  starts_at timestamptz not null default '-infinity',
  ends_at timestamptz not null default 'infinity',
  state text not null default 'active' check (state in ('active', 'ended')),
  last_used_at timestamptz,
  version int not null default 1,
  created_by uuid references app_user (id),
  created_at timestamptz not null default remit_now(),
  ended_at timestamptz
);
create index client_organization on client (organization_id);

-- Every power is a delegation (design, section 2). What a delegation gives is the intersection along its
-- chain, computed at use; nothing is copied downward, so ending or narrowing one row works on all below it.
create table delegation (
  id uuid primary key,
  kind text not null check (kind in ('administer', 'approve', 'represent')),
  parent_id uuid references delegation (id),
  -- ancestors, nearest first, this row not included: loading a chain needs no recursion
  chain uuid[] not null default '{}',
  giver_user_id uuid references app_user (id),
  -- the link of the giver that this one was made under (equals parent_id but for first managers)
  giver_delegation_id uuid references delegation (id),
  delegate_kind text not null check (delegate_kind in ('root', 'user', 'organization', 'relation', 'client')),
  delegate_user_id uuid references app_user (id),
  delegate_membership_id uuid references membership (id),
  delegate_organization_id uuid references organization (id),
  delegate_relation jsonb,
  delegate_client_id uuid references client (id),
  admin_role_id uuid references admin_role (id),
  permissions text[] not null default '{}',
  -- Box[]: [{"places":[{"id","path","below"}],"holes":[{"id","path","below"}],"users":[id]|absent}], a union.
  -- Paths are copies, rewritten by a move.
  scope jsonb not null,
  place_paths text[] not null default '{}',
  -- {"all":true} or {"applications":[id],"entitlements":[id]}
  entitlements jsonb not null,
  starts_at timestamptz not null default '-infinity',
  ends_at timestamptz not null default 'infinity',
  may_pass_on int not null default 0 check (may_pass_on between 0 and 1000),
  seats int check (seats > 0),
  state text not null default 'active' check (state in ('active', 'paused', 'ended')),
  reason text not null default '',
  ended_at timestamptz,
  ended_by uuid references app_user (id),
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  check (starts_at <= ends_at),
  check ((delegate_kind = 'root') = (parent_id is null and kind = 'administer')),
  check ((delegate_kind = 'user') = (delegate_membership_id is not null)),
  check ((delegate_kind = 'user') = (delegate_user_id is not null)),
  check ((delegate_kind = 'organization') = (delegate_organization_id is not null)),
  check ((delegate_kind = 'client') = (delegate_client_id is not null)),
  check (seats is null or delegate_kind = 'organization')
);
create unique index delegation_one_root on delegation ((true)) where delegate_kind = 'root';
create index delegation_of_membership on delegation (delegate_membership_id) where delegate_kind = 'user';
create index delegation_of_user on delegation (delegate_user_id) where delegate_kind = 'user';
create index delegation_of_organization on delegation (delegate_organization_id) where delegate_kind = 'organization';
create index delegation_of_client on delegation (delegate_client_id) where delegate_kind = 'client';
create index delegation_parent on delegation (parent_id);
create index delegation_chain on delegation using gin (chain);
create index delegation_places on delegation using gin (place_paths);

-- A system that people sign in to, and its roles (entitlements). Both stand in an organization.
create table application (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  key text not null,
  name text not null,
  description text not null default '',
  home_url text,
  redirect_uris text[] not null default '{}',
  post_logout_redirect_uris text[] not null default '{}',
  client_id text not null unique,
  client_secret_hash bytea,
  state text not null default 'active' check (state in ('active', 'retired')),
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  unique (organization_id, key)
);
create table entitlement (
  id uuid primary key,
  application_id uuid not null references application (id),
  key text not null,
  name text not null,
  description text not null default '',
  state text not null default 'active' check (state in ('active', 'retired')),
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  unique (application_id, key)
);

-- A named bundle of entitlements, given only at or below the organization it stands in.
create table access_role (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  name text not null,
  description text not null default '',
  state text not null default 'active' check (state in ('active', 'retired')),
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  unique (organization_id, name)
);
create table access_role_entitlement (
  access_role_id uuid not null references access_role (id),
  entitlement_id uuid not null references entitlement (id),
  primary key (access_role_id, entitlement_id)
);
create index access_role_entitlement_of on access_role_entitlement (entitlement_id);

-- A membership, or an organization (all members, also of those below), has an entitlement or an access role.
-- An assignment rests on its organization's ceiling, not on the person who gave it.
create table assignment (
  id uuid primary key,
  membership_id uuid references membership (id),
  organization_id uuid references organization (id),
  entitlement_id uuid references entitlement (id),
  access_role_id uuid references access_role (id),
  starts_at timestamptz not null default '-infinity',
  ends_at timestamptz not null default 'infinity',
  why text not null check (why in ('direct', 'rule', 'request', 'invitation', 'import')),
  reason text not null default '',
  given_by uuid references app_user (id),
  given_under uuid references delegation (id),
  state text not null default 'active' check (state in ('active', 'ended')),
  ended_at timestamptz,
  ended_by uuid references app_user (id),
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  check (num_nonnulls(membership_id, organization_id) = 1),
  check (num_nonnulls(entitlement_id, access_role_id) = 1),
  check (starts_at <= ends_at)
);
create unique index assignment_once on assignment
  (coalesce(membership_id, organization_id), coalesce(entitlement_id, access_role_id)) where state = 'active';
create index assignment_membership on assignment (membership_id) where membership_id is not null;
create index assignment_organization on assignment (organization_id) where organization_id is not null;
create index assignment_entitlement on assignment (entitlement_id) where entitlement_id is not null;
create index assignment_access_role on assignment (access_role_id) where access_role_id is not null;

-- One change, one event, in the change's own transaction. `before` and `after` are state without personal
-- data; names and addresses stand in `personal`, so that erasing a person leaves the trail checkable.
create table event (
  position bigint generated always as identity primary key,
  id uuid not null unique,
  at timestamptz not null default remit_now(),
  type text not null,
  operation text not null,
  actor_kind text not null check (actor_kind in ('user', 'client', 'anonymous', 'system', 'operator')),
  actor_id uuid,
  actor_membership_id uuid,
  -- on whose behalf (RFC 8693: sub), where it is not the actor
  on_behalf_of uuid,
  -- the chain that permitted it, nearest link first
  delegations uuid[] not null default '{}',
  organization_id uuid,
  path text collate "C",
  target_kind text not null,
  target_id uuid,
  -- the person it is about, if one
  subject_id uuid,
  before jsonb,
  after jsonb,
  personal jsonb,
  request_id text
);
create index event_place on event (path, position);
create index event_organization on event (organization_id, position);
create index event_subject on event (subject_id, position);
create index event_actor on event (actor_id, position);
create index event_target on event (target_id, position);

-- Same key and body: one effect. The answer is decided anew for the caller of now (I58).
create table idempotency (
  actor text not null,
  key text not null,
  operation text not null,
  body_hash bytea not null,
  status int not null,
  output jsonb,
  created_at timestamptz not null default remit_now(),
  primary key (actor, key)
);
create index idempotency_age on idempotency (created_at);

-- Links and codes that work once, for one purpose (I43, I44). Only hashes stand here; the secret is made by
-- whoever delivers it (the mail, the printed page) and appears nowhere else.
create table one_time_secret (
  hash bytea primary key,
  purpose text not null check (purpose in ('invitation', 'recovery', 'enrolment-code', 'setup', 'email-proof')),
  subject_id uuid,
  expires_at timestamptz not null,
  attempts int not null default 0,
  -- the member who printed a code and may have kept a copy: asked again when it is used
  made_by uuid references membership (id),
  used_at timestamptz,
  created_at timestamptz not null default remit_now()
);
create index one_time_secret_subject on one_time_secret (subject_id, purpose);

-- An offer to join, once, until a date. What acceptance makes stands in it and is decided again then.
create table invitation (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  path text collate "C" not null,
  email text not null,
  email_normal text not null,
  display_name text not null default '',
  title text not null default '',
  message text not null default '',
  first_day date,
  last_day date,
  -- an existing member who has no sign-in yet (imported), or absent for somebody new
  membership_id uuid references membership (id),
  -- what comes with it: entitlement and access role ids; and the delegation of a manager, if appointed
  entitlement_ids uuid[] not null default '{}',
  access_role_ids uuid[] not null default '{}',
  delegation jsonb,
  invited_by uuid references app_user (id),
  invited_under uuid references delegation (id),
  state text not null default 'open' check (state in ('open', 'accepted', 'revoked')),
  expires_at timestamptz not null,
  sent_at timestamptz,
  renewal_asked_at timestamptz,
  accepted_at timestamptz,
  accepted_by uuid references app_user (id),
  version int not null default 1,
  created_at timestamptz not null default remit_now()
);
create index invitation_place on invitation (path, created_at desc) where state = 'open';
create unique index invitation_open_once on invitation (organization_id, email_normal) where state = 'open';

-- Where a row came from in a take-over, so that running the same file again changes nothing.
create table import_key (
  top_organization_id uuid not null references organization (id),
  kind text not null check (kind in ('organization', 'user')),
  key text not null,
  id uuid not null,
  primary key (top_organization_id, kind, key)
);
create index import_key_id on import_key (id);

-- Asking for access: one step for now.
create table access_request (
  id uuid primary key,
  requester_id uuid not null references app_user (id),
  membership_id uuid not null references membership (id),
  organization_id uuid not null references organization (id),
  path text collate "C" not null,
  entitlement_id uuid references entitlement (id),
  access_role_id uuid references access_role (id),
  -- what the bundle held when it was asked for; only this is granted (I34)
  entitlement_ids uuid[] not null,
  reason text not null default '',
  starts_at timestamptz,
  ends_at timestamptz,
  state text not null default 'open' check (state in ('open', 'approved', 'refused', 'withdrawn', 'ended')),
  decided_by uuid references app_user (id),
  decided_under uuid references delegation (id),
  decided_at timestamptz,
  decision_note text not null default '',
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  check (num_nonnulls(entitlement_id, access_role_id) = 1)
);
create unique index access_request_once on access_request (membership_id, coalesce(entitlement_id, access_role_id)) where state = 'open';
create index access_request_place on access_request (path, created_at) where state = 'open';
create index access_request_requester on access_request (requester_id, created_at desc);

-- Signing in. Session ids and passwords are hashed; a session names the one membership that is active in it.
create table credential (
  user_id uuid primary key references app_user (id),
  password_hash text not null,
  must_change boolean not null default false,
  changed_at timestamptz not null default remit_now()
);
create table session (
  id uuid primary key,
  token_hash bytea not null unique,
  user_id uuid not null references app_user (id),
  membership_id uuid references membership (id),
  created_at timestamptz not null default remit_now(),
  last_seen_at timestamptz not null default remit_now(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  user_agent text not null default '',
  address text not null default ''
);
create index session_by_user on session (user_id) where ended_at is null;
