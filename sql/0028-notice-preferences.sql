-- How each person hears of things: at once or once a day, and when not.

create table notice_preference (
  user_id uuid primary key references app_user (id),
  daily boolean not null default false,
  daily_hour int not null default 8 check (daily_hour between 0 and 23),
  quiet_from text check (quiet_from ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  quiet_until text check (quiet_until ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  -- null: that of the home organization
  time_zone text,
  -- when the next daily mail is due, and for which instant a job was ordered
  next_at timestamptz,
  ordered_for timestamptz,
  -- its time has come and it has not been sent
  pending boolean not null default false,
  version int not null default 1,
  check ((quiet_from is null) = (quiet_until is null) and (quiet_from is null or quiet_from <> quiet_until))
);

-- held: comes when the reader's quiet hours end. daily: kept for the daily mail, or listed there as what waits.
alter table notice drop constraint notice_state_check;
alter table notice add constraint notice_state_check check (state in ('sent', 'refused', 'held', 'daily'));
alter table notice add column held_until timestamptz;
create index notice_daily on notice (recipient_id) where state = 'daily';
