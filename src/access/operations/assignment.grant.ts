import { z } from 'zod';
import { byDay, datedBy } from '../../directory/by-day.ts';
import { operation } from '../../operation/operation.ts';
import { invalid, problem } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { assignedTo, from, instantOut, instantText, reason, rowRefusal, until } from '../fields.ts';
import { giveAccess, giveEvents } from '../give.ts';
import { loadRecipients } from '../recipients.ts';
import { loadThings } from '../things.ts';

/** Rows of one call at most: five hundred people and ten things each. */
const most = 5000;

export const assignmentGrant = operation({
  name: 'assignment.grant',
  summary: 'Give access to people, or to everybody in an organization.',
  http: 'POST /assignments',
  input: z.object({
    ...assignedTo,
    entitlementIds: z.array(z.uuid()).max(100).default([]).describe('Roles of applications.'),
    accessRoleIds: z.array(z.uuid()).max(100).default([]).describe('Bundles of them.'),
    from: from.optional(),
    until: until.optional(),
    ...byDay,
    reason: reason.default(''),
  }),
  output: z.object({
    results: z
      .array(
        z.object({
          membershipId: z.uuid().optional(),
          organizationId: z.uuid().optional(),
          ok: z.boolean(),
          assignmentIds: z.array(z.uuid()).optional().describe('What they have now, new or from before.'),
          changed: z.boolean().optional().describe('False when they had all of it already.'),
          until: instantOut.optional(),
          refusal: rowRefusal.optional(),
        }),
      )
      .describe('A row for each one asked for, in their order; each is given everything or nothing.'),
    undoUntil: z
      .string()
      .describe('Until then `assignment.undo` takes it back; from then on it is in force.'),
  }),
  needs: { permission: 'access.grant', within: 'reach' },
  effect: 'changing',
  events: giveEvents,
  run: async (context, input) => {
    const dated = datedBy(input);
    const toPeople = input.membershipIds !== undefined;
    if (toPeople === (input.organizationId !== undefined))
      throw invalid(undefined, 'one-of', { fields: 'membershipIds, organizationId' });
    const ids = [...new Set(input.membershipIds ?? [input.organizationId!])];
    const entitlementIds = [...new Set(input.entitlementIds)];
    const accessRoleIds = [...new Set(input.accessRoleIds)];
    const count = entitlementIds.length + accessRoleIds.length;
    if (count === 0) throw invalid(undefined, 'nothing-to-give');
    if (count * ids.length > most)
      throw refuse('input.too-large', { limit: problem('limit.at-once', { number: most }) });

    const found = await loadRecipients(context.db, toPeople ? ids : [], toPeople ? [] : ids, context.at);
    const things = await loadThings(context.db, entitlementIds, accessRoleIds);
    const given = await giveAccess(
      context,
      ids.map((id) => found.get(id)),
      [...entitlementIds, ...accessRoleIds].map((id) => things.get(id)),
      {
        from: dated.from,
        until: dated.until,
        firstDay: dated.firstDay,
        lastDay: dated.lastDay,
        why: 'direct',
        reason: input.reason,
      },
    );
    const [only] = given;
    // One row is no bulk: its refusal is the answer.
    if (given.length === 1 && !only!.ok) throw only!.refusal;
    if (!given.some((row) => row.ok && row.changed)) context.nothingChanged();
    return {
      results: given.map((row, index) => ({
        ...(toPeople ? { membershipId: ids[index]! } : { organizationId: ids[index]! }),
        ...(row.ok
          ? {
              ok: true,
              assignmentIds: row.assignmentIds,
              changed: row.changed,
              until: instantText(row.endsAt),
            }
          : { ok: false, refusal: { code: row.refusal.code, text: row.refusal.message } }),
      })),
      undoUntil: new Date(context.at.getTime() + 10_000).toISOString(),
    };
  },
});
