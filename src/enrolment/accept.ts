import { sql } from 'kysely';
import { giveAccess } from '../access/give.ts';
import { loadRecipients } from '../access/recipients.ts';
import { loadThings } from '../access/things.ts';
import type { Actor } from '../authority/facts.ts';
import { appoint } from '../delegation/appoint.ts';
import { intersectLimits, limitOf } from '../delegation/rules.ts';
import { limitsOf, loadApplicationOf } from '../delegation/store.ts';
import type { Context } from '../operation/operation.ts';
import { Refusal, refuse } from '../platform/refusals.ts';
import type { HeldInvitation } from './held-invitation.ts';
import { factsUnder, prepareManager, withFacts } from './offer.ts';
import type { InvitationRow } from './store.ts';

/** The member that acceptance made. */
export type Joined = { userId: string; membershipId: string };

/**
 * What acceptance gives is decided again under the links it was offered under, as its giver's act (I01): a person's or
 * an API key's. Only what was sent under no link at all was the instance's own.
 */
function giverOf({ row, under }: HeldInvitation): Actor {
  if (row.invitedBy !== null)
    return {
      kind: 'user',
      userId: row.invitedBy,
      membershipId: row.inviterMembershipId,
      sessionId: null,
      displayName: '',
      organizationId: null,
      path: null,
      language: 'en',
    };
  const clientId = under?.held[0]?.delegateClientId;
  if (!clientId) return { kind: 'operator' };
  return { kind: 'client', clientId, name: '', organizationId: row.organizationId, path: row.path };
}

/**
 * Gives the access that was offered, as far as the giver's links and the organization's ceiling still allow it: what
 * was narrowed away since is left out, and the person joins without it.
 */
export async function giveOffered(
  context: Context,
  held: HeldInvitation,
  { membershipId }: Joined,
): Promise<void> {
  const { db, at } = context;
  const { row } = held;
  const ids = [...row.entitlementIds, ...row.accessRoleIds];
  if (ids.length === 0) return;
  const things = await loadThings(db, row.entitlementIds, row.accessRoleIds);
  const recipients = await loadRecipients(db, [membershipId], [], at);
  const actor = giverOf(held);
  for (const id of ids) {
    const facts = await factsUnder(db, row.grantedUnder[id] ?? null, { at, actor }, row.inviterMembershipId);
    const thing = things.get(id);
    if (!facts || !thing) continue;
    const giver = { db, at, facts, record: context.record };
    // The mail waited its 10 s before it left; whoever accepts gets in at once.
    await giveAccess(giver, [recipients.get(membershipId)], [thing], {
      why: 'invitation',
      reason: '',
      from: undefined,
      until: undefined,
      atOnce: true,
    });
  }
}

/**
 * Makes the manager that was offered, within what the giver's link gives now and never more than was shown then.
 * @throws Refusal `invitation.dead` when nothing of it can be given any more
 */
export async function appointOffered(
  context: Context,
  held: HeldInvitation,
  { userId, membershipId }: Joined,
): Promise<void> {
  const { row, target } = held;
  const offered = row.delegation;
  if (!offered) return;
  const { db, at } = context;
  const facts = await factsUnder(
    db,
    offered.under,
    { at, actor: giverOf(held) },
    held.row.inviterMembershipId,
  );
  if (!facts) throw refuse('invitation.dead');
  const giver = withFacts(context, facts);
  try {
    const until = offered.endsAt ? new Date(offered.endsAt) : undefined;
    // First as much as the link gives now, then no more than was offered.
    const most = await prepareManager(giver, target, {
      adminRoleId: offered.adminRoleId,
      entitlements: 'same',
      mayPassOn: 'same',
    });
    const applicationOf = await loadApplicationOf(db, [offered.entitlements, ...limitsOf(most.parent)]);
    const prepared = await prepareManager(giver, target, {
      adminRoleId: offered.adminRoleId,
      entitlements: intersectLimits(offered.entitlements, limitOf(most.parent, applicationOf), applicationOf),
      mayPassOn: Math.min(offered.mayPassOn, most.proposal.mayPassOn),
      until: until && until < most.proposal.endsAt ? until : undefined,
    });
    const { appointment } = prepared;
    await appoint(giver, {
      ...prepared,
      appointment: { ...appointment, delegate: { kind: 'user', userId, membershipId } },
    });
  } catch (error) {
    if (error instanceof Refusal) throw refuse('invitation.dead');
    throw error;
  }
}

/** The name space of proved addresses is one: of two that come at once, one wins (I40). */
export async function proveAddress(context: Context, userId: string, row: InvitationRow): Promise<void> {
  const { rows } = await sql`
    update app_user u set email = ${row.email}, proved_email = ${row.emailNormal}, email_proved_at = ${context.at}, version = version + 1
    where u.id = ${userId} and not exists (select 1 from app_user o where o.proved_email = ${row.emailNormal} and o.id <> u.id)
    returning 1`.execute(context.db);
  if (rows.length === 0) throw refuse('invitation.sign-in-first');
}
