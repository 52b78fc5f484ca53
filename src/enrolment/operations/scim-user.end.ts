import { z } from 'zod';
import { endMembership } from '../../directory/end-membership.ts';
import { endingEvents } from '../../directory/leaving.ts';
import { operation } from '../../operation/operation.ts';
import { permittedTo } from '../../operation/permitted.ts';
import { doorOf } from '../scim/connection/door.ts';
import { doorTarget, membershipId, organizationId, userTarget } from '../scim/connection/fields.ts';
import { readUser } from '../scim/people/user-rows.ts';
import { versionOf } from '../scim/protocol/tag.ts';

export const scimUserEnd = operation({
  name: 'scim-user.end',
  summary: 'Record at once that somebody leaves whom a feed deletes: here, and nowhere else (SCIM 2.0).',
  http: 'DELETE /scim/{organizationId}/v2/Users/{membershipId}',
  standardPath: true,
  media: 'scim',
  input: z.object({ organizationId, membershipId }),
  output: z.object({}),
  needs: { permission: 'membership.end', target: userTarget, through: doorTarget, visibleBy: 'user.read' },
  effect: 'ending',
  previews: true,
  events: [...endingEvents, 'membership.updated'],
  run: async (context, input) => {
    const door = await doorOf(context, input.organizationId);
    // Whoever left already is not there any more (RFC 7644, section 3.6).
    const { row, resource } = await readUser(context, door, context.target.id!);
    context.checkVersion(versionOf(resource));
    const act = permittedTo(context, context.target, context.permit);
    await endMembership(act, { membershipId: row.membershipId, endKeys: false });
    return {};
  },
});
