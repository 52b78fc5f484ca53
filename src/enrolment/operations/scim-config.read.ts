import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { filterField, organizationId, resource } from '../scim/connection/fields.ts';
import { configView, requireNoFilter } from '../scim/protocol/about.ts';

export const scimConfigRead = operation({
  name: 'scim-config.read',
  summary: 'Say which parts of SCIM 2.0 are spoken here, and how to sign in (RFC 7643, section 5).',
  http: 'GET /scim/{organizationId}/v2/ServiceProviderConfig',
  standardPath: true,
  media: 'scim',
  input: z.object({ organizationId, filter: filterField }),
  output: resource,
  // The same for every organization, and for those that are not there.
  needs: 'public',
  effect: 'reading',
  run: async ({ config }, input) => {
    requireNoFilter(input.filter);
    return configView(config.url, input.organizationId);
  },
});
