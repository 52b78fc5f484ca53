import { sql } from 'kysely';
import { z } from 'zod';
import { isSelf } from '../../authority/self.ts';
import { endMembership } from '../../directory/end-membership.ts';
import { endingEvents } from '../../directory/leaving.ts';
import { suspendMembership } from '../../directory/suspending.ts';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { proposalId, proposalTarget } from '../sources/proposal-list.ts';

const outcome = { end: 'ended', suspend: 'suspended', keep: 'kept' } as const;

export const proposalSettle = operation({
  name: 'proposal.settle',
  summary: 'Decide about somebody who is not in their directory any more: end, suspend or keep them.',
  http: 'POST /proposals/{proposalId}/settle',
  input: z.object({
    proposalId,
    how: z
      .enum(['end', 'suspend', 'keep'])
      .describe('keep: it is not asked again until they were in the directory in between.'),
  }),
  output: z.object({
    proposalId: z.uuid(),
    membershipId: z.uuid(),
    state: z.enum(['ended', 'suspended', 'kept']),
  }),
  needs: {
    permission: 'membership.end',
    target: (db, input) => proposalTarget(db, input.proposalId),
    visibleBy: 'user.read',
  },
  effect: 'ending',
  previews: true,
  events: [...new Set(['proposal.settled' as const, 'membership.suspended' as const, ...endingEvents])],
  run: async (context, { proposalId: id, how }) => {
    const { db, at, actor, target } = context;
    const { rows } = await sql<{ membershipId: string; sourceId: string; why: string; state: string }>`
      select membership_id as "membershipId", source_id as "sourceId", why, state from proposal where id = ${id} for no key update`.execute(
      db,
    );
    const { membershipId, sourceId, why, state } = rows[0]!;
    if (isSelf(context.facts, target.userId)) throw refuse('user.self');
    if (state !== 'open') throw refuse('proposal.settled');
    if (how === 'end') await endMembership(context, { membershipId, endKeys: false });
    if (how === 'suspend') {
      context.require('membership.suspend', target, 'user.read');
      await suspendMembership(context, membershipId);
    }
    const after = outcome[how];
    await sql`update proposal set state = ${after}, decided_at = ${at}, decided_by = ${actor.kind === 'user' ? actor.userId : null}
      where id = ${id}`.execute(db);
    context.record({
      type: 'proposal.settled',
      targetKind: 'proposal',
      targetId: id,
      organizationId: target.organizationId,
      path: target.path,
      subjectId: target.userId ?? null,
      before: { id, sourceId, membershipId, why, state: 'open' },
      after: { id, sourceId, membershipId, why, state: after },
    });
    return { proposalId: id, membershipId, state: after };
  },
});
