-- What ended with a delegation. Kept because afterwards nobody could tell: links below are stopped, not written.

-- `roots` are the delegations that the act ended; the rest are the ids of what lost its ground with them. No names and
-- no addresses: they are looked up when it is read, within the reach that the reader has then.
create table receipt (
  id uuid primary key,
  at timestamptz not null,
  operation text not null,
  ended_by uuid references app_user (id),
  roots uuid[] not null,
  delegations uuid[] not null default '{}',
  invitations uuid[] not null default '{}',
  -- links of kind approve whose giver decides nothing any more
  deputies uuid[] not null default '{}',
  -- open requests that nobody of the place can decide any more
  requests uuid[] not null default '{}',
  -- access that stopped being held, by position: the membership and the entitlement
  access_members uuid[] not null default '{}',
  access_entitlements uuid[] not null default '{}',
  -- live sessions in memberships that lost a delegation or access, one entry each
  sessions uuid[] not null default '{}',
  check (cardinality(access_members) = cardinality(access_entitlements))
);
create index receipt_roots on receipt using gin (roots);
