import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { importMappingView, mappingsAt } from '../people-import/mappings.ts';

export const importMappingList = operation({
  name: 'import-mapping.list',
  summary: 'List how files of people are read in an organization: its own ways and those from above.',
  http: 'GET /organizations/{organizationId}/import-mappings',
  input: z.object({ organizationId: z.uuid() }),
  output: z.object({ items: z.array(importMappingView) }),
  needs: {
    permission: 'user.enrol',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async (context, { organizationId }) => {
    const here = { ...context.target, id: organizationId };
    const found = await mappingsAt(
      context.db,
      here.path,
      (path) => context.decide('user.enrol', { ...here, id: null, path }).effect === 'permit',
    );
    return {
      items: found.map(({ id, path: _, state: __, ...one }) => ({ importMappingId: id, ...one })),
    };
  },
});
