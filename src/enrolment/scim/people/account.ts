import { sql } from 'kysely';
import { loadPower } from '../../../authority/power.ts';
import { requireMayRecord } from '../../../directory/grants.ts';
import { fileUnder } from '../../../directory/store.ts';
import type { Context } from '../../../operation/operation.ts';
import { accountTarget } from '../../../operation/targets.ts';
import { endSecrets } from '../../../platform/one-time-secrets.ts';
import { revoke } from '../../send.ts';
import { lockInvitationsTo } from '../../store.ts';
import type { UserRow } from './user-rows.ts';
import { mainOf, type Wish } from './user-state.ts';

/**
 * What a feed says of the account itself: names, language, address. The account is looked after where its home is (design,
 * section 2, point 9), so a feed of another organization is heard and changes nothing: it goes on about the membership, and
 * reads back how things stand.
 */
export async function changeAccount(context: Context, row: UserRow, wish: Wish, was: Wish): Promise<void> {
  const home = await accountTarget(context.db, row.userId);
  if (!home || context.decide('membership.update', home).effect === 'deny') return;
  const { rows } = await sql<Account>`
    select u.display_name as "displayName", u.given_name as "givenName", u.family_name as "familyName", u.language, u.email,
      u.proved_email is not null or exists (select 1 from credential c where c.user_id = u.id) as "isTheirs"
    from app_user u where u.id = ${row.userId} for no key update of u`.execute(context.db);
  const { isTheirs, ...before } = rows[0]!;
  const after = { ...before };
  if (wish.displayName !== was.displayName) after.displayName = wish.displayName;
  if (wish.givenName !== was.givenName) after.givenName = wish.givenName;
  if (wish.familyName !== was.familyName) after.familyName = wish.familyName;
  // Somebody who signs in chose their language.
  if (!isTheirs && wish.language !== undefined && wish.language !== was.language)
    after.language = wish.language;
  const address = mainOf(wish.emails);
  if (address !== mainOf(was.emails) && !isTheirs && (await mayReaddress(context, row)))
    after.email = address;
  if (after.email !== before.email) await takeBackInvitations(context, row.membershipId);
  const changed = (Object.keys(after) as (keyof typeof after)[]).filter((key) => after[key] !== before[key]);
  if (changed.length === 0) return;
  await sql`update app_user set display_name = ${after.displayName}, given_name = ${after.givenName}, family_name = ${after.familyName},
      language = ${after.language}, email = ${after.email}, version = version + 1 where id = ${row.userId}`.execute(
    context.db,
  );
  if (after.displayName !== before.displayName) await fileUnder(context.db, row.userId, after.displayName);
  const pick = (of: typeof after) => Object.fromEntries(changed.map((key) => [key, of[key]]));
  context.record({
    type: 'user.updated',
    targetKind: 'user',
    targetId: row.userId,
    organizationId: home.organizationId,
    path: home.path,
    subjectId: row.userId,
    before: { id: row.userId, language: before.language },
    after: { id: row.userId, language: after.language },
    personal: { before: pick(before), after: pick(after) },
  });
}

/** An open one went to the address of before: whoever reads mail there would become this person. */
async function takeBackInvitations(context: Context, membershipId: string): Promise<void> {
  const open = await lockInvitationsTo(context.db, membershipId);
  if (open.length > 0) context.takeAway();
  for (const invitation of open) {
    await revoke(context, invitation);
    await endSecrets(context.db, 'invitation', invitation.id);
  }
}

type Account = {
  displayName: string;
  givenName: string;
  familyName: string;
  language: string;
  email: string | null;
  /** they have an address of their own, or sign in */
  isTheirs: boolean;
};

/**
 * An invitation will go to this address: whoever chooses it chooses who becomes this person (I12), and machines hand over
 * nobody's power (ruling 6). So only while there is nothing to take over that a newcomer would not have from this very
 * feed: no powers, no access of their own, no other organization. A move makes nobody a newcomer: what they had before it counts.
 */
async function mayReaddress(context: Context, row: UserRow): Promise<boolean> {
  const { db } = context;
  const { rows } = await sql<{ own: boolean }>`
    select exists (select 1 from membership m where m.user_id = ${row.userId} and m.id <> ${row.membershipId} and m.state <> 'ended')
      or exists (select 1 from assignment a where a.membership_id = ${row.membershipId} and a.state = 'active')
      or exists (select 1 from group_member g where g.membership_id = ${row.membershipId})
      or exists (select 1 from membership e where e.user_id = ${row.userId} and e.id <> ${row.membershipId} and (
        exists (select 1 from assignment a where a.membership_id = e.id) or exists (select 1 from group_member g where g.membership_id = e.id)
        or exists (select 1 from delegation d where d.delegate_membership_id = e.id) or exists (select 1 from request q where q.membership_id = e.id)))
      or exists (select 1 from membership r where r.line_manager_id = ${row.membershipId} and r.state <> 'ended') as own`.execute(
    db,
  );
  if (rows[0]!.own) return false;
  const power = await loadPower(db, row.userId);
  if (power.chains.length > 0 || power.represents) return false;
  const recorded = { id: row.membershipId, userId: row.userId, path: row.path };
  const { ok } = await context.attempt(() =>
    requireMayRecord(context, recorded, { path: row.path, title: row.title, attributes: row.attributes }),
  );
  return ok;
}
