import { sql } from 'kysely';
import { endMemberships } from '../directory/leaving.ts';
import { type MembershipRow, membershipColumns, membershipState } from '../directory/store.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import type { Joined } from './accept.ts';
import { refuseGrown } from './join.ts';
import type { InvitationRow } from './store.ts';

/** Event types of joining two records of one person. */
export const oneAccountEvents = ['membership.updated', 'delegation.moved'] as const;

/**
 * A file brought somebody who has an account already: signed in to it, they accept the invitation that went to their
 * address, and what the files gave the record without a sign-in becomes theirs. One person, one sign-in (I40).
 */
export async function joinAccounts(
  context: Context,
  row: InvitationRow,
  from: string,
  to: { userId: string },
): Promise<Joined> {
  const { db } = context;
  await refuseGrown(context, row, from);
  // Whatever stands in the same organization twice would stand there twice: theirs stays, the file's ends.
  await endMemberships(
    context,
    sql<boolean>`m.user_id = ${from} and exists (select 1 from membership o where o.user_id = ${to.userId}
      and o.organization_id = m.organization_id and o.state <> 'ended')`,
  );
  const { rows } = await sql<MembershipRow>`
    update membership m set user_id = ${to.userId}, version = m.version + 1,
      sort_name = coalesce((select o.sort_name from membership o where o.user_id = ${to.userId} limit 1), m.sort_name)
    where m.user_id = ${from} and m.state <> 'ended' returning ${membershipColumns}`.execute(db);
  for (const membership of rows)
    context.record({
      type: 'membership.updated',
      targetKind: 'membership',
      targetId: membership.id,
      organizationId: membership.organizationId,
      path: membership.path,
      subjectId: to.userId,
      before: { ...membershipState(membership), userId: from, version: membership.version - 1 },
      after: membershipState(membership),
    });
  await moveLinks(context, from, to.userId);
  await sql`update import_key set id = ${to.userId} where kind = 'user' and id = ${from}`.execute(db);
  const membership = rows.find(({ id }) => id === row.membershipId);
  if (!membership) throw refuse('membership.exists');
  return { userId: to.userId, membershipId: membership.id };
}

/** Links name the membership that they are held through; the person of it goes along. */
async function moveLinks(context: Context, from: string, to: string): Promise<void> {
  const { rows } = await sql<{
    before: Record<string, unknown>;
    after: Record<string, unknown> & { id: string };
    organizationId: string | null;
    path: string | null;
  }>`
    with before as (select d.id, to_jsonb(d) - 'reason' as state from delegation d join membership m on m.id = d.delegate_membership_id
      where d.delegate_user_id = ${from} and m.user_id = ${to} for no key update of d)
    update delegation d set delegate_user_id = ${to}, version = d.version + 1 from before b where b.id = d.id
    returning b.state as before, to_jsonb(d) - 'reason' as after, d.place_paths[1] as path,
      (select o.id from organization o where o.path = d.place_paths[1]) as "organizationId"`.execute(
    context.db,
  );
  for (const { before, after, organizationId, path } of rows)
    context.record({
      type: 'delegation.moved',
      targetKind: 'delegation',
      targetId: after.id,
      organizationId,
      path,
      subjectId: to,
      before,
      after,
    });
}
