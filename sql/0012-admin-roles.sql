-- An organization's own admin roles: retired ones are not given anew, and keep what they let do for those who have them.
alter table admin_role add column state text not null default 'active' check (state in ('active', 'retired'));
create unique index admin_role_name on admin_role (organization_id, name) where organization_id is not null and state = 'active';

-- Who has an admin role: editing one is giving to, or taking from, each of these.
create index delegation_of_admin_role on delegation (admin_role_id) where admin_role_id is not null and state <> 'ended';
