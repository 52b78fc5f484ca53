import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { clearedSessionCookie } from '../../platform/sessions.ts';
import { nothing } from '../forms.ts';
import { endOwnSession } from '../own-sessions.ts';

export const sessionEndOne = operation({
  name: 'session.end-one',
  summary: 'Sign out of one of your sessions, on another device for instance.',
  http: 'DELETE /me/sessions/{sessionId}',
  input: z.object({ sessionId: z.uuid() }),
  output: nothing,
  needs: 'self',
  withoutStanding: true,
  effect: 'changing',
  events: ['session.ended'],
  run: async (context, { sessionId }) => {
    await endOwnSession(context, sessionId);
    if (context.user().sessionId === sessionId) context.reply.cookies.push(clearedSessionCookie);
    return {};
  },
});
