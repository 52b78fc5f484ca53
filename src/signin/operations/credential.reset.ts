import { z } from 'zod';
import { dominates, loadPower } from '../../authority/power.ts';
import { isSelf } from '../../authority/self.ts';
import { makerOf, operation } from '../../operation/operation.ts';
import { makePrintedCode } from '../../platform/one-time-secrets.ts';
import { refuse } from '../../platform/refusals.ts';
import { accountOfMembership } from '../account-target.ts';
import { codeDays } from '../rules.ts';
import { findPerson } from '../store.ts';

export const credentialReset = operation({
  name: 'credential.reset',
  summary: 'Print a one-time code with which a person sets a new password.',
  http: 'POST /memberships/{membershipId}/sign-in-code',
  input: z.object({ membershipId: z.uuid() }),
  output: z.object({
    code: z.string().describe('Shown once. Hand it over in person.'),
    displayName: z.string(),
    organizationId: z.uuid(),
    organizationName: z.string(),
    userName: z.string().nullable(),
    email: z.string().nullable().describe('For who has no user name: the address to sign in with.'),
    expiresAt: z.string(),
    signInUrl: z.string(),
  }),
  needs: { permission: 'credential.reset', ...accountOfMembership, visibleBy: 'user.read' },
  effect: 'changing',
  events: ['credential.reset'],
  secretOutput: true,
  run: async (context) => {
    const userId = context.target.userId!;
    if (isSelf(context.facts, userId)) throw refuse('user.self');
    const person = await findPerson(context.db, userId);
    if (person?.state !== 'active') throw refuse('user.off');
    // Who holds the code holds the account, so with it all that the person can do (I12).
    if (!dominates(context.facts, await loadPower(context.db, userId))) throw refuse('user.protected');
    if (!person.userName && !person.provedEmail) throw refuse('user.no-name');
    const code = await makePrintedCode(context.db, userId, codeDays * 86_400, makerOf(context));
    context.record({
      type: 'credential.reset',
      targetKind: 'user',
      targetId: userId,
      organizationId: person.homeOrganizationId,
      path: person.homePath,
      subjectId: userId,
      after: { userId },
    });
    return {
      code,
      displayName: person.displayName,
      organizationId: person.homeOrganizationId,
      organizationName: person.homeName,
      userName: person.userName,
      email: person.userName ? null : person.provedEmail,
      expiresAt: new Date(context.at.getTime() + codeDays * 86_400_000).toISOString(),
      signInUrl: `${context.config.url}/code?organization=${person.homeOrganizationId}`,
    };
  },
});
