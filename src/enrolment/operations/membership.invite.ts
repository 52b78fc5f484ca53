import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, operation } from '../../operation/operation.ts';
import { accountTarget, membershipTarget } from '../../operation/targets.ts';
import { readEmailAddress } from '../../platform/email-address.ts';
import { Refusal, refuse } from '../../platform/refusals.ts';
import { sendEvents, sendInvitations } from '../send.ts';

export const membershipInvite = operation({
  name: 'membership.invite',
  summary: 'Invite members who have no sign-in yet (taken over from files) to set one up.',
  http: 'POST /memberships/invite',
  input: z.object({
    membershipIds: z.array(z.uuid()).min(1).max(500),
    message: z.string().trim().max(2000).optional(),
  }),
  output: z.object({
    results: z.array(
      z.object({
        membershipId: z.uuid(),
        ok: z.boolean(),
        invitationId: z.uuid().optional(),
        refusal: z.object({ code: z.string(), text: z.string() }).optional(),
      }),
    ),
  }),
  needs: { permission: 'user.invite', within: 'reach' },
  effect: 'changing',
  events: sendEvents,
  run: async (context, input) => {
    const results: { membershipId: string; ok: boolean; invitationId?: string; refusal?: Line }[] = [];
    for (const membershipId of input.membershipIds) {
      try {
        results.push({
          membershipId,
          ok: true,
          invitationId: await inviteOne(context, membershipId, input.message),
        });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        results.push({ membershipId, ok: false, refusal: { code: error.code, text: error.message } });
      }
    }
    if (!results.some(({ ok }) => ok)) context.nothingChanged();
    return { results };
  },
});

type Line = { code: string; text: string };

/**
 * The link goes to the address that was recorded with the person; the doer neither chooses it nor sees the link.
 * Choosing another address is `invitation.readdress`, which takes the whole of the person's power (I12).
 */
async function inviteOne(
  context: Context,
  membershipId: string,
  message: string | undefined,
): Promise<string> {
  const target = await membershipTarget(context.db, membershipId);
  const { because } = context.require('user.invite', target, 'user.read');
  // Setting up a sign-in is an act on the account, so the home has to be in reach too.
  context.require('user.invite', await accountTarget(context.db, target!.userId!), 'user.read');
  const { rows } = await sql<Member>`
    select u.email, u.display_name as "displayName", m.title, m.state, m.ends_at <= ${context.at} as gone,
      exists (select 1 from credential c where c.user_id = u.id) as "hasSignIn"
    from membership m join app_user u on u.id = m.user_id where m.id = ${membershipId}`.execute(context.db);
  const member = rows[0]!;
  if (member.state === 'ended' || member.gone) throw refuse('membership.ended');
  if (member.hasSignIn) throw refuse('user.has-sign-in');
  const email = readEmailAddress(member.email ?? '');
  if (!email) throw refuse('user.no-address');
  const [sent] = await sendInvitations(
    context,
    target!,
    [{ email, displayName: member.displayName, membershipId }],
    { title: member.title, message },
    { entitlementIds: [], accessRoleIds: [], grantedUnder: {}, delegation: null },
    because,
  );
  if (!sent?.ok) throw sent!.refusal;
  return sent.invitation.id;
}

type Member = {
  email: string | null;
  displayName: string;
  title: string;
  state: string;
  gone: boolean;
  hasSignIn: boolean;
};
