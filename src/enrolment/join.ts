import { sql } from 'kysely';
import { grewBeyond } from '../authority/power.ts';
import { addMembership, fileUnder, membershipState } from '../directory/store.ts';
import type { Context } from '../operation/operation.ts';
import { newId } from '../platform/ids.ts';
import { queuePassword } from '../platform/password-queue.ts';
import { hashPassword, passwordProblem } from '../platform/passwords.ts';
import { refuse } from '../platform/refusals.ts';
import { type Joined, proveAddress } from './accept.ts';
import type { InvitationRow } from './store.ts';

export type Newcomer = {
  displayName: string;
  email: string | null;
  /** proved by whoever holds the link that was sent to it */
  provedEmail: string | null;
  userName: string | null;
  homeOrganizationId: string;
  language?: string | undefined;
};

/**
 * Adds a person and records it. Undefined when the proved address has an owner already.
 * @throws Refusal `user.name-taken`
 */
export async function addUser(
  context: Context,
  made: Newcomer,
  path: string,
): Promise<{ id: string } | undefined> {
  const id = newId();
  const { rows } = await sql`
    insert into app_user (id, home_organization_id, user_name, display_name, email, proved_email, email_proved_at, language)
    values (${id}, ${made.homeOrganizationId}, ${made.userName}, ${made.displayName}, ${made.email}, ${made.provedEmail},
      ${made.provedEmail === null ? null : context.at}, ${made.language ?? 'en'})
    on conflict do nothing returning 1`.execute(context.db);
  if (rows.length === 0) {
    if (made.userName !== null) throw refuse('user.name-taken', { userName: made.userName });
    return undefined;
  }
  context.record({
    type: 'user.created',
    targetKind: 'user',
    targetId: id,
    organizationId: made.homeOrganizationId,
    path,
    subjectId: id,
    after: {
      id,
      homeOrganizationId: made.homeOrganizationId,
      state: 'active',
      emailProved: made.provedEmail !== null,
    },
    personal: { displayName: made.displayName, email: made.email, userName: made.userName },
  });
  return { id };
}

/** Adds a membership and records it. */
export async function addMember(
  context: Context,
  made: Parameters<typeof addMembership>[1],
): Promise<Awaited<ReturnType<typeof addMembership>>> {
  const membership = await addMembership(context.db, made);
  context.record({
    type: 'membership.created',
    targetKind: 'membership',
    targetId: membership.id,
    organizationId: membership.organizationId,
    path: membership.path,
    subjectId: membership.userId,
    after: membershipState(membership),
    personal: { title: membership.title },
  });
  return membership;
}

/** Somebody new: an account at home in the organization that invites, with its address proved by the link. */
export async function joinAsNew(
  context: Context,
  row: InvitationRow,
  chosen: { displayName: string; password: string; language?: string | undefined },
): Promise<Joined> {
  const passwordHash = await hashChosen(chosen.password, row, chosen.displayName);
  const user = await addUser(
    context,
    {
      displayName: chosen.displayName,
      email: row.email,
      provedEmail: row.emailNormal,
      userName: null,
      homeOrganizationId: row.organizationId,
      language: chosen.language,
    },
    row.path,
  );
  if (!user) throw refuse('invitation.sign-in-first');
  await keepPassword(context, user.id, passwordHash);
  const membership = await addMember(context, { ...row, userId: user.id, displayName: chosen.displayName });
  await queuePassword(context.db, context.config.secretKeys, user.id, chosen.password);
  return { userId: user.id, membershipId: membership.id };
}

async function inviterMembership(context: Context, row: InvitationRow): Promise<string | null> {
  const { rows } = await sql<{ id: string | null }>`
    select delegate_membership_id as id from delegation where id = ${row.invitedUnder}`.execute(context.db);
  return rows[0]?.id ?? null;
}

/**
 * The inviter may have chosen the address: a member who was appointed since needs an invitation from above (I12).
 * @throws Refusal `invitation.dead`
 */
export async function refuseGrown(context: Context, row: InvitationRow, userId: string): Promise<void> {
  if (await grewBeyond(context.db, userId, row.createdAt, await inviterMembership(context, row)))
    throw refuse('invitation.dead');
}

/** A member who had no sign-in yet (taken over from files) sets one up. */
export async function setUpSignIn(
  context: Context,
  row: InvitationRow,
  userId: string,
  chosen: { displayName: string | undefined; password: string | undefined },
): Promise<Joined> {
  await refuseGrown(context, row, userId);
  if (chosen.password !== undefined)
    await keepPassword(
      context,
      userId,
      await hashChosen(chosen.password, row, chosen.displayName ?? row.displayName),
    );
  if (chosen.password !== undefined)
    await queuePassword(context.db, context.config.secretKeys, userId, chosen.password);
  await proveAddress(context, userId, row);
  if (chosen.displayName) {
    await sql`update app_user set display_name = ${chosen.displayName} where id = ${userId}`.execute(
      context.db,
    );
    await fileUnder(context.db, userId, chosen.displayName);
  }
  context.record({
    type: 'user.address-proved',
    targetKind: 'user',
    targetId: userId,
    organizationId: row.organizationId,
    path: row.path,
    subjectId: userId,
    after: { id: userId, emailProved: true },
    personal: { email: row.email, ...(chosen.displayName ? { displayName: chosen.displayName } : {}) },
  });
  return { userId, membershipId: row.membershipId! };
}

async function hashChosen(password: string, row: InvitationRow, displayName: string): Promise<string> {
  const problem = passwordProblem(password, [displayName, row.email, row.email.split('@')[0]!]);
  if (problem) throw refuse('auth.password-weak', { problem });
  return hashPassword(password);
}

async function keepPassword(context: Context, userId: string, passwordHash: string): Promise<void> {
  await sql`insert into credential (user_id, password_hash, changed_at) values (${userId}, ${passwordHash}, remit_now())`.execute(
    context.db,
  );
}
