import { sql } from 'kysely';
import type { Holder } from '../authority/holders.ts';
import type { Context } from '../operation/operation.ts';
import { lacksAttachment } from './attachments.ts';
import { calendarOf } from './calendar.ts';
import { lookForDeciders } from './deciders.ts';
import { recordRequest, stillAsked } from './decision.ts';
import { keepMany } from './keeping.ts';
import { applyEvents } from './kinds/kinds.ts';
import { type PlannedStep, usualStep } from './policy.ts';
import { planFor } from './policy-store.ts';
import { begun, escalated, openStep, type Progress, type Tally, tally } from './progress.ts';
import { give, rightsToGive } from './rights.ts';
import type { Asking } from './rules.ts';
import { askingOf, progressOf, type RequestRow, readRequest } from './store.ts';
import { type DecisionRow, decisionsOf, votersOf } from './votes.ts';
import type { Calendar } from './working-time.ts';

/**
 * The course of a request: what follows from a decision, or from time. All of it in the transaction of what it follows
 * from, so that no approval is lost between its yes and its effect, and none is given twice (I36).
 */

/** Event types that an operation has to declare which lets a request go on. */
export const courseEvents = [
  'request.approved',
  'request.refused',
  'request.rule-approved',
  'request.waived',
  'request.escalated',
  'request.continued',
  ...applyEvents,
] as const;

/**
 * More steps than any policy has, and than those of several that one meets: whose policies ask for ever more ends with a
 * no, and can be asked anew.
 */
const mostSteps = 64;

/** Opens a request that was just written, by the policies of this moment. */
export async function begin(context: Context, row: RequestRow): Promise<RequestRow> {
  const calendar = await calendarOf(context.db, row.path);
  const plan = await planFor(context.db, row);
  const opened = await keep(
    context,
    { ...row, plan, nextAt: null },
    begun(plan, context.at, calendar),
    calendar,
  );
  return (await approvedByRule(context, opened)) ?? (await goOn(context, opened));
}

/**
 * Approved at once where a policy says so, within what its owner may give and never to the owner (ruling 8). What the
 * owner may not give, or what cannot be given just so, is asked of people.
 */
async function approvedByRule(context: Context, row: RequestRow): Promise<RequestRow | undefined> {
  if (!row.plan[0]!.automatic) return undefined;
  const rights = await rightsToGive(context, row, []);
  if (rights.length === 0) return undefined;
  const given = await context.attempt(() => give(context, row, rights));
  if (!given.ok) return undefined;
  const after = await finish(context, row, 'approved', undefined);
  recordRequest(context, 'request.rule-approved', row, after, given.value.permit.because);
  return after;
}

/**
 * Goes on as far as it can: to the next step, to others where nobody is left to ask, to its effect; or waits.
 * @throws Refusal of the giving where that is refused: the decision is then not made either.
 */
export async function goOn(context: Context, from: RequestRow): Promise<RequestRow> {
  const { db, at } = context;
  const calendar = await calendarOf(db, from.path);
  for (let row = from; ; ) {
    const decisions = await decisionsOf(db, row.id);
    const progress = progressOf(row);
    switch (await standingOf(context, row, row, decisions)) {
      case 'refused':
        return await finish(context, row, 'refused', decisions.at(-1));
      case 'approved': {
        const next = await afterApproval(context, row, decisions);
        if (next === 'endless') return await finish(context, row, 'refused', undefined);
        if (next === 'given') {
          const last = row.plan[row.step]!.passed ? undefined : decisions.at(-1);
          return await finish(context, row, 'approved', last);
        }
        row = await keep(context, { ...row, plan: next.plan }, next.progress(calendar), calendar);
        break;
      }
      case 'cannot': {
        if (row.level >= row.plan[row.step]!.levels.length - 1)
          return await keep(context, row, progress, calendar);
        const after = await keep(context, row, escalated(progress, at), calendar);
        recordRequest(context, 'request.escalated', row, after, []);
        row = after;
        break;
      }
      case 'waits':
        return await keep(context, row, progress, calendar);
    }
  }
}

/** What the decisions about one step come to, by whoever may decide it at this moment. */
export async function standingOf(
  { db }: Context,
  row: RequestRow,
  at: Pick<Progress, 'step' | 'level'>,
  decisions: readonly DecisionRow[],
): Promise<Tally> {
  if (row.plan[at.step]!.passed) return 'approved';
  const there = { ...row, step: at.step, level: at.level };
  return standingBy(there, decisions, await lookForDeciders(db, [askingOf(there)], votersOf(decisions)));
}

/** The same of the step that is open, where those who may decide have been looked up. */
export function standingBy(
  row: RequestRow,
  decisions: readonly DecisionRow[],
  mayDecide: (asking: Asking) => Holder[],
): Tally {
  const { passed, quorum } = row.plan[row.step]!;
  if (passed) return 'approved';
  return tally(
    quorum,
    decisions.filter(({ step }) => step === row.step),
    new Set(mayDecide(askingOf(row)).map(({ userId }) => userId)),
  );
}

/**
 * An earlier step, by those who may decide it now (I35): of the people who were asked when it was decided, and of those
 * after them where none of these is left. The same way on as `goOn` takes, so that a step which is open again for this
 * is not approved by the votes it was found wanting with.
 * @returns the level at which it is open again; undefined while it stands
 */
