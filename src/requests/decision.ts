import { sql } from 'kysely';
import { whyNot } from '../access/give.ts';
import { loadThings, type Thing } from '../access/things.ts';
import { whoBroughtActors } from '../authority/brought.ts';
import type { Permit } from '../authority/decide.ts';
import type { Facts } from '../authority/facts.ts';
import type { Context } from '../operation/operation.ts';
import { type Refusal, refuse } from '../platform/refusals.ts';
import { actOf, mayDecide } from './rules.ts';
import { askingOf, type RequestRow, stateOf } from './store.ts';

/** The steps of a decision, each with one reason to refuse. */

/** What lets the actor decide this request now: the open step, or the one they decided already. */
export async function permitToDecide(context: Context, row: RequestRow, step?: number): Promise<Permit> {
  const asking = askingOf(row, step ?? (row.state === 'open' ? undefined : row.step));
  const verdict = mayDecide(context.facts, asking, await whoBroughtActors(context.db, [context.facts]));
  if (verdict.may) return verdict.permit;
  const refusals: Record<typeof verdict.why, () => Refusal> = {
    own: () => refuse('request.own'),
    'not-independent': () => refuse('request.not-independent'),
    'no-right': () => whyNot(context.facts, actOf(asking), asking.target),
  };
  throw refusals[verdict.why]();
}

/** Who asked must still be there: a yes to somebody who has gone would be nobody's wish (I35). */
export async function stillAsked(context: Context, row: RequestRow): Promise<void> {
  // A stranger asks for themselves, and has not left what they are not in.
  if (row.requesterId === null) return;
  const { rows } = await sql`
    select 1 from app_user u where u.id = ${row.requesterId} and u.state = 'active'
      and exists (select 1 from membership m where m.user_id = u.id and m.state <> 'ended')`.execute(
    context.db,
  );
  if (rows.length === 0) throw refuse('membership.ended');
}

/**
 * What an approval gives: exactly what was asked for (I34). An access role that still holds the same is given as
 * one, and follows its later edits like any other giving of it; one that was changed meanwhile is not given: those
 * of its roles that were asked for are given singly, so that nothing comes in that the approver did not see.
 */
export async function thingsAskedFor(context: Context, row: RequestRow): Promise<(Thing | undefined)[]> {
  const asked = row.entitlements.map(({ id }) => id);
  const things = await loadThings(context.db, asked, row.accessRoleId ? [row.accessRoleId] : []);
  if (row.entitlementId) return [things.get(row.entitlementId)];
  const role = things.get(row.accessRoleId!);
  if (!role?.live) throw refuse('entitlement.retired');
  const now = new Set(role.entitlements.map(({ id }) => id));
  const same = now.size === asked.length && asked.every((id) => now.has(id));
  return same ? [role] : asked.map((id) => things.get(id));
}

/** The facts of whoever's right it is: the actor's own, or of whom the actor decides for as a deputy. */
export function decidingFacts(facts: Facts, { because: [first, ...above] }: Permit): Facts {
  const forWhom = first?.kind === 'approve' && facts.deputyFor.find(({ link }) => link.id === first.id);
  return forWhom ? decidingFacts(forWhom.giver, { effect: 'permit', because: above }) : facts;
}

/** Records what became of a request. The words of a note stand outside the seal. */
export function recordRequest(
  context: Context,
  type: string,
  before: RequestRow,
  after: RequestRow,
  because: Permit['because'],
): void {
  const { organizationId, path, userId, requesterId } = after;
  context.record({
    type,
    targetKind: 'request',
    targetId: after.id,
    organizationId,
    path,
    subjectId: userId ?? requesterId,
    before: stateOf(before),
    after: stateOf(after),
    personal: after.decisionNote ? { note: after.decisionNote } : null,
    because,
    // A deputy acts, and for whom stands beside it (I26).
    ...(because[0]?.kind === 'approve' ? { onBehalfOf: because[0].giverUserId! } : {}),
  });
}
