import { z } from 'zod';
import { instantText } from '../../access/fields.ts';
import { refuseApart } from '../../access/separations.ts';
import { lockGiven } from '../../access/store.ts';
import { loadCeilings } from '../../authority/holds.ts';
import type { Context } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { endAsked } from '../end-asked.ts';
import { say } from '../say.ts';
import { giveAsked, takeBackGiven, thingOf } from './access.ts';
import { assignmentAsked } from './assignment-asked.ts';
import type { Kind, Wanted } from './kind.ts';

const payload = z
  .object({
    assignmentId: z.uuid(),
    was: z.string().nullable().describe('Until when it lasts now.'),
    lastDay: z.string().optional().describe('The day that it was asked until.'),
  })
  .strict();

/** Longer access, of what somebody has. */
export const extension: Kind<z.infer<typeof payload>> = {
  payload,
  words: (row) => say('kind.extension', { thing: thingOf(row), name: row.displayName }),
  details: ({ was }) => ({ was }),
  apply: async (giver, row, asked) => {
    // Endings are final (ruling 3): what was taken meanwhile does not come back as an extension.
    const thingId = (row.entitlementId ?? row.accessRoleId)!;
    const had = await lockGiven(giver.db, [row.membershipId!], [thingId]);
    if (had.length === 0) throw refuse('access.ended');
    return giveAsked(giver, row, asked);
  },
  takeBack: takeBackGiven,
};

/** Without `until` and `lastDay` as long as whoever decides may give it. */
export async function wantedExtension(
  context: Context,
  {
    assignmentId,
    reason,
    ...until
  }: { assignmentId: string; reason: string; until?: string | undefined; lastDay?: string | undefined },
): Promise<Wanted> {
  const { row, recipient, thing } = await assignmentAsked(context, assignmentId);
  const { target } = recipient;
  const { endsAt, lastDay } = await endAsked(context, until, target.organizationId!);
  if (!thing.live) throw refuse('entitlement.retired');
  if (row.why === 'rule' || instantText(row.endsAt) === null || (endsAt && endsAt <= row.endsAt))
    throw refuse('access.lasts-longer');
  const ceilings = await loadCeilings(context.db, [target.path]);
  if (thing.entitlements.some((one) => !ceilings.allows(target.path, one).allowed)) throw refuse('not-found');
  const entitlementIds = thing.entitlements.map(({ id }) => id);
  await refuseApart(context, { membershipId: target.id, thing, entitlementIds, until: endsAt ?? undefined });
  return {
    kind: 'extension',
    payload: { assignmentId, was: instantText(row.endsAt), ...(lastDay ? { lastDay } : {}) },
    gives: ['request.decide', 'access.grant'],
    organizationId: target.organizationId!,
    path: target.path,
    membershipId: row.membershipId,
    subjectId: target.userId ?? null,
    entitlementId: row.entitlementId,
    accessRoleId: row.accessRoleId,
    entitlementIds,
    reason,
    endsAt,
    same: assignmentId,
  };
}
