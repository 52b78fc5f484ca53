import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { accountOutput, readAccount } from '../account.ts';

export const meRead = operation({
  name: 'me.read',
  summary: 'Read your own account.',
  http: 'GET /me',
  input: z.object({}),
  output: accountOutput,
  needs: 'self',
  effect: 'reading',
  run: async (context) => {
    const { userId, membershipId } = context.user();
    const account = await readAccount(context.db, userId, membershipId);
    if (!account) throw refuse('not-found');
    return account;
  },
});
