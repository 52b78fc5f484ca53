-- From the first day to the last: who was told that a last day comes near.

-- Once for each day that was set and each distance from it: another last day warns anew. Written with the event that the
-- letters follow from, in one transaction.
create table last_day_warning (
  membership_id uuid not null references membership (id),
  last_day date not null,
  days_before int not null check (days_before > 0),
  created_at timestamptz not null default remit_now(),
  primary key (membership_id, last_day, days_before)
);

-- Accounts that nobody signed in to for long are looked for person by person.
create index session_seen on session (user_id, last_seen_at);
