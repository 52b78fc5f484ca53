import { z } from 'zod';
import { instantOut } from '../access/fields.ts';
import { decide, type Permit } from '../authority/decide.ts';
import type { Facts } from '../authority/facts.ts';
import { lastDayAt, lastDayOut } from '../directory/by-day.ts';
import { detailsOf, wordsOf } from './kinds/kinds.ts';
import { type PlannedStep, requestKinds } from './policy.ts';
import { say } from './say.ts';
import { type RequestRow, targetOf } from './store.ts';

/** What is asked for beside who, where, and the access in it; absent parts are null or empty. */
const details = z.object({
  was: z.string().nullable().describe('Until when it lasts now, of what is to last longer.'),
  wasLastDay: lastDayOut.describe(
    'The last day of `was`, where it is what lasts longer or the last day of somebody.',
  ),
  lastDay: z.string().nullable(),
  email: z.string().nullable(),
  title: z.string().nullable(),
  message: z.string().nullable().describe('Will stand in the invitation.'),
  description: z.string().nullable(),
  mayDo: z.array(z.string()).describe('Of looking after a place: what it lets do, in words.'),
  below: z.boolean().nullable().describe('Of looking after a place: those below it, too.'),
});

/** A request as it is shown. People appear by name to those who may see them, or who are concerned (ruling 9). */
export const requestView = z.object({
  requestId: z.uuid(),
  kind: z.enum(requestKinds).describe('What is asked for.'),
  words: z.string().describe('What is asked for, in a sentence.'),
  state: z.enum(['open', 'approved', 'refused', 'withdrawn', 'ended']),
  subject: z
    .object({
      membershipId: z.uuid().nullable().describe('Null for somebody, or something, that is not there yet.'),
      displayName: z.string(),
      title: z.string(),
      organizationId: z.uuid(),
      organizationName: z.string(),
    })
    .describe('Who it is for, and where.'),
  requestedBy: z.string().nullable().describe('Who asked, when you may know them.'),
  forSomebodyElse: z.boolean(),
  what: z.object({
    kind: z.enum(['entitlement', 'access-role', 'last-day', 'organization', 'delegation', 'account']),
    id: z.uuid().nullable().describe('Of the role or access role; of what was made, once it was.'),
    name: z.string(),
    applicationName: z.string().nullable(),
  }),
  details,
  contains: z
    .array(z.object({ entitlementId: z.uuid(), name: z.string(), applicationName: z.string() }))
    .describe('What exactly is given when it is approved.'),
  reason: z.string(),
  until: instantOut,
  lastDay: lastDayOut,
  createdAt: z.string(),
  decidedAt: z.string().nullable(),
  decidedBy: z.string().nullable().describe('Who decided, when you may know them.'),
  decidedFor: z.string().nullable().describe('For whom, where it was a deputy.'),
  note: z.string(),
  mine: z.boolean().describe('You asked for it; you may withdraw it while it is open.'),
  step: z
    .object({ number: z.number().int(), of: z.number().int(), name: z.string() })
    .nullable()
    .describe('Where it stands, while it is open.'),
  steps: z
    .array(
      z.object({
        name: z.string(),
        state: z.enum(['done', 'open', 'to-come']),
        dueAt: instantOut.describe('Of the open one: when others are asked, or it ends.'),
      }),
    )
    .describe('Whom it passes, one after the other.'),
  dueAt: instantOut.describe('When it ends, at the latest.'),
  asksYou: z.boolean().describe('You were asked something about it.'),
  version: z.number().int(),
});
export type RequestView = z.infer<typeof requestView>;

export function viewOf(row: RequestRow & { permit?: Permit | undefined }, facts: Facts): RequestView {
  const me = facts.actor.kind === 'user' ? facts.actor.userId : undefined;
  const concerned = me !== undefined && (me === row.requesterId || me === row.userId);
  const forSomebodyElse =
    row.kind === 'organization' ? false : row.requesterId !== null && row.requesterId !== row.userId;
  // Whoever decides is told who asked, as their mail tells them.
  const knowsAsker = row.permit !== undefined || concerned || row.decidedBy === me;
  const knowsWho = concerned || row.decidedBy === me || seesPeopleThere(row, facts);
  return {
    requestId: row.id,
    kind: row.kind,
    words: wordsOf(row),
    state: row.state === 'open' && row.memberState === 'ended' ? 'ended' : row.state,
    subject: {
      membershipId: row.membershipId,
      displayName: row.displayName,
      title: row.title,
      organizationId: row.organizationId,
      organizationName: row.organizationName,
    },
    requestedBy:
      !forSomebodyElse || row.membershipId === null || knowsAsker || knowsWho ? row.requesterName : null,
    forSomebodyElse,
    what: {
      kind: row.entitlementId
        ? 'entitlement'
        : row.kind === 'access' || row.kind === 'extension' || row.kind === 'ending'
          ? 'access-role'
          : row.kind,
      id: row.entitlementId ?? row.accessRoleId ?? (row.state === 'approved' ? row.made : null),
      name: row.name,
      applicationName: row.applicationName,
    },
    details: shownDetails(row),
    contains: row.entitlements.map(({ id, name, applicationName }) => ({
      entitlementId: id,
      name,
      applicationName,
    })),
    reason: row.reason,
    until: row.endsAt?.toISOString() ?? null,
    lastDay: row.endsAt && lastDayAt(row.endsAt, row.timeZone),
    createdAt: row.createdAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    decidedBy: knowsWho ? row.decidedByName : null,
    decidedFor: knowsWho ? row.decidedForName : null,
    note: row.decisionNote,
    mine: me === row.requesterId,
    step:
      row.state === 'open'
        ? { number: row.step + 1, of: row.plan.length, name: nameOf(row.plan[row.step]) }
        : null,
    steps: row.plan.map((one, index) => {
      const isOpen = row.state === 'open' && index === row.step;
      const done = row.state === 'approved' || index < row.step;
      return {
        name: nameOf(one),
        state: isOpen ? ('open' as const) : done ? ('done' as const) : ('to-come' as const),
        dueAt: isOpen ? (row.dueAt?.toISOString() ?? null) : null,
      };
    }),
    dueAt: row.state === 'open' ? (row.deadline?.toISOString() ?? null) : null,
    asksYou: concerned && row.state === 'open' && row.pausedAt !== null,
    version: row.version,
  };
}

const shownDetails = (row: RequestRow): RequestView['details'] => {
  const found = detailsOf(row);
  const { was } = found;
  const wasLastDay = was === null || row.kind === 'last-day' ? was : lastDayAt(new Date(was), row.timeZone);
  return { ...found, wasLastDay };
};

/** A policy's step as its maker called it; the one that every request takes, in the reader's words. */
const nameOf = (step: PlannedStep | undefined): string =>
  step?.policyId === null ? say('step.usual') : (step?.name ?? '');

/** Whoever may see the people of a place may know who asked for them there, and who decided. */
const seesPeopleThere = (row: RequestRow, facts: Facts): boolean =>
  decide(facts, 'delegation.read', targetOf(row)).effect === 'permit';
