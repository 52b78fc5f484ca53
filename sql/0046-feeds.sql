-- A key that feeds people in (SCIM) is looked after as a connection: it has a page, and its key changes without a gap.
alter table client add column feed boolean not null default false;
alter table client add column key_made_at timestamptz not null default remit_now();
update client set key_made_at = created_at;

-- The key of before, for as long as the other side needs to change it. One a client: changing again ends it at once.
create table client_former_key (
  client_id uuid primary key references client (id),
  key_hash bytea not null unique,
  until timestamptz not null
);

-- What a feed was refused, for whoever looks after it: the same again is counted, and of one client few are kept. The
-- sentence is made when it is read, in the reader's language.
create table scim_refusal (
  client_id uuid not null references client (id),
  operation text not null,
  code text not null,
  -- the membership or group that it was about, where it named one
  about text not null default '',
  details jsonb not null default '{}',
  status int not null,
  times int not null default 1,
  first_at timestamptz not null default remit_now(),
  last_at timestamptz not null default remit_now(),
  primary key (client_id, operation, code, about)
);
