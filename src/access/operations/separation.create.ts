import { sql } from 'kysely';
import { z } from 'zod';
import { operation, userOf } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { newId } from '../../platform/ids.ts';
import { refuse } from '../../platform/refusals.ts';
import { label, reason } from '../fields.ts';
import { rolesInSight } from '../separation-edit.ts';
import { readSeparation, separationState, separationView, shownSeparation } from '../separation-store.ts';

export const separationCreate = operation({
  name: 'separation.create',
  summary: 'Say which roles one person may not hold together.',
  http: 'POST /separations',
  input: z.object({
    organizationId: z.uuid().describe('It counts what people have in this organization and below.'),
    name: label,
    reason: reason.default(''),
    entitlementIds: z.array(z.uuid()).min(2).max(100).describe('The roles.'),
    tooMany: z
      .number()
      .int()
      .min(2)
      .max(100)
      .default(2)
      .describe('Nobody may hold this many of them, or more.'),
  }),
  output: separationView,
  needs: {
    permission: 'separation.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  // From its commit on it holds for whatever is given, so it waits for what is under way.
  effect: 'ending',
  previews: true,
  events: ['separation.created'],
  run: async (context, input) => {
    const { db, target, permit } = context;
    const entitlementIds = await rolesInSight(context, target, input.entitlementIds);
    if (entitlementIds.length < input.tooMany) throw refuse('separation.too-few-roles');
    const id = newId(context.at.getTime());
    const { rows } = await sql`
      insert into separation (id, organization_id, name, reason, too_many, set_by, set_under)
      values (${id}, ${input.organizationId}, ${input.name}, ${input.reason}, ${input.tooMany}, ${userOf(context)?.userId ?? null},
        ${permit.because[0]?.id ?? null})
      on conflict do nothing returning 1`.execute(db);
    if (rows.length === 0) throw refuse('name-taken');
    await sql`insert into separation_part (separation_id, entitlement_id) select ${id}, unnest(${entitlementIds}::uuid[])`.execute(
      db,
    );
    const made = await readSeparation(db, id);
    context.record({
      type: 'separation.created',
      targetKind: 'separation',
      targetId: id,
      organizationId: target.organizationId,
      path: target.path,
      after: separationState(made),
      personal: { name: made.name, reason: made.reason },
    });
    return shownSeparation(context.facts, made);
  },
});
