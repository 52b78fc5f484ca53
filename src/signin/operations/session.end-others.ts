import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { endOtherSessions } from '../own-sessions.ts';

export const sessionEndOthers = operation({
  name: 'session.end-others',
  summary: 'Sign out everywhere but here.',
  http: 'POST /me/sessions/end-others',
  input: z.object({}),
  output: z.object({ ended: z.int() }),
  needs: 'self',
  withoutStanding: true,
  effect: 'changing',
  events: ['session.ended'],
  run: async (context) => {
    const ended = await endOtherSessions(context);
    if (ended === 0) context.nothingChanged();
    return { ended };
  },
});
