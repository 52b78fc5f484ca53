import { z } from 'zod';
import { refuse } from './refusals.ts';

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

/**
 * Reads a cursor of exactly `length` parts.
 * @throws Refusal `input.invalid` when somebody made it up.
 */
export function decodeCursor(cursor: string | undefined, length: number): string[] | undefined {
  if (cursor === undefined) return undefined;
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (
      Array.isArray(key) &&
      key.length === length &&
      key.every((part) => typeof part === 'string' || typeof part === 'number')
    )
      return key.map(String);
  } catch {
    // falls through: not ours
  }
  throw refuse('input.invalid', { problem: 'the cursor is not one of ours; start again without it' });
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
