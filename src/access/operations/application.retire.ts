import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { applicationState, applicationTarget, applicationView, readApplication } from '../applications.ts';

export const applicationRetire = operation({
  name: 'application.retire',
  summary: 'Retire an application: nobody has its roles any more, and nobody can sign in to it.',
  http: 'POST /applications/{applicationId}/retire',
  input: z.object({ applicationId: z.uuid() }),
  output: applicationView,
  needs: {
    permission: 'application.configure',
    target: (db, input) => applicationTarget(db, input.applicationId),
    visibleBy: 'application.read',
  },
  effect: 'ending',
  previews: true,
  events: ['application.retired'],
  run: async (context, { applicationId }) => {
    const before = (await readApplication(context.db, applicationId))!;
    context.checkVersion(before.version);
    if (before.state === 'retired') {
      context.nothingChanged();
      return before;
    }
    await sql`update application set state = 'retired', version = version + 1 where id = ${applicationId}`.execute(
      context.db,
    );
    const after = (await readApplication(context.db, applicationId))!;
    context.record({
      type: 'application.retired',
      targetKind: 'application',
      targetId: applicationId,
      organizationId: context.target.organizationId,
      path: context.target.path,
      before: applicationState(before),
      after: applicationState(after),
    });
    return after;
  },
});
