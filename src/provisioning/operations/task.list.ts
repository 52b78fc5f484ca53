import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { pageOfTasks } from '../tasks/inbox.ts';
import { taskView, viewOfTask } from '../tasks/view.ts';

export const taskList = operation({
  name: 'task.list',
  summary: 'List what waits for you to be done by hand in systems that no machine speaks to.',
  http: 'GET /tasks',
  input: z.object({ ...pageInput }),
  output: pageOf(taskView),
  needs: 'self',
  effect: 'reading',
  run: async (context, input) => {
    const page = await pageOfTasks(context, input);
    return { ...page, items: page.items.map((task) => viewOfTask(task, context.at)) };
  },
});
