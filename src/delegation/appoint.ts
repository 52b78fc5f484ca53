import { sql } from 'kysely';
import { z } from 'zod';
import type { Box, Chain, EntitlementLimit, Target } from '../authority/delegation.ts';
import { loadCeilings } from '../authority/holds.ts';
import { isPermission, type Permission } from '../authority/permissions.ts';
import { isAtOrBelow } from '../authority/place.ts';
import type { Proposal } from '../authority/within.ts';
import { describeExcess } from '../authority/words.ts';
import { type Dated, type Days, daysKept, readIn, timeZoneOf } from '../directory/by-day.ts';
import { withinManaging } from '../directory/grants.ts';
import { type Change, type Context, makerOf } from '../operation/operation.ts';
import { prepared as plannedOnce } from '../platform/database.ts';
import { invalid } from '../platform/problems.ts';
import { refuse } from '../platform/refusals.ts';
import { knownRoles } from './admin-roles.ts';
import { chooseParent, type Wish } from './rules.ts';
import {
  type Delegate,
  type DelegationState,
  insertDelegations,
  limitsOf,
  loadApplicationOf,
  loadChains,
} from './store.ts';

/** Everybody below loads a link with each check, so what it names is bounded (I59). */
const mostNamed = 1000;

/** How much access a delegation lets hand out: all that its giver may, or chosen applications and single roles. */
export const entitlementsInput = z
  .union([
    z.literal('same'),
    z.object({
      applicationIds: z.array(z.uuid()).max(mostNamed).default([]),
      entitlementIds: z.array(z.uuid()).max(mostNamed).default([]),
    }),
  ])
  .describe('`same`: all that you may hand out yourself; or chosen applications and single roles.');

/** How many levels of managers may follow; `same`: as many as the giver may. */
export const mayPassOnInput = z.union([z.literal('same'), z.number().int().min(0).max(1000)]);

export const toLimit = (input: z.infer<typeof entitlementsInput>): EntitlementLimit | 'same' =>
  input === 'same'
    ? 'same'
    : {
        applications: [...new Set(input.applicationIds)],
        entitlements: [...new Set(input.entitlementIds)],
      };

/** What somebody wants to pass on, with what is read from the database. */
export type Appointment = {
  /** organization of the scope */
  target: Target;
  below: boolean;
  /** the whole boundary, where it is more than that organization */
  scope?: Box[] | undefined;
  /** the other organizations that the boundary names */
  morePlaces?: Target[] | undefined;
  delegate: Delegate;
  /** place of the delegate; absent where the delegate does not exist yet (an invitation) */
  delegateTarget: Target | undefined;
  adminRoleId: string | null;
  permissions: string[];
  entitlements: EntitlementLimit | 'same';
  startsAt?: Date | undefined;
  endsAt?: Date | undefined;
  /** the days that those come from */
  days?: Days & { timeZone: string };
  mayPassOn: number | 'same';
  seats?: number | undefined;
  reason?: string;
};

/** From when to when, read in the zone of the place that it is about. */
export async function periodFor(
  { db, target }: Pick<Context, 'db' | 'target'>,
  dated: Dated,
): Promise<Pick<Appointment, 'startsAt' | 'endsAt' | 'days'>> {
  const { from: startsAt, until: endsAt, firstDay, lastDay } = dated;
  if (!firstDay && !lastDay) return { startsAt, endsAt };
  const timeZone = await timeZoneOf(db, target.organizationId!);
  const read = readIn(dated, timeZone);
  return { startsAt: read.from, endsAt: read.until, days: { firstDay, lastDay, timeZone } };
}

/** Where it would hang and what it would be, decided but not written. */
export type Prepared = { parent: Chain; because: Chain; proposal: Proposal; appointment: Appointment };

/**
 * Permissions of an admin role that may be given at a place: a built-in one; or one that stands at or above the place
 * (as bundles do, ruling 7) and that the actor knows: from where it stands, or from a delegation that they hold or read.
 */
export async function rolePermissions(
  context: Context,
  adminRoleId: string | null,
  path: string,
): Promise<Permission[]> {
  if (!adminRoleId) return [];
  const { rows } = await sql<{ permissions: string[]; state: string }>`
    select r.permissions, r.state from admin_role r left join organization o on o.id = r.organization_id
    where r.id = ${adminRoleId} and (r.organization_id is null or o.path = any (path_ancestors(${path})))
      and ${knownRoles(context)}`.execute(context.db);
  if (!rows[0]) throw refuse('not-found');
  if (rows[0].state === 'retired') throw refuse('admin-role.retired');
  return rows[0].permissions.filter(isPermission);
}

/**
 * Decides an appointment under the actor's one best chain.
 * @throws Refusal `delegation.outside` with the least excess, in words; `input.invalid` when it would end before it begins.
 */
