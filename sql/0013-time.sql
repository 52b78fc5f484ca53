-- Looking back: what an instant needs of the log beside the events about its own rows.

-- Where organizations went: every path of then follows from these.
create index event_move on event (at) where target_kind = 'organization' and before ->> 'path' <> after ->> 'path';

-- Whose reports somebody was: a line manager that a later change replaced stands only in the event's before.
create index event_line_before on event ((before ->> 'lineManagerId'))
  where target_kind = 'membership' and before ->> 'lineManagerId' is not null;

-- What was done under a delegation, the one that its doer held: one that nobody uses is worth a look.
create index event_under on event ((delegations[1]), at) where delegations <> '{}';

-- What ends by itself, soonest first: few links and assignments have an end.
create index delegation_ending on delegation (ends_at) where state <> 'ended' and ends_at < 'infinity';
create index assignment_ending on assignment (ends_at) where state = 'active' and ends_at < 'infinity';
create index invitation_ending on invitation (expires_at) where state = 'open';
