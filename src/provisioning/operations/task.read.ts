import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { requireTask } from '../tasks/close.ts';
import { readTask } from '../tasks/store.ts';
import { taskView, viewOfTask } from '../tasks/view.ts';

export const taskRead = operation({
  name: 'task.read',
  summary: 'Read one task: what is to be done, for whom, and until when.',
  http: 'GET /tasks/{taskId}',
  input: z.object({ taskId: z.uuid() }),
  output: taskView,
  needs: 'self',
  effect: 'reading',
  run: async (context, { taskId }) =>
    viewOfTask(await requireTask(context, await readTask(context.db, taskId)), context.at),
});
