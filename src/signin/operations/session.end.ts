import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { clearedSessionCookie } from '../../platform/sessions.ts';
import { nothing } from '../forms.ts';
import { endOwnSession } from '../own-sessions.ts';

export const sessionEnd = operation({
  name: 'session.end',
  summary: 'Sign out of this session.',
  http: 'DELETE /session',
  input: z.object({}),
  output: nothing,
  needs: 'self',
  withoutStanding: true,
  effect: 'changing',
  events: ['session.ended'],
  run: async (context) => {
    const { sessionId } = context.user();
    if (sessionId === null) {
      // Somebody who acts by the CLI has no session to end.
      context.nothingChanged();
      return {};
    }
    await endOwnSession(context, sessionId);
    context.reply.cookies.push(clearedSessionCookie);
    return {};
  },
});
