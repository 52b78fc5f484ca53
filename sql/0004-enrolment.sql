-- Enrolment: under which links an invitation's parts were offered, and take-overs of whole trees.

-- What acceptance gives (an entitlement or access role id) -> the link under which it was offered. Acceptance
-- decides each again under its own link; null where the instance itself gave it.
alter table invitation add column granted_under jsonb not null default '{}';
-- The person whose home it becomes where somebody without a sign-in is invited again.
create index invitation_membership on invitation (membership_id) where membership_id is not null;
create index invitation_under on invitation (invited_under) where state = 'open';
create index invitation_email on invitation (email_normal) where state = 'open';
create index invitation_all on invitation (path, created_at desc, id desc);

-- A take-over under way or done. Progress is written beside its transaction, so that a reader sees it move.
create table import_run (
  id uuid primary key,
  -- the organization below which the files' root lands
  organization_id uuid not null references organization (id),
  path text collate "C" not null,
  -- who asked, to be decided again when the work is done
  actor jsonb not null,
  started_by uuid references app_user (id),
  plan_hash text not null,
  -- what to import, until it is done
  files jsonb,
  options jsonb not null default '{}',
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed')),
  phase text not null default '',
  done int not null default 0,
  total int not null default 0,
  -- counts by kind, when done; or the refusal that stopped it
  result jsonb,
  created_at timestamptz not null default remit_now(),
  finished_at timestamptz
);
create index import_run_place on import_run (path, created_at desc);
