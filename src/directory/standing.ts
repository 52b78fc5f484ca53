import { isAtOrBelow } from '../authority/place.ts';
import { type Context, userOf } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import {
  changeOrganization,
  lockOrganizationToChange,
  type OrganizationRow,
  organizationState,
} from './store.ts';

/** Reads an organization that somebody is about to switch off: never the topmost, never one's own (I38). */
export async function lockToSwitchOff(context: Context): Promise<OrganizationRow> {
  const row = await lockOrganizationToChange(context.db, context.target.organizationId);
  if (row.parentId === null) throw refuse('organization.root');
  const own = userOf(context)?.path;
  if (own && isAtOrBelow(own, row.path)) throw refuse('user.self');
  context.checkVersion(row.version);
  return row;
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
