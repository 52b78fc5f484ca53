import { z } from 'zod';
import { isSelf } from '../../authority/self.ts';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { accountOfMembership } from '../account-target.ts';
import { recoveriesPerHour, recoverySeconds } from '../rules.ts';
import { findPerson, recentRecoveries } from '../store.ts';

export const credentialRecover = operation({
  name: 'credential.recover',
  summary: 'Send a person a link to choose a new password, to their own proved address.',
  http: 'POST /memberships/{membershipId}/recovery',
  input: z.object({ membershipId: z.uuid() }),
  output: z.object({ worksForMinutes: z.int().describe('How long the link works once it was sent.') }),
  needs: { permission: 'credential.recover', ...accountOfMembership, visibleBy: 'user.read' },
  effect: 'changing',
  events: ['recovery.started'],
  run: async (context) => {
    const userId = context.target.userId!;
    if (isSelf(context.facts, userId)) throw refuse('user.self');
    const person = await findPerson(context.db, userId);
    if (person?.state !== 'active') throw refuse('user.off');
    if (!person.provedEmail) throw refuse('user.no-address');
    if ((await recentRecoveries(context.db, userId)) >= recoveriesPerHour)
      throw refuse('auth.too-many', { seconds: 3600 });
    // The actor sees neither link nor code: whoever delivers makes it (I12).
    context.record({
      type: 'recovery.started',
      targetKind: 'user',
      targetId: userId,
      organizationId: person.homeOrganizationId,
      path: person.homePath,
      subjectId: userId,
      after: { by: 'manager' },
    });
    return { worksForMinutes: recoverySeconds / 60 };
  },
});
