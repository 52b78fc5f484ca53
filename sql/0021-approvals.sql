-- Approvals: the policies of an organization, where each request stands, and who said what about it.

-- When an organization works; the nearest at or above counts.
create table calendar (
  organization_id uuid primary key references organization (id),
  -- 1 Monday to 7 Sunday
  days int[] not null default '{1,2,3,4,5}' check (days <@ '{1,2,3,4,5,6,7}' and cardinality(days) > 0),
  opens text not null default '09:00' check (opens ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  closes text not null default '17:00' check (closes ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  holidays date[] not null default '{}',
  version int not null default 1,
  check (opens < closes)
);

-- How much harm a role can do; policies ask for it.
alter table entitlement add column risk text not null default 'normal' check (risk in ('low', 'normal', 'high'));

create table approval_policy (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  name text not null check (name <> ''),
  applies jsonb not null,
  steps jsonb not null,
  -- whose decision it is that nobody has to be asked: what follows from it is within what they may give, at use
  saved_by uuid not null references app_user (id),
  saved_in uuid references membership (id),
  saved_under uuid references delegation (id),
  state text not null default 'active' check (state in ('active', 'retired')),
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  changed_at timestamptz not null default remit_now()
);
create unique index approval_policy_name on approval_policy (organization_id, lower(name)) where state = 'active';

-- The steps as the policies said when it was asked, and where it stands in them. What no policy is about, and what was
-- asked before there were any, takes the usual step.
alter table access_request
  add column plan jsonb not null default '[{"name": "Managers", "policyId": null, "quorum": "one", "remind": [{"workingDays": 1}],
    "atEnd": "refuse", "levels": [
      {"approvers": [{"kind": "managers"}], "due": {"workingDays": 5}},
      {"approvers": [{"kind": "level-above"}], "due": {"workingDays": 5}},
      {"approvers": [{"kind": "owners"}], "due": {"workingDays": 5}}]}]',
  add column step int not null default 0,
  add column level int not null default 0,
  add column level_at timestamptz default remit_now(),
  add column done_until timestamptz default remit_now(),
  add column paused_at timestamptz,
  -- milliseconds
  add column paused_level bigint not null default 0,
  add column pause_left bigint not null default 0,
  add column deadline timestamptz default remit_now() + interval '21 days',
  -- when something happens to it though nobody does anything
  add column next_at timestamptz default remit_now() + interval '7 days',
  -- who is asked at the moment, for finding it: kinds of approvers, people and organizations that are named
  add column asks text[] not null default '{managers}',
  add column asks_members uuid[] not null default '{}',
  add column asks_organizations uuid[] not null default '{}',
  -- to whom somebody who may decide it passed it
  add column passed_to uuid references membership (id);

-- No open request without an instant at which something happens to it (I30).
alter table access_request add constraint access_request_goes_on
  check (state <> 'open' or num_nulls(level_at, done_until, deadline, next_at) = 0);
create index access_request_next on access_request (next_at) where state = 'open';
create index access_request_asks_members on access_request using gin (asks_members) where state = 'open';
create index access_request_asks_organizations on access_request using gin (asks_organizations) where state = 'open';

create table request_decision (
  id uuid primary key,
  -- the order in which they were made, also within a millisecond
  position bigint generated always as identity,
  request_id uuid not null references access_request (id),
  step int not null,
  user_id uuid not null references app_user (id),
  membership_id uuid references membership (id),
  -- whom a deputy decided for
  on_behalf_of uuid references app_user (id),
  under uuid references delegation (id),
  approve boolean not null,
  note text not null default '',
  decided_at timestamptz not null,
  undone_at timestamptz,
  -- where the request stood, so that it can be taken back
  stood jsonb not null
);
-- A person decides a step once (I31, I33).
create unique index request_decision_once on request_decision (request_id, step, user_id) where undone_at is null;

-- What is said between those who ask and those who decide. Somebody's own words: no event keeps them.
create table request_comment (
  id uuid primary key,
  position bigint generated always as identity,
  request_id uuid not null references access_request (id),
  kind text not null check (kind in ('comment', 'question', 'answer', 'passed-on')),
  user_id uuid not null references app_user (id),
  words text not null,
  said_at timestamptz not null
);
create index request_comment_request on request_comment (request_id, position);
