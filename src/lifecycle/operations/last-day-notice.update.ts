import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { type Notice, noticeView, readNotice, warningDays } from '../notice.ts';

export const lastDayNoticeUpdate = operation({
  name: 'last-day-notice.update',
  summary:
    'Set how many days before a last day people are told, for it and those below without days of their own.',
  http: 'PATCH /organizations/{organizationId}/last-day-notice',
  input: z.object({
    organizationId: z.uuid(),
    days: warningDays.nullable().describe('null: as the nearest organization above.'),
  }),
  output: noticeView,
  needs: {
    permission: 'organization.update',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['last-day-notice.updated'],
  run: async (context, { organizationId, days }) => {
    const { db, target } = context;
    await sql`select 1 from organization where id = ${organizationId} for no key update`.execute(db);
    const before = await readNotice(db, organizationId);
    context.checkVersion(before.version);
    const wanted = days && [...new Set(days)].sort((one, other) => other - one);
    if (wanted)
      await sql`
        insert into last_day_notice (organization_id, days) values (${organizationId}, ${wanted}::int[])
        on conflict (organization_id) do update set days = excluded.days, version = last_day_notice.version + 1
        where last_day_notice.days <> excluded.days`.execute(db);
    else await sql`delete from last_day_notice where organization_id = ${organizationId}`.execute(db);
    const after = await readNotice(db, organizationId);
    if (after.own === before.own && after.version === before.version) context.nothingChanged();
    else
      context.record({
        type: 'last-day-notice.updated',
        targetKind: 'last-day-notice',
        targetId: organizationId,
        organizationId,
        path: target.path,
        before: stateOf(before),
        after: stateOf(after),
      });
    return { organizationId, ...after };
  },
});

/** Its own; null where those of a level above count. */
const stateOf = ({ own, ...notice }: Notice): Record<string, unknown> | null => (own ? notice : null);
