import { sql } from 'kysely';
import { z } from 'zod';
import { from, reason, until } from '../../access/fields.ts';
import { riskClass } from '../../access/risk.ts';
import { thingsInSight } from '../../access/things.ts';
import type { EntitlementLimit, EntitlementRef } from '../../authority/delegation.ts';
import { loadCeilings } from '../../authority/holds.ts';
import { byDay, datedBy, daysKept, readIn, timeZoneOf } from '../../directory/by-day.ts';
import { operation } from '../../operation/operation.ts';
import { membershipTarget, organizationTarget } from '../../operation/targets.ts';
import { newId } from '../../platform/ids.ts';
import { invalid } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { lineOf, wouldCircle } from '../deputies.ts';

export const deputyCreate = operation({
  name: 'deputy.create',
  summary: 'Name somebody who decides for you for a time; what is open is theirs, too.',
  http: 'POST /me/deputies',
  input: z.object({
    membershipId: z.uuid().describe('Who: a person whom you see, who reports to you, or whom you report to.'),
    from: from.optional(),
    until: until.optional().describe('Until when; a deputy is for a time.'),
    ...byDay,
    organizationId: z.uuid().optional().describe('Only there and below; everywhere when absent.'),
    applicationIds: z.array(z.uuid()).min(1).max(100).optional().describe('Only these applications.'),
    risk: z.array(riskClass).min(1).max(3).optional().describe('Only what carries these risks.'),
    mayPassOn: z
      .number()
      .int()
      .min(0)
      .max(3)
      .default(0)
      .describe('How many deputies of the deputy may follow.'),
    reason: reason.default(''),
  }),
  output: z.object({ delegationId: z.uuid() }),
  needs: 'self',
  effect: 'changing',
  events: ['deputy.named'],
  run: async (context, input) => {
    const { db, at } = context;
    const me = context.user();
    if (!me.membershipId) throw refuse('not-found');
    const mine = (await membershipTarget(db, me.membershipId))!;
    // The days are those of whoever names the deputy.
    const timeZone = await timeZoneOf(db, mine.organizationId!);
    const asked = readIn(datedBy(input), timeZone);
    const startsAt = asked.from && (!input.firstDay || asked.from > at) ? asked.from : at;
    const endsAt = asked.until;
    if (!endsAt) throw invalid(undefined, 'one-of', { fields: 'until, lastDay' });
    if (endsAt <= startsAt || endsAt <= at) throw invalid('until', 'after-start');
    const deputy = await membershipTarget(db, input.membershipId);
    const above = await lineOf(db, me.membershipId);
    const inLine =
      above.some(({ membershipId }) => membershipId === input.membershipId) ||
      deputy?.line?.includes(me.membershipId);
    if (!inLine) context.require('user.read', deputy, 'user.read');
    if (deputy!.userId === me.userId) throw refuse('deputy.self');
    if (await wouldCircle(db, me.membershipId, input.membershipId)) throw refuse('deputy.circle');
    const place = input.organizationId
      ? await organizationTarget(db, input.organizationId)
      : await rootTarget(db);
    if (input.organizationId && place?.path !== me.path)
      context.require('organization.read', place, 'organization.read');
    if (input.applicationIds) {
      // What their organization may not have is out of their sight, and nobody there asks for it.
      const ceilings = await loadCeilings(db, [mine.path]);
      const allowed = (one: EntitlementRef): boolean => ceilings.allows(mine.path, one).allowed;
      const seen = new Set(
        (await thingsInSight(db, mine.path, { reach: context.reach('application.read') }))
          .filter(({ entitlements }) => entitlements.some(allowed))
          .flatMap(({ application }) => application?.id ?? []),
      );
      if (!input.applicationIds.every((one) => seen.has(one))) throw refuse('not-found');
    }
    const days = daysKept(asked, { startsAt, endsAt }, timeZone);
    const id = newId(at.getTime());
    const scope = [{ places: [{ id: place!.organizationId, path: place!.path, below: true }] }];
    const limit: EntitlementLimit = {
      ...(input.applicationIds ? { applications: input.applicationIds, entitlements: [] } : { all: true }),
      ...(input.risk ? { risk: [...new Set(input.risk)] } : {}),
    };
    const { rows } = await sql<{ after: Record<string, unknown> }>`
      insert into delegation (id, kind, giver_user_id, giver_membership_id, delegate_kind, delegate_user_id, delegate_membership_id,
        permissions, scope, place_paths, entitlements, starts_at, ends_at, first_day, last_day,
        may_pass_on, reason)
      values (${id}, 'approve', ${me.userId}, ${me.membershipId}, 'user', ${deputy!.userId}, ${input.membershipId}, '{request.decide}',
        ${JSON.stringify(scope)}::jsonb, ${[place!.path]}::text[], ${JSON.stringify(limit)}::jsonb, ${startsAt}, ${endsAt},
        ${days.firstDay}, ${days.lastDay}, ${input.mayPassOn}, ${input.reason})
      returning to_jsonb(delegation) - 'reason' as after`.execute(db);
    context.record({
      type: 'deputy.named',
      targetKind: 'delegation',
      targetId: id,
      organizationId: mine.organizationId,
      path: mine.path,
      subjectId: deputy!.userId!,
      after: rows[0]!.after,
      personal: input.reason ? { reason: input.reason } : null,
    });
    return { delegationId: id };
  },
});

async function rootTarget(db: Parameters<typeof organizationTarget>[0]) {
  const { rows } = await sql<{ id: string }>`select id from organization where parent_id is null`.execute(db);
  return await organizationTarget(db, rows[0]!.id);
}
