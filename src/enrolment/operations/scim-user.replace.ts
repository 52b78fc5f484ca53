import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { doorOf } from '../scim/connection/door.ts';
import { userEvents } from '../scim/connection/events.ts';
import {
  asJson,
  body,
  doorTarget,
  membershipId,
  organizationId,
  resource,
  selectionInput,
  userTarget,
} from '../scim/connection/fields.ts';
import { normaliseResource } from '../scim/patch/habits.ts';
import { changeUser } from '../scim/people/change-user.ts';
import { replaced } from '../scim/people/user-state.ts';
import { cleaned } from '../scim/protocol/fitting.ts';
import { selected } from '../scim/protocol/selected.ts';

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
