import { createHash } from 'node:crypto';
import { z } from 'zod';
import { refuse } from '../../../platform/refusals.ts';
import { isKeepable } from '../protocol/json.ts';
import { scimError } from '../protocol/problem.ts';
import { instantOf } from '../protocol/values.ts';

/** A page by number (RFC 7644, section 3.4.2.4) or by cursor (RFC 9865, section 2). */
export type Page =
  | { by: 'index'; startIndex: number; count: number }
  | { by: 'cursor'; cursor: string | undefined; count: number };

/** Rows a page, and how many seconds a cursor is good for; /ServiceProviderConfig says the same. */
export const pageLimits = { usual: 100, most: 500, cursorSeconds: 3600 };

type Asked = { startIndex?: string | number; count?: string | number; cursor?: string };

/**
 * Which page is asked for. Below 1 `startIndex` is 1, below 0 `count` is 0; a large count gives a full page. With `cursor`,
 * also an empty one, it is a page by cursor.
 * @throws Refusal `scim.invalid-value` for what is no number, `scim.invalid-count` for such a count beside a cursor
 */
export function parsePage(asked: Asked): Page {
  if (asked.cursor !== undefined) {
    const count = asked.count === undefined ? pageLimits.usual : whole(asked.count);
    if (count === undefined) throw invalidCount();
    return { by: 'cursor', cursor: asked.cursor || undefined, count: within(count) };
  }
  const startIndex = numbered('startIndex', asked.startIndex, 1);
  const count = numbered('count', asked.count, pageLimits.usual);
  return {
    by: 'index',
    startIndex: Math.max(1, startIndex),
    count: within(count),
  };
}

const within = (count: number): number => Math.min(Math.max(0, count), pageLimits.most);

const invalidCount = () => refuse('scim.invalid-count', { limit: pageLimits.most });

function numbered(name: string, given: string | number | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  const number = whole(given);
  if (number === undefined) throw scimError('scim.invalid-value', 'scim.type', { name, type: 'integer' });
  return number;
}

function whole(given: string | number): number | undefined {
  const number =
    typeof given === 'number' ? given : /^[+-]?\d{1,15}$/.test(given.trim()) ? Number(given) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

/** What the last row of a page was sorted by, its id last. */
export type CursorKey = readonly (string | number | boolean | null)[];

/** What each part of such a key is, so that SQL can cast it; null stands for "has none". */
export type CursorShape = readonly ('text' | 'number' | 'boolean' | 'instant' | 'uuid')[];

const fits: Record<CursorShape[number], (part: unknown) => boolean> = {
  text: (part) => typeof part === 'string' && isKeepable(part),
  number: (part) => typeof part === 'number' && Number.isFinite(part),
  boolean: (part) => typeof part === 'boolean',
  instant: (part) => typeof part === 'string' && instantOf(part) === part,
  uuid: (part) => z.uuid().safeParse(part).success,
};

const markOf = (question: string): string =>
  createHash('sha256').update(question).digest('base64url').slice(0, 12);

/**
 * Where the next page goes on. A cursor carries no right, so it needs no seal: the boundary is asked anew. `question`
 * is everything else that was asked, client and organization included: the cursor fits no other, and no other `count`. Its
 * characters are unreserved ones of RFC 3986.
 */
export const makeCursor = (question: string, count: number, key: CursorKey, at: Date): string =>
  Buffer.from(JSON.stringify([Math.floor(at.getTime() / 1000), markOf(question), count, ...key])).toString(
    'base64url',
  );

/**
 * @throws Refusal `scim.invalid-cursor` when it is not ours or of another question, `scim.expired-cursor` when it is old,
 * `scim.invalid-count` where the pages before it were of another size (RFC 9865, section 2.1)
 */
export function readCursor(
  cursor: string,
  question: string,
  count: number,
  shape: CursorShape,
  at: Date,
): CursorKey {
  const [made, mark, size, ...key] = parts(cursor);
  const isOurs =
    Number.isSafeInteger(made) &&
    mark === markOf(question) &&
    key.length === shape.length &&
    key.every((part, index) => (part === null && index < shape.length - 1) || fits[shape[index]!](part));
  if (!isOurs) throw refuse('scim.invalid-cursor');
  const age = at.getTime() / 1000 - Number(made);
  if (age > pageLimits.cursorSeconds || age < -pageLimits.cursorSeconds) throw refuse('scim.expired-cursor');
  if (size !== count) throw invalidCount();
  return key as CursorKey;
}

function parts(cursor: string): unknown[] {
  if (cursor.length > 8000) return [];
  try {
    const read: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(read) ? read : [];
  } catch {
    return [];
  }
}
