import { type Kysely, sql } from 'kysely';
import type { DB } from '../../platform/schema.gen.ts';
import { CsvReader, namesSeparator, type Row, sniffSeparator } from '../files/csv.ts';
import { type Encoding, encodingOfMark, encodingOfZeros, encodings } from '../files/encoding.ts';
import type { Reading } from './reading.ts';

/** Bytes of one part at most; a file is at most `mostParts` of them. */
export const partBytes = 4 * 1024 * 1024;
export const mostParts = 200;

/** The parts in order, one at a time: the file is never whole in memory. */
async function* bytesOf(db: Kysely<DB>, importId: string): AsyncGenerator<Buffer> {
  for (let n = 1; n <= mostParts; n += 1) {
    const { rows } = await sql<{ bytes: Buffer }>`
      select bytes from people_import_part where import_id = ${importId} and n = ${n}`.execute(db);
    if (!rows[0]) return;
    yield rows[0].bytes;
  }
}

/**
 * How the bytes of a file became text. A byte order mark decides, then what was said, then the bytes: mostly UTF-8 with a
 * few lines of something else is UTF-8 with bad lines, and where hardly anything fits it comes from an old spreadsheet.
 */
export async function encodingOf(db: Kysely<DB>, importId: string, declared?: Encoding): Promise<Encoding> {
  let fits = 0;
  let fitsNot = 0;
  let first = true;
  const decoder = new TextDecoder('utf-8');
  for await (const bytes of bytesOf(db, importId)) {
    if (first) {
      const said = encodingOfMark(bytes) ?? declared ?? encodingOfZeros(bytes);
      if (said) return said;
      first = false;
    }
    const text = decoder.decode(bytes, { stream: true });
    for (const [letters] of text.matchAll(/[^\0-\x7f]+/g))
      for (const letter of letters) {
        if (letter === '\ufffd') fitsNot += 1;
        else fits += 1;
      }
  }
  return fitsNot > fits ? 'windows-1252' : 'utf-8';
}

/** Without what old systems write after the last row. */
function withoutEnd(text: string): string {
  const written = text.trimEnd();
  return written.endsWith('\u001a') ? written.slice(0, -1) : text;
}

/** The file as text, piece by piece; what is not of the encoding is U+FFFD. */
async function* textsOf(db: Kysely<DB>, importId: string, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encodings.includes(encoding) ? encoding : 'utf-8');
  let wasReturn = false;
  for await (const bytes of bytesOf(db, importId)) {
    const text = decoder.decode(bytes, { stream: true });
    yield lineEnds(text);
  }
  yield lineEnds(decoder.decode());

  /** Line ends of old systems, which are a return alone. */
  function lineEnds(text: string): string {
    if (text === '') return text;
    const joined = withoutEnd(wasReturn && text[0] !== '\n' ? `\n${text}` : text);
    wasReturn = text.endsWith('\r');
    return joined.includes('\r') ? joined.replace(/\r(?!\n|$)/g, '\n') : joined;
  }
}

export type Read = Row | { line: number; problem: 'too-long' | 'quote-open' | 'quote-inside' | 'heading' };

/** Rows of the file in order, as many at a time as one piece of it holds; the first row of all is the heading. */
export async function* rowsOf(
  db: Kysely<DB>,
  importId: string,
  { separator, encoding }: Pick<Reading, 'separator' | 'encoding'>,
): AsyncGenerator<Read[]> {
  const found = await encodingOf(db, importId, encoding);
  let reader: CsvReader | undefined;
  let first = true;
  for await (const text of textsOf(db, importId, found)) {
    reader ??= new CsvReader(separator ?? sniffSeparator(text));
    // A piece of 4 MB is some 40,000 rows: a few at a time keep the memory flat.
    for (let at = 0; at < text.length; at += pieceLength) {
      const { rows, bad } = reader.push(text.slice(at, at + pieceLength));
      const read = inOrder(rows, bad);
      if (first && read[0] && 'cells' in read[0] && namesSeparator(read[0])) read.shift();
      if (rows.length > 0) first = false;
      yield read;
    }
  }
  if (!reader) return;
  const { rows, bad } = reader.push('', true);
  yield inOrder(rows, bad);
}

const pieceLength = 256 * 1024;

const inOrder = (rows: Read[], bad: Read[]): Read[] =>
  bad.length === 0 ? rows : [...rows, ...bad].sort((one, other) => one.line - other.line);

export type Heading = { cells: string[]; separator: string; encoding: Encoding; sample: string[][] };

/** The heading and the first rows, for whoever says what the columns are; undefined where there is none. */
export async function readHeading(
  db: Kysely<DB>,
  importId: string,
  said: Pick<Reading, 'separator' | 'encoding'>,
): Promise<Heading | undefined> {
  const encoding = await encodingOf(db, importId, said.encoding);
  for await (const text of textsOf(db, importId, encoding)) {
    const separator = said.separator ?? sniffSeparator(text);
    const { rows } = new CsvReader(separator).push(text.slice(0, pieceLength), text.length <= pieceLength);
    const [heading, ...sample] = rows[0] && namesSeparator(rows[0]) ? rows.slice(1) : rows;
    if (!heading) return undefined;
    return {
      cells: heading.cells,
      separator,
      encoding,
      sample: sample.slice(0, 5).map(({ cells }) => cells),
    };
  }
  return undefined;
}
