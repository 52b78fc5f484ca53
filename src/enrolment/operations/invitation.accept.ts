import { sql } from 'kysely';
import { z } from 'zod';
import { giveEvents } from '../../access/give.ts';
import { chainIn } from '../../authority/chain.ts';
import { spanOf } from '../../directory/days.ts';
import { requireMayBringIn } from '../../directory/grants.ts';
import { endingEvents } from '../../directory/leaving.ts';
import { readOrganization } from '../../directory/store.ts';
import { type Context, operation, userOf } from '../../operation/operation.ts';
import { isRefusal } from '../../operation/raised.ts';
import { redeemLinkSecret } from '../../platform/one-time-secrets.ts';
import { longestPassword } from '../../platform/passwords.ts';
import { invalid } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { startSession } from '../../platform/sessions.ts';
import { appointOffered, giveOffered, type Joined } from '../accept.ts';
import { personName, token } from '../fields.ts';
import { type HeldInvitation, heldInvitation, nextStep } from '../held-invitation.ts';
import { addMember, joinAsNew, setUpSignIn } from '../join.ts';
import { joinAccounts, oneAccountEvents } from '../one-account.ts';
import { refusalOf } from '../rules.ts';
import { recordInvitation } from '../send.ts';
import { changeInvitation, type InvitationRow } from '../store.ts';

type Chosen = {
  displayName?: string | undefined;
  password?: string | undefined;
  language?: string | undefined;
};

export const invitationAccept = operation({
  name: 'invitation.accept',
  summary: 'Accept an invitation: once, until it expires.',
  http: 'POST /invitations/accept',
  input: z.object({
    token,
    displayName: personName.optional().describe('Your name; needed where the invitation has none.'),
    password: z
      .string()
      .max(longestPassword * 4)
      .optional()
      .describe('For somebody who has no sign-in yet.'),
    language: z
      .string()
      .regex(/^[a-z]{2}(-[A-Z]{2})?$/)
      .optional(),
  }),
  output: z.object({
    userId: z.uuid(),
    membershipId: z.uuid(),
    organizationId: z.uuid(),
    signedIn: z.boolean().describe('A session was started; before the first day there is none.'),
  }),
  needs: 'public',
  effect: 'changing',
  strangersPerMinute: 20,
  events: [
    ...giveEvents,
    ...oneAccountEvents,
    ...endingEvents,
    'user.created',
    'user.address-proved',
    'membership.created',
    'delegation.created',
    'invitation.accepted',
    'session.created',
  ],
  run: async (context, input) => {
    const held = await openInvitation(context, input.token);
    // The seat that it kept is free for whom it was kept.
    await changeInvitation(context.db, { ...held.row, state: 'accepted' });
    await requireStillMayBringIn(context, held);
    const joined = await join(context, held.row, input);
    await giveOffered(context, held, joined);
    await appointOffered(context, held, joined);
    await close(context, held, joined, input.token);
    const signedIn = await signIn(context, held.row, joined);
    return { ...joined, organizationId: held.row.organizationId, signedIn };
  },
});

/** Locked, so that of two acceptances at once the second finds it used (I43). */
async function openInvitation(context: Context, secret: string): Promise<HeldInvitation> {
  const held = await heldInvitation(context.db, secret, context.at, true);
  if (!held) throw refuse('invitation.unknown');
  if (held.state === 'revoked' || held.state === 'accepted') throw refuse(refusalOf[held.state]);
  if (held.target.off) throw refuse('organization.off');
  if (held.state !== 'open') throw refuse(refusalOf[held.state]);
  return held;
}

/** What belonging there gives is decided again, under the link it was offered under: it may be more than it was then. */
async function requireStillMayBringIn(
  context: Context,
  { under, target, row }: HeldInvitation,
): Promise<void> {
  if (!under) return;
  const { timeZone } = (await readOrganization(context.db, row.organizationId))!;
  const { endsAt } = spanOf(null, row.lastDay, timeZone);
  try {
    await requireMayBringIn({ db: context.db, facts: under }, [target.path], {
      title: row.title,
      until: endsAt,
    });
  } catch (error) {
    if (isRefusal(error)) throw refuse('invitation.dead');
    throw error;
  }
}

async function join(context: Context, row: InvitationRow, chosen: Chosen): Promise<Joined> {
  if (context.facts.noStanding === 'user-off') throw refuse('auth.required');
  const { step, member } = await nextStep(context.db, row, userOf(context));
  if (step === 'other-address') throw refuse('invitation.other-address');
  if (step === 'sign-in') throw refuse('invitation.sign-in-first');
  if (step === 'password' && chosen.password === undefined) throw invalid('password', 'choose-password');
  const displayName = chosen.displayName || row.displayName;
  const signedIn = userOf(context);
  if (member && signedIn && member !== signedIn.userId) return joinAccounts(context, row, member, signedIn);
  if (member)
    return setUpSignIn(context, row, member, {
      displayName: chosen.displayName,
      password: step === 'password' ? chosen.password : undefined,
    });
  if (step === 'accept') {
    const { userId, displayName } = userOf(context)!;
    const membership = await addMember(context, { ...row, userId, displayName });
    return { userId, membershipId: membership.id };
  }
  if (displayName === '') throw invalid('displayName', 'say-name');
  return joinAsNew(context, row, { ...chosen, displayName, password: chosen.password! });
}

async function close(
  context: Context,
  { row, under }: HeldInvitation,
  joined: Joined,
  secret: string,
): Promise<void> {
  const after: InvitationRow = {
    ...row,
    state: 'accepted',
    acceptedAt: context.at,
    acceptedBy: joined.userId,
    version: row.version + 1,
  };
  await changeInvitation(context.db, after);
  await redeemLinkSecret(context.db, 'invitation', secret);
  recordInvitation(context, 'invitation.accepted', after, {
    before: row,
    subjectId: joined.userId,
    ...(under ? { because: chainIn(under, under.held[0]!) } : {}),
  });
}

/** The link proved the address and the password was just chosen: no second form asks for it again. */
async function signIn(context: Context, row: InvitationRow, joined: Joined): Promise<boolean> {
  if (userOf(context)) return true;
  const { rows } = await sql<{ usable: boolean }>`
    select m.state = 'active' and m.starts_at <= ${context.at} and m.ends_at > ${context.at} as usable
    from membership m where m.id = ${joined.membershipId}`.execute(context.db);
  if (!rows[0]?.usable) return false;
  const { sessionId, cookie } = await startSession(context.db, { ...joined, caller: context.caller });
  context.reply.cookies.push(cookie);
  context.record({
    type: 'session.created',
    targetKind: 'session',
    targetId: sessionId,
    organizationId: row.organizationId,
    path: row.path,
    subjectId: joined.userId,
    after: { id: sessionId, ...joined, means: 'invitation' },
    personal: { address: context.caller.address, userAgent: context.caller.userAgent },
  });
  return true;
}
