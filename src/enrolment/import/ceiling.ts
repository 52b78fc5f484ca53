import { chainIn } from '../../authority/chain.ts';
import { type Missing, missingFrom } from '../../authority/decide.ts';
import { type Chain, type EntitlementRef, hasEntitlement, type Target } from '../../authority/delegation.ts';
import type { Facts } from '../../authority/facts.ts';
import { type Ceilings, loadCeilings } from '../../authority/holds.ts';
import { adminRoleId, isPermission, type Permission } from '../../authority/permissions.ts';
import { say } from '../../authority/say.ts';
import { describeExcess, describeMissing } from '../../authority/words.ts';
import type { Context } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import type { Plan } from './plan.ts';
import type { Problems } from './problems.ts';
import type { Stand } from './stand.ts';
import type { Take } from './take.ts';

/** The one chain of the importer under which all of it is done (I01), and what bounds the tree besides. */
export type Ceiling = {
  because: Chain;
  ceilings: Ceilings;
  /** what the tree's top may hand out already; undefined where it is yet to be given */
  standing: Chain | undefined;
  /** an application that no place knows yet */
  unknown: EntitlementRef;
};

/** Permissions that the work of a plan takes: the same that each act takes by itself (I10). */
export function permissionsFor(plan: Plan, first: boolean): Permission[] {
  const needed: Permission[] = ['organization.import'];
  if (plan.organizations.create.length > 0) needed.push('organization.create');
  if (plan.organizations.change.length > 0) needed.push('organization.update');
  if (plan.users.create.length > 0 || plan.memberships.create.length > 0) needed.push('user.enrol');
  if (plan.users.change.length > 0) needed.push('membership.update');
  if (plan.applications.create.length > 0) needed.push('application.configure');
  if (plan.assignments.create.length > 0) needed.push('access.grant');
  if (first || plan.managers.create.length > 0) needed.push('delegation.create');
  if (plan.managers.change.length > 0) needed.push('delegation.create', 'delegation.end');
  return needed;
}

/**
 * The importer's chain that gives all of these at the place where the tree lands.
 * @throws Refusal `not-permitted` with the first permission that no chain adds
 */
export function importerChain(facts: Facts, target: Target, needed: readonly Permission[]): Chain {
  let lacking: { permission: Permission; missing: Missing } | undefined;
  for (const held of facts.held) {
    const chain = chainIn(facts, held);
    const permission = needed.find((name) => missingFrom(chain, name, target, facts));
    if (!permission) return chain;
    if (permission !== 'organization.import')
      lacking = { permission, missing: missingFrom(chain, permission, target, facts)! };
  }
  if (!lacking) throw refuse('not-found');
  throw refuse('not-permitted', {
    permission: lacking.permission,
    missing: describeMissing(lacking.missing),
  });
}

export async function loadCeiling(
  context: Context,
  target: Target,
  stand: Stand,
  because: Chain,
): Promise<Ceiling> {
  const paths = [...stand.organizations.values()].map(({ path }) => path);
  const ceilings = await loadCeilings(context.db, [target.path, ...paths]);
  const top = [...stand.organizations.values()].find(({ id }) => id === stand.topId);
  const standing = top
    ? ceilings.standingOf(top.path).find((chain) => chain[0]!.delegateOrganizationId === top.id)
    : undefined;
  return { because, ceilings, standing, unknown: { id: 'new', applicationId: 'new' } };
}

/** Names every row that gives more than the importer, or a place in the tree, may hand out. */
export function checkCeiling(
  { because, ceilings, standing, unknown }: Ceiling,
  { take, stand, plan, target }: { take: Take; stand: Stand; plan: Plan; target: Target },
  problems: Problems,
): void {
  const refOf = (application: string, role: string): EntitlementRef => {
    const known = stand.applications.get(application);
    return known ? { id: known.roles.get(role)?.id ?? 'new', applicationId: known.id } : unknown;
  };
  const own = describeMissing({ piece: 'entitlement', permission: 'access.grant' });
  const above = { missing: say('excess.aboveCeiling') };
  for (const row of plan.applications.create) {
    const ref = refOf(row.application, row.role);
    const widens = standing && ref.applicationId === unknown.applicationId;
    // Whoever does not stand above the top's ceiling cannot widen it by an application of their own.
    if (widens && !standing[0]!.chain.includes(because[0]!.id))
      problems.add('above-ceiling', 'applications.csv', row.line, 'application', above);
  }
  const parents = new Map(take.organizations.map(({ id, parent }) => [id, parent]));
  const pathOf = (key: string): string => {
    for (let at: string | undefined = key; at !== undefined; at = parents.get(at)) {
      const known = stand.organizations.get(at);
      if (known) return known.path;
    }
    return target.path;
  };
  for (const row of plan.assignments.create) {
    const ref = refOf(row.application, row.role);
    const path = pathOf(row.organization);
    if (!hasEntitlement(because, ref)) {
      problems.add('above-ceiling', 'assignments.csv', row.line, 'role', { missing: own });
      continue;
    }
    // A new application is added to what the top may hand out; only a ceiling further down can stand in its way.
    const nearest = ceilings.standingOf(path);
    const toWiden =
      ref === unknown && standing !== undefined && nearest.some((chain) => chain[0] === standing[0]);
    if (!ceilings.allows(toWiden ? target.path : path, ref).allowed)
      problems.add('above-ceiling', 'assignments.csv', row.line, 'role', above);
  }
  for (const row of [...plan.managers.create, ...plan.managers.change.map((one) => one.row)]) {
    const role = stand.adminRoles.get(row.role)!;
    const parent = standingFor({ because, ceilings }, pathOf(row.organization));
    const chains = parent ? [because, parent] : [because];
    const beyond = role.permissions.find(
      (name) => !chains.every((chain) => chain.every((link) => link.permissions.includes(name))),
    );
    if (beyond && isPermission(beyond))
      problems.add('above-ceiling', 'managers.csv', row.line, 'role', {
        missing: describeExcess({ piece: 'permission', permission: beyond }),
      });
  }
}

/** The nearest ceiling at or above a place that stands below the importer: its managers hang below it. */
export const standingFor = (
  { because, ceilings }: Pick<Ceiling, 'because' | 'ceilings'>,
  path: string,
): Chain | undefined => ceilings.standingOf(path).find((chain) => chain[0]!.chain.includes(because[0]!.id));

export const managerRole = adminRoleId('delegated-manager');
