import { stringify } from 'csv-stringify/sync';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { inReach, type Reach } from '../../authority/reach.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { columns, type FileName, type Files, fileNames } from './files.ts';

/** What an exporter can see, kind by kind: an export shows no more than the lists do (I07). */
export type ExportReach = {
  organizations: Reach;
  people: Reach;
  delegations: Reach;
  applications: Reach;
  access: Reach;
};

/**
 * The six files of a tree, as a take-over reads them. Ids are those of the files it came from, or Remit's own. The
 * access of single people, access roles and delegations of other shapes have no place in these files.
 */
export async function exportTree(
  db: Kysely<DB>,
  top: { id: string; path: string },
  reach: ExportReach,
): Promise<Required<Files>> {
  const below = (column: RawBuilder<unknown>) =>
    sql<boolean>`(${column} >= ${top.path} and ${column} < ${`${top.path}/`})`;
  // A tree inside a tree keeps the keys it has under its own top, where it has some.
  const keyOf = (kind: string, id: RawBuilder<unknown>) => sql`coalesce((select k.key from import_key k
    where k.kind = ${kind} and k.id = ${id} order by k.top_organization_id <> ${top.id}, k.top_organization_id limit 1), ${id}::text)`;
  const organizationKey = keyOf('organization', sql`o.id`);
  const userKey = keyOf('user', sql`u.id`);
  const open = sql<boolean>`o.state <> 'closed'`;
  const member = sql<boolean>`m.state <> 'ended' and m.ends_at > remit_now() and ${below(sql`m.path`)}
    and ${inReach(reach.people, sql`m.path`, sql`m.user_id`)}`;
  const organizations = sql`
    select ${organizationKey} as id, case when o.id = ${top.id} then '' else ${keyOf('organization', sql`o.parent_id`)} end as parent, o.name, o.description
    from organization o where ${below(sql`o.path`)} and ${open} and ${inReach(reach.organizations, sql`o.path`)}
    order by length(o.path), o.path`;
  const users = sql`
    select ${userKey} as username, u.display_name as "displayName", coalesce(u.email, '') as email
    from app_user u where exists (select 1 from membership m where m.user_id = u.id and ${member})
    order by u.created_at, u.id`;
  const memberships = sql`
    select ${userKey} as "user", ${organizationKey} as organization
    from membership m join app_user u on u.id = m.user_id join organization o on o.id = m.organization_id
    where ${member} and ${open} order by u.created_at, u.id, m.organization_id <> u.home_organization_id, m.created_at, m.id`;
  const managers = sql`
    select ${userKey} as "user", ${organizationKey} as organization, r.key as role, (d.may_pass_on > 0)::text as "mayPassOn"
    from delegation d join membership m on m.id = d.delegate_membership_id join app_user u on u.id = m.user_id
    join organization o on o.path = d.place_paths[1] join admin_role r on r.id = d.admin_role_id
    where d.kind = 'administer' and d.delegate_kind = 'user' and d.state <> 'ended' and d.ends_at > remit_now()
      and cardinality(d.place_paths) = 1 and r.key is not null and ${below(sql`o.path`)} and ${open}
      and ${inReach(reach.delegations, sql`o.path`)} and ${inReach(reach.organizations, sql`o.path`)} and ${member}
    order by o.path, u.created_at, u.id`;
  const shown = sql<boolean>`a.organization_id = ${top.id} and a.state = 'active' and e.state = 'active'
    and ${inReach(reach.applications, sql`${top.path}`)}`;
  const applications = sql`
    select a.key as application, e.key as role from application a join entitlement e on e.application_id = a.id
    where ${shown} order by a.key collate "C", e.key collate "C"`;
  const assignments = sql`
    select ${organizationKey} as organization, a.key as application, e.key as role
    from assignment x join organization o on o.id = x.organization_id join entitlement e on e.id = x.entitlement_id
    join application a on a.id = e.application_id
    where ${shown} and x.state = 'active' and x.ends_at > remit_now() and ${below(sql`o.path`)} and ${open}
      and ${inReach(reach.access, sql`o.path`)} and ${inReach(reach.organizations, sql`o.path`)}
    order by o.path, a.key collate "C", e.key collate "C"`;
  const queries: Record<FileName, RawBuilder<unknown>> = {
    'organizations.csv': organizations,
    'users.csv': users,
    'memberships.csv': memberships,
    'managers.csv': managers,
    'applications.csv': applications,
    'assignments.csv': assignments,
  };
  const files = {} as Required<Files>;
  for (const name of fileNames) {
    const { rows } = await sql<Record<string, string>>`${queries[name]}`.execute(db);
    files[name] = toCsv(name, rows);
  }
  return files;
}

/** A spreadsheet that opens the file runs nothing: the apostrophe is taken off again when it is imported. */
const defuse = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

export function toCsv(name: FileName, rows: Record<string, string>[]): string {
  const headings = columns[name].map((column) => column.name);
  return stringify(
    rows.map((row) => headings.map((heading) => defuse(row[heading] ?? ''))),
    { header: true, columns: headings.map((heading) => ({ key: heading })), record_delimiter: '\n' },
  );
}
