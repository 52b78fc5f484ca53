-- Somebody keeps the id that feeds know them by when they move to another organization (RFC 7643, section 3.1). Each SCIM
-- address has ids of its own: one that contains both places goes on with the id, the others see somebody leave and somebody
-- new. Without a row the id is that of the membership, as it always was.
create table scim_identity (
  -- whose SCIM address it is
  organization_id uuid not null references organization (id),
  membership_id uuid not null references membership (id),
  id uuid not null,
  -- when they came, by whichever membership
  created_at timestamptz not null,
  primary key (membership_id, organization_id),
  unique (organization_id, id)
);
