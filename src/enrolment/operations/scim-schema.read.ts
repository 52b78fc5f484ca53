import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { doorOf } from '../scim/connection/door.ts';
import { filterField, organizationId, resource } from '../scim/connection/fields.ts';
import { requireNoFilter, schemasAt } from '../scim/protocol/about.ts';

export const scimSchemaRead = operation({
  name: 'scim-schema.read',
  summary: 'Show one schema of SCIM (RFC 7643, section 7).',
  http: 'GET /scim/{organizationId}/v2/Schemas/{uri}',
  standardPath: true,
  media: 'scim',
  input: z.object({ organizationId, uri: z.string().max(200), filter: filterField }),
  output: resource,
  needs: { permission: 'user.read', within: 'reach' },
  effect: 'reading',
  run: async (context, input) => {
    const door = await doorOf(context, input.organizationId);
    requireNoFilter(input.filter);
    const found = schemasAt(door).find(({ id }) => id.toLowerCase() === input.uri.toLowerCase());
    if (!found) throw refuse('not-found');
    return found;
  },
});
