/**
 * A reader of CSV (RFC 4180) for files that people made by hand. Our own, because every bad row must be named with
 * its line: `csv-parse` gives up or skips the good rows after a wrong quote. It never looks further than `longest`
 * for a row's end, so that a 10 MB line costs one look-up.
 */
export type Row = { line: number; cells: string[] };
export type BadRow = { line: number; problem: 'too-long' | 'quote-open' | 'quote-inside' };

/** Characters of one row at most, line breaks in quotes included. */
export const longest = 65_536;

export const separators = [',', ';', '\t', '|'] as const;

/** The separator that the heading uses most; a comma where it uses none. */
export function sniffSeparator(text: string): string {
  const end = text.indexOf('\n');
  const heading = text.slice(0, Math.min(end < 0 ? longest : end, longest));
  const count = (separator: string): number => heading.split(separator).length;
  return [...separators].sort((one, other) => count(other) - count(one))[0]!;
}

export function readCsv(text: string, separator: string): { rows: Row[]; bad: BadRow[] } {
  return new CsvReader(separator).push(text, true);
}

/** Reads a file that comes in pieces of any size. It keeps no more than the row that is not whole yet. */
export class CsvReader {
  readonly separator: string;
  #rest = '';
  #line = 1;
  /** inside a line that was too long: its end is yet to come */
  #skipping = false;

  constructor(separator: string) {
    this.separator = separator;
  }

  /** The rows that are whole with this piece; with the `last` one all that is left. */
  push(piece: string, last = false): { rows: Row[]; bad: BadRow[] } {
    const rows: Row[] = [];
    const bad: BadRow[] = [];
    const text = this.#rest + piece;
    let at = 0;
    while (at < text.length) {
      const found = text.indexOf('\n', at);
      const end = found < 0 ? text.length : found;
      const whole = found >= 0 || last;
      if (this.#skipping || end - at > longest) {
        if (!this.#skipping) bad.push({ line: this.#line, problem: 'too-long' });
        this.#skipping = !whole;
        if (!whole) at = text.length;
        if (!whole) break;
      } else {
        const raw = text.slice(at, text[end - 1] === '\r' && end > at ? end - 1 : end);
        if (!raw.includes('"')) {
          if (!whole) break;
          keep(rows, this.#line, raw.split(this.separator));
        } else {
          const read = readQuoted(text, at, this.separator, last);
          if (read === 'more') break;
          if ('cells' in read) {
            keep(rows, this.#line, read.cells);
            this.#line += read.lines;
            at = read.end + 1;
            continue;
          }
          if (!whole) break;
          // A quote that never closes would swallow the rest of the file: go on with the next line.
          bad.push({ line: this.#line, problem: read.problem });
        }
      }
      this.#line += 1;
      at = end + 1;
    }
    this.#rest = text.slice(at);
    return { rows, bad };
  }
}

/** Spreadsheets write rows of which nothing is left but the separators. */
function keep(rows: Row[], line: number, cells: string[]): void {
  if (cells.some((cell) => cell.trim() !== '')) rows.push({ line, cells });
}

/** `sep=;`, by which some spreadsheets are told the separator in a line of its own before the heading. */
export const namesSeparator = ({ cells: [first = '', ...others] }: Row): boolean =>
  /^sep=[,;|\t]?$/i.test(first.trim()) && others.every((cell) => cell === '');

type Quoted =
  | { cells: string[]; end: number; lines: number }
  | { problem: 'quote-open' | 'quote-inside' }
  /** what comes next decides */
  | 'more';

/** Reads a row with quotes in it, over several lines where a quoted cell has them. */
function readQuoted(text: string, start: number, separator: string, last: boolean): Quoted {
  const cells: string[] = [];
  let at = start;
  let lines = 1;
  for (;;) {
    if (text[at] !== '"') {
      let end = at;
      while (end < text.length && text[end] !== separator && text[end] !== '\n') end += 1;
      if (end >= text.length && !last) return 'more';
      cells.push(text.slice(at, text[end] !== separator && text[end - 1] === '\r' ? end - 1 : end));
      at = end;
    } else {
      let cell = '';
      at += 1;
      for (;;) {
        const quote = text.indexOf('"', at);
        if (quote < 0 && !last && text.length - start <= longest) return 'more';
        if (quote < 0 || quote - start > longest) return { problem: 'quote-open' };
        cell += text.slice(at, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        cell += '"';
        at += 1;
      }
      if (!last && (at >= text.length || (text[at] === '\r' && at + 1 >= text.length))) return 'more';
      lines += cell.split('\n').length - 1;
      if (text[at] === '\r' && text[at + 1] === '\n') at += 1;
      if (at < text.length && text[at] !== separator && text[at] !== '\n') return { problem: 'quote-inside' };
      cells.push(cell);
    }
    if (at >= text.length || text[at] === '\n') return { cells, end: at, lines };
    at += 1;
  }
}
