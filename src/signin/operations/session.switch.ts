import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { usableMemberships } from '../store.ts';

export const sessionSwitch = operation({
  name: 'session.switch',
  summary: 'Act as a member of another organization you belong to. Rights of two organizations do not mix.',
  http: 'POST /session/membership',
  input: z.object({ membershipId: z.uuid() }),
  output: z.object({ membershipId: z.uuid(), organizationId: z.uuid(), organizationName: z.string() }),
  needs: 'self',
  withoutStanding: true,
  effect: 'changing',
  events: ['session.switched'],
  run: async (context, { membershipId }) => {
    const { userId, sessionId, membershipId: before } = context.user();
    const memberships = await usableMemberships(context.db, userId);
    const membership = memberships.find(({ id }) => id === membershipId);
    if (!membership || sessionId === null) throw refuse('not-found');
    const { organizationId, organizationName, path } = membership;
    if (before === membershipId) {
      context.nothingChanged();
      return { membershipId, organizationId, organizationName };
    }
    await sql`update session set membership_id = ${membershipId} where id = ${sessionId}`.execute(context.db);
    context.record({
      type: 'session.switched',
      targetKind: 'session',
      targetId: sessionId,
      organizationId,
      path,
      subjectId: userId,
      before: { id: sessionId, membershipId: before },
      after: { id: sessionId, membershipId },
    });
    return { membershipId, organizationId, organizationName };
  },
});
