/**
 * A connection that many reads ask through at once: whatever they ask while it is busy goes out together as soon as it is
 * free, in one message with one Sync at its end (PostgreSQL's pipeline mode). The statements, their order for each read
 * and their answers are those of the product; only the waiting in between is shared. It carries no transaction.
 */
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { DB } from '../../src/platform/schema.gen.ts';

type Field = { name: string; parser: (value: string) => unknown };
type Result = { command: string; rowCount: number; rows: Record<string, unknown>[] };
type Asked = {
  text: string;
  values: readonly unknown[];
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
};

/** A statement that this connection has planned, and its columns once they were told. */
type Planned = { name: string; fields: Field[] | undefined };

type Wire = {
  stream: { cork: () => void; uncork: () => void };
  parse: (query: { name: string; text: string }) => void;
  bind: (query: { statement: string; values: readonly unknown[]; valueMapper: unknown }) => void;
  describe: (of: { type: 'P'; name: string }) => void;
  execute: (portal: { portal: string; rows: number }) => void;
  sync: () => void;
};

const { prepareValue } = (pg as unknown as { utils: { prepareValue: unknown } }).utils;

type Described = { name: string; dataTypeID: number; format: 'text' }[];

export function askingThrough(client: pg.PoolClient): Kysely<DB> {
  const planned = new Map<string, Planned>();
  let waiting: Asked[] = [];
  let busy = false;
  // Never the same name twice: one that failed may stand there all the same.
  let made = 0;

  const soon = (): void => {
    if (busy || waiting.length === 0) return;
    busy = true;
    // Whoever else asks in this turn of the loop goes along.
    setImmediate(() => {
      const batch = waiting;
      waiting = [];
      client.query(batchOf(batch) as never);
    });
  };

  /** What `pg` takes for one query: it is handed each message that comes until the Sync. */
  const batchOf = (batch: Asked[]) => {
    let at = 0;
    let rows: Record<string, unknown>[] = [];
    const fresh = new Map<number, string>();
    const plannedOf = (asked: Asked): Planned => planned.get(asked.text)!;
    return {
      submit(wire: Wire): null {
        wire.stream.cork();
        batch.forEach(({ text, values }, index) => {
          let known = planned.get(text);
          if (!known) {
            made += 1;
            known = { name: `asked_${made}`, fields: undefined };
            planned.set(text, known);
            fresh.set(index, text);
            wire.parse({ name: known.name, text });
          }
          wire.bind({ statement: known.name, values, valueMapper: prepareValue });
          if (!known.fields) wire.describe({ type: 'P', name: '' });
          wire.execute({ portal: '', rows: 0 });
        });
        wire.sync();
        wire.stream.uncork();
        return null;
      },
      handleRowDescription({ fields }: { fields: Described }): void {
        plannedOf(batch[at]!).fields = fields.map(({ name, dataTypeID, format }) => ({
          name,
          parser: (client as unknown as pg.Client).getTypeParser(dataTypeID, format) as Field['parser'],
        }));
      },
      handleDataRow({ fields: values }: { fields: (string | null)[] }): void {
        const row: Record<string, unknown> = {};
        plannedOf(batch[at]!).fields!.forEach(({ name, parser }, index) => {
          const value = values[index]!;
          row[name] = value === null ? null : parser(value);
        });
        rows.push(row);
      },
      handleCommandComplete({ text }: { text: string }): void {
        batch[at]!.resolve({ command: text.split(' ')[0]!, rowCount: rows.length, rows });
        rows = [];
        at += 1;
      },
      /** The one that failed is told; those behind it were not run, and go once more. */
      handleError(error: unknown): void {
        for (const [index, text] of fresh) if (index >= at) planned.delete(text);
        batch[at]?.reject(error);
        waiting = [...batch.slice(at + 1), ...waiting];
        this.handleReadyForQuery();
      },
      handleReadyForQuery(): void {
        busy = false;
        soon();
      },
    };
  };

  const shared = {
    query: (text: string, values: readonly unknown[] = []): Promise<Result> => {
      if (/^\s*(begin|start|commit|rollback|savepoint|set|lock)\b/i.test(text))
        return Promise.reject(new Error(`No transaction is asked through here: ${text}`));
      return new Promise((resolve, reject) => {
        waiting.push({ text, values, resolve, reject });
        soon();
      });
    },
    release: () => {},
    processID: 0,
  };
  return new Kysely<DB>({
    dialect: new PostgresDialect({
      pool: { connect: async () => shared, end: async () => {}, options: {} } as never,
    }),
  });
}
