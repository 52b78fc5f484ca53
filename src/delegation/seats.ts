import { type Kysely, sql } from 'kysely';
import type { Link } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import { reach } from '../authority/reach.ts';
import { regionsOf, regionWithin } from '../authority/region.ts';
import type { DB } from '../platform/schema.gen.ts';

/**
 * How many seats are taken of each of these links that count them, for a reader who sees everybody there: to anybody
 * else the number would say something of people out of reach (I06). One statement, and none where no seats are set.
 */
export async function loadSeatsTaken(
  db: Kysely<DB>,
  facts: Facts,
  links: readonly Link[],
): Promise<Map<string, number>> {
  const counted = links.filter(({ seats }) => seats !== null);
  if (counted.length === 0) return new Map();
  const { regions } = reach(facts, 'user.read');
  const seen = counted
    .filter((link) => regionsOf([link]).every((there) => regions.some((mine) => regionWithin(there, mine))))
    .map(({ id }) => id);
  const { rows } = await sql<{ id: string; taken: number }>`
    select l.id, seats_taken(l.id) as taken from unnest(${seen}::uuid[]) l (id)`.execute(db);
  return new Map(rows.map(({ id, taken }) => [id, taken]));
}
