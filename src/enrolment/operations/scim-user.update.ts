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
import { normalise } from '../scim/patch/habits.ts';
import { applyPatch } from '../scim/patch/patch.ts';
import { changeUser } from '../scim/people/change-user.ts';
import { selected } from '../scim/protocol/selected.ts';

export const scimUserUpdate = operation({
  name: 'scim-user.update',
  summary: 'Change parts of somebody as a feed says: name, title, dates, suspended or not (SCIM 2.0).',
  http: 'PATCH /scim/{organizationId}/v2/Users/{membershipId}',
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
    const operations = normalise(asJson(input.body), door.users);
    const changed = await changeUser(
      context,
      door,
      context.target.id!,
      (before) => applyPatch(before, operations, door.users).resource,
    );
    return selected(changed, input, door.users);
  },
});
