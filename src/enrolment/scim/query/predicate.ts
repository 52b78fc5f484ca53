import { type RawBuilder, sql } from 'kysely';
import type { Place } from '../protocol/path.ts';
import { nameOf } from '../protocol/path.ts';
import type { Attribute } from '../protocol/schema.ts';
import type { Filter } from './filter.ts';

/** SQL of one value, null where it is unassigned: text, boolean, a number, or timestamptz, as its attribute says. */
export type Value = RawBuilder<unknown>;

/**
 * Where the values of attributes stand, by canonical name (`nameOf`): `userName`, `name.familyName`,
 * `urn:…:User:manager.value`, `emails`. Whoever declares them confines them to what the asker may see. An attribute that
 * is missing here has no value for anybody.
 */
export type Columns = Readonly<Record<string, Column>>;

export type Column =
  | {
      value: Value;
      /** `lower(value)` as an index has it, when there is one */
      folded?: Value;
    }
  | {
      /** `exists (select 1 from … where <that>)`: some one of the values fulfills that */
      some: (that: RawBuilder<boolean>) => RawBuilder<boolean>;
      /** the parts of one such value by name; `value` is the value itself where it has no parts */
      parts: Readonly<Record<string, { value: Value; folded?: Value }>>;
      /** what the list is sorted by: the primary value, or the first */
      first?: Value;
    };

/**
 * The filter as a condition of SQL that is true or false and never null, so that `not` turns it round. Whatever the
 * client sent is a parameter.
 */
export function toPredicate(filter: Filter, columns: Columns): RawBuilder<boolean> {
  return predicate(
    filter,
    (place) => columns[nameOf(place)] ?? columns[nameOf({ ...place, sub: undefined })],
  );
}

type Find = (place: Place) => Column | undefined;

const never = sql<boolean>`false`;
const always = sql<boolean>`true`;

function predicate(filter: Filter, find: Find): RawBuilder<boolean> {
  switch (filter.is) {
    case 'and':
    case 'or': {
      const parts = filter.of.map((part) => predicate(part, find));
      return sql<boolean>`(${sql.join(parts, filter.is === 'and' ? sql` and ` : sql` or `)})`;
    }
    case 'not':
      return sql<boolean>`(not ${predicate(filter.of, find)})`;
    case 'some':
      return some(filter, find);
    case 'present':
      return present(filter.at, find);
    case 'compare': {
      const { at, op, value } = filter;
      const attribute = at.sub ?? at.attribute;
      const column = find(at);
      if (!column) return op === 'ne' && !at.attribute.multiValued ? always : never;
      if (!('some' in column)) return compares(attribute, column, op, value);
      const part = column.parts[at.sub?.name ?? 'value'];
      return column.some(part ? compares(attribute, part, op, value) : op === 'ne' ? always : never);
    }
  }
}

function some(filter: Extract<Filter, { is: 'some' }>, find: Find): RawBuilder<boolean> {
  const { schema, attribute } = filter.at;
  const column = find(filter.at);
  if (column && 'some' in column)
    return column.some(predicate(filter.of, (place) => own(column.parts, place.attribute.name)));
  if (attribute.multiValued) return never;
  // A complex attribute of one value: its parts stand under their own names, and nothing is there when none of them is.
  const part: Find = (place) => find({ schema, attribute, sub: place.attribute });
  return sql<boolean>`(${present(filter.at, find)} and ${predicate(filter.of, part)})`;
}

const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

function present(at: Place, find: Find): RawBuilder<boolean> {
  const column = find(at);
  if (column && 'some' in column) {
    const parts = at.sub ? [at.sub.name] : Object.keys(column.parts);
    const said = parts.flatMap((name) => {
      const part = own(column.parts, name);
      const attribute = at.attribute.subAttributes?.find((sub) => sub.name === name) ?? at.attribute;
      return part ? [isThere(attribute, part.value)] : [];
    });
    return said.length > 0 ? column.some(sql<boolean>`(${sql.join(said, sql` or `)})`) : never;
  }
  if (column) return isThere(at.sub ?? at.attribute, column.value);
  if (at.sub || !at.attribute.subAttributes || at.attribute.multiValued) return never;
  const said = at.attribute.subAttributes.flatMap((sub) => {
    const part = find({ ...at, sub });
    return part && !('some' in part) ? [isThere(sub, part.value)] : [];
  });
  return said.length > 0 ? sql<boolean>`(${sql.join(said, sql` or `)})` : never;
}

const isText = (attribute: Attribute): boolean =>
  attribute.type === 'string' || attribute.type === 'reference' || attribute.type === 'binary';

const isThere = (attribute: Attribute, value: Value): RawBuilder<boolean> =>
  isText(attribute) ? sql<boolean>`(coalesce(${value}, '') <> '')` : sql<boolean>`(${value} is not null)`;

const operators = { eq: sql`=`, gt: sql`>`, ge: sql`>=`, lt: sql`<`, le: sql`<=` };

function compares(
  attribute: Attribute,
  column: { value: Value; folded?: Value },
  op: Extract<Filter, { is: 'compare' }>['op'],
  wanted: string | number | boolean,
): RawBuilder<boolean> {
  if (op === 'ne') return sql<boolean>`(not ${compares(attribute, column, 'eq', wanted)})`;
  const { left, right } = sides(attribute, column, wanted);
  switch (op) {
    case 'co':
      return sql<boolean>`coalesce(position(${right} in ${left}) > 0, false)`;
    case 'sw':
      return sql<boolean>`coalesce(starts_with(${left}, ${right}), false)`;
    case 'ew':
      return sql<boolean>`coalesce(right(${left}, char_length(${right})) = ${right}, false)`;
    default: {
      // Equality may use an index of the column's own collation; more and less go by code point, as in memory.
      const collated = isText(attribute) && op !== 'eq' ? sql`${left} collate "C"` : left;
      return sql<boolean>`coalesce(${collated} ${operators[op]} ${right}, false)`;
    }
  }
}

function sides(
  attribute: Attribute,
  column: { value: Value; folded?: Value },
  wanted: string | number | boolean,
): { left: Value; right: Value } {
  switch (attribute.type) {
    case 'boolean':
      return { left: column.value, right: sql`${wanted}::boolean` };
    case 'integer':
    case 'decimal':
      return { left: sql`(${column.value})::float8`, right: sql`${wanted}::float8` };
    case 'dateTime':
      // We show milliseconds, so that is what a client can ask about.
      return { left: sql`date_trunc('milliseconds', ${column.value})`, right: sql`${wanted}::timestamptz` };
    default:
      return attribute.caseExact
        ? { left: column.value, right: sql`${wanted}::text` }
        : { left: column.folded ?? sql`lower(${column.value})`, right: sql`lower(${wanted}::text)` };
  }
}
