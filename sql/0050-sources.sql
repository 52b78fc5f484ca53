-- People from a directory elsewhere: how it is read, what came of each reading, and what a person is to decide.

create table source (
  id uuid primary key,
  -- everybody of it belongs here or below
  organization_id uuid not null references organization (id),
  name text not null check (name <> ''),
  make text not null check (make in ('ldap', 'ad')),
  -- host, port, security, trust, account
  settings jsonb not null check (jsonb_typeof(settings) = 'object'),
  -- the password of our account there, sealed
  sealed text not null default '' check (sealed = '' or sealed like 'v1.%'),
  -- base, objectClass, columns, places
  reading jsonb not null check (jsonb_typeof(reading) = 'object'),
  -- [{"group": name of an entry, "accessRoleId" or "groupId"}]
  gives jsonb not null default '[]' check (jsonb_typeof(gives) = 'array'),
  -- what changed is read this often, and everything that often
  every_minutes int not null check (every_minutes between 5 and 10080),
  whole_hours int not null check (whole_hours between 1 and 744),
  -- {"atLeast": n, "share": 0 to 1} of the people of it that may be changed within a day without a person's word
  brake jsonb not null check (jsonb_typeof(brake) = 'object'),
  state text not null default 'draft' check (state in ('draft', 'active', 'paused', 'retired')),
  -- who answers for it: what it does is done in their name, and refused as for them, each time
  actor jsonb not null,
  -- where the next reading of changes begins
  cursor jsonb,
  next_at timestamptz,
  next_whole_at timestamptz,
  failing_since timestamptz,
  failures int not null default 0,
  last_good_at timestamptz,
  -- since when so much would change that a person has to agree
  held_at timestamptz,
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  changed_at timestamptz not null default remit_now(),
  check ((failing_since is null) = (failures = 0))
);
create unique index source_name on source (organization_id, lower(name)) where state <> 'retired';
create index source_due on source (next_at) where state = 'active';

-- One reading. `held`: so much would change that a person has to agree; `over`: another one took its place.
create table source_run (
  id uuid primary key,
  source_id uuid not null references source (id),
  state text not null default 'waiting'
    check (state in ('waiting', 'reading', 'held', 'writing', 'done', 'failed', 'over')),
  incremental boolean not null default false,
  -- what is read is brought in as a file is
  import_id uuid references people_import (id),
  read int not null default 0,
  off int not null default 0,
  -- new, changed, same, problem, proposed, given, taken
  counts jsonb not null default '{}',
  -- {"code", "values"} or {"refusal", "details"}
  problem jsonb,
  -- what was refused of giving and taking, the first of it: [{"membershipId", "thingId", "refusal", "details"}]
  notes jsonb not null default '[]',
  -- told by the server that was read; kept with the source when all of it is written
  cursor jsonb,
  asked_by uuid references app_user (id),
  agreed_by uuid references app_user (id),
  agreed_at timestamptz,
  lease int not null default 0,
  leased_until timestamptz,
  created_at timestamptz not null default remit_now(),
  finished_at timestamptz
);
create unique index source_run_one on source_run (source_id) where state in ('waiting', 'reading', 'held', 'writing');
create index source_run_page on source_run (source_id, id);

-- Each entry of the directory under its own name there, which stays through renaming, and the key it is known by here.
create table source_entry (
  source_id uuid not null references source (id),
  external_id text not null,
  key text not null,
  -- as the directory says it now; another one than it was known by first
  key_there text not null,
  -- name of the entry, to find members of groups by
  dn text not null,
  off boolean not null default false,
  -- the last reading that found it
  run_id uuid not null,
  primary key (source_id, external_id)
);
create index source_entry_key on source_entry (source_id, key);
create index source_entry_key_there on source_entry (source_id, key_there);
create index source_entry_dn on source_entry (source_id, dn);

-- Who is in the groups that give something, as one reading found them.
create table source_member (
  run_id uuid not null references source_run (id) on delete cascade,
  -- place in the list of `gives`
  n int not null,
  dn text not null,
  primary key (run_id, n, dn)
);

-- What people have by being in a group there, and by nothing else that came before: only that is taken again.
create table source_gift (
  source_id uuid not null references source (id),
  directory_group text not null,
  -- of the access role or group here
  thing_id uuid not null,
  membership_id uuid not null references membership (id),
  -- null: being in a group here
  assignment_id uuid references assignment (id),
  primary key (source_id, directory_group, thing_id, membership_id)
);
create index source_gift_member on source_gift (membership_id);

-- Somebody who came from a source and is not there any more, or is switched off there. Nobody is ended by a reading.
create table proposal (
  id uuid primary key,
  source_id uuid not null references source (id),
  membership_id uuid not null references membership (id),
  why text not null check (why in ('missing', 'off')),
  state text not null default 'open' check (state in ('open', 'ended', 'suspended', 'kept', 'over')),
  decided_by uuid references app_user (id),
  decided_at timestamptz,
  created_at timestamptz not null default remit_now()
);
-- What was kept is not asked again until they were seen there.
create unique index proposal_once on proposal (source_id, membership_id) where state in ('open', 'kept');
create index proposal_open on proposal (membership_id) where state = 'open';

-- A file that a source wrote fills in fields that only a source fills in.
alter table people_import add column source_id uuid references source (id);
