import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { invalid } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { countAttempt, forgiveAttempt } from '../attempts.ts';
import { whosePassword } from '../credentials.ts';
import { signedInOutput, whoInput } from '../forms.ts';
import { namedIn } from '../rules.ts';
import { signIn } from '../sign-in.ts';
import { findNamed } from '../store.ts';

export const sessionCreate = operation({
  name: 'session.create',
  summary: 'Sign in with an address, or with an organization and user name, and a password.',
  http: 'POST /session',
  input: z.object({ ...whoInput, password: z.string().min(1).max(1000) }),
  output: signedInOutput,
  needs: 'public',
  effect: 'changing',
  events: ['session.created', 'session.ended'],
  strangersPerMinute: 120,
  secretOutput: true,
  before: async ({ db, caller }, input) => {
    const who = namedIn(input);
    if (who) await countAttempt(db, 'password', who, caller);
  },
  run: async (context, input) => {
    const who = namedIn(input);
    if (!who) throw invalid(undefined, 'who-signs-in');
    const person = await whosePassword(await findNamed(context.db, who), input.password);
    if (!person) throw refuse('auth.failed');
    const { sessionId, membership } = await signIn(context, person, 'password');
    await forgiveAttempt(context.db, 'password', who, context.caller);
    return { sessionId, userId: person.userId, membershipId: membership.id };
  },
});
