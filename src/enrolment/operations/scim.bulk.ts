import { z } from 'zod';
import { endingEvents } from '../../directory/leaving.ts';
import { operation } from '../../operation/operation.ts';
import { bulk, bulkAnswerSchema } from '../scim/bulk.ts';
import { doorOf } from '../scim/door.ts';
import { userEvents } from '../scim/events.ts';
import { asJson, body, organizationId, resource } from '../scim/fields.ts';
import type { JsonObject } from '../scim/json.ts';
import { errorOf } from '../scim/problem-answer.ts';
import { groupEvents } from '../scim/write-group.ts';

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
    'user.created',
    'membership.created',
    'group.created',
    'group.ended',
    ...endingEvents,
    ...userEvents,
    ...groupEvents,
  ],
  run: async (context, input) => {
    const door = await doorOf(context, input.organizationId);
    const results = await bulk(context, door, asJson(input.body) as JsonObject);
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
