import type { Kysely } from 'kysely';
import type { Target } from '../authority/delegation.ts';
import { accountTarget, membershipTarget } from '../operation/targets.ts';
import type { DB } from '../platform/schema.gen.ts';

type Named = { membershipId: string };

/**
 * The account behind a membership: acts on it need the home organization in reach (design, section 2, point 9); and
 * the membership too, or its id would say that somebody at home here belongs elsewhere.
 */
export const accountOfMembership = {
  through: (db: Kysely<DB>, { membershipId }: Named): Promise<Target | undefined> =>
    membershipTarget(db, membershipId),
  target: async (db: Kysely<DB>, { membershipId }: Named): Promise<Target | undefined> => {
    const membership = await membershipTarget(db, membershipId);
    return membership?.userId ? accountTarget(db, membership.userId) : undefined;
  },
};
