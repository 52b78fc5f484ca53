import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import { addOrganization, type NewOrganization, type OrganizationRow, organizationState } from './store.ts';

/**
 * Makes an organization below the target that the actor was permitted on; whoever decides a request for one makes it in
 * the same way. @throws Refusal `organization.off`, `organization.too-deep`, `organization.name-taken`
 */
export async function makeOrganization(context: Context, made: NewOrganization): Promise<OrganizationRow> {
  if (context.target.off) throw refuse('organization.off');
  const row = await addOrganization(context.db, made);
  context.record({
    type: 'organization.created',
    targetKind: 'organization',
    targetId: row.id,
    organizationId: row.id,
    path: row.path,
    after: organizationState(row),
    personal: { name: row.name, description: row.description },
  });
  return row;
}
