import type { Kysely } from 'kysely';
import type { Target } from '../authority/delegation.ts';
import { accountTarget, membershipTarget } from '../operation/targets.ts';
import type { DB } from '../platform/schema.gen.ts';

/** The account behind a membership: acts on it need the home organization in reach (design, section 2, point 9). */
export async function accountOfMembership(
  db: Kysely<DB>,
  { membershipId }: { membershipId: string },
): Promise<Target | undefined> {
  const membership = await membershipTarget(db, membershipId);
  return membership?.userId ? accountTarget(db, membership.userId) : undefined;
}
