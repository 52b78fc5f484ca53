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
  const rows: Row[] = [];
  const bad: BadRow[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const found = text.indexOf('\n', at);
    const end = found < 0 ? text.length : found;
    if (end - at > longest) bad.push({ line, problem: 'too-long' });
    else {
      const raw = text.slice(at, text[end - 1] === '\r' && end > at ? end - 1 : end);
      if (!raw.includes('"')) {
        if (raw.trim() !== '') rows.push({ line, cells: raw.split(separator) });
      } else {
        const read = readQuoted(text, at, separator);
        if ('cells' in read) {
          rows.push({ line, cells: read.cells });
          line += read.lines;
          at = read.end + 1;
          continue;
        }
        // A quote that never closes would swallow the rest of the file: go on with the next line.
        bad.push({ line, problem: read.problem });
      }
    }
    line += 1;
    at = end + 1;
  }
  return { rows, bad };
}

type Quoted = { cells: string[]; end: number; lines: number } | { problem: 'quote-open' | 'quote-inside' };

/** Reads a row with quotes in it, over several lines where a quoted cell has them. */
function readQuoted(text: string, start: number, separator: string): Quoted {
  const cells: string[] = [];
  let at = start;
  let lines = 1;
  for (;;) {
    if (text[at] !== '"') {
      let end = at;
      while (end < text.length && text[end] !== separator && text[end] !== '\n') end += 1;
      cells.push(text.slice(at, text[end] !== separator && text[end - 1] === '\r' ? end - 1 : end));
      at = end;
    } else {
      let cell = '';
      at += 1;
      for (;;) {
        const quote = text.indexOf('"', at);
        if (quote < 0 || quote - start > longest) return { problem: 'quote-open' };
        cell += text.slice(at, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        cell += '"';
        at += 1;
      }
      lines += cell.split('\n').length - 1;
      if (text[at] === '\r' && text[at + 1] === '\n') at += 1;
      if (at < text.length && text[at] !== separator && text[at] !== '\n') return { problem: 'quote-inside' };
      cells.push(cell);
    }
    if (at >= text.length || text[at] === '\n') return { cells, end: at, lines };
    at += 1;
  }
}
