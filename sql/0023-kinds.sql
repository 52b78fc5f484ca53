-- What can be asked for besides access: longer, an end, a last day, an organization, a delegation, an account.

alter table request
  add column kind text not null default 'access'
    check (kind in ('access', 'extension', 'ending', 'last-day', 'organization', 'delegation', 'account')),
  -- what exactly is asked for, as the kind says
  add column payload jsonb not null default '{}',
  -- what was approved is what is applied (I34); null for what was asked before this was kept
  add column payload_hash text,
  -- what a single delegation of whoever decides must give, beside the access
  add column gives text[] not null default '{request.decide,access.grant}',
  -- when whoever is asked now has had their time
  add column due_at timestamptz,
  -- digest of what makes two requests the same one, where it is not a person and a role
  add column same text,
  alter column membership_id drop not null,
  alter column requester_id drop not null;

do $$
declare one record;
begin
  for one in select conname as name from pg_constraint
    where conrelid = 'request'::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%num_nonnulls(entitlement_id%' loop
    execute format('alter table request drop constraint %I', one.name);
  end loop;
end $$;
alter table request add constraint request_thing check (
  num_nonnulls(entitlement_id, access_role_id) = case when kind in ('access', 'extension', 'ending') then 1 else 0 end);
-- Strangers ask for an account, and nobody is a member yet who gets one; an organization is for nobody.
alter table request add constraint request_for check (
  (requester_id is not null or kind = 'account') and (membership_id is not null or kind in ('account', 'organization')));

drop index request_once;
create unique index request_once on request (membership_id, coalesce(entitlement_id, access_role_id)) where state = 'open' and kind = 'access';
create unique index request_same on request (kind, same) where state = 'open' and same is not null;

-- What a decision was about: one made about something else is none.
alter table request_decision add column payload_hash text;

-- The page of an organization where strangers ask to join.
create table registration_page (
  organization_id uuid primary key references organization (id),
  open boolean not null,
  -- what stands on it, in the organization's own words
  words text not null default '',
  version int not null default 1,
  changed_at timestamptz not null default remit_now()
);

-- Somebody said they own an address; it becomes a request once they prove it. Nobody signs in with it.
create table registration (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  email text not null,
  email_normal text not null,
  display_name text not null,
  message text not null default '',
  created_at timestamptz not null default remit_now(),
  expires_at timestamptz not null,
  -- what became of it
  request_id uuid references request (id)
);
create index registration_address on registration (email_normal, created_at);
create index registration_place on registration (organization_id, created_at);

alter table one_time_secret drop constraint one_time_secret_purpose_check;
alter table one_time_secret add constraint one_time_secret_purpose_check
  check (purpose in ('invitation', 'recovery', 'enrolment-code', 'setup', 'email-proof', 'registration'));

-- What was kept as the access alone: nobody's words stand in an event.
comment on column request.payload is 'may hold names and addresses: no event keeps it';
