import { z } from 'zod';
import { organizationId } from '../../directory/fields.ts';
import { operation } from '../../operation/operation.ts';
import { openPage } from '../registration.ts';

export const registrationPage = operation({
  name: 'registration.page',
  summary: 'Show the page where strangers ask to join an organization.',
  http: 'GET /registrations/{organizationId}',
  input: z.object({ organizationId }),
  output: z.object({ organizationId: z.uuid(), organizationName: z.string(), words: z.string() }),
  needs: 'public',
  effect: 'reading',
  strangersPerMinute: 60,
  run: async ({ db }, input) => {
    const { page, name } = await openPage(db, input.organizationId);
    return { organizationId: input.organizationId, organizationName: name, words: page.words };
  },
});
