import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { countTry } from '../attempts.ts';
import { choosePassword, whosePassword } from '../credentials.ts';
import { newPassword } from '../forms.ts';
import { endOtherSessions } from '../own-sessions.ts';
import { recordPassword } from '../password-event.ts';
import { findPerson } from '../store.ts';

export const passwordChange = operation({
  name: 'password.change',
  summary: 'Change your password; everywhere else you are signed out.',
  http: 'POST /me/password',
  input: z.object({ currentPassword: z.string().min(1).max(1000), newPassword }),
  output: z.object({ sessionsEnded: z.int() }),
  needs: 'self',
  effect: 'changing',
  events: ['password.changed', 'session.ended'],
  before: async ({ db, caller }) => {
    if (caller.sessionToken !== undefined) await countTry(db, 'password.change', caller.sessionToken);
  },
  run: async (context, input) => {
    const person = await findPerson(context.db, context.user().userId);
    if (!person || !(await whosePassword([person], input.currentPassword)))
      throw refuse('auth.password-wrong');
    await choosePassword(context, person, input.newPassword);
    recordPassword(context, person, 'change');
    return { sessionsEnded: await endOtherSessions(context) };
  },
});
