import type { Chain, Target } from '../authority/delegation.ts';
import { loadHoldings } from '../authority/holds.ts';
import type { Permission } from '../authority/permissions.ts';
import { selvesOf } from '../authority/self.ts';
import { describeExcess, describeMissing } from '../authority/words.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import { holdersOf } from './access-roles.ts';
import { inSight, isOwn, whyNot } from './give.ts';
import { ownPlaces } from './recipients.ts';
import { periodOf, permitFor } from './rules.ts';
import { loadThings, type Thing } from './things.ts';

/**
 * Putting something into a bundle needs the right to give it where the bundle stands: otherwise an access role
 * would be a way to give what one may not (I01).
 */
export async function mayAdd(
  context: Context,
  place: Target,
  entitlementIds: readonly string[],
): Promise<Thing[]> {
  const things = await loadThings(context.db, entitlementIds, []);
  const added = entitlementIds.map((id) => things.get(id));
  for (const thing of added) {
    if (!thing || !inSight(context.facts, thing, place.path)) throw refuse('not-found');
    const act = { permissions: ['access.grant'] as const, entitlements: thing.entitlements, below: false };
    if (!permitFor(context.facts, act, place)) throw whyNot(context.facts, act, place);
    if (!thing.live) throw refuse('entitlement.retired');
  }
  return added as Thing[];
}

/**
 * Editing a bundle gives or takes for each who has it: the editor must be able to do that for every one of them,
 * and nobody enlarges what they have themselves (I02). Who they are stays unsaid: some may be out of reach (ruling 9).
 */
export async function mayChangeForHolders(
  context: Context,
  accessRoleId: string,
  permission: Extract<Permission, 'access.grant' | 'access.end'>,
  things: readonly Thing[],
): Promise<void> {
  if (things.length === 0) return;
  const { facts } = context;
  const mine = await ownPlaces(context.db, facts);
  const entitlements = things.flatMap((thing) => thing.entitlements);
  const gives = permission === 'access.grant';
  if (gives && (await hasByRule(context, accessRoleId))) throw refuse('user.self');
  for (const holder of await holdersOf(context.db, accessRoleId)) {
    if (gives && !holder.byRule && isOwn(facts, holder, mine)) throw refuse('user.self');
    const act = { permissions: [permission], entitlements, below: holder.everybodyBelow };
    if (!permitFor(facts, act, holder.target))
      throw refuse('not-permitted', { permission, missing: describeMissing({ piece: 'place', permission }) });
    // For how long a rule gives was decided by whoever made it; what somebody was given lasts no longer by another's edit.
    const lasts = (chain: Chain): boolean => holder.byRule || holder.endsAt <= periodOf(chain).endsAt;
    if (gives && !permitFor(facts, act, holder.target, lasts))
      throw refuse('delegation.outside', { missing: describeExcess({ piece: 'period' }), piece: 'period' });
  }
}

async function hasByRule({ db, facts }: Context, accessRoleId: string): Promise<boolean> {
  for (const userId of selvesOf(facts)) {
    const { holdings } = await loadHoldings(db, { userId });
    if (holdings.some((holding) => holding.ruleId !== null && holding.accessRoleId === accessRoleId))
      return true;
  }
  return false;
}
