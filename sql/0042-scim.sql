-- People as a feed (SCIM 2.0) knows them. A person's id there is that of the membership, so that what a feed suspends or
-- ends is the membership in its organization, and never the person elsewhere.

-- Parts of a name, where somebody said them: directories want a family name of its own.
alter table app_user add column given_name text not null default '', add column family_name text not null default '';

-- What a feed calls somebody. It is no name to sign in by (that is app_user.user_name) and proves nothing.
create table scim_user (
  membership_id uuid primary key references membership (id),
  user_name text not null check (user_name <> ''),
  -- addresses as they were sent, the one of the account among them: [{"value": "...", "type": "work"}]
  emails jsonb not null default '[]' check (jsonb_typeof(emails) = 'array')
);
create index scim_user_name on scim_user (lower(user_name));
-- A feed looks for a name in every organization below its own.
create index app_user_any_user_name on app_user (lower(user_name)) where user_name is not null;

-- Whose id it is: every client (or person) has its own for one and the same resource, and sees no other's.
create table scim_external (
  owner_id uuid not null,
  resource_id uuid not null,
  external_id text not null check (external_id <> ''),
  primary key (owner_id, resource_id)
);
create index scim_external_id on scim_external (owner_id, external_id);
