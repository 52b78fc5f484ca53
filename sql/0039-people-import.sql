-- People from any one CSV file: how its columns are read, the file in parts, its rows as they are compared and carried out.

-- A new identifier of the time given, as the process makes them (UUID version 7), for rows that a statement makes of others.
create function new_id(at timestamptz) returns uuid language sql volatile parallel safe as $$
  select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    placing substring(int8send((extract(epoch from at) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid $$;

-- Which heading holds which field, kept for the next file of the same kind.
create table import_mapping (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  name text not null check (name <> ''),
  -- {"columns": {field: heading}, "separator", "encoding", "dates"}
  reading jsonb not null check (jsonb_typeof(reading) = 'object'),
  state text not null default 'active' check (state in ('active', 'retired')),
  version int not null default 1,
  created_at timestamptz not null default remit_now()
);
create unique index import_mapping_name on import_mapping (organization_id, lower(name)) where state = 'active';

create table people_import (
  id uuid primary key,
  -- everybody in the file belongs here or below
  organization_id uuid not null references organization (id),
  -- who asked, to be decided again with every part of the work; nobody else sees the file
  actor jsonb not null,
  file_name text not null default '',
  reading jsonb,
  -- 'all': everybody or nobody; 'rows': each row that can be, the others as a file to mend
  mode text not null default 'rows' check (mode in ('all', 'rows')),
  state text not null default 'uploading'
    check (state in ('uploading', 'comparing', 'compared', 'applying', 'done', 'failed', 'canceled')),
  phase text not null default '',
  done int not null default 0,
  total int not null default 0,
  -- where the next part of the work begins: written in the transaction of the part before
  next_depth int not null default 0,
  next_line int not null default 0,
  -- rows by what becomes of them, when compared
  counts jsonb,
  -- the refusal that stopped it
  failure jsonb,
  version int not null default 1,
  created_at timestamptz not null default remit_now(),
  worked_at timestamptz not null default remit_now(),
  -- one process at a time reads and compares; it says again and again that it is there
  claimed_until timestamptz,
  finished_at timestamptz
);
create index people_import_place on people_import (organization_id, created_at desc);
create index people_import_working on people_import (worked_at) where state in ('comparing', 'applying');

-- Kept as it came until nobody can mend it any more.
create table people_import_part (
  import_id uuid not null references people_import (id) on delete cascade,
  n int not null check (n between 1 and 200),
  bytes bytea not null,
  primary key (import_id, n)
);
alter table people_import_part alter column bytes set storage external;

-- One row of the file, read; what is not in it is null. The ids are those that the person gets, or has.
create table people_import_row (
  import_id uuid not null,
  line int not null,
  key text,
  organization_id uuid,
  -- the days' instants were worked out in this zone
  time_zone text,
  display_name text,
  sort_name text,
  email text,
  title text,
  attributes jsonb,
  -- the line manager by key or address, and who that is
  manager text,
  manager_id uuid,
  first_day date,
  last_day date,
  starts_at timestamptz,
  ends_at timestamptz,
  access_role_id uuid,
  user_id uuid not null,
  membership_id uuid not null,
  -- after how many line managers of the same file it comes
  depth int not null default 0,
  verdict text not null default 'new' check (verdict in ('new', 'known', 'changed', 'same')),
  -- fields that change, and the versions that were compared
  changes text[] not null default '{}',
  version int,
  user_version int,
  problem jsonb,
  primary key (import_id, line)
) with (fillfactor = 80);
