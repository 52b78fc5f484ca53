import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { whoMayDecide } from '../deciders.ts';
import { recordRequest } from '../decision.ts';
import { readRequest } from '../store.ts';
import { isSeen, say, takingPart, words } from '../talk.ts';
import { requestView, viewOf } from '../view.ts';

export const requestPassOn = operation({
  name: 'request.pass-on',
  summary: 'Pass a request to somebody else who can decide it; you still can, too.',
  http: 'POST /requests/{requestId}/pass-on',
  input: z.object({
    requestId: z.uuid(),
    membershipId: z.uuid().describe('One of those who can decide it, of whom you know.'),
    words: words.optional(),
  }),
  output: requestView,
  needs: 'self',
  effect: 'changing',
  events: ['request.passed'],
  run: async (context, { requestId, membershipId, words: text }) => {
    const { db } = context;
    const { row, decides } = await takingPart(context, requestId);
    if (!decides) throw refuse('request.own');
    context.checkVersion(row.version);
    const able = await whoMayDecide(db, row);
    const other = able.find((one) => one.membershipId === membershipId);
    if (!other || !isSeen(context, other)) throw refuse('request.cannot-decide');
    await sql`update request set passed_to = ${membershipId}, version = version + 1 where id = ${requestId}`.execute(
      db,
    );
    await say(context, row, 'passed-on', text ?? '');
    const after = (await readRequest(db, requestId))!;
    recordRequest(context, 'request.passed', row, after, []);
    return viewOf(after, context.facts);
  },
});
