-- Systems that no machine speaks to: people are asked to do there what should be, and say what they did. One open task for
-- an account at most, which says all that should be: when that changes, so does the task, and none is ever behind another.

-- What people said is there, account by account.
create table hand_account (
  account_id uuid primary key references account (id),
  target_id uuid not null references target (id),
  -- as it is called there
  external_id text not null check (external_id <> ''),
  enabled boolean not null,
  fields jsonb not null default '{}' check (jsonb_typeof(fields) = 'object'),
  roles text[] not null default '{}',
  changed_at timestamptz not null default remit_now()
);
create unique index hand_account_name on hand_account (target_id, external_id);

create table hand_task (
  id uuid primary key,
  target_id uuid not null references target (id),
  account_id uuid not null references account (id),
  what text not null check (what in ('create', 'change', 'enable', 'disable', 'delete', 'check')),
  -- an account as it should be: {"enabled", "fields", "roles"}; null: none. Gone when the task is closed.
  wanted jsonb,
  -- what the task had asked for before it changed, where that gave more: somebody may have done it
  maybe jsonb,
  -- of what is wanted; stays when the task is closed
  digest text not null,
  state text not null default 'open' check (state in ('open', 'done', 'refused', 'withdrawn')),
  -- how far it has come in the order of those who are asked, by the target's settings of the moment
  level int not null default 0,
  level_at timestamptz not null default remit_now(),
  done_until timestamptz not null default remit_now(),
  due_at timestamptz not null,
  -- when something happens to it though nobody does anything
  next_at timestamptz,
  closed_by uuid references app_user (id),
  closed_at timestamptz,
  reason text not null default '',
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  check ((state = 'open') = (next_at is not null)),
  check ((state = 'open') = (closed_at is null)),
  check (state = 'open' or wanted is null and maybe is null)
);
create unique index hand_task_one on hand_task (account_id) where state = 'open';
create index hand_task_open on hand_task (target_id, level, due_at, id) where state = 'open';
create index hand_task_next on hand_task (next_at) where state = 'open';
create index hand_task_of on hand_task (account_id, id);
