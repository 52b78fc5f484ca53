import { type RawBuilder, sql } from 'kysely';
import type { Context } from '../../../operation/operation.ts';
import type { Resource } from '../protocol/json.ts';
import type { ResourceType } from '../protocol/schema.ts';
import { parseSelection, select } from '../protocol/select.ts';
import { type Filter, parseFilter } from './filter.ts';
import { type CursorKey, makeCursor, type Page, parsePage, readCursor } from './paging.ts';
import { type Columns, toPredicate } from './predicate.ts';
import { parseSorting, type Sorting, sortKey, toOrder } from './sort.ts';

/** What can be asked of a list, by GET or by `.search` (RFC 7644, sections 3.4.2 and 3.4.3; RFC 9865). */
export type Question = {
  filter?: string | undefined;
  sortBy?: string | undefined;
  sortOrder?: string | undefined;
  startIndex?: string | number | undefined;
  count?: string | number | undefined;
  cursor?: string | undefined;
  attributes?: string | readonly string[] | undefined;
  excludedAttributes?: string | readonly string[] | undefined;
};

/** What one kind of resource brings to its list. */
export type Listed<Row extends { id: string }> = {
  type: ResourceType;
  columns: Columns;
  id: RawBuilder<unknown>;
  /** conditions that an index knows and the filter implies */
  hints: (filter: Filter) => RawBuilder<boolean>[];
  /** what `id` is of a row: by it a page goes on where the one before ended */
  position: (row: Row) => string;
  count: (where: RawBuilder<boolean> | undefined) => Promise<number>;
  rows: (
    where: RawBuilder<boolean>,
    key: RawBuilder<unknown>,
    order: RawBuilder<unknown>,
    limit: number,
    offset: number,
  ) => Promise<(Row & { sortKey: string | null })[]>;
  resource: (row: Row) => Resource;
};

export const listSchema = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

/**
 * A page of what the caller sees and the filter chooses; as many in all as they would find by reading on (I07). By index
 * unless a cursor is asked for (RFC 9865, section 2).
 */
export async function listed<Row extends { id: string }>(
  context: Context,
  owner: { ownerId: string; organizationId: string },
  question: Question,
  of: Listed<Row>,
): Promise<Resource> {
  const filter = question.filter === undefined ? undefined : parseFilter(question.filter, of.type);
  const sorting = parseSorting(present({ sortBy: question.sortBy, sortOrder: question.sortOrder }), of.type);
  const selection = parseSelection(
    present({ attributes: question.attributes, excludedAttributes: question.excludedAttributes }),
    of.type,
  );
  const where = filter && all([toPredicate(filter, of.columns), ...of.hints(filter)]);
  const key = (sorting && sortKey(sorting, of.columns)) ?? sql`null::text`;
  const asked = { where, key, order: toOrder(sorting, of.columns, of.id), sorting, of };
  const wanted = parsePage(
    present({ startIndex: question.startIndex, count: question.count, cursor: question.cursor }),
  );
  const page =
    wanted.by === 'index'
      ? await byIndex(wanted, asked)
      : await byCursor(context, owner, question, wanted, asked);
  return {
    schemas: [listSchema],
    totalResults: await of.count(where),
    ...page.place,
    itemsPerPage: page.rows.length,
    Resources: page.rows.map((row) => select(of.resource(row), selection, of.type)),
  };
}

type Asked<Row extends { id: string }> = {
  where: RawBuilder<boolean> | undefined;
  key: RawBuilder<unknown>;
  order: RawBuilder<unknown>;
  sorting: Sorting | undefined;
  of: Listed<Row>;
};

type Shown<Row> = { rows: Row[]; place: Resource };

const all = (parts: RawBuilder<boolean>[]): RawBuilder<boolean> =>
  sql<boolean>`(${sql.join(parts, sql` and `)})`;

/** Absent is not the same as undefined for the readers of SCIM-CORE's types. */
const present = <T extends object>(given: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;

async function byIndex<Row extends { id: string }>(
  { startIndex, count }: Extract<Page, { by: 'index' }>,
  { where, key, order, of }: Asked<Row>,
): Promise<Shown<Row>> {
  const rows =
    count === 0 ? [] : await of.rows(where ?? sql<boolean>`true`, key, order, count, startIndex - 1);
  return { rows, place: { startIndex } };
}

async function byCursor<Row extends { id: string }>(
  context: Context,
  { ownerId, organizationId }: { ownerId: string; organizationId: string },
  question: Question,
  { cursor, count }: Extract<Page, { by: 'cursor' }>,
  { where, key, order, sorting, of }: Asked<Row>,
): Promise<Shown<Row>> {
  const { filter, sortBy, sortOrder } = question;
  // Another client, another organization or another question cannot go on with it.
  const asked = JSON.stringify([ownerId, organizationId, of.type.id, filter, sortBy, sortOrder]);
  const shape = sorting ? ([shapeOf(sorting), 'uuid'] as const) : (['uuid'] as const);
  const after = cursor === undefined ? undefined : readCursor(cursor, asked, count, shape, context.at);
  const beyond = after ? [beyondOf(sorting, key, of.id, after)] : [];
  const rows = await of.rows(all([where ?? sql<boolean>`true`, ...beyond]), key, order, count + 1, 0);
  const shown = rows.slice(0, count);
  const last = shown.at(-1);
  if (rows.length <= count || !last) return { rows: shown, place: {} };
  const position = sorting ? [keyPart(sorting, last.sortKey), of.position(last)] : [of.position(last)];
  return { rows: shown, place: { nextCursor: makeCursor(asked, count, position, context.at) } };
}

/** What comes after a position in that order: missing keys last when ascending, first when descending. */
function beyondOf(
  sorting: Sorting | undefined,
  key: RawBuilder<unknown>,
  id: RawBuilder<unknown>,
  after: CursorKey,
): RawBuilder<boolean> {
  const lastId = String(after.at(-1));
  if (!sorting) return sql<boolean>`${id} > ${lastId}::uuid`;
  const [last] = after;
  const past = sql.raw(sorting.descending ? '<' : '>');
  const known = sql`${last === null ? null : String(last)}::${sql.raw(castOf[shapeOf(sorting)])}`;
  const sameKey = sql`(${key} is not distinct from ${known} and ${id} ${past} ${lastId}::uuid)`;
  if (last === null)
    return sorting.descending ? sql<boolean>`(${sameKey} or ${key} is not null)` : sql<boolean>`${sameKey}`;
  const further = sql`${key} ${past} ${known}`;
  return sorting.descending
    ? sql<boolean>`(${key} is not null and (${further} or ${sameKey}))`
    : sql<boolean>`(${further} or ${sameKey} or ${key} is null)`;
}

type Part = 'text' | 'number' | 'boolean' | 'instant';
const castOf = { text: 'text', number: 'float8', boolean: 'boolean', instant: 'timestamptz' };

function shapeOf({ at }: Sorting): Part {
  const { type } = at.sub ?? at.attribute;
  if (type === 'dateTime') return 'instant';
  if (type === 'boolean') return 'boolean';
  return type === 'integer' || type === 'decimal' ? 'number' : 'text';
}

/** A key as PostgreSQL wrote it, as a cursor keeps it. */
function keyPart(sorting: Sorting, key: string | null): string | number | boolean | null {
  if (key === null) return null;
  switch (shapeOf(sorting)) {
    case 'instant':
      return new Date(key).toISOString();
    case 'boolean':
      return key === 'true';
    case 'number':
      return Number(key);
    default:
      return key;
  }
}
