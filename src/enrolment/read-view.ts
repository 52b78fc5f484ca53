import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import { type InvitationView, listInvitations } from './view.ts';

/** One invitation as its reader sees it; the target was decided before. */
export async function readView(context: Context, invitationId: string): Promise<InvitationView> {
  const people = context.reach('user.read');
  const { items } = await listInvitations(
    context.db,
    { reach: people, people, state: 'all', invitationId },
    { cursor: undefined, limit: 1, at: context.at },
  );
  if (!items[0]) throw refuse('not-found');
  return items[0];
}
