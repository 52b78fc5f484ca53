-- Mails: one to one recipient because of one event, however often its job runs.

-- No address and no text stands here: a recipient is a user, or an invitation whose address is its own. Written in the
-- transaction that sends, so that a job which died before sending leaves nothing and one that died after it sends at
-- most once more.
create table notice (
  event_id uuid not null references event (id),
  recipient_kind text not null check (recipient_kind in ('user', 'invitation')),
  recipient_id uuid not null,
  letter text not null,
  -- refused: the mail server said that this address takes no mail; trying again would not help
  state text not null check (state in ('sent', 'refused')),
  created_at timestamptz not null default remit_now(),
  primary key (event_id, recipient_kind, recipient_id)
);
create index notice_recipient on notice (recipient_id, created_at desc);

-- That somebody looked at a trail that is not their own: at most once per reader, view and hour.
create table audit_read (
  reader text not null,
  view text not null,
  hour timestamptz not null,
  primary key (reader, view, hour)
);
