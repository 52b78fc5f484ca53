import { unwritable, unwritableInProse } from '../../platform/names.ts';
import { beginsFormula, withoutApostrophe } from '../files/cell.ts';
import { longest, readCsv, sniffSeparator } from '../files/csv.ts';
import { type Column, type ColumnNames, columns, type FileName, mostRows } from './files.ts';
import type { Problems } from './problems.ts';

/** A row of a file with its cells by column. */
export type Cells = Record<string, string> & { line: number };

export type Table = {
  /** rows whose every cell is fit */
  rows: Cells[];
  /** rows with something wrong: what others refer to may stand in them, and is not missing */
  bad: Cells[];
  /** false where there is no heading to read rows by */
  readable: boolean;
};

/**
 * Reads one file into rows, and names everything that is wrong with it by line and column. What is wrong is left
 * out of the rows.
 */
export function readTable(
  file: FileName,
  source: string,
  problems: Problems,
  named: ColumnNames[FileName] = {},
): Table {
  const text = cleanText(file, source, problems);
  if (text.trim() === '') {
    problems.add('file-empty', file);
    return unreadable;
  }
  const { rows, bad } = readCsv(text, sniffSeparator(text));
  for (const { line, problem } of bad)
    problems.add(problem === 'too-long' ? 'row-too-long' : problem, file, line, undefined, {
      limit: longest,
    });
  if (rows.length > mostRows) {
    problems.add('file-too-long', file, undefined, undefined, { limit: mostRows });
    return unreadable;
  }
  const [heading, ...body] = rows;
  const places = heading && findColumns(file, heading.cells, problems, named);
  if (!places) return unreadable;
  const table: Table = { rows: [], bad: [], readable: true };
  for (const { line, cells } of body) {
    const before = problems.count;
    if (cells.length > heading.cells.length && cells.slice(heading.cells.length).some((cell) => cell.trim()))
      problems.add('cells-many', file, line);
    const row = { line } as Cells;
    for (const { column, at } of places) {
      const raw = cells[at];
      if (raw === undefined && !(column.optional ?? column.absent))
        problems.add('cells-few', file, line, column.name);
      else row[column.name] = readCell(file, line, column, raw ?? '', problems);
    }
    (problems.count > before ? table.bad : table.rows).push(row);
  }
  return table;
}

const unreadable: Table = { rows: [], bad: [], readable: false };

/** Line ends of old systems, and a mark that some editors leave at the start. */
function cleanText(file: FileName, source: string, problems: Problems): string {
  const unmarked = source.charCodeAt(0) === 0xfeff ? source.slice(1) : source;
  const text = unmarked.includes('\n') ? unmarked : unmarked.replaceAll('\r', '\n');
  // Whoever decoded it before us put this character where bytes did not fit.
  if (text.includes('\ufffd'))
    for (const [index, row] of text.split('\n').entries())
      if (row.includes('\ufffd'))
        problems.add('encoding', file, index + 1, undefined, { encoding: 'the text they should be' });
  return text;
}

type Placed = { column: Column; at: number };

function findColumns(
  file: FileName,
  heading: string[],
  problems: Problems,
  named: Record<string, string>,
): Placed[] | undefined {
  const plain = heading.map((cell) => cell.trim().toLowerCase());
  const placed: Placed[] = [];
  let missing = false;
  const taken = new Set<number>();
  for (const column of columns[file] as readonly Column[]) {
    const wanted = named[column.name]?.trim().toLowerCase();
    const names = wanted ? [wanted] : [column.name.toLowerCase(), ...(column.also ?? [])];
    const at = names.map((name) => plain.indexOf(name)).find((index) => index >= 0 && !taken.has(index));
    if (at === undefined) {
      if (column.absent) continue;
      problems.add('column-missing', file, 1, column.name);
      missing = true;
      continue;
    }
    if (plain.indexOf(plain[at]!, at + 1) >= 0) {
      problems.add('column-twice', file, 1, column.name);
      missing = true;
    }
    taken.add(at);
    placed.push({ column, at });
  }
  return missing ? undefined : placed;
}

function readCell(file: FileName, line: number, column: Column, raw: string, problems: Problems): string {
  const trimmed = raw.trim().normalize('NFC');
  if (trimmed === '') {
    if (!column.optional) problems.add('empty', file, line, column.name);
    return '';
  }
  // Breaks belong to descriptions; anything else that does not print hides something.
  if ((column.prose ? unwritableInProse : unwritable).test(trimmed))
    problems.add('control-character', file, line, column.name);
  if (trimmed.length > column.longest)
    problems.add('too-long', file, line, column.name, { limit: column.longest });
  if (!column.prose && beginsFormula(trimmed))
    problems.add('formula', file, line, column.name, { value: trimmed.slice(0, 20) });
  return withoutApostrophe(trimmed);
}
