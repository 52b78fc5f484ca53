import { type RawBuilder, sql } from 'kysely';
import { isPrimary } from '../protocol/fitting.ts';
import { isObject, type Json, type Resource } from '../protocol/json.ts';
import { comparedPlace, findPlace, nameOf, type Place } from '../protocol/path.ts';
import { scimError } from '../protocol/problem.ts';
import type { ResourceType } from '../protocol/schema.ts';
import { orderOf, valuesAt } from './match.ts';
import type { Columns, Value } from './predicate.ts';

export type Sorting = { at: Place; descending: boolean };

/**
 * Reads `sortBy` and `sortOrder` (RFC 7644, section 3.4.2.3); undefined where nothing is asked.
 * @throws Refusal `scim.invalid-path` for what is no attribute, `scim.invalid-value` for another order
 */
export function parseSorting(
  given: { sortBy?: string; sortOrder?: string },
  type: ResourceType,
): Sorting | undefined {
  if (!given.sortBy) return undefined;
  const found = findPlace(given.sortBy.trim(), type);
  const name = given.sortBy.slice(0, 100).toWellFormed();
  const at = found && comparedPlace(found);
  if (!found || found.attribute.returned === 'never')
    throw scimError('scim.invalid-path', 'scim.unknown-attribute', { name });
  if (!at) throw scimError('scim.invalid-path', 'scim.unsortable', { name });
  const order = (given.sortOrder ?? 'ascending').toLowerCase();
  if (order !== 'ascending' && order !== 'descending')
    throw scimError('scim.invalid-value', 'scim.choices', {
      name: 'sortOrder',
      choices: 'ascending, descending',
    });
  return { at, descending: order === 'descending' };
}

/**
 * The sort key in SQL, null where a resource has none: those come last when ascending and first when descending, which
 * is what PostgreSQL does by itself. Undefined where no value is kept: everything is equal then.
 */
export function sortKey({ at }: Sorting, columns: Columns): Value | undefined {
  const column = columns[nameOf(at)] ?? columns[nameOf({ ...at, sub: undefined })];
  if (!column) return undefined;
  const value = 'some' in column ? column.first : column.value;
  if (!value) return undefined;
  const attribute = at.sub ?? at.attribute;
  if (attribute.type === 'dateTime') return sql`date_trunc('milliseconds', ${value})`;
  if (attribute.type === 'boolean' || attribute.type === 'integer' || attribute.type === 'decimal')
    return value;
  return attribute.caseExact ? sql`(${value}) collate "C"` : sql`lower(${value}) collate "C"`;
}

/** `order by` of a list; `id` comes last, so that each page goes on where the one before ended. */
export function toOrder(sorting: Sorting | undefined, columns: Columns, id: Value): RawBuilder<unknown> {
  const key = sorting && sortKey(sorting, columns);
  if (!key) return sql`${id}`;
  return sorting.descending ? sql`${key} desc nulls first, ${id} desc` : sql`${key} asc nulls last, ${id}`;
}

/** The same order in memory. Of several values the primary one counts, or else the first. */
export function inOrder({ at, descending }: Sorting): (one: Resource, other: Resource) => number {
  const attribute = at.sub ?? at.attribute;
  const turn = descending ? -1 : 1;
  return (one, other) => {
    const [a, b] = [keyOf(at, one), keyOf(at, other)];
    if (a === undefined || b === undefined) return turn * (Number(a === undefined) - Number(b === undefined));
    return turn * (orderOf(attribute, a, b) ?? 0);
  };
}

function keyOf(at: Place, resource: Resource): string | number | boolean | undefined {
  const whole = valuesAt({ ...at, sub: undefined }, resource);
  const values = valuesAt(at, resource);
  const primary = whole.findIndex((each) => each !== undefined && isPrimary(each as Json));
  const value = values[primary < 0 ? 0 : primary];
  return value === undefined || value === null || value === '' || isObject(value) || Array.isArray(value)
    ? undefined
    : value;
}
