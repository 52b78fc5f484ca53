-- Since when those who operate a target have been told that accounts there are overdue or were given up: once, and again
-- only after nothing was.
alter table target add column alarmed_at timestamptz;
