-- Of two accounts that are one person's, the one that a person did not choose is taken like what is nobody's.
alter table difference
  drop constraint difference_check2,
  add constraint difference_planned_kind check (planned is null or kind in ('orphan', 'double'));
