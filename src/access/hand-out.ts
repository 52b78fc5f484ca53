import type { Kysely } from 'kysely';
import { chainIn } from '../authority/chain.ts';
import { missingFrom } from '../authority/decide.ts';
import { type Chain, stopOf, type Target } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import { loadCeilings } from '../authority/holds.ts';
import { limitWithin } from '../authority/within.ts';
import type { DB } from '../platform/schema.gen.ts';

/**
 * Which whole applications the actor may let an organization hand out. Its own limit, in force or ended, bounds nothing
 * here, for that is what would be replaced: what counts is the one delegation that may decide it, which reaches the
 * organization above, too, and the limit under which that one stands.
 */
export async function handOutBy(
  db: Kysely<DB>,
  facts: Facts,
  target: Target,
): Promise<(applicationId: string) => boolean> {
  const above = { ...target, id: null, userId: undefined, path: parentPath(target.path) };
  const deciding = facts.held
    .map((held) => chainIn(facts, held))
    .filter((chain) => [target, above].every((one) => !missingFrom(chain, 'delegation.create', one, facts)));
  const bounds = (await loadCeilings(db, [above.path])).standingOf(above.path);
  return (applicationId) =>
    deciding.some((chain) => {
      if (!holdsWhole(chain, applicationId)) return false;
      const under = bounds.filter((bound) => bound[0]!.chain.includes(chain[0]!.id));
      return (
        under.length === 0 ||
        under.some((bound) => !stopOf(bound, facts.at) && holdsWhole(bound, applicationId))
      );
    });
}

const holdsWhole = (chain: Chain, applicationId: string): boolean =>
  chain.every((link) =>
    limitWithin({ applications: [applicationId], entitlements: [] }, link.entitlements, () => undefined),
  );

const parentPath = (path: string): string =>
  path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : path;
