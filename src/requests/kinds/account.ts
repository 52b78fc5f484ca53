import { sql } from 'kysely';
import { z } from 'zod';
import type { Target } from '../../authority/delegation.ts';
import { describeMissing } from '../../authority/words.ts';
import { decideOffer } from '../../enrolment/offer.ts';
import { revoke, sendInvitations } from '../../enrolment/send.ts';
import { lockInvitation } from '../../enrolment/store.ts';
import type { Context } from '../../operation/operation.ts';
import { type EmailAddress, readEmailAddress } from '../../platform/email-address.ts';
import { refuse } from '../../platform/refusals.ts';
import { say } from '../say.ts';
import type { Kind, Wanted } from './kind.ts';

const payload = z
  .object({
    email: z.string(),
    displayName: z.string(),
    title: z.string(),
    message: z.string(),
    lastDay: z.string().nullable(),
    proved: z.boolean().describe('Whoever asked has shown that the address is theirs.'),
  })
  .strict();
type Payload = z.infer<typeof payload>;

/**
 * Somebody new in an organization. Approved, they get the invitation that anybody gets; nobody signs in before. Somebody
 * known elsewhere is answered like somebody new throughout (I40).
 */
export const account: Kind<Payload> = {
  payload,
  words: (row, { displayName, email }) =>
    say('kind.account', { organization: row.organizationName, name: displayName || email }),
  details: ({ email, title, message, lastDay }) => ({ email, title, message, lastDay }),
  apply: async (giver, _row, asked) => {
    const { target } = giver;
    const offer = await decideOffer(giver, target, { entitlementIds: [], accessRoleIds: [] });
    const terms = {
      title: asked.title || undefined,
      message: asked.message || undefined,
      lastDay: asked.lastDay ?? undefined,
    };
    const person = { email: readEmailAddress(asked.email)!, displayName: asked.displayName };
    const [sent] = await sendInvitations(giver, target, [person], terms, offer, giver.permit.because);
    if (!sent!.ok) throw sent!.refusal;
    return sent!.invitation.id;
  },
  takeBack: async ({ context }, { made }) => {
    const row = await lockInvitation(context.db, made!);
    if (row?.state !== 'open') throw refuse('undo.too-late');
    await revoke(context, row);
  },
};

/**
 * Whoever looks after people there, and line managers of somebody there: a standard user asks for nobody else's account.
 * @throws Refusal `not-permitted`
 */
export async function mayAskForAccount(context: Context, target: Target): Promise<void> {
  if (context.decide('user.read', target).effect === 'permit') return;
  const { rows } = await sql`
    select 1 from membership m where m.organization_id = ${target.organizationId} and m.state <> 'ended'
      and m.line @> array[${context.user().membershipId}::uuid] limit 1`.execute(context.db);
  if (rows.length === 0)
    throw refuse('not-permitted', {
      permission: 'user.read',
      missing: describeMissing({ piece: 'permission', permission: 'user.read' }),
    });
}

export function wantedAccount(
  target: Target,
  address: EmailAddress,
  asked: Omit<Payload, 'email'> & { reason: string },
): Wanted {
  const { reason, ...rest } = asked;
  return {
    kind: 'account',
    payload: { ...rest, email: address.address },
    gives: ['request.decide', 'user.invite'],
    organizationId: target.organizationId!,
    path: target.path,
    membershipId: null,
    subjectId: null,
    entitlementId: null,
    accessRoleId: null,
    entitlementIds: [],
    reason,
    endsAt: null,
    same: `${target.organizationId} ${address.normal}`,
  };
}
