-- Passwords on their way to connected systems: sealed, one for each person and system, and gone when they were delivered or
-- were too long on their way. No event, job or log has them.
create table queued_password (
  target_id uuid not null references target (id),
  user_id uuid not null references app_user (id),
  -- set: chosen by the person. initial: made for an account that had none, and shown to its owner once
  kind text not null check (kind in ('set', 'initial')),
  -- as the target takes it; an initial one is kept as it is shown
  form text not null check (form in ('clear', 'ssha512', 'bcrypt', 'argon2id')),
  sealed text not null check (sealed like 'v1.%'),
  made_at timestamptz not null default remit_now(),
  sent_at timestamptz,
  expires_at timestamptz not null,
  primary key (target_id, user_id),
  check (kind = 'initial' or sent_at is null)
);
create index queued_password_over on queued_password (expires_at);
create index queued_password_user on queued_password (user_id);
