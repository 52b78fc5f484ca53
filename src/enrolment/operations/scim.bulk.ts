import { z } from 'zod';
import { type Context, operation } from '../../operation/operation.ts';
import { type BulkResult, bulk, bulkAnswerSchema } from '../scim/bulk.ts';
import { doorOf } from '../scim/connection/door.ts';
import { userEvents } from '../scim/connection/events.ts';
import { asJson, body, organizationId, resource } from '../scim/connection/fields.ts';
import { keepRefused } from '../scim/connection/refused.ts';
import { groupEvents } from '../scim/groups/write-group.ts';
import type { JsonObject } from '../scim/protocol/json.ts';
import { errorOf } from '../scim/protocol/problem-answer.ts';

export const scimBulk = operation({
  name: 'scim.bulk',
  summary: 'Do many operations of a feed at once, each decided by itself (SCIM 2.0).',
  http: 'POST /scim/{organizationId}/v2/Bulk',
  standardPath: true,
  media: 'scim',
  input: z.object({ organizationId, body }),
  output: resource,
  needs: { permission: 'membership.update', within: 'reach' },
  effect: 'changing',
  mayTakeAway: true,
  previews: true,
  events: [
    ...new Set(['user.created', 'group.created', 'group.ended', ...userEvents, ...groupEvents] as const),
  ],
  run: async (context, input) => {
    const door = await doorOf(context, input.organizationId);
    const results = await bulk(context, door, asJson(input.body) as JsonObject);
    await keepAll(context, results);
    context.nothingChanged();
    return {
      schemas: [bulkAnswerSchema],
      Operations: results.map(({ refusal, status, ...result }) => {
        const error = refusal && errorOf(refusal);
        return {
          ...result,
          status: String(error?.status ?? status),
          ...(error ? { response: error.body } : {}),
        };
      }),
    };
  },
});

/** Whoever looks after the feed sees what was refused, as if it had come alone. */
async function keepAll({ db, actor }: Context, results: readonly BulkResult[]): Promise<void> {
  if (actor.kind !== 'client') return;
  for (const { refusal, location } of results)
    if (refusal)
      await keepRefused(
        db,
        { id: actor.clientId },
        { operation: 'scim.bulk', refusal, about: location?.split('/').at(-1) },
      );
}