async function openAgainAt(
  context: Context,
  row: RequestRow,
  step: number,
  decisions: readonly DecisionRow[],
): Promise<number | undefined> {
  const levels = decisions.filter((one) => one.step === step).map(({ stood }) => stood.level);
  const last = row.plan[step]!.levels.length - 1;
  for (let level = Math.min(last, Math.max(0, ...levels)); ; level += 1) {
    const standing = await standingOf(context, row, { step, level }, decisions);
    if (standing === 'approved') return undefined;
    if (standing !== 'cannot' || level === last) return level;
  }
}

/** It asks the same people again, and as many: a yes to it is one to the earlier, as when only a file is wanted since. */
const repeats = (later: PlannedStep, earlier: PlannedStep): boolean => {
  const asked = new Set(
    earlier.levels.flatMap(({ approvers }) => approvers.map((one) => JSON.stringify(one))),
  );
  return (
    later.quorum !== 'all' &&
    !later.passed &&
    sameDemand(later, earlier) &&
    later.levels.every(({ approvers }) => approvers.every((one) => asked.has(JSON.stringify(one))))
  );
};

type Next = { plan: PlannedStep[]; progress: (calendar: Calendar) => Progress };

/** The next step, or one that is open again, or one more; without any, it is given (I35, ruling 8). */
async function afterApproval(
  context: Context,
  row: RequestRow,
  decisions: readonly DecisionRow[],
): Promise<Next | 'given' | 'endless'> {
  const progress = progressOf(row);
  const open = (plan: PlannedStep[], step: number, level = 0): Next => ({
    plan,
    progress: () => openStep(progress, step, context.at, level),
  });
  if (row.step < row.plan.length - 1) return open(row.plan, row.step + 1);
  for (let step = 0; step < row.step; step += 1) {
    if (row.plan.slice(step + 1, row.step + 1).some((later) => repeats(later, row.plan[step]!))) continue;
    const level = await openAgainAt(context, row, step, decisions);
    if (level !== undefined) return open(row.plan, step, level);
  }
  const more = stricter(row.plan, await planFor(context.db, row));
  // Given without them it would be enough to fill its plan to get round a stricter policy.
  if (more.length > 0)
    return row.plan.length + more.length <= mostSteps ? append(context, row, more) : 'endless';
  await stillAsked(context, row);
  const rights = await rightsToGive(context, row, decisions);
  if (rights.length === 0) return append(context, row, [usualStep]);
  await give(context, row, rights);
  return 'given';
}

/** Steps of now that it has not taken: of the policies at asking and at applying the stricter holds (ruling 8). */
const stricter = (taken: readonly PlannedStep[], now: readonly PlannedStep[]): PlannedStep[] =>
  now.filter(
    (one) =>
      one.policyId !== null &&
      !one.automatic &&
      !taken.some((other) => sameDemand(other, one) && (!other.passed || mayPassSo(other, one))),
  );

/** What time has passed was one policy's word, and is no answer to another, nor to that one when it is stricter by now. */
const mayPassSo = (passed: PlannedStep, one: PlannedStep): boolean =>
  passed.policyId === one.policyId && one.atEnd === 'approve';

/** @param one taken already */
const sameDemand = (one: PlannedStep, other: PlannedStep): boolean =>
  (other.attachment === undefined || other.attachment === one.attachment) &&
  JSON.stringify([one.levels[0]!.approvers, one.quorum]) ===
    JSON.stringify([other.levels[0]!.approvers, other.quorum]);

function append(context: Context, row: RequestRow, steps: PlannedStep[]): Next {
  const plan = [...row.plan, ...steps];
  return {
    plan,
    progress: (calendar) => {
      const fresh = begun(steps, context.at, calendar);
      return { ...fresh, step: row.plan.length, pauseLeft: row.pauseLeft + fresh.pauseLeft };
    },
  };
}

/** Ends it. Without a decision it was time that ended it, and the policy said how. */
export async function finish(
  context: Context,
  before: RequestRow,
  state: 'approved' | 'refused',
  decision: DecisionRow | undefined,
): Promise<RequestRow> {
  const { db, at } = context;
  await sql`
    update request set state = ${state}, decided_by = ${decision?.userId ?? null}::uuid, decided_at = ${at},
      decided_under = (select d.under from request_decision d where d.id = ${decision?.id ?? null}::uuid),
      decision_note = ${decision?.note ?? ''}, next_at = null, paused_at = null, asks = '{}', asks_members = '{}', asks_organizations = '{}',
      version = version + 1
    where id = ${before.id} and state = 'open'`.execute(db);
  return (await readRequest(db, before.id))!;
}

/**
 * Ended by time: refused, or the step is passed where the policy's owner said so, within what that owner may give. What
 * other policies ask for besides is asked all the same (ruling 8).
 */
export async function endByTime(
  context: Context,
  row: RequestRow,
  atEnd: 'refuse' | 'approve',
): Promise<RequestRow> {
  if (atEnd === 'approve' && !(await lacksAttachment(context.db, row))) {
    // The policy whose step it is answers for it, and no other.
    const rights = await rightsToGive(context, { ...row, plan: [row.plan[row.step]!] }, []);
    if (rights.length > 0) {
      const passed: PlannedStep = { ...row.plan[row.step]!, passed: true };
      return await goOn(context, { ...row, plan: row.plan.with(row.step, passed) });
    }
  }
  return await finish(context, row, 'refused', undefined);
}

/** Writes where it stands, whom it asks, and when it is looked at again, with the job that does. */
export async function keep(
  { db }: Pick<Context, 'db'>,
  row: RequestRow,
  progress: Progress,
  calendar: Calendar,
): Promise<RequestRow> {
  await keepMany(db, [{ row, progress, calendar }]);
  return (await readRequest(db, row.id))!;
}
