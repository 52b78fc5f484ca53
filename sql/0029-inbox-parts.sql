-- Whoever is asked by a policy finds what waits for them without walking through everybody's requests: few different
-- sets of approvers are asked at any time, and stepping through this index names them all.
create index request_asks on request (asks, created_at, id) where state = 'open';
create index request_decided_last on request (decided_at desc, id desc) where state in ('approved', 'refused');
create index request_decision_user on request_decision (user_id);
