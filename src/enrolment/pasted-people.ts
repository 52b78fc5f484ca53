import { type EmailAddress, readEmailAddress } from '../platform/email-address.ts';

/** One person found in pasted text. */
export type PastedPerson = {
  /** counted from 1, as the box shows it */
  line: number;
  /** the piece of the line that this person was read from */
  text: string;
  email: EmailAddress | undefined;
  displayName: string;
};

/** Lines beyond this are refused before anything is read (I59). */
export const mostPastedLines = 2000;

const header = /^["']?\s*(e-?mail|mail|name|naam|first ?name|last ?name|display ?name|address|user)/i;

/**
 * Reads people out of whatever somebody pastes: one address a line, `Name <address>`, a mail program's list with
 * semicolons or commas, rows of a table with commas, semicolons or tabs, with or without a heading. A piece that
 * holds no address stays in the answer, so that it can be shown and mended.
 */
export function readPastedPeople(text: string): PastedPerson[] {
  const people: PastedPerson[] = [];
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = clean(raw);
    if (line === '') continue;
    // Only the first line with something on it can be a heading.
    if (people.length === 0 && !line.includes('@') && header.test(line)) continue;
    for (const piece of piecesOf(line)) people.push({ line: index + 1, ...readPiece(piece) });
  }
  return people;
}

// Byte order marks and zero-width characters come along from mail programs and spreadsheets.
const clean = (text: string): string =>
  text
    .replace(/\u200b|\u200c|\u200d|\u200e|\u200f|\u2060|\ufeff/g, '')
    .replace(/[^\P{Cc}\t]/gu, '')
    .trim();

/** A line's persons: a list of several addresses is cut, a table row with one address is kept whole. */
function piecesOf(line: string): string[] {
  if (count(line, '@') < 2) return [line];
  for (const separator of [';', '\t', ',']) {
    const pieces = splitOutside(line, separator)
      .map((piece) => piece.trim())
      .filter(Boolean);
    if (pieces.filter((piece) => piece.includes('@')).length > 1) return pieces.flatMap(piecesOf);
  }
  if (!line.includes('<')) return line.split(/\s+/);
  // `Anna <anna@a.example> Bob <bob@b.example>`
  return line.split(/(?<=>)\s*/).filter(Boolean);
}

const count = (text: string, character: string): number => text.split(character).length - 1;

/** Splits outside quotes and angle brackets. */
function splitOutside(line: string, separator: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  let quoted = false;
  let angle = false;
  for (const character of line) {
    if (character === '"') quoted = !quoted;
    else if (character === '<') angle = true;
    else if (character === '>') angle = false;
    if (character === separator && !quoted && !angle) {
      pieces.push(piece);
      piece = '';
    } else piece += character;
  }
  return [...pieces, piece];
}

function readPiece(piece: string): Omit<PastedPerson, 'line'> {
  const bracketed = /^(.*?)<([^<>]*@[^<>]*)>/.exec(piece);
  if (bracketed)
    return {
      text: piece,
      email: readAddress(bracketed[2]!),
      displayName: nameFrom(bracketed[1]!.split(',').reverse()),
    };
  const separator = [';', '\t', ','].find((character) => piece.includes(character));
  const columns = (separator ? splitOutside(piece, separator) : [piece]).map((column) => unquote(column));
  const at = columns.findIndex((column) => column.includes('@'));
  if (at < 0) return { text: piece, email: undefined, displayName: '' };
  const words = columns[at]!.split(/\s+/);
  const address = words.findIndex((word) => word.includes('@'));
  // `Anna de Vries anna@a.example`, or the name in the columns beside it
  const beside = words.filter((_, index) => index !== address).join(' ');
  const others = columns.filter((column, index) => index !== at && /\p{L}/u.test(column));
  return {
    text: piece,
    email: readAddress(words[address]!),
    displayName: nameFrom(beside ? [beside] : others.slice(0, 2)),
  };
}

const readAddress = (text: string): EmailAddress | undefined =>
  readEmailAddress(unquote(text).replace(/^mailto:/i, ''));

const unquote = (text: string): string =>
  text
    .trim()
    .replace(/^["'(]+|["')]+$/g, '')
    .trim();

const nameFrom = (parts: string[]): string =>
  parts.map(unquote).filter(Boolean).join(' ').replace(/\s+/g, ' ').slice(0, 200);
