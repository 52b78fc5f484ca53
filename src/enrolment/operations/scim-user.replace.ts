import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { changeUser } from '../scim/change-user.ts';
import { doorOf } from '../scim/door.ts';
import { userEvents } from '../scim/events.ts';
import {
  asJson,
  body,
  doorTarget,
  membershipId,
  organizationId,
  resource,
  selectionInput,
  userTarget,
} from '../scim/fields.ts';
import { cleaned } from '../scim/fitting.ts';
import { normaliseResource } from '../scim/habits.ts';
import { selected } from '../scim/selected.ts';
import { replaced } from '../scim/user-state.ts';

export const scimUserReplace = operation({
  name: 'scim-user.replace',
  summary: 'Change the whole of somebody to what a feed sends (SCIM 2.0).',
  http: 'PUT /scim/{organizationId}/v2/Users/{membershipId}',
  standardPath: true,
  media: 'scim',
  input: z.object({ organizationId, membershipId, body, ...selectionInput }),
  output: resource,
  needs: { permission: 'membership.update', target: userTarget, through: doorTarget, visibleBy: 'user.read' },
  effect: 'changing',
  mayTakeAway: true,
  previews: true,
  events: userEvents,
  run: async (context, input) => {
    const door = await doorOf(context, input.organizationId);
    const sent = cleaned(normaliseResource(asJson(input.body), door.users), door.users);
    const named = new Set(Object.keys(input.body).map((name) => name.toLowerCase()));
    const changed = await changeUser(context, door, context.target.id!, (before) =>
      replaced(before, sent, named),
    );
    return selected(changed, input, door.users);
  },
});
