-- Files that an approver wants to see with a request. Somebody's own papers: no event keeps them or their names.
create table request_attachment (
  id uuid primary key,
  request_id uuid not null references request (id),
  name text not null check (name <> '' and length(name) <= 200),
  media_type text not null check (media_type in ('application/pdf', 'image/png', 'image/jpeg')),
  content bytea not null check (length(content) between 1 and 5242880),
  added_by uuid not null references app_user (id),
  added_at timestamptz not null default remit_now()
);
create index request_attachment_request on request_attachment (request_id, added_at);
