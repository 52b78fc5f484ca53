import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { clientView, readClients } from '../clients.ts';

export const clientList = operation({
  name: 'client.list',
  summary: 'List the API keys of an organization',
  http: 'GET /organizations/{organizationId}/clients',
  input: z.object({ organizationId: z.uuid() }),
  output: z.object({ items: z.array(clientView) }),
  needs: {
    permission: 'client.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async (context, input) => ({ items: await readClients(context.db, input.organizationId) }),
});
