-- The directory at size: what its lists, searches and counts walk.

-- Children's names are unique within their organization (I40). A closed one gives its name back.
create unique index organization_child_name on organization (parent_id, lower(name)) where state <> 'closed';

-- A mail domain belongs to one organization.
create index organization_domains on organization using gin (domains);

-- A page of people is walked in the index alone: place, day of leaving and person are read from it.
drop index membership_page;
create index membership_page on membership (sort_name, id) include (path, ends_at) where state <> 'ended';
drop index membership_place;
create index membership_place on membership (path, sort_name, id) include (ends_at) where state <> 'ended';

-- Those who left are asked for apart, and rarely.
create index membership_left on membership (path, sort_name, id) where state = 'ended';

-- Search by the beginning of an address or user name, whatever the database's collation.
create index app_user_email_start on app_user (lower(email) text_pattern_ops);
create index app_user_user_name_start on app_user (lower(user_name) text_pattern_ops);

-- Whose last day is over, for the sweeper: it asks every minute, and few have a last day at all.
create index membership_lapsing on membership (ends_at) where state <> 'ended' and ends_at < 'infinity';
