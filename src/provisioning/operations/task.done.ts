import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { closeAsDone, openTask } from '../tasks/close.ts';
import { taskView, viewOfTask } from '../tasks/view.ts';

export const taskDone = operation({
  name: 'task.done',
  summary: 'Say that a task is done: from now on the account is as it was asked for.',
  http: 'POST /tasks/{taskId}/done',
  input: z.object({
    taskId: z.uuid(),
    accountName: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .optional()
      .describe('How the account is called there; needed when it was made.'),
  }),
  output: taskView,
  needs: 'self',
  effect: 'changing',
  events: ['task.completed'],
  run: async (context, { taskId, accountName }) => {
    const { task, open } = await openTask(context, taskId, 'done');
    if (!open) context.nothingChanged();
    return viewOfTask(open ? await closeAsDone(context, task, accountName) : task, context.at);
  },
});
