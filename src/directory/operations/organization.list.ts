import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { organizationId, organizationState, search } from '../fields.ts';
import { listOrganizations } from '../organizations.ts';

export const organizationList = operation({
  name: 'organization.list',
  summary: 'List organizations: those below one, those of a name, or else the topmost that you see.',
  http: 'GET /organizations',
  input: z.object({
    parentId: organizationId.optional().describe('Only those directly below this one.'),
    search: search.describe('Part of a name.'),
    ...pageInput,
  }),
  output: pageOf(
    z.object({
      id: z.uuid(),
      parentId: z.uuid().nullable().describe('Absent when the one above lies outside your boundary.'),
      name: z.string(),
      description: z.string(),
      state: organizationState,
      childCount: z.number().int(),
      peopleCount: z.number().int().describe('People here and below.'),
      version: z.number().int(),
    }),
  ),
  needs: { permission: 'organization.read', within: 'reach' },
  effect: 'reading',
  run: (context, { parentId, search, cursor, limit }) =>
    listOrganizations(
      context.db,
      { reach: context.reach('organization.read'), people: context.reach('user.read'), parentId, search },
      { cursor, limit, at: context.at },
    ),
});
