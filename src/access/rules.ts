import { chainIn } from '../authority/chain.ts';
import { type Missing, missingFrom, type Permit } from '../authority/decide.ts';
import type { Chain, EntitlementRef, Target } from '../authority/delegation.ts';
import { binds, concerns, cutsLists } from '../authority/exception.ts';
import { alwaysBefore, type Facts } from '../authority/facts.ts';
import type { Permission } from '../authority/permissions.ts';
import { placeOverlap } from '../authority/place.ts';
import { coversBelow } from '../authority/region.ts';

/** One act on one target: every permission and every entitlement of it must come from a single delegation. */
export type Act = {
  permissions: readonly Permission[];
  entitlements: readonly EntitlementRef[];
  /** it works on everybody below the place too, so the delegation must hold all of that, without a hole */
  below: boolean;
};

/** Half-open; the far ends of JavaScript's dates stand for "always". */
export type Period = { startsAt: Date; endsAt: Date };

/** Ruling 12: what is given starts this much later, so that it can be undone before anything follows from it. */
export const undoSeconds = 10;
export const afterUndo = (at: Date): Date => new Date(at.getTime() + undoSeconds * 1000);

/**
 * Whether what was done then can be undone at this instant. From `afterUndo` on it cannot: that is when access begins and
 * letters leave, and no instant belongs to both.
 */
export const mayBeUndone = (done: Date, now: Date): boolean => now < afterUndo(done);

/** The set-up, the sweepers and the operator act without a delegation (recorded as such). */
export const isInstance = (facts: Facts): boolean =>
  facts.actor.kind === 'system' || facts.actor.kind === 'operator';

/**
 * The one delegation that lets the actor do all of this act (ruling 1): X in A by one link and Y in A by another
 * do not make a bundle of X and Y in A. Of several that are `usable`, the one that lasts longest. Pure.
 */
export function permitFor(
  facts: Facts,
  act: Act,
  target: Target,
  usable: (chain: Chain) => boolean = () => true,
): Permit | undefined {
  if (isInstance(facts)) return { effect: 'permit', because: [] };
  if (facts.noStanding) return undefined;
  let best: Chain | undefined;
  for (const held of facts.held) {
    const chain = chainIn(facts, held);
    if (missingForAct(chain, act, target, facts) || !usable(chain)) continue;
    if (!best || periodOf(chain).endsAt > periodOf(best).endsAt) best = chain;
  }
  return best && { effect: 'permit', because: best };
}

/** The first thing that a chain lacks for an act, or undefined when it gives all of it. */
export function missingForAct(
  chain: Chain,
  act: Act,
  target: Target,
  facts: Pick<Facts, 'at' | 'exceptions'>,
): Missing | undefined {
  for (const permission of act.permissions) {
    const missing = missingFrom(chain, permission, target, facts);
    if (missing) return missing;
    for (const entitlement of act.entitlements) {
      const lacking = missingFrom(chain, permission, { ...target, entitlement }, facts);
      if (lacking) return lacking;
    }
    if (act.below && !coversBelow(chain, target.path)) return { piece: 'place', permission };
    // What is given to an organization reaches everybody below it: an exception further down is in the way, too, and so
    // is one from above about a person, who may be among them.
    const cut = act.below
      ? facts.exceptions.find(
          (one) =>
            placeOverlap(one.place, { id: '', path: target.path, below: true }) &&
            binds(one, chain, permission, facts.at) &&
            (cutsLists(one) || act.entitlements.some((entitlement) => concerns(one, entitlement))),
        )
      : undefined;
    if (cut) return { piece: 'exception', exception: cut };
  }
  return undefined;
}

/** When a chain is in force: from the latest start of its links to their earliest end. */
export function periodOf(chain: Chain): Period {
  let startsAt = alwaysBefore;
  let endsAt = new Date(8.64e15);
  for (const link of chain) {
    // A deputy's days bound when they decide, not how long what they decided lasts.
    if (link.kind === 'approve') continue;
    if (link.startsAt > startsAt) startsAt = link.startsAt;
    if (link.endsAt < endsAt) endsAt = link.endsAt;
  }
  return { startsAt, endsAt };
}

export type Asked = { from: Date | undefined; until: Date | undefined };

/**
 * The period of what is given (I01: its dates too are within the giver's own). Nobody gives beyond the last day
 * of what they were given: an open end becomes that day, a later day that was asked for is refused.
 */
export function periodOfGift(asked: Asked, chain: Chain, earliest: Date): Period | 'beyond' | 'backwards' {
  const startsAt = asked.from && asked.from > earliest ? asked.from : earliest;
  const limit = periodOf(chain).endsAt;
  if (asked.until && asked.until <= startsAt) return 'backwards';
  if (startsAt >= limit || (asked.until && asked.until > limit)) return 'beyond';
  return { startsAt, endsAt: asked.until ?? limit };
}

/** What giving something again comes to, for somebody who has it for `had` already. */
export type Again = 'nothing-new' | 'over' | 'apart' | Period;

export function givenAgain(had: Period, gift: Period, at: Date): Again {
  if (had.endsAt <= at) return 'over';
  if (had.startsAt <= gift.startsAt && had.endsAt >= gift.endsAt) return 'nothing-new';
  if (gift.startsAt > had.endsAt || gift.endsAt < had.startsAt) return 'apart';
  return {
    startsAt: had.startsAt < gift.startsAt ? had.startsAt : gift.startsAt,
    endsAt: had.endsAt > gift.endsAt ? had.endsAt : gift.endsAt,
  };
}
