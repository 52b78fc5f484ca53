import { type Kysely, sql } from 'kysely';
import { hasPermission, stopOf } from '../authority/delegation.ts';
import { ancestorsOf, placeCovers } from '../authority/place.ts';
import { regionsOf } from '../authority/region.ts';
import { type OrganizationRow, organizationState } from '../directory/store.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { rewritePaths, statesOf, writeFates } from './moving-apply.ts';
import type { MovePlan } from './moving-plan.ts';
import { keepRolesInPlace } from './moving-roles.ts';
import { loadChains } from './store.ts';

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
  const able = await canBeManaged(db, before.path, context.at);
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
  await keepRolesInPlace(context, after.path);
  if (able && !(await canBeManaged(db, after.path, context.at)))
    throw refuse('delegation.last-manager', { organization: before.name });
  return after;
}

/**
 * Is there somebody who can sign in and look after this place by a link of their own, there or above? Relations are left
 * out: they rest on such links. Asking for everybody who may would read whoever stands anywhere above.
 */
async function canBeManaged(db: Kysely<DB>, path: string, at: Date): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`
    select d.id from delegation d join membership m on m.id = d.delegate_membership_id join app_user u on u.id = m.user_id
    where d.place_paths && ${ancestorsOf(path)}::text[] and d.kind = 'administer' and d.delegate_kind = 'user' and d.state = 'active'
      and m.state = 'active' and m.starts_at <= remit_now() and m.ends_at > remit_now() and u.state = 'active'
      and exists (select 1 from credential c where c.user_id = u.id) and not place_is_off(m.path)`.execute(
    db,
  );
  const chains = await loadChains(
    db,
    rows.map(({ id }) => id),
  );
  return [...chains.values()].some(
    (chain) =>
      !stopOf(chain, at) &&
      hasPermission(chain, 'user.invite') &&
      regionsOf(chain).some(
        ({ place, holes, users, reports }) =>
          !users &&
          reports.length === 0 &&
          placeCovers(place, path) &&
          !holes.some((hole) => placeCovers(hole, path)),
      ),
  );
}
