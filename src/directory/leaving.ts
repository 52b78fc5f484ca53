import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Change, Context } from '../operation/operation.ts';
import { userOf } from '../operation/operation.ts';
import type { DB } from '../platform/schema.gen.ts';
import { type MembershipRow, membershipColumns, membershipState } from './store.ts';

/** What ending memberships records, beside what the operation itself does. */
export const endingEvents = [
  'membership.ended',
  'assignment.ended',
  'request.ended',
  'invitation.revoked',
  'user.home-changed',
] as const;

/**
 * Ends memberships now, for good: a rehire is a new one (ruling 3). What they held ends with them; their links
 * need no write, because a link without its membership is vacant, and what was given from it stands.
 * @param which a predicate over `membership m`
 */
export async function endMemberships(context: Context, which: RawBuilder<boolean>): Promise<MembershipRow[]> {
  const { db, at } = context;
  type Before = Pick<MembershipRow, 'state' | 'endsAt'>;
  const { rows } = await sql<MembershipRow & { before: Before['state']; until: Before['endsAt'] }>`
    with before as (select m.id, m.state, m.ends_at from membership m where m.state <> 'ended' and ${which} for no key update)
    update membership m set state = 'ended', ended_at = ${at}, version = m.version + 1,
      ends_at = greatest(m.starts_at, least(m.ends_at, ${at}))
    from before b where b.id = m.id returning ${membershipColumns}, b.state as before, b.ends_at as until`.execute(
    db,
  );
  for (const { before, until, ...row } of rows)
    context.record({
      type: 'membership.ended',
      targetKind: 'membership',
      targetId: row.id,
      organizationId: row.organizationId,
      path: row.path,
      subjectId: row.userId,
      before: {
        ...membershipState(row),
        state: before,
        endsAt: until,
        endedAt: null,
        version: row.version - 1,
      },
      after: membershipState(row),
    });
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  await endAssignments(context, sql<boolean>`x.membership_id = any (${ids}::uuid[])`);
  await endRequests(context, sql<boolean>`x.membership_id = any (${ids}::uuid[])`);
  await revokeInvitations(context, sql<boolean>`x.membership_id = any (${ids}::uuid[])`);
  await moveHomes(context, rows);
  return rows;
}

/** A row of another room as its event keeps it. Only endings are written here: they belong to this transaction. */
type Ended = {
  id: string;
  organizationId: string | null;
  path: string | null;
  subjectId: string | null;
  after: Record<string, unknown>;
};

const record = (context: Context, type: string, targetKind: string, rows: Ended[]): void => {
  for (const { id, after, ...where } of rows)
    context.record({
      type,
      targetKind,
      targetId: id,
      ...where,
      before: unended(after, targetKind === 'assignment' ? 'active' : 'open'),
      after,
    } satisfies Change);
};

/** The whole row as it was before its ending, from the row after it. */
export const unended = (after: Record<string, unknown>, state: string): Record<string, unknown> => ({
  ...after,
  state,
  ...('ended_at' in after ? { ended_at: null } : {}),
  ...('ended_by' in after ? { ended_by: null } : {}),
  version: Number(after.version) - 1,
});

/** @param which a predicate over `assignment x` */
export async function endAssignments(context: Context, which: RawBuilder<boolean>): Promise<void> {
  const { rows } = await sql<Ended>`
    with ended as (
      update assignment x set state = 'ended', ended_at = ${context.at}, ended_by = ${userOf(context)?.userId ?? null},
        version = version + 1 where x.state = 'active' and ${which} returning x.*)
    select e.id, coalesce(m.organization_id, e.organization_id) as "organizationId", coalesce(m.path, o.path) as path,
      m.user_id as "subjectId", to_jsonb(e) - 'reason' as after
    from ended e left join membership m on m.id = e.membership_id left join organization o on o.id = e.organization_id`.execute(
    context.db,
  );
  record(context, 'assignment.ended', 'assignment', rows);
}

/**
 * With its timers: a job that comes round later finds nothing to do, and nobody is asked any more. How it stood in its
 * course is not kept with the event; what it was for is.
 * @param which a predicate over `request x`
 */
export async function endRequests(context: Context, which: RawBuilder<boolean>): Promise<void> {
  const { rows } = await sql<Ended>`
    update request x set state = 'ended', next_at = null, paused_at = null, asks = '{}', asks_members = '{}', asks_organizations = '{}',
      version = version + 1 where x.state = 'open' and ${which}
    returning x.id, x.organization_id as "organizationId", x.path, x.requester_id as "subjectId",
      to_jsonb(x) - '{reason,decision_note,payload,same,next_at,paused_at,asks,asks_members,asks_organizations}'::text[] as after`.execute(
    context.db,
  );
  record(context, 'request.ended', 'request', rows);
}

/** @param which a predicate over `invitation x` */
export async function revokeInvitations(context: Context, which: RawBuilder<boolean>): Promise<void> {
  const { rows } = await sql<Ended>`
    update invitation x set state = 'revoked', version = version + 1 where x.state = 'open' and ${which}
    returning x.id, x.organization_id as "organizationId", x.path, null::uuid as "subjectId",
      to_jsonb(x) - '{email,email_normal,display_name,title,message}'::text[] as after`.execute(context.db);
  record(context, 'invitation.revoked', 'invitation', rows);
}

/**
 * Whoever lost their home gets another of their organizations as home: the account is looked after where the
 * person still belongs. Without another one it stays, so that nobody new gains power over the account.
 */
async function moveHomes(context: Context, ended: MembershipRow[]): Promise<void> {
  for (const { userId, from, to, path } of await nextHomes(context.db, ended, context.at)) {
    // A user name counts within the home; where it is taken in the new one, the person keeps the address only.
    await sql`
      update app_user u set home_organization_id = ${to}, version = version + 1,
        user_name = case when exists (select 1 from app_user o where o.home_organization_id = ${to}
          and lower(o.user_name) = lower(u.user_name)) then null else u.user_name end
      where u.id = ${userId}`.execute(context.db);
    context.record({
      type: 'user.home-changed',
      targetKind: 'user',
      targetId: userId,
      organizationId: to,
      path,
      subjectId: userId,
      before: { homeOrganizationId: from },
      after: { id: userId, homeOrganizationId: to },
    });
  }
}

type NextHome = { userId: string; from: string; to: string; path: string; name: string };

/** The home each of these would get: an active membership in an open organization, the longest held first. */
export async function nextHomes(
  db: Kysely<DB>,
  ended: Pick<MembershipRow, 'id' | 'userId' | 'organizationId'>[],
  at: Date,
): Promise<NextHome[]> {
  const { rows } = await sql<NextHome>`
    select u.id as "userId", u.home_organization_id as "from", n.organization_id as "to", n.path, n.name
    from membership e join app_user u on u.id = e.user_id and u.home_organization_id = e.organization_id
    cross join lateral (
      select m.organization_id, m.path, o.name from membership m join organization o on o.id = m.organization_id
      where m.user_id = u.id and m.id <> all (${ended.map(({ id }) => id)}::uuid[]) and m.state = 'active' and m.ends_at > ${at}
        and not place_is_off(m.path)
      order by m.created_at, m.id limit 1
    ) n
    where e.id = any (${ended.map(({ id }) => id)}::uuid[])`.execute(db);
  return rows;
}
