import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { exceptionState, exceptionTarget, exceptionView, readException } from '../exceptions.ts';
import { chainToLift } from '../set-exception.ts';

type Row = {
  organizationId: string;
  path: string;
  below: boolean;
  permissions: string[];
  application: string | null;
  entitlement: string | null;
  userId: string | null;
  setUnder: string | null;
  state: string;
  version: number;
};

export const exceptionLift = operation({
  name: 'exception.lift',
  summary: 'Lift an exception: everybody gets back what was delegated to them here',
  http: 'POST /exceptions/{exceptionId}/lift',
  input: z.object({ exceptionId: z.uuid(), reason: z.string().max(500).default('') }),
  output: exceptionView,
  needs: {
    permission: 'exception.set',
    target: (db, input) => exceptionTarget(db, input.exceptionId),
    visibleBy: 'delegation.read',
  },
  effect: 'changing',
  previews: true,
  events: ['exception.lifted'],
  run: async (context, { exceptionId, reason }) => {
    const { db, actor, at } = context;
    // Locked, so that of two at once the second finds it lifted.
    const { rows } = await sql<Row>`
      select e.organization_id as "organizationId", e.path, e.below, e.permissions, coalesce(e.application_id, n.application_id) as application,
        e.entitlement_id as entitlement, e.user_id as "userId", e.set_under as "setUnder", e.state, e.version
      from exception e left join entitlement n on n.id = e.entitlement_id where e.id = ${exceptionId} for update of e`.execute(
      db,
    );
    const { organizationId, path, below, setUnder, state, version, ...what } = rows[0]!;
    context.checkVersion(version);
    const about = { place: { id: organizationId, path, below }, ...what };
    const because = await chainToLift(context, about, setUnder);
    if (state === 'lifted') {
      context.nothingChanged();
      return readException(context, exceptionId);
    }
    const before = await exceptionState(db, exceptionId);
    await sql`update exception set state = 'lifted', lifted_at = ${at}, lifted_by = ${actor.kind === 'user' ? actor.userId : null},
      version = version + 1 where id = ${exceptionId}`.execute(db);
    context.record({
      type: 'exception.lifted',
      targetKind: 'exception',
      targetId: exceptionId,
      organizationId,
      path,
      subjectId: what.userId,
      before,
      after: await exceptionState(db, exceptionId),
      personal: reason ? { reason } : null,
      because,
    });
    return readException(context, exceptionId);
  },
});
