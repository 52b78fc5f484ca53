-- What is done about differences without a person's word, and when a system is compared by itself.

alter table target
  -- by kind of difference, and {"nightly": true}; absent: nothing
  add column mending jsonb not null default '{}' check (jsonb_typeof(mending) = 'object'),
  -- when it is next compared by itself; null: it is not
  add column compare_at timestamptz;
create index target_compare on target (compare_at) where compare_at is not null;

alter table reconcile_run
  -- when policies were applied to what it found
  add column mended_at timestamptz;
update reconcile_run set mended_at = finished_at where state = 'done';
create index reconcile_run_unmended on reconcile_run (id) where state = 'done' and mended_at is null;

alter table reconcile_seen
  -- mending it would take something away
  add column takes boolean not null default false,
  -- a digest of the value by which an account that is nobody's may be known to be somebody's
  add column likeness text;

alter table difference
  add column takes boolean not null default false,
  add column likeness text,
  -- nobody's here, and Remit made it: for another system, or one that was removed. It is never taken by itself.
  add column ours boolean not null default false,
  -- what is to be done about what is nobody's, by a person or by policy; let through by the brake; tried in vain so often
  add column planned text check (planned in ('disable', 'delete')),
  add column cleared boolean not null default false,
  add column attempts int not null default 0,
  add column problem text,
  add column tried_at timestamptz,
  -- when something was taken by it: the brake counts it
  add column taken_at timestamptz,
  add check (planned is null or kind = 'orphan'),
  drop constraint difference_settled_how_check,
  add constraint difference_settled_how_check
    check (settled_how in ('mended', 'adopted', 'left', 'over', 'disabled', 'deleted'));
create index difference_planned on difference (target_id, id) where planned is not null and settled_at is null;
create index difference_taken on difference (target_id, taken_at) where taken_at is not null;
