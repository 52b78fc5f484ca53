import { type Kysely, sql } from 'kysely';
import type { DB } from './schema.gen.ts';

/** Database time: the only clock that decides anything (I20). Tests move it by `clock.ahead`. */
export async function databaseNow(db: Kysely<DB>): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select remit_now() as now`.execute(db);
  return rows[0]!.now;
}

/** Moves the one clock by `seconds`, for every connection and process on this database. For tests only. */
export async function passTime(db: Kysely<DB>, seconds: number): Promise<void> {
  await sql`update clock set ahead = ahead + make_interval(secs => ${seconds})`.execute(db);
}
