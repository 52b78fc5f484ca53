import { z } from 'zod';
import { invalid } from './problems.ts';

/** Query fields of every list: how many rows (1 to 200, default 50) and where to go on. */
export const pageInput = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Rows per page, 1 to 200.'),
  cursor: z.string().max(2000).optional().describe('`next` of the page before; absent for the first.'),
};

/** A page of `item`: `next` is absent on the last one. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().optional().describe('Cursor of the next page.') });

/** The sort key of the last row shown, as an opaque text. It carries no right: the reach is asked anew. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** What a part of a sort key is. `instant` is as PostgreSQL or RFC 3339 writes it, the infinities included. */
export type CursorPart = 'text' | 'uuid' | 'instant' | 'count';

const isPart: Record<CursorPart, (part: unknown) => boolean> = {
  // PostgreSQL holds neither NUL nor half a character.
  text: (part) => typeof part === 'string' && !part.includes('\0') && part.isWellFormed(),
  uuid: (part) => z.uuid().safeParse(part).success,
  instant: (part) => typeof part === 'string' && isInstantText(part),
  count: (part) => Number.isSafeInteger(part),
};

/**
 * Reads a cursor of exactly this shape. Whatever it gives can be cast in SQL: a made-up cursor is the caller's error.
 * @throws Refusal `input.invalid` when somebody made it up.
 */
export function decodeCursor<const Shape extends readonly CursorPart[]>(
  cursor: string | undefined,
  shape: Shape,
): { -readonly [K in keyof Shape]: string } | undefined {
  if (cursor === undefined) return undefined;
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (
      Array.isArray(key) &&
      key.length === shape.length &&
      shape.every((part, index) => isPart[part](key[index]))
    )
      return key.map(String) as { -readonly [K in keyof Shape]: string };
  } catch {
    // falls through: not ours
  }
  throw invalid(undefined, 'cursor.unknown');
}

const instantForm =
  /^(\d{4,6})-(\d\d)-(\d\d)[ T]([01]\d|2[0-3])(:[0-5]\d){2}(\.\d{1,6})?(Z|[+-](0\d|1[0-4])(:[0-5]\d){0,2})$/;

function isInstantText(text: string): boolean {
  if (text === 'infinity' || text === '-infinity') return true;
  const [, year, month, day] = (instantForm.exec(text) ?? []).map(Number);
  if (!year || !month || !day || year > 200_000) return false;
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  return month <= 12 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** Cuts `rows` (fetched with limit + 1) to a page. */
export function toPage<T>(
  rows: T[],
  limit: number,
  keyOf: (row: T) => readonly (string | number)[],
): { items: T[]; next?: string } {
  if (rows.length <= limit) return { items: rows };
  const items = rows.slice(0, limit);
  return { items, next: encodeCursor(keyOf(items[limit - 1]!)) };
}
