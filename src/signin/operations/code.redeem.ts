import { z } from 'zod';
import { grewBeyond } from '../../authority/power.ts';
import { operation } from '../../operation/operation.ts';
import { type PrintedCode, redeemPrintedCode } from '../../platform/one-time-secrets.ts';
import { invalid } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { endSessions } from '../../platform/sessions.ts';
import { countAttempt, forgiveAttempt } from '../attempts.ts';
import { choosePassword } from '../credentials.ts';
import { newPassword, signedInOutput, whoInput } from '../forms.ts';
import { recordEnded } from '../own-sessions.ts';
import { recordPassword } from '../password-event.ts';
import { namedIn } from '../rules.ts';
import { signIn } from '../sign-in.ts';
import { findNamed, type Person } from '../store.ts';

export const codeRedeem = operation({
  name: 'code.redeem',
  summary: 'Set up your sign-in with the code you were handed; works once, and signs you in.',
  http: 'POST /sign-in-code',
  input: z.object({
    ...whoInput,
    code: z.string().min(1).max(100).describe('As printed; dashes, spaces and capitals do not matter.'),
    password: newPassword,
  }),
  output: signedInOutput,
  needs: 'public',
  effect: 'changing',
  events: ['password.changed', 'session.created', 'session.ended'],
  strangersPerMinute: 60,
  secretOutput: true,
  before: async ({ db, caller }, input) => {
    const who = namedIn(input);
    if (who) await countAttempt(db, 'code', who, caller);
  },
  run: async (context, input) => {
    const who = namedIn(input);
    if (!who) throw invalid(undefined, 'who-signs-in');
    let person: Person | undefined;
    let code: PrintedCode | undefined;
    for (const candidate of await findNamed(context.db, who)) {
      if (candidate.state !== 'active') continue;
      code = await redeemPrintedCode(context.db, candidate.userId, input.code);
      if (code) {
        person = candidate;
        break;
      }
    }
    if (!person || !code) throw refuse('auth.code-invalid');
    // Whoever printed it may have kept it; somebody appointed since needs one from a manager who still has more.
    if (await grewBeyond(context.db, person.userId, code.madeAt, code.madeBy))
      throw refuse('auth.code-outgrown');
    await choosePassword(context, person, input.password);
    const ended = await endSessions(context.db, person.userId);
    recordEnded(context, ended, { organizationId: person.homeOrganizationId, path: person.homePath });
    recordPassword(context, person, 'code');
    const { sessionId, membership } = await signIn(context, person, 'code');
    await forgiveAttempt(context.db, 'code', who, context.caller);
    return { sessionId, userId: person.userId, membershipId: membership.id };
  },
});
