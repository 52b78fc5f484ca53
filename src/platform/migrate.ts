import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { installJobs } from './jobs.ts';

const shipped = fileURLToPath(new URL('../../sql/', import.meta.url));

/** Taken by every process that migrates; any fixed number that nothing else uses. */
const lockKey = 7_236_648;

/** The database and this software do not fit together; the message says what to do. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

type Migration = { number: number; name: string; sql: string; checksum: string };

/**
 * Brings the database to this software's schema, the job queues included.
 * @returns the names of the files of `sql/` applied now
 * @throws {MigrationError} when the database is newer, or was made by other files
 */
export function migrate(url: string): Promise<string[]> {
  return applyMigrations(url, shipped, () => installJobs(url));
}

/**
 * Applies the files of a directory in order, forward only, each in a transaction of its own, then does `last`.
 * Safe when many processes start at once: one works, the others wait and find it done.
 */
export async function applyMigrations(
  url: string,
  directory: string,
  last: () => Promise<void> = async () => {},
): Promise<string[]> {
  const files = readMigrations(directory);
  // Index builds may take long; the pool's time limit is for requests.
  const client = new pg.Client({ connectionString: url, application_name: 'remit migrate' });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey]);
    await client.query(`
      create table if not exists migration (
        number int primary key,
        name text not null,
        checksum text not null,
        applied_at timestamptz not null default now()
      )`);
    const { rows } = await client.query<Omit<Migration, 'sql'>>(
      'select number, name, checksum from migration order by number',
    );
    checkApplied(rows, files);
    const missing = files.slice(rows.length);
    for (const file of missing) await apply(client, file);
    await last();
    return missing.map(({ name }) => name);
  } finally {
    // ends the session and with it the lock
    await client.end();
  }
}

async function apply(client: pg.Client, { number, name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query('begin');
    await client.query(sql);
    await client.query('insert into migration (number, name, checksum) values ($1, $2, $3)', [
      number,
      name,
      checksum,
    ]);
    await client.query('commit');
  } catch (error) {
    throw new MigrationError(
      `sql/${name} could not be applied and changed nothing: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

function checkApplied(applied: Omit<Migration, 'sql'>[], files: Migration[]): void {
  for (const [index, { number, name, checksum }] of applied.entries()) {
    const file = files[index];
    if (!file) {
      throw new MigrationError(
        `This database was migrated by a newer Remit (${name}); start that version. This one knows ${files.at(-1)?.name ?? 'nothing'} at most.`,
      );
    }
    if (file.number !== number || file.checksum !== checksum) {
      throw new MigrationError(
        `sql/${file.name} is not the file that made this database (${name}). Start the version that made it, or use another database.`,
      );
    }
  }
}

function readMigrations(directory: string): Migration[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name, index, names) => {
      const number = Number(/^(\d{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1]);
      if (Number.isNaN(number)) throw new MigrationError(`sql/${name} should be named NNNN-words.sql.`);
      const twin = names[index - 1];
      if (twin?.startsWith(name.slice(0, 5)))
        throw new MigrationError(`sql/${name} has the number of sql/${twin}.`);
      // Git may have written the file with the line ends of another system.
      const sql = readFileSync(join(directory, name), 'utf8').replaceAll('\r\n', '\n');
      return { number, name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}
