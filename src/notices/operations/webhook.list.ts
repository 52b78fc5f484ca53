import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { hooksOf } from '../webhooks/store.ts';
import { hookView, viewOfHook } from '../webhooks/view.ts';

export const webhookList = operation({
  name: 'webhook.list',
  summary: 'List the webhooks of an organization.',
  http: 'GET /webhooks',
  input: z.object({ organizationId: z.uuid() }),
  output: z.object({ items: z.array(hookView) }),
  needs: {
    permission: 'webhook.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async ({ db }, { organizationId }) => ({ items: (await hooksOf(db, organizationId)).map(viewOfHook) }),
});
