import { sql } from 'kysely';
import { z } from 'zod';
import { operation, userOf } from '../../operation/operation.ts';
import {
  exceptionState,
  exceptionView,
  readSeparationException,
  separationExceptionTarget,
  shownException,
} from '../separation-store.ts';

export const separationLift = operation({
  name: 'separation.lift',
  summary: 'End an exception from a separation of duties early; what it let stand yields at once.',
  http: 'POST /separation-exceptions/{separationExceptionId}/lift',
  input: z.object({ separationExceptionId: z.uuid() }),
  output: exceptionView,
  needs: {
    permission: 'separation.configure',
    target: (db, input) => separationExceptionTarget(db, input.separationExceptionId),
    visibleBy: 'access.read',
  },
  // What was given by it meanwhile is seen, or waits.
  effect: 'ending',
  previews: true,
  events: ['separation.exception-lifted'],
  run: async (context, { separationExceptionId }) => {
    const { db, at, reach } = context;
    const before = await readSeparationException(db, separationExceptionId, reach('user.read'));
    context.require(
      'access.read',
      {
        kind: 'membership',
        id: before.membershipId,
        organizationId: before.organizationId,
        path: before.path,
        off: false,
        userId: before.userId,
      },
      'access.read',
    );
    context.checkVersion(before.version);
    if (before.state !== 'active') {
      context.nothingChanged();
      return shownException(before);
    }
    await sql`
      update separation_exception set state = 'lifted', lifted_at = ${at}, lifted_by = ${userOf(context)?.userId ?? null},
        version = version + 1 where id = ${separationExceptionId}`.execute(db);
    const after = await readSeparationException(db, separationExceptionId, reach('user.read'));
    context.record({
      type: 'separation.exception-lifted',
      targetKind: 'separation-exception',
      targetId: separationExceptionId,
      organizationId: after.organizationId,
      path: after.path,
      subjectId: after.userId,
      before: exceptionState(before),
      after: exceptionState(after),
    });
    return shownException(after);
  },
});
