import { z } from 'zod';
import type { Target } from '../authority/delegation.ts';
import { isAtOrBelow } from '../authority/place.ts';
import type { Context } from '../operation/operation.ts';
import { membershipTargets, organizationTargets } from '../operation/targets.ts';
import { calendarOf } from './calendar.ts';
import { whoMayDecide } from './deciders.ts';
import { whoSaves } from './policies.ts';
import {
  type Approver,
  approver,
  conditions,
  duration,
  type PlannedStep,
  type Policy,
  planOf,
  quorum,
  unmet,
  usualStep,
} from './policy.ts';
import { askedBy, inOrder, type PolicyRow, policiesAt } from './policy-store.ts';
import { begun, type Due, escalated, nextDue, type Progress, tally, woken } from './progress.ts';
import type { Saved } from './rights.ts';
import type { RequestRow } from './store.ts';
import { approvesAtOnce } from './try-at-once.ts';
import type { Calendar } from './working-time.ts';

/**
 * What a policy would do to a request that somebody made, if it were asked at this moment: nothing is written, and
 * nobody is told. Whoever could decide is looked up as the decision itself does.
 */
const happening = z.object({
  at: z.string(),
  what: z
    .enum(['reminder', 'escalation', 'nobody-there', 'refused', 'approved'])
    .describe('`nobody-there`: nobody of those asked can decide, so others are asked at once.'),
  level: z.number().int().describe('Who is asked then, counted from 0.'),
});
type Happening = z.infer<typeof happening>;

const triedLevel = z.object({
  approvers: z
    .array(approver)
    .describe('Of a policy that you do not look after, without the people and groups that you do not see.'),
  due: duration,
  people: z
    .array(z.object({ membershipId: z.uuid(), displayName: z.string(), deputy: z.boolean() }))
    .describe('Those of whom you may know; more than those before could decide.'),
  others: z.boolean().describe('People outside your boundary could decide, too.'),
});

export const trial = z.object({
  unmet: z
    .array(z.keyof(conditions))
    .describe('The conditions of the policy that this request does not meet; empty where it is about it.'),
  steps: z.array(
    z.object({
      name: z.string(),
      tried: z.boolean().describe('A step of the policy that is tried.'),
      policyName: z.string().nullable().describe('Of another policy, where you may see it.'),
      usual: z.boolean().describe('What is taken where no policy is about it.'),
      automatic: z.boolean().describe('Approved at once.'),
      quorum,
      atEnd: z.enum(['refuse', 'approve']),
      levels: z.array(triedLevel),
      opens: z
        .object({ earliest: z.string(), latest: z.string() })
        .describe('The latest: when each step before took all of its time.'),
      happens: z.array(happening).describe('When nobody does anything, and it opened at its latest.'),
    }),
  ),
  nobodyActs: z.object({ what: z.enum(['refused', 'approved']), at: z.string() }),
  lastsUntil: z.string().describe('At the latest, without questions to whoever asked.'),
});
export type Trial = z.infer<typeof trial>;

type Draft = Pick<Policy, 'applies' | 'steps'> & { policyId: string | undefined };

type TriedPolicy = Policy & Saved & { path: string };

/** A policy that is not saved yet would be made after every other. */
const newest = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export async function tryOn(context: Context, draft: Draft, row: RequestRow): Promise<Trial> {
  const { db, at, target } = context;
  const asked = await askedBy(db, row);
  const saved = (await policiesAt(db, row.path)).filter(({ id }) => id !== draft.policyId);
  // A key saves no policy, and so nothing is given by one of its own.
  const { userId, membershipId, under } =
    context.actor.kind === 'user' ? whoSaves(context) : { userId: '', membershipId: null, under: null };
  const tried = {
    ...{ id: draft.policyId ?? newest, path: target.path, applies: draft.applies, steps: draft.steps },
    ...{ savedBy: userId, savedIn: membershipId, savedUnder: under },
  };
  const near = isAtOrBelow(row.path, target.path);
  const all = inOrder<TriedPolicy>(near ? [...saved, tried] : saved);
  const planned = planOf(all, asked);
  const byRule = planned[0]!.automatic && all.find(({ id }) => id === planned[0]!.policyId);
  const plan = byRule && !(await approvesAtOnce(context, row, byRule)) ? [usualStep] : planned;
  const calendar = await calendarOf(db, row.path);
  const steps: Trial['steps'] = [];
  let opensAt = at;
  for (const [index, step] of plan.entries()) {
    const policyName = nameOf(context, saved, step);
    const known = step.policyId === tried.id || step.policyId === null || policyName !== null;
    const found = await levelsOf(context, row, plan, index);
    const levels = known ? found : await onlyKnown(context, found);
    const able = levels.map((level) => level.able);
    const happens = step.automatic
      ? [happened('approved', at, 0)]
      : whatHappens(step, able, opensAt, calendar);
    steps.push({
      name: step.name,
      tried: step.policyId === tried.id,
      policyName,
      usual: step.policyId === null,
      automatic: step.automatic ?? false,
      quorum: step.quorum,
      atEnd: step.atEnd,
      levels: levels.map(({ able: _, ...level }) => level),
      opens: { earliest: at.toISOString(), latest: opensAt.toISOString() },
      happens,
    });
    opensAt = new Date(happens.at(-1)!.at);
  }
  return {
    unmet: near ? unmet(draft.applies, asked) : ['organizationIds'],
    steps,
    nobodyActs: whenNobodyActs(steps),
    lastsUntil: begun(plan, at, calendar).deadline.toISOString(),
  };
}

