import { problem } from '../../platform/problems.ts';
import type { AccountValue, AccountValues, ConnectorField } from '../connectors/connector.ts';
import { labelOf } from '../connectors/words.ts';

/**
 * What of a person goes into which value of their account. A closed list of pieces and of what may be done with them, no
 * code: the same evaluator serves the live example, the dry run and every connector. Pure.
 */

/** What may be done with a piece, one after another. */
export const hows = [
  'lower',
  'upper',
  /** without accents: é is e, ß is ss; what has no likeness is left out */
  'ascii',
  'initial',
  'first-word',
  'last-word',
  /** letters, digits, dot, hyphen and underscore only: for names to sign in with */
  'login',
] as const;
export type How = (typeof hows)[number];

/** What is known of somebody in the membership that their access comes from, by name; fields as `attribute.<key>`. */
export const sources = [
  'displayName',
  'givenName',
  'familyName',
  'email',
  'userName',
  'userId',
  'language',
  'title',
  'organizationName',
  'organizationId',
  'lineManagerName',
  'lineManagerId',
  'firstDay',
  'lastDay',
] as const;
export type Source = (typeof sources)[number] | `attribute.${string}`;

/** What is known of somebody: absent is nothing, and so is an empty text. */
export type Known = Readonly<Partial<Record<Source, string>>>;

export type Piece = { text: string } | { field: Source; how?: readonly How[] };

export type MappingRow = {
  /** one of the connector's values */
  to: string;
  /** put together as they stand; nothing at all when none of its fields has anything */
  pieces: readonly Piece[];
  /** only when the account is made; what is changed there stays */
  once?: boolean;
};

export type Mapping = readonly MappingRow[];

/** One value as it comes out, for the example; `problem` is the end of a sentence, absent when it fits. */
export type Mapped = { to: string; value: AccountValue; once: boolean; problem?: string };

/** Longer is a mistake, and no target takes it. */
const longest = 1000;

/** Every value of the mapping for one person, with what does not fit. */
export function mapped(mapping: Mapping, known: Known, fields: readonly ConnectorField[]): Mapped[] {
  const rows: Mapped[] = mapping.map(({ to, pieces, once }) => {
    const field = fields.find(({ key }) => key === to);
    const text = put(pieces, withNames(known)).slice(0, longest);
    const wrong = problemOf(field, to, text);
    return {
      to,
      value: field ? asValue(field, text) : null,
      once: once ?? false,
      ...(wrong === undefined ? {} : { problem: wrong }),
    };
  });
  const missing = fields.filter(({ key, required }) => required && !mapping.some(({ to }) => to === key));
  return [
    ...rows,
    ...missing.map(({ key, label }) => ({
      to: key,
      value: null,
      once: false,
      problem: problem('mapping.missing', { label: labelOf({ key, label }) }),
    })),
  ];
}

/** What the account should have: all of it when it is made, afterwards without what is said only once. */
export function valuesOf(
  mapping: Mapping,
  known: Known,
  fields: readonly ConnectorField[],
  making: boolean,
): AccountValues {
  return Object.fromEntries(
    mapped(mapping, known, fields)
      .filter(({ to, once }) => (making || !once) && mapping.some((row) => row.to === to))
      .map(({ to, value }) => [to, value]),
  );
}

/**
 * A family name is mandatory in directories (RFC 4519, section 2.32) and seldom recorded apart: then the last word of the
 * name stands for it, and what is before it for the given name.
 */
export function withNames(known: Known): Known {
  const words = (known.displayName ?? '').trim().split(/\s+/u);
  const familyName = known.familyName || words.at(-1);
  const givenName = known.givenName || (words.length > 1 ? words.slice(0, -1).join(' ') : '');
  return { ...known, ...(familyName ? { familyName } : {}), ...(givenName ? { givenName } : {}) };
}

function put(pieces: readonly Piece[], known: Known): string {
  const parts = pieces.map((piece) =>
    'text' in piece ? piece.text : (piece.how ?? []).reduce(apply, known[piece.field] ?? ''),
  );
  const hasField = pieces.some((piece) => 'field' in piece);
  const hasAny = pieces.some((piece, n) => 'field' in piece && parts[n] !== '');
  return hasField && !hasAny ? '' : parts.join('');
}

/** Letters that do not come apart into a letter and an accent. */
const likeness: Readonly<Record<string, string>> = {
  ß: 'ss',
  ẞ: 'SS',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'Th',
  ı: 'i',
};

function apply(text: string, how: How): string {
  switch (how) {
    case 'lower':
      return text.toLowerCase();
    case 'upper':
      return text.toUpperCase();
    case 'ascii':
      return [...text.normalize('NFKD')]
        .map((letter) => likeness[letter] ?? letter)
        .join('')
        .replaceAll(/[^\x20-\x7e]/g, '');
    case 'initial':
      return [...text.trim()][0] ?? '';
    case 'first-word':
      return text.trim().split(/\s+/u)[0]!;
    case 'last-word':
      return text.trim().split(/\s+/u).at(-1)!;
    case 'login':
      return text
        .replaceAll(/\s+/gu, '.')
        .replaceAll(/[^\p{L}\p{N}._-]/gu, '')
        .replaceAll(/\.{2,}/g, '.');
  }
}

function asValue({ kind, many }: ConnectorField, text: string): AccountValue {
  if (text === '') return null;
  if (kind === 'yes-no') return text === 'true';
  return many ? [text] : text;
}

function problemOf(field: ConnectorField | undefined, to: string, text: string): string | undefined {
  if (!field) return problem('mapping.unknown', { value: to });
  const { required, kind, choices } = field;
  const label = labelOf(field);
  if (text === '') return required ? problem('mapping.empty', { label }) : undefined;
  if (kind === 'one-of' && !choices?.includes(text))
    return problem('mapping.choice', { label, choices: (choices ?? []).join(', ') });
  if (kind === 'yes-no' && text !== 'true' && text !== 'false') return problem('mapping.yes-no', { label });
  if (kind === 'number' && !/^-?\d+(\.\d+)?$/.test(text)) return problem('mapping.number', { label });
  return undefined;
}
