import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { mayLoosen, refuseFromAbove } from '../separation-edit.ts';
import {
  readSeparation,
  separationState,
  separationTarget,
  separationView,
  shownSeparation,
} from '../separation-store.ts';

export const separationRetire = operation({
  name: 'separation.retire',
  summary: 'Retire a separation of duties; what yielded to it is held again.',
  http: 'POST /separations/{separationId}/retire',
  input: z.object({ separationId: z.uuid() }),
  output: separationView,
  needs: {
    permission: 'separation.configure',
    target: (db, input) => separationTarget(db, input.separationId),
    visibleBy: 'access.read',
  },
  effect: 'changing',
  previews: true,
  events: ['separation.retired'],
  run: async (context, { separationId }) => {
    const { db, at, target, permit } = context;
    await sql`select 1 from separation where id = ${separationId} for update`.execute(db);
    const before = await readSeparation(db, separationId);
    context.checkVersion(before.version);
    if (before.state === 'retired') {
      context.nothingChanged();
      return shownSeparation(context.facts, before);
    }
    refuseFromAbove(permit, before.setUnder);
    await mayLoosen(context, separationId, undefined);
    await sql`
      update separation set state = 'retired', changed_at = ${at}, version = version + 1 where id = ${separationId}`.execute(
      db,
    );
    const after = await readSeparation(db, separationId);
    context.record({
      type: 'separation.retired',
      targetKind: 'separation',
      targetId: separationId,
      organizationId: target.organizationId,
      path: target.path,
      before: separationState(before),
      after: separationState(after),
      personal: { name: after.name },
    });
    return shownSeparation(context.facts, after);
  },
});
