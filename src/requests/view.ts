import { z } from 'zod';
import { instantOut } from '../access/fields.ts';
import { decide } from '../authority/decide.ts';
import type { Facts } from '../authority/facts.ts';
import { type RequestRow, targetOf } from './store.ts';

/** A request as it is shown. People appear by name to those who may see them, or who are concerned (ruling 9). */
export const requestView = z.object({
  requestId: z.uuid(),
  state: z.enum(['open', 'approved', 'refused', 'withdrawn', 'ended']),
  subject: z
    .object({
      membershipId: z.uuid(),
      displayName: z.string(),
      title: z.string(),
      organizationId: z.uuid(),
      organizationName: z.string(),
    })
    .describe('Who it is for.'),
  requestedBy: z.string().nullable().describe('Who asked, when you may know them.'),
  forSomebodyElse: z.boolean(),
  what: z.object({
    kind: z.enum(['entitlement', 'access-role']),
    id: z.uuid(),
    name: z.string(),
    applicationName: z.string().nullable(),
  }),
  contains: z
    .array(z.object({ entitlementId: z.uuid(), name: z.string(), applicationName: z.string() }))
    .describe('What exactly is given when it is approved.'),
  reason: z.string(),
  until: instantOut,
  createdAt: z.string(),
  decidedAt: z.string().nullable(),
  decidedBy: z.string().nullable().describe('Who decided, when you may know them.'),
  note: z.string(),
  mine: z.boolean().describe('You asked for it; you may withdraw it while it is open.'),
  step: z
    .object({ number: z.number().int(), of: z.number().int(), name: z.string() })
    .nullable()
    .describe('Where it stands, while it is open.'),
  dueAt: instantOut.describe('When others are asked, or it ends, at the latest.'),
  version: z.number().int(),
});
export type RequestView = z.infer<typeof requestView>;

export function viewOf(row: RequestRow, facts: Facts): RequestView {
  const me = facts.actor.kind === 'user' ? facts.actor.userId : undefined;
  const concerned = me !== undefined && (me === row.requesterId || me === row.userId);
  const forSomebodyElse = row.requesterId !== row.userId;
  return {
    requestId: row.id,
    state: row.state === 'open' && row.memberState === 'ended' ? 'ended' : row.state,
    subject: {
      membershipId: row.membershipId,
      displayName: row.displayName,
      title: row.title,
      organizationId: row.organizationId,
      organizationName: row.organizationName,
    },
    requestedBy: concerned || !forSomebodyElse ? row.requesterName : null,
    forSomebodyElse,
    what: {
      kind: row.entitlementId ? 'entitlement' : 'access-role',
      id: (row.entitlementId ?? row.accessRoleId)!,
      name: row.name,
      applicationName: row.applicationName,
    },
    contains: row.entitlements.map(({ id, name, applicationName }) => ({
      entitlementId: id,
      name,
      applicationName,
    })),
    reason: row.reason,
    until: row.endsAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    decidedBy: concerned || row.decidedBy === me || seesPeopleThere(row, facts) ? row.decidedByName : null,
    note: row.decisionNote,
    mine: me === row.requesterId,
    step:
      row.state === 'open'
        ? { number: row.step + 1, of: row.plan.length, name: row.plan[row.step]?.name ?? '' }
        : null,
    dueAt: row.state === 'open' ? (row.deadline?.toISOString() ?? null) : null,
    version: row.version,
  };
}

/** Whoever may see the people of a place may know who decided about them there. */
const seesPeopleThere = (row: RequestRow, facts: Facts): boolean =>
  decide(facts, 'delegation.read', targetOf(row)).effect === 'permit';
