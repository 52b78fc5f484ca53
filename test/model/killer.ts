/** An instance whose database connection is ended in the middle of what it does. */
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { type Answer, run, type Services } from '../../src/operation/pipeline.ts';
import { openDatabase } from '../../src/platform/database.ts';
import type { DB } from '../../src/platform/schema.gen.ts';
import { operations } from '../../src/server/operations.gen.ts';
import type { Act } from './acts/act.ts';

export type Killer = {
  /** Runs an act whose connection the server ends before the statement after so many. Faults when it was ended. */
  run: (act: Act, after: number) => Promise<Answer>;
  close: () => Promise<void>;
};

export async function openKiller(url: string, config: Services['config']): Promise<Killer> {
  const victims = openDatabase(url, { max: 1 });
  const executioner = new pg.Client(url);
  executioner.on('error', () => {});
  await executioner.connect();
  const connect = async (after: number): Promise<unknown> => {
    const client = await victims.pool.connect();
    client.on('error', () => {});
    const { rows } = await client.query('select pg_backend_pid() as pid');
    let left = after;
    let broken = false;
    return {
      query: async (statement: unknown, parameters?: unknown[]) => {
        if (left === 0) {
          broken = true;
          await executioner.query('select pg_terminate_backend($1, 5000)', [rows[0].pid]);
        }
        left -= 1;
        return client.query(statement as string, parameters as unknown[]);
      },
      release: () => client.release(broken),
      processID: rows[0].pid,
    };
  };
  return {
    run: async (act, after) => {
      const pool = { connect: () => connect(after), end: async () => {}, options: {} };
      const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool: pool as never }) });
      return run({ db, config, subscribers: [] }, operations[act.operation], {
        credential: { kind: 'membership', membershipId: act.actor.membershipId },
        input: act.input,
        requestId: 'model',
      });
    },
    close: async () => {
      await executioner.end();
      await victims.close();
    },
  };
}
