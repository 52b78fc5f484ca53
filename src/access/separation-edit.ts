import { sql } from 'kysely';
import type { Permit } from '../authority/decide.ts';
import type { Target } from '../authority/delegation.ts';
import { type Holding, loadHoldings } from '../authority/holds.ts';
import { isSelf } from '../authority/self.ts';
import { describeMissing } from '../authority/words.ts';
import type { Context } from '../operation/operation.ts';
import { membershipTargets } from '../operation/targets.ts';
import { refuse } from '../platform/refusals.ts';
import { inSight } from './give.ts';
import { isInstance } from './rules.ts';
import { loadThings } from './things.ts';

/** The steps of changing a separation of duties, each with one reason to refuse. */

/** Roles that the actor knows of, and that are given out still. */
export async function rolesInSight(
  context: Context,
  place: Target,
  entitlementIds: readonly string[],
): Promise<string[]> {
  const ids = [...new Set(entitlementIds)];
  const things = await loadThings(context.db, ids, []);
  for (const id of ids) {
    const thing = things.get(id);
    if (!thing || !inSight(context.facts, thing, place.path)) throw refuse('not-found');
    if (!thing.live) throw refuse('entitlement.retired');
  }
  return ids;
}

/** What a level above set is loosened there. */
export function refuseFromAbove({ because }: Permit, setUnder: string | null): void {
  const [, ...above] = because;
  if (setUnder && above.some(({ id }) => id === setUnder)) throw refuse('lift.from-above');
}

/** More people at once than this are looked at in parts. */
const atOnce = 2000;

/**
 * Whoever loosens a set gives back what yields to it (I01, ruling 4): the actor must be able to give each of it, and
 * nobody loosens one that they hold back themselves (I02).
 * @param userId only for this person
 */
export async function mayLoosen(
  context: Context,
  separationId: string,
  userId: string | undefined,
): Promise<void> {
  const { db, facts } = context;
  if (isInstance(facts)) return;
  const { rows } = await sql<{ people: string[]; parts: string[] }>`
    select array(select x.entitlement_id from separation_part x where x.separation_id = s.id) as parts,
      case when exists (select 1 from access_rule r where r.state = 'active')
        then array(select distinct m.user_id from membership m where m.path >= o.path and m.path < o.path || '/' and m.state <> 'ended'
          ${userId ? sql`and m.user_id = ${userId}` : sql``})
        else array(select x.user_id from separation_suspects(array[s.id]) x ${userId ? sql`where x.user_id = ${userId}` : sql``})
      end as people
    from separation s join organization o on o.id = s.organization_id where s.id = ${separationId}`.execute(
    db,
  );
  const { people, parts } = rows[0]!;
  for (let start = 0; start < people.length; start += atOnce) {
    const { holdings } = await loadHoldings(db, { userIds: people.slice(start, start + atOnce) });
    await mayGiveBack(
      context,
      holdings.filter((one) => one.stoppedBy === 'separation' && parts.includes(one.entitlementId)),
    );
  }
}

async function mayGiveBack({ db, facts, decide }: Context, yielded: readonly Holding[]): Promise<void> {
  const targets = await membershipTargets(db, [...new Set(yielded.map(({ membershipId }) => membershipId))]);
  for (const { userId, membershipId, entitlementId, applicationId } of yielded) {
    if (isSelf(facts, userId)) throw refuse('user.self');
    const target = {
      ...targets.get(membershipId)!,
      entitlement: { id: entitlementId, applicationId },
    };
    if (decide('access.grant', target).effect === 'deny')
      throw refuse('not-permitted', {
        permission: 'access.grant',
        missing: describeMissing({ piece: 'entitlement', permission: 'access.grant' }),
      });
  }
}
