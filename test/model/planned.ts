/**
 * The same statements, each planned once a connection: thousands of reads of a small world spend half their time in
 * planning otherwise. What is asked and answered stays the same.
 */
import { createHash } from 'node:crypto';
import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import type { DB } from '../../src/platform/schema.gen.ts';

const mostNames = 2_000;
const names = new Map<string, string>();

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known || names.size >= mostNames) return known;
  const name = createHash('md5').update(text).digest('hex');
  names.set(text, name);
  return name;
}

export function planned(pool: pg.Pool): Kysely<DB> {
  const connect = async (): Promise<unknown> => {
    const client = await pool.connect();
    return {
      query: (text: string, values?: unknown[]) => {
        const name = /^\s*(\/\*.*?\*\/\s*)?(select|with|insert|update)/i.test(text)
          ? nameOf(text)
          : undefined;
        return name ? client.query({ name, text, values: values ?? [] }) : client.query(text, values);
      },
      release: (broken?: boolean) => client.release(broken),
      processID: (client as { processID?: number }).processID ?? 0,
    };
  };
  return new Kysely<DB>({
    dialect: new PostgresDialect({ pool: { connect, end: async () => {}, options: {} } as never }),
  });
}
