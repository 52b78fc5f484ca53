import { type Loaded, loadAssignments } from '../../access/take.ts';
import type { Context } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { isMyReport, whomFor } from '../for-whom.ts';

/**
 * An access that somebody has, for whoever asks about it: the person themself, their line manager, or who sees what
 * people have there. Anybody else is answered as if there were none (I08).
 * @throws Refusal `not-found`, `access.ended`
 */
export async function assignmentAsked(context: Context, assignmentId: string): Promise<Loaded> {
  const found = (await loadAssignments(context, [assignmentId])).get(assignmentId);
  // What an organization has, with all its people, is no person's to ask about.
  if (!found?.row.membershipId) throw refuse('not-found');
  const { target } = await whomFor(context, found.row.membershipId);
  if (target.userId !== context.user().userId && !isMyReport(context, target))
    context.require('access.read', target, 'access.read');
  if (found.row.state !== 'active' || found.row.endsAt <= context.at) throw refuse('access.ended');
  return found;
}
