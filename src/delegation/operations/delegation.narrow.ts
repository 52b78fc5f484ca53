import { z } from 'zod';
import { permissionNames } from '../../authority/permissions.ts';
import { datedBy, lastDay, readIn, timeZoneOf } from '../../directory/by-day.ts';
import { operation } from '../../operation/operation.ts';
import { instantText } from '../../platform/dates.ts';
import { entitlementsInput, toLimit } from '../appoint.ts';
import { changeLink, linkInput } from '../change-link.ts';
import { isNarrower, narrowed } from '../narrowing.ts';
import { placeInput, readPlaces } from '../new-delegation.ts';
import { delegationTarget } from '../store.ts';
import { delegationView, viewDelegations } from '../view.ts';

export const delegationNarrow = operation({
  name: 'delegation.narrow',
  summary: 'Take a part out of a delegation; everything below it narrows at the next request',
  http: 'PATCH /delegations/{delegationId}',
  input: linkInput.extend({
    entitlements: entitlementsInput.optional().describe('The access that is left.'),
    permissions: z
      .array(z.string().max(100))
      .max(permissionNames.length)
      .optional()
      .describe('The permissions that are left.'),
    until: instantText.optional().describe('An earlier end.'),
    lastDay: lastDay.optional(),
    mayPassOn: z.number().int().min(0).optional(),
    holes: z.array(placeInput).max(100).optional().describe('Organizations taken out of its boundary.'),
    seats: z
      .number()
      .int()
      .min(1)
      .max(10_000_000)
      .optional()
      .describe(
        'People and open invitations there at most, whoever brings them; only where an organization hands out.',
      ),
  }),
  output: delegationView,
  needs: {
    permission: 'delegation.end',
    target: (db, input) => delegationTarget(db, input.delegationId),
    visibleBy: 'delegation.read',
  },
  effect: 'ending',
  previews: true,
  events: ['delegation.narrowed'],
  run: async (context, input) => {
    const dated = datedBy({ until: input.until, lastDay: input.lastDay });
    const { until } = readIn(
      dated,
      dated.lastDay ? await timeZoneOf(context.db, context.target.organizationId!) : 'UTC',
    );
    await changeLink(context, input, 'delegation.narrowed', async (link) => {
      const entitlements = input.entitlements === undefined ? undefined : toLimit(input.entitlements);
      const change = narrowed(link, {
        ...input,
        until: until?.toISOString(),
        holes: input.holes && (await readPlaces(context, input.holes)),
        entitlements: entitlements === 'same' ? undefined : entitlements,
      });
      if (change.endsAt) change.lastDay = input.lastDay ?? null;
      await isNarrower(context.db, link, change, context.at);
      return change;
    });
    return (await viewDelegations(context.db, context.facts, [input.delegationId]))[0]!;
  },
});
