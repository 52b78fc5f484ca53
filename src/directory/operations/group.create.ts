import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { description, name, organizationId } from '../fields.ts';
import { createGroup, groupView } from '../groups.ts';

export const groupCreate = operation({
  name: 'group.create',
  summary: 'Make a group: a named set of people of an organization and those below.',
  http: 'POST /organizations/{organizationId}/groups',
  input: z.object({
    organizationId,
    name: name.max(100),
    description: description.default(''),
  }),
  output: groupView,
  needs: {
    permission: 'group.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['group.created'],
  run: (context, { organizationId, ...group }) => createGroup(context, organizationId, group),
});
