import { type Kysely, sql } from 'kysely';
import type { DB } from '../../src/platform/schema.gen.ts';

/**
 * Stops the clock of one database: from then on it shows what it is set to, to the millisecond, for every connection.
 * Only the clock is replaced.
 * @returns sets it
 */
export async function stopClock(db: Kysely<DB>, at: number): Promise<(at: number) => Promise<void>> {
  await sql`create table stopped_clock (at timestamptz not null)`.execute(db);
  await sql`insert into stopped_clock values (${new Date(at)})`.execute(db);
  await sql`create or replace function remit_now() returns timestamptz language sql stable as
    $$ select at from stopped_clock $$`.execute(db);
  return async (to) => {
    await sql`update stopped_clock set at = ${new Date(to)}`.execute(db);
  };
}
