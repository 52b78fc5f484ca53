import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { applicationTarget, applicationView, readApplication } from '../applications.ts';

export const applicationRead = operation({
  name: 'application.read',
  summary: 'Show one application with its roles.',
  http: 'GET /applications/{applicationId}',
  input: z.object({ applicationId: z.uuid() }),
  output: applicationView,
  needs: {
    permission: 'application.read',
    target: (db, input) => applicationTarget(db, input.applicationId),
    visibleBy: 'application.read',
  },
  effect: 'reading',
  run: async (context, input) => (await readApplication(context.db, input.applicationId))!,
});
