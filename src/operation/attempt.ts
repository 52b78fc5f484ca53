import { type Kysely, sql } from 'kysely';
import type { Facts } from '../authority/facts.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Attempted, Change, Context } from './operation.ts';
import { isRefusal, refusalRaised } from './raised.ts';

/** A part of an operation that may be refused without the rest: rows and events are taken back, faults are thrown. */
export const attemptIn =
  (db: Kysely<DB>, facts: Facts, changes: Change[]): Context['attempt'] =>
  async <T>(part: () => Promise<T>): Promise<Attempted<T>> => {
    const recorded = changes.length;
    await sql`savepoint attempted`.execute(db);
    try {
      const value = await part();
      await sql`release savepoint attempted`.execute(db);
      return { ok: true, value };
    } catch (error) {
      const refusal = isRefusal(error) ? error : refusalRaised(error, facts);
      if (!refusal) throw error;
      await sql`rollback to savepoint attempted`.execute(db);
      await sql`release savepoint attempted`.execute(db);
      changes.length = recorded;
      return { ok: false, refusal };
    }
  };
