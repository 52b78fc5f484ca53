import type { Kysely } from 'kysely';
import type { DB } from '../platform/schema.gen.ts';
import { decide } from './decide.ts';
import type { Chain, Target } from './delegation.ts';
import type { Exception } from './exception.ts';
import { type Candidate, loadCandidates } from './load-facts.ts';
import type { Permission } from './permissions.ts';

export type Holder = {
  userId: string;
  membershipId: string;
  displayName: string;
  organizationId: string;
  path: string;
  /** has a password, so can in truth sign in and do it */
  canSignIn: boolean;
  because: Chain;
  exceptions: Exception[];
};

/**
 * Who may do `permission` to `target` now? Looked up when asked, never kept (I35): it routes approvals, finds a
 * successor, and says who could help. By construction everybody for whom `decide` permits it: by their own links,
 * through a relation, or as a deputy. Nearest first: the deepest scope, then by name. One statement.
 */
export async function holders(db: Kysely<DB>, permission: Permission, target: Target): Promise<Holder[]> {
  const candidates = await loadCandidates(db, [target], permission === 'request.decide');
  return nearestFirst(
    candidates.flatMap((candidate) => {
      const decision = decide(candidate.facts, permission, target);
      return decision.effect === 'permit' ? holderOf(candidate, decision.because) : [];
    }),
  );
}

/** Somebody who may, by this chain; nobody where it is no person in a membership. */
export function holderOf({ facts, canSignIn }: Candidate, because: Chain): Holder[] {
  const { actor, exceptions } = facts;
  if (actor.kind !== 'user' || !actor.membershipId) return [];
  return [
    {
      userId: actor.userId,
      membershipId: actor.membershipId,
      displayName: actor.displayName,
      organizationId: actor.organizationId!,
      path: actor.path!,
      canSignIn,
      because,
      exceptions,
    },
  ];
}

export const nearestFirst = (able: Holder[]): Holder[] =>
  able.sort(
    (one, other) => Math.sign(depth(other) - depth(one)) || one.displayName.localeCompare(other.displayName),
  );

/** Whom a policy names is nearer than whoever has the right. */
const depth = (one: Holder): number =>
  Math.max(
    one.because[0] ? 0 : Number.POSITIVE_INFINITY,
    ...(one.because[0]?.scope ?? []).flatMap((box) =>
      (box.places ?? []).map((place) => place.path.split('.').length),
    ),
  );
