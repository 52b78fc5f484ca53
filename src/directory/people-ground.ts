import { type Kysely, sql } from 'kysely';
import type { DB } from '../platform/schema.gen.ts';

/** What this process knows of how people are spread: a guide to the quickest page, never to who is shown. */
export type Ground = {
  /** organizations with many people at and below them */
  anchors: readonly string[];
  /** Do so many report to this one that walking past the others by name is quicker than sorting them? */
  isLongWay: (db: Kysely<DB>, membershipId: string) => Promise<boolean>;
};

/** Sorting costs a row each, the walk a small part of one for everybody in between. */
const manyOf = (people: number): number => 3 * Math.sqrt(people);

type Kept = Ground & { until: number };
const known = new WeakMap<Kysely<DB>, Kept>();
const keptMs = 60_000;
const mostManagers = 10_000;

/** As this process last read it. */
export async function knownGround(db: Kysely<DB>): Promise<Ground> {
  const kept = known.get(db);
  if (kept && kept.until > performance.now()) return kept;
  const { rows } = await sql<{ paths: string[]; people: number }>`
    select array(select path from people_anchor) as paths,
      coalesce((select people from people_total where path = 'r'), 0) as people`.execute(db);
  const [{ paths, people }] = rows as [{ paths: string[]; people: number }];
  const managers = new Map<string, boolean>();
  const read: Kept = {
    anchors: paths,
    until: performance.now() + keptMs,
    isLongWay: async (one, membershipId) => {
      let answer = managers.get(membershipId);
      if (answer === undefined) {
        answer = (await estimated(one, membershipId)) > manyOf(people);
        if (managers.size < mostManagers) managers.set(membershipId, answer);
      }
      return answer;
    },
  };
  known.set(db, read);
  return read;
}

/** How many report to somebody, as the planner believes: counting them would take longer than the page. */
async function estimated(db: Kysely<DB>, membershipId: string): Promise<number> {
  const { rows } = await sql<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>`
    explain (format json) select 1 from membership m where m.line @> array[${membershipId}::uuid] and m.state <> 'ended'`.execute(
    db,
  );
  return rows[0]!['QUERY PLAN'][0].Plan['Plan Rows'];
}
