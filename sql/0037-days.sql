-- Days of access and of delegations, as somebody chose them: a date in the organization's time zone. What decides is the
-- instants beside them (`starts_at`, `ends_at`; half-open, local midnight to local midnight). A day is null where an
-- instant was chosen, or where something above ends earlier than that day. A change of the organization's time zone
-- refiles the instants by these.
alter table assignment add column first_day date, add column last_day date;
alter table delegation add column first_day date, add column last_day date;
