import { type Kysely, sql } from 'kysely';
import type { Target } from '../authority/delegation.ts';
import { holders } from '../authority/holders.ts';
import { type OrganizationRow, organizationState } from '../directory/store.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { rewritePaths, statesOf, writeFates } from './moving-apply.ts';
import type { MovePlan } from './moving-plan.ts';

/**
 * Moves what was decided: paths, links, events.
 * @throws Refusal `delegation.last-manager` when nobody could look after it any more (I38)
 */
export async function carryOut(
  context: Context,
  before: OrganizationRow,
  { journey, parent, fates }: Pick<MovePlan, 'journey' | 'parent' | 'fates'>,
): Promise<OrganizationRow> {
  const { db } = context;
  const able = await canBeManaged(db, before.id, before.path);
  const rows = await statesOf(
    db,
    fates.map((fate) => fate.before.id),
  );
  // The code is the parent's to give away, under the lock that keeps it from giving it twice.
  await sql`update organization set next_code = next_code + 1 where id = ${parent.id}`.execute(db);
  await rewritePaths(db, {
    organizationId: before.id,
    parentId: parent.id,
    from: before.path,
    to: journey.destination,
  });
  const after = {
    ...before,
    parentId: parent.id,
    path: journey.destination,
    version: before.version + 1,
  };
  context.record({
    type: 'organization.moved',
    targetKind: 'organization',
    targetId: after.id,
    organizationId: after.id,
    path: after.path,
    before: organizationState(before),
    after: organizationState(after),
  });
  await writeFates(context, fates, rows);
  if (able && !(await canBeManaged(db, after.id, after.path)))
    throw refuse('delegation.last-manager', { organization: before.name });
  return after;
}

async function canBeManaged(db: Kysely<DB>, organizationId: string, path: string): Promise<boolean> {
  const target: Target = { kind: 'organization', id: organizationId, organizationId, path, off: false };
  return (await holders(db, 'user.invite', target)).some(({ canSignIn }) => canSignIn);
}
