import { z } from 'zod';
import { reason, rowRefusal, until } from '../../access/fields.ts';
import { lastDay } from '../../directory/by-day.ts';
import { operation } from '../../operation/operation.ts';
import { askEvents, openRequest } from '../ask.ts';
import { endAsked } from '../end-asked.ts';
import { whomFor } from '../for-whom.ts';
import { oneThing, thingInput, wantedAccess } from '../kinds/access.ts';

export const requestCreateMany = operation({
  name: 'request.create-many',
  summary: 'Ask for the same access for several people; each is decided by itself.',
  http: 'POST /requests/many',
  input: z.object({
    membershipIds: z.array(z.uuid()).min(1).max(50).describe('Who it is for.'),
    ...thingInput,
    reason: reason.default(''),
    until: until.optional(),
    lastDay: lastDay.optional(),
  }),
  output: z.object({
    results: z
      .array(
        z.object({
          membershipId: z.uuid(),
          ok: z.boolean(),
          requestId: z.uuid().optional(),
          state: z.enum(['open', 'approved', 'refused', 'withdrawn', 'ended']).optional(),
          created: z.boolean().optional().describe('False when it was asked for already and waits.'),
          refusal: rowRefusal.optional(),
        }),
      )
      .describe('One for each person, in order.'),
  }),
  needs: 'self',
  effect: 'changing',
  events: askEvents,
  run: async (context, input) => {
    oneThing(input);
    const ids = [...new Set(input.membershipIds)];
    const results = [];
    let changed = false;
    for (const membershipId of ids) {
      const one = await context.attempt(async () => {
        const whom = await whomFor(context, membershipId);
        const end = await endAsked(context, input, whom.target.organizationId!);
        return openRequest(context, await wantedAccess(context, whom, { ...input, ...end }));
      });
      if (!one.ok) {
        if (ids.length === 1) throw one.refusal;
        results.push({
          membershipId,
          ok: false,
          refusal: { code: one.refusal.code, text: one.refusal.message },
        });
        continue;
      }
      const { row, created } = one.value;
      changed ||= created;
      results.push({ membershipId, ok: true, requestId: row.id, state: row.state, created });
    }
    if (!changed) context.nothingChanged();
    return { results };
  },
});
