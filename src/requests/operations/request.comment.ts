import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { recordRequest } from '../decision.ts';
import { say, takingPart, words } from '../talk.ts';

export const requestComment = operation({
  name: 'request.comment',
  summary: 'Say something about a request, to those who ask and those who decide.',
  http: 'POST /requests/{requestId}/comments',
  input: z.object({ requestId: z.uuid(), words }),
  output: z.object({ requestId: z.uuid() }),
  needs: 'self',
  effect: 'changing',
  events: ['request.commented'],
  run: async (context, { requestId, words: text }) => {
    const { row } = await takingPart(context, requestId);
    await say(context, row, 'comment', text);
    recordRequest(context, 'request.commented', row, row, []);
    return { requestId };
  },
});
