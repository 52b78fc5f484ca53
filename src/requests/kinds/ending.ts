import { z } from 'zod';
import { lockGiven } from '../../access/store.ts';
import { endAccess, loadAssignments } from '../../access/take.ts';
import { giveBack } from '../../access/undo.ts';
import type { Context } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { say } from '../say.ts';
import { thingOf } from './access.ts';
import { assignmentAsked } from './assignment-asked.ts';
import type { Kind, Wanted } from './kind.ts';

const payload = z.object({ assignmentId: z.uuid() }).strict();

/** The end of an access that somebody has. Taking it is in force at once (ruling 12). */
export const ending: Kind<z.infer<typeof payload>> = {
  payload,
  words: (row) => say('kind.ending', { thing: thingOf(row), name: row.displayName }),
  details: () => ({}),
  apply: async (giver, row) => {
    // Given longer meanwhile it is another row of the same access; ended meanwhile there is nothing left to do.
    const thingId = (row.entitlementId ?? row.accessRoleId)!;
    const [had] = await lockGiven(giver.db, [row.membershipId!], [thingId]);
    if (!had) return null;
    const [taken] = await endAccess(giver, [had.id]);
    if (!taken!.ok) throw taken!.refusal;
    return had.id;
  },
  takeBack: async ({ context, because }, { made }) => {
    if (!made) return;
    const loaded = await loadAssignments(context, [made]);
    const back = await giveBack(
      context,
      [...loaded.values()].map((one) => ({ ...one, because })),
    );
    if (!back.has(made)) throw refuse('undo.too-late');
  },
};

export async function wantedEnding(
  context: Context,
  { assignmentId, reason }: { assignmentId: string; reason: string },
): Promise<Wanted> {
  const { row, recipient, thing } = await assignmentAsked(context, assignmentId);
  const { target } = recipient;
  return {
    kind: 'ending',
    payload: { assignmentId },
    gives: ['request.decide', 'access.end'],
    organizationId: target.organizationId!,
    path: target.path,
    membershipId: row.membershipId,
    subjectId: target.userId ?? null,
    entitlementId: row.entitlementId,
    accessRoleId: row.accessRoleId,
    entitlementIds: thing.entitlements.map(({ id }) => id),
    reason,
    endsAt: null,
    same: assignmentId,
  };
}
