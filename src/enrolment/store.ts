import { type Kysely, sql } from 'kysely';
import type { Target } from '../authority/delegation.ts';
import { newId } from '../platform/ids.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Offer, OfferedDelegation } from './offer.ts';

export type InvitationRow = {
  id: string;
  organizationId: string;
  path: string;
  email: string;
  emailNormal: string;
  displayName: string;
  title: string;
  message: string;
  firstDay: string | null;
  lastDay: string | null;
  membershipId: string | null;
  entitlementIds: string[];
  accessRoleIds: string[];
  grantedUnder: Record<string, string | null>;
  delegation: OfferedDelegation | null;
  invitedBy: string | null;
  invitedUnder: string | null;
  inviterMembershipId: string | null;
  state: 'open' | 'accepted' | 'revoked';
  expiresAt: Date;
  sentAt: Date | null;
  renewalAskedAt: Date | null;
  acceptedAt: Date | null;
  acceptedBy: string | null;
  version: number;
  createdAt: Date;
  /** it appoints a manager, and whoever offered that cannot act any more, or for now */
  offererAway: boolean;
};

export const invitationColumns = sql`
  i.id, i.organization_id as "organizationId", i.path, i.email, i.email_normal as "emailNormal",
  i.display_name as "displayName", i.title, i.message, i.first_day as "firstDay", i.last_day as "lastDay",
  i.membership_id as "membershipId", i.entitlement_ids as "entitlementIds", i.access_role_ids as "accessRoleIds",
  i.granted_under as "grantedUnder", i.delegation, i.invited_by as "invitedBy", i.invited_under as "invitedUnder",
  i.inviter_membership_id as "inviterMembershipId",
  i.state, i.expires_at as "expiresAt", i.sent_at as "sentAt", i.renewal_asked_at as "renewalAskedAt",
  i.accepted_at as "acceptedAt", i.accepted_by as "acceptedBy", i.version, i.created_at as "createdAt",
  exists (select 1 from delegation od join membership om on om.id = od.delegate_membership_id join app_user ou on ou.id = om.user_id
    where od.id = (i.delegation ->> 'under')::uuid and (om.state <> 'active' or om.starts_at > remit_now() or om.ends_at <= remit_now()
      or ou.state <> 'active' or place_is_off(om.path))) as "offererAway"`;

/** An invitation as its events keep it: no name, address or words of anybody. */
export const invitationStateOf = ({
  email: _email,
  emailNormal: _normal,
  displayName: _name,
  title: _title,
  message: _message,
  offererAway: _offererAway,
  ...state
}: InvitationRow): Record<string, unknown> => state;

/** Where an invitation stands; the place is the organization's of now, not the copy of then. */
export async function invitationTarget(
  db: Kysely<DB>,
  invitationId: string,
): Promise<(Target & { id: string }) | undefined> {
  const { rows } = await sql<Target & { id: string }>`
    select 'invitation' as kind, i.id, o.id as "organizationId", o.path, place_is_off(o.path) as off
    from invitation i join organization o on o.id = i.organization_id where i.id = ${invitationId}`.execute(
    db,
  );
  return rows[0];
}

/** Reads an invitation for a change: of two that come at once the second sees what the first did (I43). */
export async function lockInvitation(
  db: Kysely<DB>,
  invitationId: string,
): Promise<InvitationRow | undefined> {
  const { rows } = await sql<InvitationRow>`
    select ${invitationColumns} from invitation i where i.id = ${invitationId} for no key update`.execute(db);
  return rows[0];
}

export async function readInvitation(
  db: Kysely<DB>,
  invitationId: string,
): Promise<InvitationRow | undefined> {
  const { rows } = await sql<InvitationRow>`
    select ${invitationColumns} from invitation i where i.id = ${invitationId}`.execute(db);
  return rows[0];
}

export type NewInvitation = {
  organizationId: string;
  path: string;
  email: string;
  emailNormal: string;
  displayName: string;
  title?: string | undefined;
  message?: string | undefined;
  firstDay?: string | undefined;
  lastDay?: string | undefined;
  membershipId?: string | undefined;
  offer: Offer;
  invitedBy: string | null;
  invitedUnder: string | null;
  inviterMembershipId: string | null;
  expiresAt: Date;
};

