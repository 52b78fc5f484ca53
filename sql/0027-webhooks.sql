-- Webhooks: signed messages that tell another system what happened at an organization and below.
create table webhook (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  name text not null check (name <> ''),
  -- whoever knows the address of a chat's hook may write there: it is shown in part, and stands in no event
  url text not null,
  format text not null check (format in ('standard', 'slack', 'teams')),
  language text not null check (language in ('en', 'nl', 'de', 'fr')),
  types text[] not null check (cardinality(types) > 0),
  -- an organization's own words for a type, with placeholders
  templates jsonb not null default '{}',
  -- signing needs them as they are; after a rotation the old one signs beside the new for a day
  secret text not null,
  old_secret text,
  old_secret_until timestamptz,
  -- whose decision it is that this is told outside: what is sent is within what they may see, at use
  saved_by uuid references app_user (id),
  saved_in uuid references membership (id),
  saved_under uuid not null references delegation (id),
  state text not null default 'active' check (state in ('active', 'off', 'retired')),
  off_why text check (off_why in ('by-hand', 'gone', 'failing')),
  -- since when nothing was accepted, and until when nothing is tried
  failing_since timestamptz,
  rests_until timestamptz,
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  changed_at timestamptz not null default remit_now(),
  check ((state = 'off') = (off_why is not null)),
  check ((old_secret is null) = (old_secret_until is null))
);
create unique index webhook_name on webhook (organization_id, lower(name)) where state <> 'retired';
create index webhook_active on webhook (organization_id) where state = 'active';
create index webhook_off on webhook (organization_id) where state = 'off' and off_why <> 'by-hand';

-- What is told to whom, and what came of it. No names: the words are made when it is sent, by what may be seen then.
create table webhook_delivery (
  id uuid primary key,
  webhook_id uuid not null references webhook (id),
  -- null for a test by hand
  event_id uuid,
  event_type text not null,
  -- where it happened
  organization_id uuid not null references organization (id),
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'failed', 'withheld')),
  attempts int not null default 0,
  next_at timestamptz,
  -- somebody is sending it
  leased_until timestamptz,
  last_status int,
  last_problem text,
  last_at timestamptz,
  created_at timestamptz not null default remit_now(),
  check ((state = 'waiting') = (next_at is not null))
);
create unique index webhook_delivery_once on webhook_delivery (webhook_id, event_id);
create index webhook_delivery_due on webhook_delivery (webhook_id, next_at) where state = 'waiting';
create index webhook_delivery_list on webhook_delivery (webhook_id, id);
