import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { filterField, organizationId, resource } from '../scim/connection/fields.ts';
import { requireNoFilter, typesAt } from '../scim/protocol/about.ts';

export const scimTypeRead = operation({
  name: 'scim-type.read',
  summary: 'Show one kind of resource of SCIM (RFC 7643, section 6).',
  http: 'GET /scim/{organizationId}/v2/ResourceTypes/{name}',
  standardPath: true,
  media: 'scim',
  input: z.object({
    organizationId,
    name: z.string().max(200).describe('`User` or `Group`.'),
    filter: filterField,
  }),
  output: resource,
  needs: 'public',
  effect: 'reading',
  run: async ({ config }, input) => {
    requireNoFilter(input.filter);
    const found = typesAt(config.url, input.organizationId).find(({ id }) => id === input.name);
    if (!found) throw refuse('not-found');
    return found;
  },
});
