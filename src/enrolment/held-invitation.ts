import { type Kysely, sql } from 'kysely';
import type { Target } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import { builtInNames } from '../authority/words.ts';
import { subjectOfLinkSecret } from '../platform/one-time-secrets.ts';
import type { DB } from '../platform/schema.gen.ts';
import { type InvitationState, invitationState } from './rules.ts';
import {
  type InvitationRow,
  invitationTarget,
  lockInvitation,
  ownerOfAddress,
  readInvitation,
} from './store.ts';
import { loadUnder } from './under.ts';

/** An invitation as somebody sees it who holds its link. */
export type HeldInvitation = {
  row: InvitationRow;
  target: Target;
  under: Facts | undefined;
  state: InvitationState;
};

/** The invitation whose link this is, whatever became of it; undefined for a link that never was one. */
export async function heldInvitation(
  db: Kysely<DB>,
  token: string,
  at: Date,
  lock = false,
): Promise<HeldInvitation | undefined> {
  const invitationId = await subjectOfLinkSecret(db, 'invitation', token);
  if (!invitationId) return undefined;
  const row = await (lock ? lockInvitation(db, invitationId) : readInvitation(db, invitationId));
  if (!row) return undefined;
  const target = (await invitationTarget(db, invitationId))!;
  const under = (await loadUnder(db, [row]))(row);
  return { row, target, under, state: invitationState({ ...row, under }, target, at) };
}

/**
 * What the holder of the link has to do to accept: choose a password as somebody new, sign in first because the
 * address is known, accept as whom they are signed in, or sign out because that is somebody else.
 */
export type Step = 'password' | 'sign-in' | 'accept' | 'other-address';

export async function nextStep(
  db: Kysely<DB>,
  row: InvitationRow,
  signedIn: { userId: string } | undefined,
): Promise<{
  step: Step /** the person who is a member already and has no sign-in */;
  member: string | undefined;
}> {
  const owner = await ownerOfAddress(db, row.emailNormal);
  const member = row.membershipId ? await memberOf(db, row.membershipId) : undefined;
  if (signedIn) {
    // Somebody whom a file brought, and who signs in with that address already: the account is what they have.
    const whom = member && (member.hasSignIn || !owner) ? member.userId : owner?.id;
    return { step: whom === signedIn.userId ? 'accept' : 'other-address', member: member?.userId };
  }
  const known = member ? member.hasSignIn || (owner && owner.id !== member.userId) : owner;
  return { step: known ? 'sign-in' : 'password', member: member?.userId };
}

async function memberOf(
  db: Kysely<DB>,
  membershipId: string,
): Promise<{ userId: string; hasSignIn: boolean } | undefined> {
  const { rows } = await sql<{ userId: string; hasSignIn: boolean }>`
    select m.user_id as "userId", exists (select 1 from credential c where c.user_id = m.user_id) as "hasSignIn"
    from membership m where m.id = ${membershipId}`.execute(db);
  return rows[0];
}

/** What the page tells about an invitation: who invites, to what, and what comes with it. */
export async function describeInvitation(
  db: Kysely<DB>,
  row: InvitationRow,
): Promise<{
  organizationName: string;
  inviterName: string | null;
  managerAs: string | null;
  access: { application: string | null; name: string }[];
}> {
  const { rows } = await sql<{
    organizationName: string;
    inviterName: string | null;
    managerAs: string | null;
    access: { application: string | null; name: string }[] | null;
  }>`
    select o.name as "organizationName",
      (select u.display_name from app_user u where u.id = ${row.invitedBy}::uuid) as "inviterName",
      (select coalesce(${builtInNames()}::jsonb ->> r.key, r.name) from admin_role r where r.id = ${row.delegation?.adminRoleId ?? null}::uuid) as "managerAs",
      (select jsonb_agg(given order by given.application nulls first, given.name) from (
        select a.name as application, e.name from entitlement e join application a on a.id = e.application_id
          where e.id = any (${row.entitlementIds}::uuid[])
        union all select null, r.name from access_role r where r.id = any (${row.accessRoleIds}::uuid[])) given) as access
    from organization o where o.id = ${row.organizationId}`.execute(db);
  return { ...rows[0]!, access: rows[0]!.access ?? [] };
}
