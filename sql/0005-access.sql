-- Access: what an assignment took the place of, and the request it answers.

-- A second giving that reaches beyond the first one's dates ends that row and stands in its place, so that
-- every row keeps the dates that somebody decided; undoing it brings the row before back.
alter table assignment add column replaces uuid references assignment (id);
-- The approval it came from: undoing the decision takes exactly these back.
alter table assignment add column request_id uuid references access_request (id);
create index assignment_request on assignment (request_id) where request_id is not null;

-- What waits, oldest first: a page for somebody who looks after much walks this one.
create index access_request_waiting on access_request (created_at, id) where state = 'open';
-- The approvers' history, newest first, within their boundary; and a person's own requests.
create index access_request_decided on access_request (path, decided_at desc) where state <> 'open';
create index access_request_membership on access_request (membership_id, created_at desc);
-- The catalogue and the choosers walk applications by name.
create index application_place on application (organization_id, name);
