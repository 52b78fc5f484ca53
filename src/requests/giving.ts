import { decide, type Permit } from '../authority/decide.ts';
import type { Facts } from '../authority/facts.ts';
import { reach } from '../authority/reach.ts';
import { describeMissing } from '../authority/words.ts';
import type { Change, Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import { type RequestRow, targetOf } from './store.ts';

/** Who gives what was asked for: one of those who said yes, or whoever saved the policy that asked others. */
export type Right = { permit: Permit; facts: Facts };

/**
 * The context of whoever gives, in the transaction of the decision: what a kind does is decided by their rights and
 * within their ceiling, as if they did it themselves, and recorded as what the one who decided last did, or time.
 */
export function asGiver(context: Context, row: RequestRow, { permit, facts: theirs }: Right): Context {
  const facts: Facts = { ...theirs, at: context.at };
  // A deputy's link bounds when they decide; what they give hangs below whom they decide for.
  const because = permit.because.filter(({ kind }) => kind !== 'approve');
  const may: Context['decide'] = (permission, target) => decide(facts, permission, target);
  const required: Context['require'] = (permission, target, visibleBy) => {
    if (!target) throw refuse('not-found');
    const decision = may(permission, target);
    if (decision.effect === 'permit') return decision;
    if (may(visibleBy, { ...target, entitlement: undefined }).effect === 'deny') throw refuse('not-found');
    throw refuse('not-permitted', { permission, missing: describeMissing(decision.because) });
  };
  const given = {
    facts,
    actor: facts.actor,
    target: targetOf(row),
    permit: { effect: 'permit', because } satisfies Permit,
    ifMatch: undefined,
    decide: may,
    require: required,
    reach: (permission: Parameters<Context['reach']>[0]) => reach(facts, permission),
    user: () => {
      if (facts.actor.kind !== 'user') throw refuse('auth.required');
      return facts.actor;
    },
    record: (change: Change) => context.record({ because: permit.because, ...change }),
    checkVersion: () => undefined,
  };
  return Object.create(
    context,
    Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value }])),
  );
}
