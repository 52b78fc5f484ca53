import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { lockOwn, peopleImportTarget, setState, stateOf } from '../people-import/store.ts';
import { importId } from '../people-import/view.ts';

export const peopleImportCancel = operation({
  name: 'people-import.cancel',
  summary: 'Give an import up. Who came in already stays; nobody else does.',
  http: 'POST /people-imports/{importId}/cancel',
  input: z.object({ importId }),
  output: z.object({ importId: z.uuid() }),
  needs: {
    permission: 'user.enrol',
    target: (db, input) => peopleImportTarget(db, input.importId),
    visibleBy: 'user.enrol',
  },
  effect: 'changing',
  events: ['people-import.canceled'],
  run: async (context, { importId: id }) => {
    const asked = await lockOwn(context, id, ['uploading', 'comparing', 'compared', 'applying', 'failed']);
    await setState(context.db, id, 'canceled');
    context.record({
      type: 'people-import.canceled',
      targetKind: 'people-import',
      targetId: id,
      organizationId: asked.organizationId,
      path: asked.path,
      before: stateOf(asked),
      after: stateOf({ ...asked, state: 'canceled', version: asked.version + 1 }),
    });
    return { importId: id };
  },
});
