import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { label, reason } from '../fields.ts';
import { mayLoosen, refuseFromAbove, rolesInSight } from '../separation-edit.ts';
import {
  isSeen,
  readSeparation,
  separationState,
  separationTarget,
  separationView,
  shownSeparation,
} from '../separation-store.ts';

export const separationUpdate = operation({
  name: 'separation.update',
  summary: 'Change which roles one person may not hold together.',
  http: 'PATCH /separations/{separationId}',
  input: z.object({
    separationId: z.uuid(),
    name: label.optional(),
    reason: reason.optional(),
    entitlementIds: z.array(z.uuid()).min(2).max(100).optional(),
    tooMany: z.number().int().min(2).max(100).optional(),
  }),
  output: separationView,
  needs: {
    permission: 'separation.configure',
    target: (db, input) => separationTarget(db, input.separationId),
    visibleBy: 'access.read',
  },
  effect: 'ending',
  previews: true,
  events: ['separation.updated'],
  run: async (context, { separationId, ...input }) => {
    const { db, at, target, permit } = context;
    const before = await readSeparation(db, separationId);
    context.checkVersion(before.version);
    if (before.state === 'retired') throw refuse('separation.retired');
    refuseFromAbove(permit, before.setUnder);
    const had = before.roles.map(({ entitlementId }) => entitlementId);
    // What the actor does not know of stays in it.
    const unseen = before.roles.filter((role) => !isSeen(context.facts, target.path)(role));
    const wanted = [
      ...new Set([...(input.entitlementIds ?? had), ...unseen.map(({ entitlementId }) => entitlementId)]),
    ];
    const added = await rolesInSight(
      context,
      target,
      wanted.filter((id) => !had.includes(id)),
    );
    const removed = had.filter((id) => !wanted.includes(id));
    const tooMany = input.tooMany ?? before.tooMany;
    if (wanted.length < tooMany) throw refuse('separation.too-few-roles');
    const name = input.name ?? before.name;
    const words = input.reason ?? before.reason;
    if (
      added.length + removed.length === 0 &&
      tooMany === before.tooMany &&
      name === before.name &&
      words === before.reason
    ) {
      context.nothingChanged();
      return shownSeparation(context.facts, before);
    }
    if (removed.length > 0 || tooMany > before.tooMany) await mayLoosen(context, separationId, undefined);
    const { rows } = await sql`
      update separation s set name = ${name}, reason = ${words}, too_many = ${tooMany}, changed_at = ${at}, version = version + 1
      where s.id = ${separationId} and not exists (select 1 from separation other where other.organization_id = s.organization_id
        and lower(other.name) = lower(${name}) and other.id <> s.id and other.state = 'active')
      returning 1`.execute(db);
    if (rows.length === 0) throw refuse('name-taken');
    await sql`delete from separation_part where separation_id = ${separationId} and entitlement_id = any (${removed}::uuid[])`.execute(
      db,
    );
    await sql`insert into separation_part (separation_id, entitlement_id) select ${separationId}, unnest(${added}::uuid[])`.execute(
      db,
    );
    const after = await readSeparation(db, separationId);
    context.record({
      type: 'separation.updated',
      targetKind: 'separation',
      targetId: separationId,
      organizationId: target.organizationId,
      path: target.path,
      before: separationState(before),
      after: separationState(after),
      personal: { name: after.name, reason: after.reason },
    });
    return shownSeparation(context.facts, after);
  },
});
