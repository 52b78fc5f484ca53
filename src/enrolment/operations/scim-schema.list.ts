import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { doorOf } from '../scim/connection/door.ts';
import { filterField, organizationId, resource } from '../scim/connection/fields.ts';
import { listOf, requireNoFilter, schemasAt } from '../scim/protocol/about.ts';

export const scimSchemaList = operation({
  name: 'scim-schema.list',
  summary:
    'List the schemas of SCIM here, with the fields that the organization defined (RFC 7643, section 7).',
  http: 'GET /scim/{organizationId}/v2/Schemas',
  standardPath: true,
  media: 'scim',
  input: z.object({ organizationId, filter: filterField }),
  output: resource,
  needs: { permission: 'user.read', within: 'reach' },
  effect: 'reading',
  run: async (context, input) => {
    const door = await doorOf(context, input.organizationId);
    requireNoFilter(input.filter);
    return listOf(schemasAt(door));
  },
});