function nameOf({ decide }: Context, saved: readonly PolicyRow[], { policyId }: PlannedStep): string | null {
  const policy = saved.find(({ id }) => id === policyId);
  if (!policy) return null;
  const { id, organizationId, path } = policy;
  const target = { kind: 'approval-policy', id, organizationId, path, off: false };
  return decide('approval-policy.configure', target).effect === 'permit' ? policy.name : null;
}

/** Of a policy that the reader does not look after: without the people and groups that they do not see (I06). */
async function onlyKnown({ db, decide }: Context, levels: readonly Level[]): Promise<Level[]> {
  const named = levels.flatMap(({ approvers }) => approvers);
  const people = await membershipTargets(
    db,
    named.flatMap((one) => (one.kind === 'people' ? one.membershipIds : [])),
  );
  const groups = await organizationTargets(
    db,
    named.flatMap((one) => (one.kind === 'members' ? one.organizationId : [])),
  );
  const sees = (target: Target | undefined): boolean =>
    target !== undefined && decide('user.read', target).effect === 'permit';
  const asKnown = (one: Approver): Approver[] => {
    if (one.kind === 'members') return sees(groups.get(one.organizationId)) ? [one] : [];
    if (one.kind !== 'people') return [one];
    const membershipIds = one.membershipIds.filter((id) => sees(people.get(id)));
    return membershipIds.length > 0 ? [{ ...one, membershipIds }] : [];
  };
  return levels.map((level) => ({ ...level, approvers: level.approvers.flatMap(asKnown) }));
}

type Level = Trial['steps'][number]['levels'][number] & {
  /** everybody who could decide by then */
  able: ReadonlySet<string>;
};

async function levelsOf(
  { db, decide, facts }: Context,
  row: RequestRow,
  plan: PlannedStep[],
  step: number,
): Promise<Level[]> {
  const levels: Level[] = [];
  const before = new Set<string>();
  for (const [level, { approvers, due }] of plan[step]!.levels.entries()) {
    const holders = await whoMayDecide(db, { ...row, state: 'open', plan, step, level });
    const fresh = holders.filter(({ membershipId }) => !before.has(membershipId));
    const places = await membershipTargets(
      db,
      fresh.map(({ membershipId }) => membershipId),
    );
    const seen = fresh.filter(({ membershipId }) => {
      if (facts.actor.kind === 'user' && facts.actor.membershipId === membershipId) return true;
      const place = places.get(membershipId);
      return place && decide('user.read', place).effect === 'permit';
    });
    for (const { membershipId } of fresh) before.add(membershipId);
    levels.push({
      approvers,
      due,
      people: seen.map(({ membershipId, displayName, because }) => ({
        membershipId,
        displayName,
        deputy: because[0]?.kind === 'approve',
      })),
      others: seen.length < fresh.length,
      able: new Set(holders.map(({ userId }) => userId)),
    });
  }
  return levels;
}

/** One step, opened at an instant and left alone. */
function whatHappens(
  step: PlannedStep,
  able: readonly ReadonlySet<string>[],
  at: Date,
  calendar: Calendar,
): Happening[] {
  const plan = [step];
  const happens: Happening[] = [];
  let progress: Progress = begun(plan, at, calendar);
  for (;;) {
    const isLast = progress.level === step.levels.length - 1;
    if (!isLast && tally(step.quorum, [], able[progress.level]!) === 'cannot') {
      progress = escalated(progress, progress.levelAt);
      happens.push(happened('nobody-there', progress.levelAt, progress.level));
      continue;
    }
    const due: Due = nextDue(plan, progress, calendar);
    const { progress: after, ended } = woken(plan, progress, calendar, due.at);
    if (ended)
      return [...happens, happened(ended === 'approve' ? 'approved' : 'refused', due.at, after.level)];
    happens.push(happened(due.what === 'reminder' ? 'reminder' : 'escalation', due.at, after.level));
    progress = after;
  }
}

const happened = (what: Happening['what'], at: Date, level: number): Happening => ({
  at: at.toISOString(),
  what,
  level,
});

/** The first step that ends with a no ends it; each opens when the one before took its time. */
function whenNobodyActs(steps: Trial['steps']): Trial['nobodyActs'] {
  const ends = steps.map(({ happens }) => happens.at(-1)!);
  const refused = ends.find(({ what }) => what === 'refused');
  return refused ? { what: 'refused', at: refused.at } : { what: 'approved', at: ends.at(-1)!.at };
}
