import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { exportTree } from '../import/export.ts';

export const organizationExport = operation({
  name: 'organization.export',
  summary: 'Give an organization and those below it as the six files of a take-over.',
  http: 'GET /organizations/{organizationId}/export',
  input: z.object({ organizationId: z.uuid() }),
  output: z.object({
    files: z.object({
      'organizations.csv': z.string(),
      'users.csv': z.string(),
      'memberships.csv': z.string(),
      'managers.csv': z.string(),
      'applications.csv': z.string(),
      'assignments.csv': z.string(),
    }),
  }),
  needs: {
    permission: 'user.read',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async (context) => ({
    files: await exportTree(
      context.db,
      { id: context.target.organizationId, path: context.target.path },
      {
        organizations: context.reach('organization.read'),
        people: context.reach('user.read'),
        delegations: context.reach('delegation.read'),
        applications: context.reach('application.read'),
        access: context.reach('access.read'),
      },
    ),
  }),
});
