-- Connected systems, and the accounts of people there. Nothing here says "add" or "remove": an account is marked, and
-- whoever sends looks at what is held by then. So an older change cannot overtake a newer one: it is nowhere.

create table target (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  name text not null check (name <> ''),
  connector text not null check (connector ~ '^[a-z][a-z-]{0,39}$'),
  settings jsonb not null default '{}' check (jsonb_typeof(settings) = 'object'),
  -- secrets of the settings, as one sealed JSON object
  sealed text not null default '' check (sealed = '' or sealed like 'v1.%'),
  mapping jsonb not null default '[]' check (jsonb_typeof(mapping) = 'array'),
  policy jsonb not null default '{}' check (jsonb_typeof(policy) = 'object'),
  -- {"atOnce": n, "perMinute": n}; absent: the usual
  limits jsonb not null default '{}' check (jsonb_typeof(limits) = 'object'),
  -- {"atLeast": n, "share": 0 to 1} of accounts from which anything may be taken within a day without a person's word
  brake jsonb not null default '{}' check (jsonb_typeof(brake) = 'object'),
  -- what is done about passwords; null: nothing
  password jsonb,
  state text not null default 'draft' check (state in ('draft', 'active', 'paused', 'retired')),
  -- whose decision it is that this is told outside: what is sent is within what they may see, at use
  saved_by uuid references app_user (id),
  saved_in uuid references membership (id),
  saved_under uuid references delegation (id),
  -- since when it fails, how often in a row, and until when it is left in peace
  failing_since timestamptz,
  failures int not null default 0,
  rests_until timestamptz,
  last_problem text,
  last_good_at timestamptz,
  -- one batch at a time, by whichever process: its number and the end of its lease
  batch bigint not null default 0,
  batch_until timestamptz,
  -- calls within the minute that began then
  minute_began timestamptz,
  minute_calls int not null default 0,
  -- since when so much would be taken that a person has to agree, and when one last did
  braked_at timestamptz,
  released_at timestamptz,
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  changed_at timestamptz not null default remit_now(),
  check ((failing_since is null) = (failures = 0))
);
create unique index target_name on target (organization_id, lower(name)) where state <> 'retired';
create index target_live on target (organization_id) where state in ('active', 'paused');

-- What a role of the target stands for: an entitlement, being in an organization or below, or being in a group.
create table target_role (
  id uuid primary key,
  target_id uuid not null references target (id),
  entitlement_id uuid references entitlement (id),
  organization_id uuid references organization (id),
  group_id uuid references people_group (id),
  -- as people call it there; null: it gives the account and no role
  name text,
  -- as the target calls it; null until it was made sure that it is there
  external_id text,
  created_at timestamptz not null default remit_now(),
  check (num_nonnulls(entitlement_id, organization_id, group_id) = 1)
);
create unique index target_role_once on target_role
  (target_id, coalesce(entitlement_id, organization_id, group_id), coalesce(name, ''));
create index target_role_entitlement on target_role (entitlement_id) where entitlement_id is not null;

