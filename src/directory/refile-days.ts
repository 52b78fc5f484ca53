import { sql } from 'kysely';
import { isSelf } from '../authority/self.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import { spanOf } from './days.ts';
import { recordMembership } from './record-membership.ts';
import { refileAccess } from './refile-access.ts';
import {
  changeMembership,
  type MembershipRow,
  membershipColumns,
  type OrganizationRow,
  readable,
} from './store.ts';
import { requireMayLengthen } from './widening.ts';

/** After a change of time zone the same days mean other instants. Whoever has left stays gone (ruling 3). */
export async function refileDays(context: Context, organization: OrganizationRow): Promise<void> {
  const { db, at } = context;
  const { rows } = await sql<MembershipRow>`
    select ${membershipColumns} from membership m
    where m.organization_id = ${organization.id} and m.state <> 'ended' and m.ends_at > ${at}
      and (m.first_day is not null or m.last_day is not null)
    order by m.id for no key update`.execute(db);
  for (const before of rows) {
    const span = spanOf(before.firstDay, before.lastDay, organization.timeZone);
    const after = {
      ...before,
      startsAt: readable(span.startsAt),
      endsAt: readable(span.endsAt),
      version: before.version + 1,
    };
    // The same day can last longer elsewhere: a grant like any other (ruling 4), and nobody's own to make (I02).
    const longer = after.endsAt > before.endsAt || after.startsAt < before.startsAt;
    if (longer && isSelf(context.facts, before.userId)) throw refuse('user.self');
    await requireMayLengthen(context, before, after);
    await changeMembership(db, after);
    recordMembership(context, before, after);
  }
  await refileAccess(context, organization);
}
