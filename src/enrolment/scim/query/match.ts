import { compareText, fold, isObject, type Json, type JsonObject, valueIn } from '../protocol/json.ts';
import { nameOf, type Place } from '../protocol/path.ts';
import type { Attribute } from '../protocol/schema.ts';
import { instantOf } from '../protocol/values.ts';
import type { Comparison, Filter } from './filter.ts';

/**
 * Whether a resource fits a filter, as `toPredicate` asks it of PostgreSQL; a property test holds the two equal.
 * A multi-valued attribute fits when any of its values does. Nothing is null here: what is unassigned is not equal.
 */
export function matches(filter: Filter, resource: JsonObject): boolean {
  switch (filter.is) {
    case 'and':
      return filter.of.every((part) => matches(part, resource));
    case 'or':
      return filter.of.some((part) => matches(part, resource));
    case 'not':
      return !matches(filter.of, resource);
    case 'some':
      return valuesAt({ ...filter.at, sub: undefined }, resource).some(
        (value = null) => isPresent(value) && matches(filter.of, isObject(value) ? value : { value }),
      );
    case 'present':
      return valuesAt(filter.at, resource).some(isPresent);
    case 'compare': {
      const values = valuesAt(filter.at, resource);
      const attribute = filter.at.sub ?? filter.at.attribute;
      const several = filter.at.attribute.multiValued;
      // One that is unassigned is not equal to anything: a single value differs, of several there is none to differ.
      if (values.length === 0) return !several && filter.op === 'ne';
      return values.some((value) => compares(attribute, value, filter.op, filter.value));
    }
  }
}

/** "Non-empty or non-null", or for a complex one with something in it. */
function isPresent(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (isObject(value)) return Object.values(value).some(isPresent);
  return !Array.isArray(value) || value.some(isPresent);
}

/** What stands at a place: no value, one, or several. For a part of several values, one entry for each of them. */
export function valuesAt({ schema, attribute, sub }: Place, resource: JsonObject): (Json | undefined)[] {
  const holder = schema ? valueIn(resource, schema) : resource;
  const whole = isObject(holder) ? valueIn(holder, attribute.name) : undefined;
  if (whole === undefined || whole === null) return [];
  const values = Array.isArray(whole) ? whole : [whole];
  if (!sub) return values;
  return values.map((value) => (isObject(value) ? (valueIn(value, sub.name) ?? undefined) : undefined));
}

function compares(
  attribute: Attribute,
  value: Json | undefined,
  op: Comparison,
  wanted: string | number | boolean,
): boolean {
  if (op === 'ne') return !compares(attribute, value, 'eq', wanted);
  const order = orderOf(attribute, value, wanted);
  if (order === undefined) return false;
  switch (op) {
    case 'eq':
      return order === 0;
    case 'gt':
      return order > 0;
    case 'ge':
      return order >= 0;
    case 'lt':
      return order < 0;
    case 'le':
      return order <= 0;
    default: {
      const [text, part] = [cased(attribute, String(value)), cased(attribute, String(wanted))];
      if (op === 'co') return text.includes(part);
      return op === 'sw' ? text.startsWith(part) : text.endsWith(part);
    }
  }
}

const cased = (attribute: Attribute, text: string): string => (attribute.caseExact ? text : fold(text));

/** How a value stands to another of the same attribute; undefined when it is of another type or unassigned. */
export function orderOf(
  attribute: Attribute,
  value: Json | undefined,
  other: string | number | boolean,
): number | undefined {
  if (typeof value !== typeof other) return undefined;
  if (attribute.type === 'dateTime') {
    const [one, two] = [instantOf(String(value)), instantOf(String(other))];
    return one === undefined || two === undefined ? undefined : compareText(one, two);
  }
  if (typeof value === 'string') return compareText(cased(attribute, value), cased(attribute, String(other)));
  return Number(value) - Number(other);
}

/** Every attribute that a filter reads, by name: so a caller can see whether all of them may be asked about. */
export function namesIn(filter: Filter): string[] {
  switch (filter.is) {
    case 'and':
    case 'or':
      return filter.of.flatMap(namesIn);
    case 'not':
      return namesIn(filter.of);
    case 'some':
      return namesIn(filter.of).map((part) => `${nameOf(filter.at)}.${part}`);
    default:
      return [nameOf(filter.at)];
  }
}
