import { sql } from 'kysely';
import { z } from 'zod';
import { dayOf } from '../../delegation/days.ts';
import { spanOf } from '../../directory/days.ts';
import { recordMembership } from '../../directory/record-membership.ts';
import {
  changeMembership,
  lockMembership,
  type MembershipRow,
  readable,
  readOrganization,
} from '../../directory/store.ts';
import { updateMembership } from '../../directory/update-membership.ts';
import type { Context } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { whomFor } from '../for-whom.ts';
import { say } from '../say.ts';
import type { Kind, Wanted } from './kind.ts';

const payload = z
  .object({ lastDay: z.string().nullable().describe('Null: none.'), was: z.string() })
  .strict();

/** A later last day of somebody in their organization; it gives them all they hold there for longer (ruling 4). */
export const lastDay: Kind<z.infer<typeof payload>> = {
  payload,
  words: (row, { lastDay: day }) =>
    day
      ? say('kind.last-day', { name: row.displayName, day: dayOf(new Date(day)) })
      : say('kind.no-last-day', { name: row.displayName }),
  details: (one) => ({ lastDay: one.lastDay, was: one.was }),
  apply: async (giver, row, { lastDay: day }) => {
    const before = await lockMembership(giver.db, row.membershipId!);
    const wanted = await endOf(giver, before, day);
    // They stay as long by now, or longer: nobody's last day becomes earlier by asking for a later one.
    if (before.state !== 'ended' && before.endsAt >= wanted) return null;
    await updateMembership(giver, { membershipId: row.membershipId!, lastDay: day });
    return row.membershipId;
  },
  takeBack: async ({ context, because }, row, { lastDay: day, was }) => {
    if (!row.made) return;
    const before = await lockMembership(context.db, row.made);
    if (before.state === 'ended' || before.lastDay !== day) throw refuse('undo.too-late');
    const after: MembershipRow = {
      ...before,
      lastDay: was,
      endsAt: await endOf(context, before, was),
      version: before.version + 1,
    };
    await changeMembership(context.db, after);
    recordMembership(context, before, after, { because });
  },
};

async function endOf({ db }: Context, { organizationId }: MembershipRow, day: string | null): Promise<Date> {
  const { timeZone } = (await readOrganization(db, organizationId))!;
  return readable(spanOf(null, day, timeZone).endsAt);
}

export async function wantedLastDay(
  context: Context,
  asked: { membershipId: string | undefined; lastDay: string | null; reason: string },
): Promise<Wanted> {
  const { target } = await whomFor(context, asked.membershipId);
  const { rows } = await sql<{ lastDay: string | null; timeZone: string }>`
    select m.last_day as "lastDay", o.time_zone as "timeZone" from membership m join organization o on o.id = m.organization_id
    where m.id = ${target.id}`.execute(context.db);
  const { lastDay: was, timeZone } = rows[0]!;
  if (was === null || (asked.lastDay !== null && asked.lastDay <= was)) throw refuse('last-day.not-later');
  const { endsAt } = spanOf(null, asked.lastDay, timeZone);
  return {
    kind: 'last-day',
    payload: { lastDay: asked.lastDay, was },
    gives: ['request.decide', 'membership.update'],
    organizationId: target.organizationId!,
    path: target.path,
    membershipId: target.id,
    subjectId: target.userId ?? null,
    entitlementId: null,
    accessRoleId: null,
    entitlementIds: [],
    reason: asked.reason,
    endsAt: endsAt === 'infinity' ? null : endsAt,
    same: target.id,
  };
}
