import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { redeemLinkSecret } from '../../platform/one-time-secrets.ts';
import { refuse } from '../../platform/refusals.ts';
import { endSessions } from '../../platform/sessions.ts';
import { countCall } from '../attempts.ts';
import { choosePassword } from '../credentials.ts';
import { linkSecret, newPassword, signedInOutput } from '../forms.ts';
import { recordEnded } from '../own-sessions.ts';
import { recordPassword } from '../password-event.ts';
import { signIn } from '../sign-in.ts';
import { findPerson, proveAddress } from '../store.ts';

export const recoveryComplete = operation({
  name: 'recovery.complete',
  summary: 'Choose a new password with the link from the mail; works once, and signs you in.',
  http: 'POST /recovery/complete',
  input: z.object({ token: linkSecret, password: newPassword }),
  output: signedInOutput,
  needs: 'public',
  effect: 'changing',
  events: ['password.changed', 'session.created', 'session.ended'],
  strangersPerMinute: 60,
  secretOutput: true,
  before: ({ db, caller }) => countCall(db, 'recovery.complete', caller),
  run: async (context, { token, password }) => {
    const secret = await redeemLinkSecret(context.db, 'recovery', token);
    const person = secret?.subjectId ? await findPerson(context.db, secret.subjectId) : undefined;
    if (person?.state !== 'active') throw refuse('auth.code-invalid');
    await choosePassword(context, person, password);
    await proveAddress(context.db, person.userId);
    // Whoever was in with the old password is out.
    const ended = await endSessions(context.db, person.userId);
    recordEnded(context, ended, { organizationId: person.homeOrganizationId, path: person.homePath });
    recordPassword(context, person, 'recovery');
    const { sessionId, membership } = await signIn(context, person, 'recovery');
    return { sessionId, userId: person.userId, membershipId: membership.id };
  },
});
