import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { filterField, organizationId, resource } from '../scim/connection/fields.ts';
import { listOf, requireNoFilter, typesAt } from '../scim/protocol/about.ts';

export const scimTypeList = operation({
  name: 'scim-type.list',
  summary: 'List the kinds of resources that SCIM has here (RFC 7643, section 6).',
  http: 'GET /scim/{organizationId}/v2/ResourceTypes',
  standardPath: true,
  media: 'scim',
  input: z.object({ organizationId, filter: filterField }),
  output: resource,
  needs: 'public',
  effect: 'reading',
  run: async ({ config }, input) => {
    requireNoFilter(input.filter);
    return listOf(typesAt(config.url, input.organizationId));
  },
});
