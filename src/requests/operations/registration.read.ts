import { z } from 'zod';
import { organizationId } from '../../directory/fields.ts';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { pageUrl, readPage, registrationPage } from '../registration.ts';

export const registrationRead = operation({
  name: 'registration.read',
  summary: 'Show whether strangers can ask to join an organization, and where.',
  http: 'GET /organizations/{organizationId}/registration',
  input: z.object({ organizationId }),
  output: registrationPage,
  needs: {
    permission: 'organization.read',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async ({ db, config }, input) => ({
    ...(await readPage(db, input.organizationId)),
    url: pageUrl(config.url, input.organizationId),
  }),
});
