import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { firstPasswordsOf } from '../sending/passwords.ts';

export const initialPasswordList = operation({
  name: 'initial-password.list',
  summary: 'List first passwords of accounts that were made for you and that you have not looked at yet.',
  http: 'GET /me/initial-passwords',
  input: z.object({}),
  output: z.object({
    items: z.array(z.object({ provisioningTargetId: z.uuid(), name: z.string(), until: z.iso.datetime() })),
  }),
  needs: 'self',
  effect: 'reading',
  run: async (context) => ({
    items: (await firstPasswordsOf(context.db, context.user().userId)).map((one) => ({
      ...one,
      until: one.until.toISOString(),
    })),
  }),
});
