-- Mass changes of what accounts have are held back like removals are: planned first, and sent when a person agrees.

alter table account
  -- digest of the values that are to be written over what is there, not sent yet; null: none are
  add column changes_to text,
  -- those that were let through, by the brake or by a person; of other values nothing was said
  add column agreed boolean not null default false,
  -- since when just these wait for a person, who agrees to what they were shown
  add column held_at timestamptz,
  -- names of the values that would change, as far as known
  add column changing text[] not null default '{}',
  -- of each value there some bits: enough to say which one differs, too few to say what it is
  add column there_marks jsonb not null default '{}' check (jsonb_typeof(there_marks) = 'object'),
  -- when values were last let through by the brake: it counts those of a day
  add column changed_at timestamptz,
  add check (held_at is null or changes_to is not null and not agreed);
create index account_changes on account (target_id, held_at) where changes_to is not null and not agreed;
create index account_changed on account (target_id, changed_at) where changed_at is not null;

-- What may be sent now, what takes away apart: what waits for the brake is in it no more, and no claim passes over it.
drop index account_due;
create index account_due on account (target_id, takes, due_at, id)
  where due_at is not null and dead_at is null and ignored is null and (not takes or cleared);

drop index account_takes;
create index account_takes on account (target_id) where takes and not cleared;

alter table target
  add column changes_held_at timestamptz,
  add column changes_released_at timestamptz;
