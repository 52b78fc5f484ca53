import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { closeAsRefused, openTask } from '../tasks/close.ts';
import { taskView, viewOfTask } from '../tasks/view.ts';

export const taskRefuse = operation({
  name: 'task.refuse',
  summary: 'Say that a task cannot be done, and why: whoever operates the system sees it.',
  http: 'POST /tasks/{taskId}/refusal',
  input: z.object({
    taskId: z.uuid(),
    reason: z.string().trim().min(1).max(500).describe('What whoever operates the system will read.'),
  }),
  output: taskView,
  needs: 'self',
  effect: 'changing',
  events: ['task.refused'],
  run: async (context, { taskId, reason }) => {
    const { task, open } = await openTask(context, taskId, 'refused');
    if (!open) context.nothingChanged();
    return viewOfTask(open ? await closeAsRefused(context, task, reason) : task, context.at);
  },
});
