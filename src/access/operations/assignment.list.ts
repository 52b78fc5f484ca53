import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { assignmentView, listAssignments } from '../assignment-list.ts';

export const assignmentList = operation({
  name: 'assignment.list',
  summary: 'List who was given what: of a person, of an organization, or of one access.',
  http: 'GET /assignments',
  input: z.object({
    membershipId: z.uuid().optional(),
    organizationId: z.uuid().optional().describe('Given to it, or to its own members.'),
    entitlementId: z.uuid().optional(),
    accessRoleId: z.uuid().optional(),
    ended: z.boolean().default(false).describe('Ended ones, too.'),
    ...pageInput,
  }),
  output: pageOf(assignmentView),
  needs: { permission: 'access.read', within: 'reach' },
  effect: 'reading',
  run: (context, { membershipId, organizationId, entitlementId, accessRoleId, ended, cursor, limit }) =>
    listAssignments(
      context.db,
      {
        reach: context.reach('access.read'),
        people: context.reach('user.read'),
        membershipId,
        organizationId,
        entitlementId,
        accessRoleId,
        ended,
      },
      { cursor, limit, at: context.at },
    ),
});
