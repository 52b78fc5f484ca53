import { decide } from '../authority/decide.ts';
import type { Target } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import type { Permission } from '../authority/permissions.ts';
import { reach } from '../authority/reach.ts';
import { describeMissing } from '../authority/words.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';

const over = (context: Context, given: Partial<Context>): Context =>
  Object.create(context, Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value }])));

/**
 * The context of whoever named a successor, in the transaction that carries it out: each part is decided by the rights
 * that they have at this moment, as if they did it themselves. Recorded as what the instance did, for them.
 */
export function inTheirRight(context: Context, theirs: Facts): Context {
  const facts: Facts = { ...theirs, at: context.at };
  const may: Context['decide'] = (permission, target) => decide(facts, permission, target);
  const user: Context['user'] = () => {
    if (facts.actor.kind !== 'user') throw refuse('auth.required');
    return facts.actor;
  };
  return over(context, {
    facts,
    actor: facts.actor,
    decide: may,
    require: (permission, target, visibleBy) => {
      if (!target) throw refuse('not-found');
      const decision = may(permission, target);
      if (decision.effect === 'permit') return decision;
      if (may(visibleBy, { ...target, entitlement: undefined }).effect === 'deny') throw refuse('not-found');
      throw refuse('not-permitted', { permission, missing: describeMissing(decision.because) });
    },
    reach: (permission) => reach(facts, permission),
    user,
    record: (change) => context.record({ onBehalfOf: user().userId, ...change }),
  });
}

/**
 * The same context for one act on one target, as the pipeline gives it to the operation that does this act: decided by one
 * chain, which the event names.
 * @throws Refusal of that act
 */
export function actingOn(
  context: Context,
  permission: Permission,
  target: Target | undefined,
  visibleBy: Permission,
): Context {
  const permit = context.require(permission, target, visibleBy);
  return over(context, {
    target: target!,
    permit,
    ifMatch: undefined,
    checkVersion: () => undefined,
    record: (change) => context.record({ because: permit.because, ...change }),
  });
}
