import { stringify } from 'csv-stringify/sync';
import { type Kysely, sql } from 'kysely';
import { languages, speakingIn } from '../../platform/language.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { say } from '../say.ts';
import { type Read, readHeading, rowsOf } from './parts.ts';
import { type RowProblem, sayRowProblem } from './problems.ts';
import type { Reading } from './reading.ts';
import type { PeopleImport } from './store.ts';

/**
 * The rows that stayed out, in the columns that they came in, with what is wrong beside them: to be mended and sent again.
 * The file is read once more, so that nobody's cells are kept twice. What a spreadsheet would run is defused.
 */
export async function errorFile(db: Kysely<DB>, asked: PeopleImport): Promise<string> {
  const reading = asked.reading ?? { columns: {}, dates: 'iso' as const };
  const heading = await readHeading(db, asked.id, reading);
  if (!heading) return '';
  const options = {
    delimiter: heading.separator,
    escape_formulas: true,
    // Of any kind: what stood after it would be a row of its own, and a formula there.
    quoted_match: /[\r\n]/,
    record_delimiter: '\r\n' as const,
  };
  // Mended rows that are wrong again say so once.
  const width = isToMend(heading.cells) ? heading.cells.length - 1 : heading.cells.length;
  // A mark, so that spreadsheets read the letters of any language.
  const pieces = [
    `\ufeff${stringify([[...heading.cells.slice(0, width), say('people-import.problem')]], options)}`,
  ];
  for await (const read of rowsOf(db, asked.id, {
    separator: heading.separator as never,
    encoding: heading.encoding,
  })) {
    if (read.length === 0) continue;
    const problems = await problemsBetween(db, asked.id, read[0]!.line, read.at(-1)!.line);
    if (problems.size === 0) continue;
    const rows = read.flatMap((row) => {
      const problem = problems.get(row.line);
      if (!problem) return [];
      const cells = 'cells' in row ? row.cells.toSpliced(width, heading.cells.length - width) : [];
      return [
        [
          ...cells,
          ...Array<string>(Math.max(0, width - cells.length)).fill(''),
          textOf(row, problem, reading),
        ],
      ];
    });
    pieces.push(stringify(rows, options));
  }
  return pieces.join('');
}

/** A row that could not be read has nothing but its line to be found by. */
const textOf = (row: Read, problem: RowProblem, { columns }: Pick<Reading, 'columns'>): string => {
  const text = sayRowProblem(problem, columns);
  return 'cells' in row ? text : say('people-import.at-line', { line: row.line, problem: text });
};

/** Are these the columns of rows that stayed out, mended and sent again? In whichever language they were said. */
export function isToMend(cells: readonly string[]): boolean {
  const last = cells.at(-1)?.trim();
  return (
    cells.length > 1 &&
    languages.some((language) => speakingIn(language, () => say('people-import.problem')) === last)
  );
}

async function problemsBetween(
  db: Kysely<DB>,
  importId: string,
  from: number,
  to: number,
): Promise<Map<number, RowProblem>> {
  const { rows } = await sql<{ line: number; problem: RowProblem }>`
    select line, problem from people_import_row
    where import_id = ${importId} and line between ${from} and ${to} and problem is not null`.execute(db);
  return new Map(rows.map(({ line, problem }) => [line, problem]));
}
