import { sql } from 'kysely';
import type { Target } from '../authority/delegation.ts';
import type { Context } from '../operation/operation.ts';
import { membershipTargets, organizationTargets } from '../operation/targets.ts';
import type { Policy } from './policy.ts';

/**
 * What the people, organizations, applications and roles are called that policies name: of those that the reader may
 * see. What stands above a policy is known to whoever may change it.
 */
export async function namesIn(
  { db, decide, target }: Pick<Context, 'db' | 'decide' | 'target'>,
  policies: readonly Pick<Policy, 'applies' | 'steps'>[],
): Promise<Record<string, string>> {
  const approvers = policies.flatMap(({ steps }) =>
    steps.flatMap(({ approvers, escalation }) => [
      ...approvers,
      ...escalation.flatMap((level) => level.approvers),
    ]),
  );
  const memberships = approvers.flatMap((one) => (one.kind === 'people' ? one.membershipIds : []));
  const organizations = [
    ...approvers.flatMap((one) => (one.kind === 'members' ? one.organizationId : [])),
    ...policies.flatMap(({ applies }) => applies.organizationIds ?? []),
  ];
  const applications = policies.flatMap(({ applies }) => applies.applications ?? []);
  const entitlements = policies.flatMap(({ applies }) => applies.entitlements ?? []);
  const people = await membershipTargets(db, memberships);
  const places = await organizationTargets(db, organizations);
  const sees = (permission: 'user.read' | 'organization.read', there: Target | undefined): boolean =>
    there !== undefined && decide(permission, there).effect === 'permit';
  const { rows } = await sql<{ id: string; name: string }>`
    select m.id, u.display_name as name from membership m join app_user u on u.id = m.user_id
      where m.id = any (${memberships.filter((id) => sees('user.read', people.get(id)))}::uuid[])
    union all select id, name from organization
      where id = any (${organizations.filter((id) => sees('organization.read', places.get(id)))}::uuid[])
    union all select a.id, a.name from application a join organization o on o.id = a.organization_id
      where a.id = any (${applications}::uuid[]) and o.path = any (path_ancestors(${target.path}))
    union all select e.id, e.name || ' · ' || a.name from entitlement e join application a on a.id = e.application_id
      join organization o on o.id = a.organization_id
      where e.id = any (${entitlements}::uuid[]) and o.path = any (path_ancestors(${target.path}))`.execute(
    db,
  );
  return Object.fromEntries(rows.map(({ id, name }) => [id, name]));
}
