import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { inReach, type Reach } from '../authority/reach.ts';
import { flag } from '../directory/fields.ts';
import { narrowTo } from '../directory/rules.ts';
import type { Context } from '../operation/operation.ts';
import { organizationTarget } from '../operation/targets.ts';
import { instantText } from '../platform/dates.ts';

/** What a trail can be narrowed to. */
export const trailFilter = {
  subjectId: z.uuid().optional().describe('What was done to this person.'),
  actorId: z.uuid().optional().describe('What this person or API key did.'),
  type: z
    .string()
    .regex(/^[a-z-]+(\.[a-z-]+)?$/)
    .max(60)
    .optional()
    .describe('A type such as `invitation.created`, or all of `invitation`.'),
  targetId: z.uuid().optional().describe('What was done to this thing.'),
  from: instantText.optional(),
  until: instantText.optional(),
};
export const trailPlace = {
  organizationId: z.uuid().optional().describe('What was done in this organization'),
  below: flag.default(true).describe('and in those below it.'),
};

type Filter = { [K in keyof typeof trailFilter]?: string | undefined };

export function matches(filter: Filter): RawBuilder<unknown> {
  const { subjectId, actorId, type, targetId, from, until } = filter;
  const parts: RawBuilder<unknown>[] = [sql`true`];
  if (subjectId) parts.push(sql`e.subject_id = ${subjectId}`);
  if (actorId) parts.push(sql`e.actor_id = ${actorId}`);
  if (targetId) parts.push(sql`e.target_id = ${targetId}`);
  if (type?.includes('.')) parts.push(sql`e.type = ${type}`);
  else if (type) parts.push(sql`e.type like ${`${type}.%`}`);
  if (from) parts.push(sql`e.at >= ${from}::timestamptz`);
  if (until) parts.push(sql`e.at < ${until}::timestamptz`);
  return sql.join(parts, sql` and `);
}

/** The part of the trail that the reader reaches, in one organization if one is named. */
export async function reachOfTrail(
  context: Context,
  place: { organizationId?: string | undefined; below: boolean },
): Promise<RawBuilder<unknown>> {
  let reach = context.reach('audit.read');
  if (place.organizationId) {
    const target = await organizationTarget(context.db, place.organizationId);
    // An organization that does not exist has no trail, as one out of reach has none, also one above the reader.
    reach =
      target && context.decide('audit.read', target).effect === 'permit'
        ? narrowTo(reach, { id: target.organizationId, path: target.path, below: place.below })
        : { ...reach, regions: [] };
  }
  return inReachNow(context.db, reach);
}

/**
 * An event keeps the path that it was written with; who may read it is asked of where that organization stands now
 * (history obeys today's reach). Few have ever moved, so those of the reach are looked up first: what stands at their
 * former paths is walked by the same index as the rest.
 */
async function inReachNow(db: Context['db'], reach: Reach): Promise<RawBuilder<unknown>> {
  const stayed = sql`(${inReach(reach, sql`e.path`, sql`e.subject_id`)} and not exists (select 1 from former_place f where f.path = e.path))`;
  const { rows } = await sql<{ path: string }>`
    select f.path from former_place f join organization o on o.id = f.organization_id
    where ${inReach({ ...reach, regions: reach.regions.map(everybody) }, sql`o.path`)}`.execute(db);
  if (rows.length === 0) return stayed;
  const former = rows.map(({ path }) => path);
  return sql`(${stayed} or e.path = any (${former}::text[]) and ${inReach(reach, sql`place_now(e.path)`, sql`e.subject_id`)})`;
}

const everybody = ({ place, holes }: Reach['regions'][number]): Reach['regions'][number] => ({
  place,
  holes,
  users: undefined,
  reports: [],
});
