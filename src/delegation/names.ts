import { type Kysely, sql } from 'kysely';
import { type Chain, type Link, type RelationKind, relationKinds } from '../authority/delegation.ts';
import { say } from '../authority/say.ts';
import { adminRoleName } from '../authority/words.ts';
import { prepared } from '../platform/database.ts';
import type { DB } from '../platform/schema.gen.ts';

/** What the ids in links are called, and where those stand whom the reader may not know. */
export type Names = {
  users: Map<string, { name: string; path: string }>;
  /** where the memberships of delegates stand */
  memberships: Map<string, string>;
  /** the time zones of those organizations */
  zones: Map<string, string>;
  /** those whose reports a boundary means */
  heads: Map<string, { name: string; path: string; userId: string }>;
  organizations: Map<string, { name: string; path: string; timeZone: string }>;
  applications: Map<string, string>;
  entitlements: Map<string, { name: string; applicationId: string; applicationName: string }>;
  roles: Map<string, { key: string | null; name: string }>;
  clients: Map<string, { name: string; path: string }>;
  vacant: Set<string>;
};

/** The same by relation, for a query. */
export const relationNames = (): string =>
  JSON.stringify(Object.fromEntries(relationKinds.map((relation) => [relation, relationWords(relation)])));

export const relationWords = (relation: RelationKind): string => say(`relation.${relation}`);

export function delegateName(link: Link, names: Names): string {
  if (link.relation)
    return `${relationWords(link.relation)} ${names.organizations.get(link.delegateOrganizationId!)?.name ?? ''}`;
  if (link.delegateUserId) return names.users.get(link.delegateUserId)?.name ?? '';
  if (link.delegateOrganizationId) return names.organizations.get(link.delegateOrganizationId)?.name ?? '';
  if (link.delegateClientId) return names.clients.get(link.delegateClientId)?.name ?? '';
  return 'Remit';
}

/** The zone of a link's days: of its first place; a deputy's are those of whoever named them. */
export function timeZoneOfLink({ kind, giverMembershipId, scope }: Link, names: Names): string {
  const giver = kind === 'approve' && giverMembershipId ? names.zones.get(giverMembershipId) : undefined;
  if (giver) return giver;
  const place = scope.flatMap((box) => box.places ?? [])[0];
  return (place && names.organizations.get(place.id)?.timeZone) ?? 'UTC';
}

/** By one statement for all the links of all chains. */
export async function loadNames(db: Kysely<DB>, chains: Chain[]): Promise<Names> {
  const links = chains.flat();
  const ids = (pick: (link: Link) => (string | null | undefined)[]): string[] => [
    // A link that is only proposed has no id yet.
    ...new Set(links.flatMap(pick).filter((id): id is string => Boolean(id))),
  ];
  const users = ids((link) => [
    link.delegateUserId,
    link.giverUserId,
    ...link.scope.flatMap((box) => box.users ?? []),
  ]);
  const organizations = ids((link) => [
    link.delegateOrganizationId,
    ...link.scope.flatMap((box) => [...(box.places ?? []), ...(box.holes ?? [])].map((place) => place.id)),
  ]);
  const applications = ids((link) => (link.entitlements.all ? [] : link.entitlements.applications));
  const entitlements = ids((link) => (link.entitlements.all ? [] : link.entitlements.entitlements));
  const clients = ids((link) => [link.delegateClientId]);
  const memberships = ids((link) => [link.delegateMembershipId, link.giverMembershipId]);
  const heads = ids((link) => link.scope.map((box) => box.reports?.of));
  const { rows } = await sql<{
    kind: string;
    id: string;
    name: string;
    extra: string | null;
    more: string | null;
  }>`${prepared}
    select 'user' as kind, u.id, u.display_name as name, o.path as extra, null as more from app_user u join organization o on o.id = u.home_organization_id where u.id = any (${users}::uuid[])
    union all select 'organization', id, name, path, time_zone from organization where id = any (${organizations}::uuid[])
    union all select 'application', id, name, null, null from application where id = any (${applications}::uuid[])
    union all select 'entitlement', e.id, e.name, a.name, a.id::text from entitlement e join application a on a.id = e.application_id where e.id = any (${entitlements}::uuid[])
    union all select 'client', c.id, c.name, o.path, null from client c join organization o on o.id = c.organization_id where c.id = any (${clients}::uuid[])
    union all select 'membership', m.id, '', m.path, o.time_zone from membership m join organization o on o.id = m.organization_id where m.id = any (${memberships}::uuid[])
    union all select 'head', m.id, u.display_name, m.path, u.id::text from membership m join app_user u on u.id = m.user_id where m.id = any (${heads}::uuid[])
    union all select 'role', id, name, key, null from admin_role where id = any (${ids((link) => [link.adminRoleId])}::uuid[])
    union all select 'vacant', d.id, '', null, null from delegation d join membership m on m.id = d.delegate_membership_id join app_user u on u.id = m.user_id
      where d.id = any (${ids((link) => [link.id])}::uuid[]) and (m.state = 'ended' or m.ends_at <= remit_now() or u.state = 'erased')`.execute(
    db,
  );
  const of = (kind: string) => rows.filter((row) => row.kind === kind);
  return {
    users: new Map(of('user').map((row) => [row.id, { name: row.name, path: row.extra! }])),
    organizations: new Map(
      of('organization').map((row) => [row.id, { name: row.name, path: row.extra!, timeZone: row.more! }]),
    ),
    applications: new Map(of('application').map((row) => [row.id, row.name])),
    entitlements: new Map(
      of('entitlement').map((row) => [
        row.id,
        { name: row.name, applicationId: row.more!, applicationName: row.extra! },
      ]),
    ),
    clients: new Map(of('client').map((row) => [row.id, { name: row.name, path: row.extra! }])),
    heads: new Map(
      of('head').map((row) => [row.id, { name: row.name, path: row.extra!, userId: row.more! }]),
    ),
    memberships: new Map(of('membership').map((row) => [row.id, row.extra!])),
    zones: new Map(of('membership').map((row) => [row.id, row.more!])),
    roles: new Map(
      of('role').map((row) => [row.id, { key: row.extra, name: adminRoleName(row.id, row.name) }]),
    ),
    vacant: new Set(of('vacant').map((row) => row.id)),
  };
}
