import { permitFor } from '../access/rules.ts';
import type { Permit } from '../authority/decide.ts';
import {
  type Chain,
  type EntitlementRef,
  hasEntitlement,
  scopeCovers,
  type Target,
} from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import { isSelf, selvesOf } from '../authority/self.ts';

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

/** By user: who invited them, or reset their sign-in. */
export type BroughtBy = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * May this actor decide this request? Nobody decides what they asked for or would get (I32), and nobody whom the
 * asker invited, appointed, named their deputy or reset is a second person, nor is a key of theirs (ruling 8). Pure: the
 * inbox and the decision both ask it (I07).
 */
export function mayDecide(facts: Facts, asking: Asking, brought: BroughtBy): Verdict {
  const act = { permissions: deciding, entitlements: asking.entitlements, below: false };
  const own = permitFor(facts, act, asking.target);
  const asDeputy = own ? undefined : decidesForAnother(facts, asking, brought);
  if (!own && !asDeputy) return { may: false, why: 'no-right' };
  const concerned = concernedIn(asking);
  if (concerned.some((id) => isSelf(facts, id))) return { may: false, why: 'own' };
  if (
    selvesOf(facts).some((self) => concerned.some((id) => brought.get(self)?.has(id))) ||
    facts.deputyFor.some(({ giver }) => concerned.some((id) => isSelf(giver, id)))
  )
    return { may: false, why: 'not-independent' };
  const independent = permitFor(facts, act, asking.target, (chain) => !appointedBy(chain, concerned));
  if (independent) return { may: true, permit: independent };
  return asDeputy ?? decidesForAnother(facts, asking, brought) ?? { may: false, why: 'not-independent' };
}

/**
 * A deputy decides what their giver may decide, within what they were named for, and what their giver may not decide
 * for being concerned, they may not either (I29).
 */
function decidesForAnother(facts: Facts, asking: Asking, brought: BroughtBy): Verdict | undefined {
  if (facts.noStanding) return undefined;
  let nearest: Verdict | undefined;
  for (const { link, giver } of facts.deputyFor) {
    if (!scopeCovers(link, asking.target, false)) continue;
    if (!asking.entitlements.every((one) => hasEntitlement([link], one))) continue;
    const theirs = mayDecide(giver, asking, brought);
    if (theirs.may)
      return { may: true, permit: { effect: 'permit', because: [link, ...theirs.permit.because] } };
    if (theirs.why !== 'no-right') nearest = { may: false, why: 'not-independent' };
  }
  return nearest;
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
