import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';

type State = {
  before: Record<string, unknown>;
  after: Record<string, unknown>;
  subjectId: string;
  organizationId: string;
  path: string;
};

export const deputyEnd = operation({
  name: 'deputy.end',
  summary: 'Decide yourself again, or give back deciding for somebody.',
  http: 'POST /me/deputies/{delegationId}/end',
  input: z.object({ delegationId: z.uuid() }),
  output: z.object({ delegationId: z.uuid() }),
  needs: 'self',
  effect: 'ending',
  events: ['deputy.ended'],
  run: async (context, { delegationId }) => {
    const { db, at } = context;
    const { membershipId } = context.user();
    const { rows } = await sql<State>`
      update delegation d set state = 'ended', ended_at = ${at}, version = d.version + 1 from delegation b
      join membership m on m.id = b.giver_membership_id
      where d.id = ${delegationId} and b.id = d.id and d.kind = 'approve' and d.state = 'active'
        and ${membershipId}::uuid in (d.giver_membership_id, d.delegate_membership_id)
      returning to_jsonb(b) - 'reason' as before, to_jsonb(d) - 'reason' as after, d.delegate_user_id as "subjectId",
        m.organization_id as "organizationId", m.path`.execute(db);
    const [ended] = rows;
    if (!ended) throw refuse('not-found');
    context.record({ type: 'deputy.ended', targetKind: 'delegation', targetId: delegationId, ...ended });
    return { delegationId };
  },
});
