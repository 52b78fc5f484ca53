import type { Target } from '../../authority/delegation.ts';
import type { Context } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { refuse } from '../../platform/refusals.ts';

/**
 * An organization, for whoever asks about it: one of its own members, or who sees it. Anybody else is answered as if
 * there were none (I08).
 */
export async function placeAsked(context: Context, organizationId: string): Promise<Target> {
  const target = await organizationTarget(context.db, organizationId);
  if (context.user().organizationId !== organizationId)
    context.require('organization.read', target, 'organization.read');
  if (!target || target.off) throw refuse(target ? 'organization.off' : 'not-found');
  return target;
}
