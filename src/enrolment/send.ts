import { sql } from 'kysely';
import type { Chain, Target } from '../authority/delegation.ts';
import { selvesOf } from '../authority/self.ts';
import { spanOf } from '../directory/days.ts';
import { requireMayBringIn } from '../directory/grants.ts';
import { lockOrganization } from '../directory/store.ts';
import type { Context } from '../operation/operation.ts';
import { makerOf, userOf } from '../operation/operation.ts';
import type { EmailAddress } from '../platform/email-address.ts';
import { invalid } from '../platform/problems.ts';
import { type Refusal, refuse } from '../platform/refusals.ts';
import type { Offer } from './offer.ts';
import { dayMs, invitationDays, invitationState } from './rules.ts';
import {
  addInvitations,
  addressesHere,
  changeInvitation,
  type InvitationRow,
  invitationStateOf,
  lockOpenInvitations,
} from './store.ts';
import { loadUnder } from './under.ts';

/** Event types of whatever sends invitations. */
export const sendEvents = ['invitation.created', 'invitation.revoked'] as const;

export type Invited = { email: EmailAddress; displayName: string; membershipId?: string };

export type Terms = {
  title?: string | undefined;
  message?: string | undefined;
  firstDay?: string | undefined;
  lastDay?: string | undefined;
};

export type Sent = { ok: true; invitation: InvitationRow } | { ok: false; refusal: Refusal };

/**
 * Offers each of these people to join one organization, or says why not. Somebody who has an account elsewhere is
 * answered as somebody new (I40). The mail goes out from the event, not from here.
 * @param under the actor's chain that lets them invite there; empty for the instance itself
 */
export async function sendInvitations(
  context: Context,
  target: Target,
  people: readonly Invited[],
  terms: Terms,
  offer: Offer,
  under: Chain,
): Promise<Sent[]> {
  const { db, at } = context;
  const organization = await lockOrganization(db, target.organizationId);
  if (target.off) throw refuse('organization.off');
  const { endsAt } = spanOf(null, terms.lastDay ?? null, organization.timeZone);
  await requireMayBringIn(context, [target.path], { title: terms.title, until: endsAt });
  // Nothing is accepted after the last day that it would bring.
  const until = new Date(at.getTime() + invitationDays * dayMs);
  const expiresAt = endsAt !== 'infinity' && endsAt < until ? endsAt : until;
  if (expiresAt <= at) throw invalid('lastDay', 'has-passed');
  const normals = [...new Set(people.map(({ email }) => email.normal))];
  const here = await addressesHere(db, target.organizationId, normals, at);
  const open = await stillOpen(
    context,
    target,
    await lockOpenInvitations(db, target.organizationId, normals),
  );
  const own = await ownAddresses(context);
  const seen = new Set<string>();
  const refusals = people.map(({ email, membershipId }): Refusal | undefined => {
    if (seen.has(email.normal)) return refuse('invitation.twice');
    seen.add(email.normal);
    if (own.has(email.normal)) return refuse('user.self');
    if (here.has(email.normal) && !membershipId) return refuse('membership.exists');
    return open.has(email.normal) ? refuse('invitation.open-already') : undefined;
  });
  const made = await addInvitations(
    db,
    people.flatMap((person, index) =>
      refusals[index]
        ? []
        : [
            {
              organizationId: organization.id,
              path: organization.path,
              email: person.email.address,
              emailNormal: person.email.normal,
              displayName: person.displayName,
              membershipId: person.membershipId,
              ...terms,
              offer,
              invitedBy: userOf(context)?.userId ?? null,
              invitedUnder: under[0]?.id ?? null,
              inviterMembershipId: makerOf(context),
              expiresAt,
            },
          ],
    ),
  );
  for (const row of made) recordInvitation(context, 'invitation.created', row, { because: under });
  const byAddress = new Map(made.map((row) => [row.emailNormal, row]));
  return people.map((person, index) => {
    const invitation = byAddress.get(person.email.normal);
    if (refusals[index]) return { ok: false, refusal: refusals[index] };
    return invitation ? { ok: true, invitation } : { ok: false, refusal: refuse('invitation.open-already') };
  });
}

/** Nobody invites themselves: what comes with it would be their own doing (I02). */
async function ownAddresses({ db, facts }: Context): Promise<Set<string>> {
  const { rows } = await sql<{ address: string }>`
    select proved_email as address from app_user
    where id = any (${selvesOf(facts)}::uuid[]) and proved_email is not null`.execute(db);
  return new Set(rows.map(({ address }) => address));
}

/** Those that can still be accepted. Expired and dead ones make room: they are taken back now. */
async function stillOpen(context: Context, target: Target, rows: InvitationRow[]): Promise<Set<string>> {
  const underOf = await loadUnder(context.db, rows);
  const open = new Set<string>();
  for (const row of rows) {
    if (invitationState({ ...row, under: underOf(row) }, target, context.at) === 'open')
      open.add(row.emailNormal);
    else await revoke(context, row);
  }
  return open;
}

export async function revoke(context: Context, before: InvitationRow): Promise<InvitationRow> {
  const after: InvitationRow = { ...before, state: 'revoked', version: before.version + 1 };
  await changeInvitation(context.db, after);
  recordInvitation(context, 'invitation.revoked', after, { before });
  return after;
}

export function recordInvitation(
  context: Context,
  type: string,
  row: InvitationRow,
  more: { before?: InvitationRow; because?: Chain; subjectId?: string } = {},
): void {
  context.record({
    type,
    targetKind: 'invitation',
    targetId: row.id,
    organizationId: row.organizationId,
    path: row.path,
    subjectId: more.subjectId ?? null,
    before: more.before ? invitationStateOf(more.before) : null,
    after: invitationStateOf(row),
    personal: { email: row.email, displayName: row.displayName },
    ...(more.because ? { because: more.because } : {}),
  });
}
