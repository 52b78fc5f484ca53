import { permitFor } from '../access/rules.ts';
import type { Permit } from '../authority/decide.ts';
import type { Chain, EntitlementRef, Target } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';

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
 * May this person decide this request? Nobody decides what they asked for or would get (I32), and nobody whom the
 * asker invited or appointed is a second person (ruling 8). Pure: the inbox and the decision both ask it (I07).
 */
export function mayDecide(facts: Facts, asking: Asking, invitedMe: ReadonlySet<string>): Verdict {
  const act = { permissions: deciding, entitlements: asking.entitlements, below: false };
  const permit = permitFor(facts, act, asking.target);
  if (!permit) return { may: false, why: 'no-right' };
  if (facts.actor.kind !== 'user') return { may: true, permit };
  const concerned = new Set([asking.requesterId, asking.target.userId]);
  if (concerned.has(facts.actor.userId)) return { may: false, why: 'own' };
  if ([...concerned].some((id) => id !== undefined && invitedMe.has(id)))
    return { may: false, why: 'not-independent' };
  const appointedBy = (chain: Chain): boolean =>
    chain.some((link) => link.delegateKind === 'user' && concerned.has(link.giverUserId ?? ''));
  const independent = permitFor(facts, act, asking.target, (chain) => !appointedBy(chain));
  return independent ? { may: true, permit: independent } : { may: false, why: 'not-independent' };
}