-- One account of one person at one target: there is a row before anything is sent, so there are never two (I46).
create table account (
  id uuid primary key,
  target_id uuid not null references target (id),
  user_id uuid not null references app_user (id),
  -- how it is known again there, for ever; chosen by us
  correlation text not null check (correlation <> ''),
  -- the target's own name for it; null until it answered
  external_id text,
  -- what should be, when it was last looked at: for screens and the brake. Who sends looks again.
  wanted text not null default 'none' check (wanted in ('none', 'disabled', 'enabled')),
  -- unsure: an answer was lost, or a process; what is there is read before anything is written
  stands text not null default 'none' check (stands in ('none', 'unsure', 'disabled', 'enabled', 'gone')),
  -- of all that should be there, and of what was last known to be: presence, values, roles
  wanted_digest text not null default '',
  there_digest text not null default '',
  -- names of roles there, of those that are looked after
  roles text[] not null default '{}',
  -- raised by each mark; what was done was done for that one
  generation bigint not null default 1,
  done_generation bigint not null default 0,
  marked_at timestamptz not null default remit_now(),
  -- when it is somebody's turn to send; null: nothing to do before the next change
  due_at timestamptz,
  -- when time alone may change what should be
  next_change_at timestamptz,
  -- read once more then: what was sent before an answer was lost may still be carried out
  verify_at timestamptz,
  -- the fence: only who holds this number settles
  lease bigint not null default 0,
  leased_until timestamptz,
  -- failed in a row, since when, and at what
  attempts int not null default 0,
  failing_since timestamptz,
  last_problem text,
  last_status text,
  last_at timestamptz,
  -- something would be taken from what is there; let through by the brake or by a person; last carried out
  takes boolean not null default false,
  cleared boolean not null default false,
  taken_at timestamptz,
  -- a dead letter waits for a person
  dead_at timestamptz,
  -- the reason why a person left it so
  ignored text check (ignored <> ''),
  delete_after timestamptz,
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  check (done_generation <= generation),
  check (stands not in ('disabled', 'enabled') or external_id is not null)
);
create unique index account_once on account (target_id, user_id);
create unique index account_external on account (target_id, external_id) where external_id is not null;
create unique index account_correlation on account (target_id, correlation);
create index account_due on account (target_id, due_at, id) where due_at is not null and dead_at is null and ignored is null;
create index account_by_time on account (target_id, next_change_at) where next_change_at is not null;
create index account_takes on account (target_id) where takes;
create index account_taken on account (target_id, taken_at) where taken_at is not null;
create index account_dead on account (target_id, dead_at) where dead_at is not null;
create index account_user on account (user_id);
create index account_page on account (target_id, id);

-- What was tried and what came of it: for mending, not a trail.
create table account_attempt (
  id uuid primary key,
  account_id uuid not null references account (id),
  lease bigint not null,
  -- the steps, in order: find, read, create, update, enable, disable, delete
  what text[] not null,
  outcome text not null check (outcome in ('done', 'again', 'dead', 'unsure', 'held')),
  problem text,
  status text,
  at timestamptz not null default remit_now()
);
create index account_attempt_of on account_attempt (account_id, id);

-- What changes touch, written with them: one row for all that one call changed. The marker turns it into accounts, some at
-- a time, and takes the row away when it is through.
create table mark (
  id uuid primary key,
  focus jsonb not null,
  -- how far it came
  cursor jsonb,
  created_at timestamptz not null default remit_now()
);
create index mark_order on mark (created_at, id);

-- What is there against what should be.
create table reconcile_run (
  id uuid primary key,
  target_id uuid not null references target (id),
  state text not null default 'waiting' check (state in ('waiting', 'reading', 'comparing', 'done', 'failed')),
  -- the target itself said that nothing was left out: only then is anything missing, or nobody's (I48)
  whole boolean not null default false,
  read int not null default 0,
  total int,
  counts jsonb not null default '{}',
  problem text,
  asked_by uuid references app_user (id),
  lease bigint not null default 0,
  leased_until timestamptz,
  created_at timestamptz not null default remit_now(),
  finished_at timestamptz
);
create unique index reconcile_run_one on reconcile_run (target_id) where state in ('waiting', 'reading', 'comparing');
create index reconcile_run_page on reconcile_run (target_id, id);

-- What was read, without values: names of those that differ.
create table reconcile_seen (
  run_id uuid not null references reconcile_run (id) on delete cascade,
  external_id text not null,
  correlation text,
  account_id uuid references account (id),
  enabled boolean not null,
  fields text[] not null default '{}',
  primary key (run_id, external_id)
);
create index reconcile_seen_account on reconcile_seen (run_id, account_id) where account_id is not null;
create index reconcile_seen_correlation on reconcile_seen (run_id, correlation) where correlation is not null;

create table difference (
  id uuid primary key,
  run_id uuid not null references reconcile_run (id) on delete cascade,
  target_id uuid not null references target (id),
  kind text not null check (kind in ('orphan', 'missing', 'drift', 'double')),
  account_id uuid references account (id),
  external_id text,
  fields text[] not null default '{}',
  settled_at timestamptz,
  settled_by uuid references app_user (id),
  settled_how text check (settled_how in ('mended', 'adopted', 'left', 'over')),
  check ((settled_at is null) = (settled_how is null)),
  check (num_nonnulls(account_id, external_id) > 0)
);
create index difference_open on difference (target_id, id) where settled_at is null;
create index difference_run on difference (run_id, kind, id);
create index difference_account on difference (account_id) where account_id is not null;
