import { sql } from 'kysely';
import { permitFor } from '../access/rules.ts';
import { whoBrought, whoBroughtActors } from '../authority/brought.ts';
import { linkUseKey, loadFactsOf, loadLinkFacts } from '../authority/load-facts.ts';
import type { Context } from '../operation/operation.ts';
import { type Refusal, refuse } from '../platform/refusals.ts';
import { decidingFacts } from './decision.ts';
import { asGiver, type Right } from './giving.ts';
import { applyAsked } from './kinds/kinds.ts';
import { type PolicyRow, policiesById } from './policy-store.ts';
import { actOf, appointedBy, concernedIn, mayDecide } from './rules.ts';
import { askingOf, hashOf, type RequestRow } from './store.ts';
import type { DecisionRow } from './votes.ts';

/**
 * Who can give it: those who said yes, by their own right; then whoever saved the policy, whose decision it is that those
 * are asked who have no such right (ruling 8). Nobody gives to themselves by a policy of their own, nor by that of somebody
 * whom they invited, appointed, named their deputy or reset: that is no second person either.
 */
export async function rightsToGive(
  { db }: Context,
  row: RequestRow,
  decisions: readonly DecisionRow[],
): Promise<Right[]> {
  const asking = { ...askingOf(row), approvers: [{ kind: 'managers' as const }] };
  const yes = decisions.filter(({ approve }) => approve).flatMap(({ membershipId }) => membershipId ?? []);
  const deciders = await loadFactsOf(db, [...new Set(yes)]);
  const brought = await whoBroughtActors(db, deciders);
  const own = deciders.flatMap((facts): Right[] => {
    const verdict = mayDecide(facts, asking, brought);
    return verdict.may ? [{ permit: verdict.permit, facts: decidingFacts(facts, verdict.permit) }] : [];
  });
  const ids = row.plan.flatMap(({ policyId }) => policyId ?? []);
  const policies = (await policiesById(db, ids)).filter(({ state }) => state === 'active');
  return [...own, ...(await rightsOfSavers(db, row, policies))];
}

/** Whoever saved a policy, and under which delegation. */
export type Saved = Pick<PolicyRow, 'savedBy' | 'savedIn' | 'savedUnder'>;

/** Of those who saved these policies, whoever can give it by their own right and is a second person. */
export async function rightsOfSavers(
  db: Context['db'],
  row: RequestRow,
  policies: readonly Saved[],
): Promise<Right[]> {
  const asking = askingOf(row);
  const concerned = concernedIn(asking);
  const others = policies.filter(
    ({ savedBy, savedUnder }) => savedUnder && ![...concerned, row.addresseeId].includes(savedBy),
  );
  const dependent = await dependentOn(
    db,
    concerned,
    others.map(({ savedBy }) => savedBy),
  );
  const independent = others.filter(({ savedBy }) => !dependent.has(savedBy));
  const uses = independent.map(({ savedUnder, savedIn }) => ({ linkId: savedUnder!, membershipId: savedIn }));
  const links = await loadLinkFacts(db, uses);
  const giving = { ...actOf(asking), permissions: asking.gives.filter((name) => name !== 'request.decide') };
  return uses.flatMap((use): Right[] => {
    const facts = links.get(linkUseKey(use));
    // Held in a relation by somebody who stands in it no longer: nobody's to give.
    if (facts?.actor.kind !== 'user' || facts.actor.userId === '') return [];
    const permit = permitFor(facts, giving, asking.target, (chain) => !appointedBy(chain, concerned));
    return permit ? [{ permit, facts }] : [];
  });
}

/** Those whom one of the concerned brought, or named their deputy. */
async function dependentOn(
  db: Context['db'],
  concerned: readonly string[],
  userIds: readonly string[],
): Promise<Set<string>> {
  if (concerned.length === 0 || userIds.length === 0) return new Set();
  const brought = await whoBrought(db, userIds);
  const { rows } = await sql<{ id: string }>`
    select d.delegate_user_id as id from delegation d where d.kind = 'approve' and d.state = 'active'
      and d.giver_user_id = any (${concerned}::uuid[]) and d.delegate_user_id = any (${userIds}::uuid[])
      and d.starts_at <= remit_now() and d.ends_at > remit_now()`.execute(db);
  return new Set([
    ...rows.map(({ id }) => id),
    ...userIds.filter((id) => concerned.some((one) => brought.get(id)?.has(one))),
  ]);
}

/**
 * Gives what was approved and nothing else (I34), with every check of giving made anew (I35), by the first of those whose
 * ceiling holds all of it.
 * @throws Refusal of the nearest where nobody's does
 */
export async function give(context: Context, row: RequestRow, rights: readonly Right[]): Promise<Right> {
  await asApproved(context, row);
  let nearest: Refusal | undefined;
  for (const right of rights) {
    const given = await context.attempt(() => applyAsked(asGiver(context, row, right), row));
    if (given.ok) {
      if (given.value)
        await sql`update request set made = ${given.value} where id = ${row.id}`.execute(context.db);
      return right;
    }
    nearest ??= given.refusal;
  }
  throw nearest ?? refuse('not-permitted');
}

/** @throws Refusal `request.changed` where it is not what was asked for, or not what somebody decided about */
async function asApproved({ db }: Context, row: RequestRow): Promise<void> {
  const hash = hashOf(row);
  const { rows } = await sql`
    select 1 from request q where q.id = ${row.id} and (q.payload_hash <> ${hash}
      or exists (select 1 from request_decision d where d.request_id = q.id and d.undone_at is null and d.outdated_at is null
        and (d.payload_hash <> ${hash} or d.approve and d.files <> q.files)))`.execute(db);
  if (rows.length > 0) throw refuse('request.changed');
}
