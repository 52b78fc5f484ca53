import { loadRecipients, type Recipient } from '../access/recipients.ts';
import type { Target } from '../authority/delegation.ts';
import { describeMissing } from '../authority/words.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';

/**
 * The membership that something is asked for: the one that is active in this session, another one of one's own, that of
 * somebody who reports to the asker, or that of somebody whom the asker may see. Asking gives nothing, so this is enough.
 */
export async function whomFor(context: Context, membershipId: string | undefined): Promise<Recipient> {
  const me = context.user();
  const { noStanding } = context.facts;
  if (noStanding)
    throw refuse('not-permitted', { missing: describeMissing({ piece: 'standing', reason: noStanding }) });
  const wanted = membershipId ?? me.membershipId;
  const found = wanted ? (await loadRecipients(context.db, [wanted], [], context.at)).get(wanted) : undefined;
  if (!found) throw refuse('not-found');
  if (found.target.userId !== me.userId && !isMyReport(context, found.target))
    context.require('user.read', found.target, 'user.read');
  if (found.gone) throw refuse('membership.ended');
  if (found.target.off) throw refuse('organization.off');
  return found;
}

/** They report to the asker, directly or through others: in the membership that is active in this session, at this moment. */
export const isMyReport = (context: Context, { line }: Target): boolean => {
  const { membershipId } = context.user();
  return membershipId !== null && line?.includes(membershipId) === true;
};
