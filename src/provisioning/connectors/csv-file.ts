import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { ConnectorError, type Seen } from './connector.ts';

/** A file of accounts: `id`, `enabled`, the columns, and `roles` with semicolons between. */
export type DropFile = {
  folder: string;
  columns: readonly string[];
  separator: string;
  /** a value that a spreadsheet would take for a formula gets an apostrophe before it */
  quoted: boolean;
};

export type Rows = Map<string, Seen>;

const pathOf = ({ folder }: DropFile): string => `${folder}/accounts.csv`;

/** What stands in the file; nobody when there is none yet. @throws {ConnectorError} when somebody else changed its form */
export async function readDrop(file: DropFile): Promise<Rows> {
  const text = await readFile(pathOf(file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw failed(error);
  });
  const rows: Rows = new Map();
  if (text === '') return rows;
  let records: Record<string, string>[];
  try {
    records = parse(text, { columns: true, delimiter: file.separator, bom: true });
  } catch (cause) {
    throw new ConnectorError('bad-settings', 'The file was changed by somebody else, and cannot be read.', {
      cause,
    });
  }
  for (const record of records) {
    const id = record.id ?? '';
    if (id === '' || record.enabled === undefined || record.roles === undefined)
      throw new ConnectorError(
        'bad-settings',
        'The file was changed by somebody else: it lacks id, enabled or roles.',
      );
    rows.set(id, {
      id,
      correlation: id,
      enabled: record.enabled === 'true',
      values: Object.fromEntries(
        file.columns.map((column) => [column, record[column] ? read(file, record[column]) : null]),
      ),
      roles: record.roles === '' ? [] : read(file, record.roles).split(';'),
    });
  }
  return rows;
}

type Edit = { apply: (rows: Rows) => void; done: () => void; fail: (error: unknown) => void };

/**
 * Changes to the file, many by one writing of it: each is done when the file that has it is on the disk under its name.
 * Of several processes one writes at a time.
 */
export function changedTogether(
  file: DropFile,
  deadline: AbortSignal,
): (apply: (rows: Rows) => void) => Promise<void> {
  let waiting: Edit[] = [];
  let writing = false;
  const write = async (): Promise<void> => {
    writing = true;
    while (waiting.length > 0) {
      const edits = waiting;
      waiting = [];
      try {
        await locked(file, deadline, async () => {
          const rows = await readDrop(file);
          const kept = edits.filter((edit) => {
            try {
              edit.apply(rows);
              return true;
            } catch (error) {
              edit.fail(error);
              return false;
            }
          });
          await replace(file, rows);
          for (const edit of kept) edit.done();
        });
      } catch (error) {
        for (const edit of edits) edit.fail(error);
      }
    }
    writing = false;
  };
  return (apply) =>
    new Promise((done, fail) => {
      waiting.push({ apply, done, fail });
      if (!writing) void write();
    });
}

/** Written beside and renamed: whoever fetches it meanwhile has the old file or the new one, and no half. */
async function replace(file: DropFile, rows: Rows): Promise<void> {
  const text = stringify(
    [...rows.values()].map(({ id, enabled, values, roles }) => [
      id,
      String(enabled),
      ...file.columns.map((column) => shown(file, values[column])),
      shown(file, (roles ?? []).join(';')),
    ]),
    { header: true, columns: ['id', 'enabled', ...file.columns, 'roles'], delimiter: file.separator },
  );
  const draft = `${pathOf(file)}.${randomBytes(6).toString('hex')}`;
  try {
    const handle = await open(draft, 'wx', 0o640);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, pathOf(file));
  } catch (error) {
    await rm(draft, { force: true });
    throw failed(error as NodeJS.ErrnoException);
  }
}

/** Longer than any writing takes: whoever holds the lock for so long has died. */
const staleMs = 60_000;

async function locked<T>(file: DropFile, deadline: AbortSignal, work: () => Promise<T>): Promise<T> {
  const lock = `${pathOf(file)}.lock`;
  await mkdir(file.folder, { recursive: true, mode: 0o750 }).catch((error: NodeJS.ErrnoException) => {
    throw failed(error);
  });
  for (;;) {
    try {
      await (await open(lock, 'wx', 0o600)).close();
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw failed(error as NodeJS.ErrnoException);
      if (deadline.aborted)
        throw new ConnectorError('unreachable', 'Another process keeps the file to itself.');
      const since = await stat(lock).catch(() => undefined);
      if (since && Date.now() - since.mtimeMs > staleMs) await rename(lock, `${lock}.stale`).catch(() => {});
      else await delay(20);
    }
  }
  try {
    return await work();
  } finally {
    await unlink(lock).catch(() => {});
  }
}

const failed = (error: NodeJS.ErrnoException): ConnectorError =>
  new ConnectorError('failing', `The file cannot be written (${error.code ?? 'unknown'}).`, {
    status: error.code,
    cause: error,
  });

/** What a spreadsheet would run, also behind apostrophes that were there before, so that reading gives back what it was. */
const formula = /^'*[=+\-@\t\r＝＋－＠]/;

const shown = ({ quoted }: DropFile, value: unknown): string => {
  const text = value === null || value === undefined ? '' : String(value);
  return quoted && formula.test(text) ? `'${text}` : text;
};

const read = ({ quoted }: DropFile, text: string): string =>
  quoted && text.startsWith("'") && formula.test(text) ? text.slice(1) : text;
