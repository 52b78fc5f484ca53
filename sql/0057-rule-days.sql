-- Days of rules, as somebody chose them: dates in the time zone of the organization in which the rule stands. What
-- decides is the instants beside them (`starts_at`, `ends_at`; half-open, local midnight to local midnight). A day is
-- null where none was chosen, or where the rule began later than at its midnight.
alter table access_rule add column first_day date, add column last_day date;
