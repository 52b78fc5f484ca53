import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { targetView } from '../targets/target-fields.ts';
import { listTargets } from '../targets/target-view.ts';

export const targetList = operation({
  name: 'target.list',
  summary: 'List connected systems, and how they are.',
  http: 'GET /targets',
  input: z.object({ organizationId: z.uuid().optional().describe('Only those of this organization.') }),
  output: z.object({ items: z.array(targetView) }),
  needs: { permission: 'target.read', within: 'reach' },
  effect: 'reading',
  run: async ({ db, reach }, { organizationId }) => ({
    items: await listTargets(db, reach('target.read'), organizationId),
  }),
});