export async function prepare(context: Context, appointment: Appointment): Promise<Prepared> {
  const { target } = appointment;
  const fromRole = await rolePermissions(context, appointment.adminRoleId, target.path);
  // A role can be given at or below where it stands: that goes for every place, or its editors decide beyond it.
  for (const { path } of appointment.morePlaces ?? [])
    await rolePermissions(context, appointment.adminRoleId, path);
  const scope: Box[] = appointment.scope ?? [
    { places: [{ id: target.organizationId, path: target.path, below: appointment.below }] },
  ];
  // The standing delegation of an organization is bounded by those above it, not by itself.
  const standingFor = appointment.delegate.kind === 'organization' ? parentPath(target.path) : target.path;
  const ceilings = await loadCeilings(context.db, [standingFor]);
  const limits = limitsOf(context.facts.links.values());
  for (const chain of ceilings.standingOf(standingFor)) limits.push(...limitsOf(chain));
  if (appointment.entitlements !== 'same') limits.push(appointment.entitlements);
  const applicationOf = await loadApplicationOf(context.db, limits);
  const wish: Wish = {
    permissions: [...new Set([...fromRole, ...appointment.permissions.filter(isPermission)])],
    scope,
    entitlements: appointment.entitlements,
    startsAt: appointment.startsAt,
    endsAt: appointment.endsAt,
    mayPassOn: appointment.mayPassOn,
  };
  const chosen = chooseParent(
    context.facts,
    { ceilings, standingFor, further: await furtherStandings(context, appointment) },
    [target, ...(appointment.morePlaces ?? [])],
    delegateOf(appointment),
    wish,
    applicationOf,
  );
  if ('excess' in chosen)
    throw refuse('delegation.outside', {
      missing: describeExcess(chosen.excess),
      piece: chosen.excess.piece,
    });
  const { startsAt, endsAt } = chosen.proposal;
  if (endsAt <= startsAt || endsAt <= context.at) throw invalid('until', 'after-start-and-now');
  return { ...chosen, appointment };
}

/**
 * What an organization may hand out is decided from above: whoever looks after that organization alone could lower
 * its ceiling under everybody else's hands, and would stand above managers whom others appoint there. So its giver
 * must reach the organization above, too.
 */
function delegateOf({ delegate, delegateTarget, target }: Appointment): Target | undefined {
  if (delegate.kind !== 'organization' || delegateTarget) return delegateTarget;
  return { ...target, id: null, path: parentPath(target.path), userId: undefined };
}

const parentPath = (path: string): string =>
  path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : path;

/**
 * An organization that was given another one as a further parent does with it what that standing delegation lets: its
 * people who are appointed over the other one hang below it.
 */
async function furtherStandings(context: Context, { delegateTarget, target }: Appointment): Promise<Chain[]> {
  if (!delegateTarget?.userId || isAtOrBelow(target.path, delegateTarget.path)) return [];
  const { rows } = await sql<{ id: string }>`${plannedOnce}
    select d.id from organization o join delegation d on d.delegate_organization_id = o.id
    where o.path = any (path_ancestors(${delegateTarget.path})) and d.delegate_kind = 'organization' and d.kind = 'administer'
      and d.state <> 'ended' and d.place_paths && path_ancestors(${target.path}) and not o.path = any (path_ancestors(${target.path}))`.execute(
    context.db,
  );
  if (rows.length === 0) return [];
  return [
    ...(
      await loadChains(
        context.db,
        rows.map(({ id }) => id),
      )
    ).values(),
  ];
}

/** Writes what was prepared and records it. */
export async function appoint(context: Context, prepared: Prepared, id?: string): Promise<DelegationState> {
  const { appointment, parent, because, proposal } = prepared;
  const write = () =>
    insertDelegations(context.db, [
      {
        id,
        parent,
        giverUserId: context.actor.kind === 'user' ? context.actor.userId : null,
        giverDelegationId: because[0]!.id,
        delegate: appointment.delegate,
        adminRoleId: appointment.adminRoleId,
        permissions: appointment.permissions,
        scope: proposal.scope,
        entitlements: proposal.entitlements,
        startsAt: proposal.startsAt,
        endsAt: proposal.endsAt,
        ...(appointment.days ? daysKept(appointment.days, proposal, appointment.days.timeZone) : {}),
        mayPassOn: proposal.mayPassOn,
        seats: appointment.seats ?? null,
        giverMembershipId: makerOf(context),
        reason: appointment.reason,
      },
    ]);
  // Whoever manages a place is in the relation "managers of" it.
  const places = proposal.scope.flatMap((box) => (box.places ?? []).map(({ path }) => path));
  const [state] =
    appointment.delegate.kind === 'user' && proposal.permissions.includes('user.invite')
      ? await withinManaging(context, [appointment.delegate.membershipId], places, write)
      : await write();
  context.record({
    ...delegationChange('delegation.created', appointment.target, appointment.delegate, state!),
    personal: appointment.reason ? { reason: appointment.reason } : null,
    because,
  });
  return state!;
}

export const delegationChange = (
  type: string,
  target: Pick<Target, 'organizationId' | 'path'>,
  delegate: Delegate,
  after: DelegationState,
  before?: DelegationState,
): Change => ({
  type,
  targetKind: 'delegation',
  targetId: after.id,
  organizationId: target.organizationId,
  path: target.path,
  subjectId: delegate.kind === 'user' ? delegate.userId : null,
  before: before ?? null,
  after,
});
