import { permitFor } from '../access/rules.ts';
import type { Permit } from '../authority/decide.ts';
import type { Chain, EntitlementRef, Target } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import { isSelf } from '../authority/self.ts';

/** What a decision about a request is judged on. */
export type Asking = {
  requesterId: string;
  /** the membership that it is for, with its person */
  target: Target;
  /** what it was for when it was asked (I34) */
  entitlements: readonly EntitlementRef[];
};

export type Verdict =
  | { may: true; permit: Permit }
  | { may: false; why: 'no-right' | 'own' | 'not-independent' };

/** One delegation must let its holder both decide requests and give what is asked for: a yes is a giving. */
export const deciding = ['request.decide', 'access.grant'] as const;

/**
 * May this actor decide this request? Nobody decides what they asked for or would get (I32), and nobody whom the
 * asker invited, appointed or reset is a second person, nor is a key of theirs (ruling 8). Pure: the inbox and the
 * decision both ask it (I07).
 * @param broughtBy who invited, or reset the sign-in of, one of the people who act here
 */
export function mayDecide(facts: Facts, asking: Asking, broughtBy: ReadonlySet<string>): Verdict {
  const act = { permissions: deciding, entitlements: asking.entitlements, below: false };
  const permit = permitFor(facts, act, asking.target);
  if (!permit) return { may: false, why: 'no-right' };
  const concerned = concernedIn(asking);
  if (concerned.some((id) => isSelf(facts, id))) return { may: false, why: 'own' };
  if (concerned.some((id) => broughtBy.has(id))) return { may: false, why: 'not-independent' };
  const independent = permitFor(facts, act, asking.target, (chain) => !appointedBy(chain, concerned));
  return independent ? { may: true, permit: independent } : { may: false, why: 'not-independent' };
}

/** Who asked, and whom it is for. */
export const concernedIn = ({ requesterId, target }: Asking): string[] =>
  [requesterId, target.userId].filter((id) => id !== undefined);

/** One of these people made the holder of the chain, or a manager above, what they are. A ceiling appoints nobody. */
export const appointedBy = (chain: Chain, userIds: readonly string[]): boolean =>
  chain.some(
    ({ delegateKind, giverUserId }) =>
      delegateKind !== 'organization' && giverUserId !== null && userIds.includes(giverUserId),
  );
