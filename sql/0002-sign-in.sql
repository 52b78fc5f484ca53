-- Signing in: how long sessions last, attempts, and what the OpenID provider keeps.

-- `expires_at` moves on with use; `ends_at` never does.
alter table session add column ends_at timestamptz not null default remit_now() + interval '14 days';
create index session_by_age on session (expires_at);

-- Attempts of strangers in a window. `key` is a hash of what was tried from where: no names stand here.
-- Not a lock on an account: two sources never share a row (I39).
create table attempt (
  key bytea primary key,
  window_ends_at timestamptz not null,
  count int not null
);
create index attempt_age on attempt (window_ends_at);

-- Keys of this instance, made at first start and shared by every process: `sign` ones as private JWK, `cookie` ones
-- as text. Newest signs; older ones stay published until what they signed has expired.
create table provider_key (
  id text primary key,
  kind text not null check (kind in ('sign', 'cookie')),
  value jsonb not null,
  created_at timestamptz not null default remit_now()
);

-- What the OpenID provider remembers: codes, tokens, interactions, its own sessions. `id` is a hash where knowing
-- the id is all it takes to use the thing.
create table provider_record (
  kind text not null,
  id text not null,
  payload jsonb not null,
  grant_id text,
  uid text,
  consumed_at timestamptz,
  expires_at timestamptz,
  primary key (kind, id)
);
create index provider_record_grant on provider_record (grant_id) where grant_id is not null;
create index provider_record_uid on provider_record (kind, uid) where uid is not null;
create index provider_record_age on provider_record (expires_at);

-- One sign-on: a session, in the membership that was active then, to an application. Each token rests on it, and is
-- worth nothing when the session has ended or the membership is off.
create table sign_on (
  grant_id text primary key,
  session_id uuid not null references session (id),
  user_id uuid not null references app_user (id),
  membership_id uuid not null references membership (id),
  application_id uuid not null references application (id),
  created_at timestamptz not null default remit_now()
);
create index sign_on_session on sign_on (session_id);
