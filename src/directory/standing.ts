import { sql } from 'kysely';
import { chainIn } from '../authority/chain.ts';
import { missingFrom } from '../authority/decide.ts';
import type { Target } from '../authority/delegation.ts';
import type { Permission } from '../authority/permissions.ts';
import { isAtOrBelow } from '../authority/place.ts';
import { describeMissing } from '../authority/words.ts';
import { type Context, userOf } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import {
  changeOrganization,
  lockOrganizationToChange,
  type OrganizationRow,
  organizationState,
} from './store.ts';

/**
 * Reads an organization that somebody is about to switch off or to move: never the topmost, never one's own (I38), and
 * with nothing below it that `permission` does not reach.
 */
export async function lockToSwitchOff(context: Context, permission: Permission): Promise<OrganizationRow> {
  const row = await lockOrganizationToChange(context.db, context.target.organizationId);
  if (row.parentId === null) throw refuse('organization.root');
  const own = userOf(context)?.path;
  if (own && isAtOrBelow(own, row.path)) throw refuse('user.self');
  context.checkVersion(row.version);
  await requireAllBelow(context, row.path, permission);
  return row;
}

/**
 * What is below goes along, so one delegation has to reach all of it: a hole, or an exception down there, is in the way
 * (I05). Closed ones have nothing left to lose.
 */
export async function requireAllBelow(
  { db, facts, target }: Context,
  path: string,
  permission: Permission,
): Promise<void> {
  if (facts.actor.kind === 'system' || facts.actor.kind === 'operator') return;
  const { rows } = await sql<{ id: string; path: string }>`
    select id, path from organization where path > ${path} and path < ${`${path}/`} and state <> 'closed'`.execute(
    db,
  );
  const all: Target[] = [
    target,
    ...rows.map((row) => ({ ...row, kind: 'organization', organizationId: row.id, off: false })),
  ];
  const covered = facts.held.some((held) => {
    const chain = chainIn(facts, held);
    return all.every((one) => !missingFrom(chain, permission, one, facts));
  });
  if (!covered)
    throw refuse('not-permitted', { permission, missing: describeMissing({ piece: 'place', permission }) });
}

export async function changeState(
  context: Context,
  before: OrganizationRow,
  state: OrganizationRow['state'],
  type: string,
): Promise<OrganizationRow> {
  const after = { ...before, state, version: before.version + 1 };
  await changeOrganization(context.db, after);
  context.record({
    type,
    targetKind: 'organization',
    targetId: after.id,
    organizationId: after.id,
    path: after.path,
    before: organizationState(before),
    after: organizationState(after),
  });
  return after;
}