/** Adds invitations; an address that got an open one meanwhile is left out of the answer. */
export async function addInvitations(
  db: Kysely<DB>,
  made: readonly NewInvitation[],
): Promise<InvitationRow[]> {
  if (made.length === 0) return [];
  const rows = made.map((one) => ({
    id: newId(),
    organization_id: one.organizationId,
    path: one.path,
    email: one.email,
    email_normal: one.emailNormal,
    display_name: one.displayName,
    title: one.title ?? '',
    message: one.message ?? '',
    first_day: one.firstDay ?? null,
    last_day: one.lastDay ?? null,
    membership_id: one.membershipId ?? null,
    entitlement_ids: one.offer.entitlementIds,
    access_role_ids: one.offer.accessRoleIds,
    granted_under: one.offer.grantedUnder,
    delegation: one.offer.delegation,
    invited_by: one.invitedBy,
    invited_under: one.invitedUnder,
    inviter_membership_id: one.inviterMembershipId,
    expires_at: one.expiresAt,
  }));
  const { rows: written } = await sql<InvitationRow>`
    insert into invitation as i (id, organization_id, path, email, email_normal, display_name, title, message, first_day, last_day,
      membership_id, entitlement_ids, access_role_ids, granted_under, delegation, invited_by, invited_under, inviter_membership_id, expires_at)
    select id, organization_id, path, email, email_normal, display_name, title, message, first_day, last_day,
      membership_id, entitlement_ids, access_role_ids, granted_under, delegation, invited_by, invited_under, inviter_membership_id, expires_at
    from jsonb_populate_recordset(null::invitation, ${JSON.stringify(rows)}::jsonb)
    on conflict (organization_id, email_normal) where state = 'open' do nothing
    returning ${invitationColumns}`.execute(db);
  return written;
}

export async function changeInvitation(db: Kysely<DB>, row: InvitationRow): Promise<void> {
  await sql`
    update invitation set state = ${row.state}, expires_at = ${row.expiresAt}, sent_at = ${row.sentAt},
      renewal_asked_at = ${row.renewalAskedAt}, accepted_at = ${row.acceptedAt}, accepted_by = ${row.acceptedBy},
      granted_under = ${JSON.stringify(row.grantedUnder)}::jsonb,
      delegation = ${row.delegation === null ? null : JSON.stringify(row.delegation)}::jsonb,
      invited_by = ${row.invitedBy}, invited_under = ${row.invitedUnder},
      inviter_membership_id = ${row.inviterMembershipId}, version = ${row.version}
    where id = ${row.id}`.execute(db);
}

/** Normal addresses of members of one organization, among these. */
export async function addressesHere(
  db: Kysely<DB>,
  organizationId: string,
  normals: readonly string[],
  at: Date,
): Promise<Set<string>> {
  const { rows } = await sql<{ normal: string }>`
    select coalesce(u.proved_email, lower(u.email)) as normal from app_user u
    join membership m on m.user_id = u.id and m.organization_id = ${organizationId} and m.state <> 'ended' and m.ends_at > ${at}
    where u.proved_email = any (${normals}::text[]) or lower(u.email) = any (${normals}::text[])`.execute(db);
  return new Set(rows.map(({ normal }) => normal));
}

/** Open invitations of one organization to these addresses, locked in the order of their ids. */
export async function lockOpenInvitations(
  db: Kysely<DB>,
  organizationId: string,
  normals: readonly string[],
): Promise<InvitationRow[]> {
  const { rows } = await sql<InvitationRow>`
    select ${invitationColumns} from invitation i where i.organization_id = ${organizationId} and i.state = 'open'
      and i.email_normal = any (${normals}::text[]) order by i.id for no key update`.execute(db);
  return rows;
}

/** Open invitations for somebody who is a member already, locked in the order of their ids. */
export async function lockInvitationsTo(db: Kysely<DB>, membershipId: string): Promise<InvitationRow[]> {
  const { rows } = await sql<InvitationRow>`
    select ${invitationColumns} from invitation i where i.membership_id = ${membershipId} and i.state = 'open'
    order by i.id for no key update`.execute(db);
  return rows;
}

export async function openInvitations(
  db: Kysely<DB>,
  organizationId: string,
  normals: readonly string[],
): Promise<InvitationRow[]> {
  const { rows } = await sql<InvitationRow>`
    select ${invitationColumns} from invitation i where i.organization_id = ${organizationId} and i.state = 'open'
      and i.email_normal = any (${normals}::text[])`.execute(db);
  return rows;
}

/** Who can sign in with this address: the one account that proved it. */
export async function ownerOfAddress(
  db: Kysely<DB>,
  normal: string,
): Promise<{ id: string; displayName: string; state: string } | undefined> {
  const { rows } = await sql<{ id: string; displayName: string; state: string }>`
    select id, display_name as "displayName", state from app_user where proved_email = ${normal}`.execute(db);
  return rows[0];
}
