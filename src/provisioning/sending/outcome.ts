import type { ConnectorProblem } from '../connectors/connector.ts';
import { longestAsked, restAfter, waits } from '../rules.ts';

/** What may go wrong with an attempt: what a connector says, and what is ours. */
export type Problem =
  | ConnectorProblem
  /** no key opens the target's secrets */
  | 'sealed'
  /** a fault of our own, or of the connector's */
  | 'fault'
  /** a value that is not to be had: the mapping does not fit this person */
  | 'unmapped';

/** Whom a problem is about; `either` is known by what others get there. */
const about: Record<Exclude<Problem, 'waiting'>, 'target' | 'account' | 'either'> = {
  'bad-settings': 'target',
  'no-trust': 'target',
  'no-permission': 'target',
  unreachable: 'target',
  'slow-down': 'target',
  'not-allowed': 'target',
  sealed: 'target',
  refused: 'account',
  exists: 'account',
  absent: 'account',
  unmapped: 'account',
  declined: 'account',
  failing: 'either',
  fault: 'either',
};

export type Outcome =
  | { what: 'done' }
  /** tried again after so many seconds */
  | { what: 'again'; after: number; countsForTarget: boolean; peace: number }
  /** a person is at it: looked at again when they are done, or when something else is wanted */
  | { what: 'waits' }
  /** a dead letter: tried again by hand, or when something else is wanted */
  | { what: 'dead' };

/**
 * What follows from a failure.
 * @param attempts those in a row, this one included
 * @param othersFare the target has done something for others since this account began to fail: then it is about the account
 * @param chance from 0 to 1: spreads the attempts of many, a fifth each way
 */
export function outcomeOf(
  { problem, after: asked }: { problem: Problem; after?: number | undefined },
  attempts: number,
  othersFare: boolean,
  chance: number,
): Outcome {
  if (problem === 'waiting') return { what: 'waits' };
  const whose = about[problem];
  // What is there already under our name and is not ours does not go away by waiting, nor does a person's no.
  if (problem === 'exists' || problem === 'unmapped' || problem === 'declined') return { what: 'dead' };
  const wait = waits[attempts - 1];
  // A target that is down for weeks leaves no dead letters: everything goes on when it is back.
  const mayDie = whose === 'account' || (othersFare && (whose === 'either' || problem === 'unreachable'));
  if (wait === undefined && mayDie) return { what: 'dead' };
  const peace = asked === undefined ? 0 : Math.min(Math.max(Math.ceil(asked), 0), longestAsked);
  // What is about the target is waited for by the target, not by each account for itself.
  const own = whose === 'target' && !othersFare ? restAfter(1) : (wait ?? waits.at(-1)!);
  return {
    what: 'again',
    after: Math.round(own * (0.8 + 0.4 * chance)),
    countsForTarget: whose !== 'account',
    peace,
  };
}
