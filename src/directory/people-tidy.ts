import { type Kysely, sql } from 'kysely';
import type { DB } from '../platform/schema.gen.ts';

/** An organization becomes an anchor with this many people at and below it, and stops being one far below that. */
const large = 1_500;
const small = 500;
/** Anchors settled in one run; each refiles a few thousand people at most, and the next run goes on. */
const mostAnchors = 20;

/**
 * Folds what came since into the counts of people, and makes organizations that have grown large anchors (sql/0009).
 * Answers are the same without; they take longer.
 */
export async function tidyPeople(db: Kysely<DB>): Promise<void> {
  await sql`select people_fold()`.execute(db);
  for (let settled = 0; settled < mostAnchors; settled += 1) {
    const { rows } = await db.transaction().execute(async (trx) => {
      // Behind a long import it would hold up everybody who comes after: rather the next minute.
      await sql`set local lock_timeout = '500ms'`.execute(trx);
      return await sql<{
        place: string | null;
      }>`select people_anchor_settle(${large}, ${small}) as place`.execute(trx);
    });
    if (rows[0]!.place === null) return;
  }
}
