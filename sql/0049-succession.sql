-- Who follows somebody that leaves, and how long before a last day people are told of it.

-- Named beforehand, for a last day that is still to come, or as they leave. It gives nothing by itself: what is handed over
-- is decided when the place has ended, by the right that whoever named the successor has then. A new place of somebody who
-- comes back is another membership, so that nothing named here bites it (ruling 3).
create table succession (
  leaver_membership_id uuid primary key references membership (id),
  successor_membership_id uuid not null references membership (id),
  -- whose act it is, from which membership
  named_by uuid not null references app_user (id),
  named_in uuid not null references membership (id),
  state text not null default 'named' check (state in ('named', 'carried-out')),
  named_at timestamptz not null default remit_now(),
  carried_out_at timestamptz,
  version int not null default 1,
  check (leaver_membership_id <> successor_membership_id)
);
create index succession_named on succession (leaver_membership_id) where state = 'named';

-- Its own distances; organizations without have those of the nearest above, or the usual.
create table last_day_notice (
  organization_id uuid primary key references organization (id),
  days int[] not null check (cardinality(days) between 1 and 5 and 1 <= all (days) and 365 >= all (days)),
  version int not null default 1
);
