import { type Kysely, type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { DB } from '../platform/schema.gen.ts';
import { usualWarningDays } from './rules.ts';

/** How long before a last day those are told whom it concerns, each once; days, furthest first. */
export const warningDays = z
  .array(z.number().int().min(1).max(365))
  .min(1)
  .max(5)
  .describe('Days before the end of a last day, such as 30, 7 and 1.');

export const noticeView = z.object({
  organizationId: z.uuid(),
  own: z.boolean().describe('These are its own; otherwise they are those of a level above, or the usual.'),
  days: z.array(z.number().int()),
  version: z.number().int(),
});

/** The distances at a place: its own, or those of the nearest above, or the usual. */
export const daysAt = (path: RawBuilder<unknown>): RawBuilder<number[]> => sql<number[]>`coalesce(
  (select n.days from last_day_notice n join organization a on a.id = n.organization_id
    where a.path = any (path_ancestors(${path})) order by length(a.path) desc limit 1), ${[...usualWarningDays]}::int[])`;

export type Notice = { own: boolean; days: number[]; version: number };

export async function readNotice(db: Kysely<DB>, organizationId: string): Promise<Notice> {
  const { rows } = await sql<Notice>`
    select n.organization_id is not null as own, array(select d from unnest(${daysAt(sql`o.path`)}) d order by d desc) as days,
      coalesce(n.version, 0) as version
    from organization o left join last_day_notice n on n.organization_id = o.id where o.id = ${organizationId}`.execute(
    db,
  );
  return rows[0]!;
}
