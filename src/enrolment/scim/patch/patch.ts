import { isDeepStrictEqual } from 'node:util';
import { fitted, isPrimary, requireValues, settled, withSchemas } from '../protocol/fitting.ts';
import {
  copy,
  fold,
  isEmpty,
  isObject,
  type Json,
  type JsonObject,
  type Resource,
} from '../protocol/json.ts';
import { findPlace, nameOf, type Place } from '../protocol/path.ts';
import { scimError } from '../protocol/problem.ts';
import type { Attribute, ResourceType } from '../protocol/schema.ts';
import { equalities } from '../query/equalities.ts';
import { matches } from '../query/match.ts';
import { type PatchPath, parsePath } from './patch-path.ts';

/** One operation of a PatchOp, after `normalise`. */
export type PatchOperation = { op: 'add' | 'remove' | 'replace'; path?: string; value?: Json };

/**
 * A resource after all operations, one after another; if one of them is refused, none was done (RFC 7644, section 3.5.2).
 * `changed` is false where everything stood so already: then nothing is written and the version stays.
 * @throws Refusal `scim.invalid-path`, `scim.invalid-filter`, `scim.invalid-value`, `scim.no-target`, `scim.mutability`
 */
export function applyPatch(
  before: Resource,
  operations: readonly PatchOperation[],
  type: ResourceType,
): { resource: Resource; changed: boolean } {
  const draft = copy(before) as Resource;
  for (const operation of operations) apply(draft, operation, type);
  const resource = withSchemas((settled(draft) ?? {}) as Resource, type);
  requireValues(resource, type, 'scim.mutability');
  return {
    resource,
    changed: !isDeepStrictEqual(resource, withSchemas(settled(copy(before)) as Resource, type)),
  };
}

function apply(draft: Resource, { op, path, value }: PatchOperation, type: ResourceType): void {
  if (path === undefined) {
    if (op === 'remove') throw scimError('scim.no-target', 'scim.no-path');
    whole(draft, op, value, type);
    return;
  }
  const target = parsePath(path, type);
  if (op !== 'remove' && value === undefined) throw scimError('scim.invalid-value', 'scim.value-missing');
  if (target.is === 'passed-over') return;
  if (target.is === 'place') at(draft, op, target, value, path);
  else if (op === 'remove' || value === null || value === undefined) {
    for (const attribute of target.schema.attributes)
      requireWritable({ schema: target.schema.id, attribute });
    delete draft[target.schema.id];
  } else within(draft, op, value, type, target.schema.id);
}

/** Without a path the value holds attributes, as a resource does; those we do not know are ignored, as in a POST. */
function whole(draft: Resource, op: 'add' | 'replace', value: Json | undefined, type: ResourceType): void {
  if (value === undefined) throw scimError('scim.invalid-value', 'scim.value-missing');
  if (!isObject(value))
    throw scimError('scim.invalid-value', 'scim.type', { name: 'value', type: 'complex' });
  for (const [name, inner] of Object.entries(value)) {
    const extension = type.extensions.find(({ id }) => id.toLowerCase() === name.toLowerCase());
    if (extension) within(draft, op, inner, type, extension.id);
    else entry(draft, op, name, inner, type);
  }
}

function within(
  draft: Resource,
  op: 'add' | 'replace',
  value: Json,
  type: ResourceType,
  schema: string,
): void {
  if (value === null) {
    if (op === 'replace') delete draft[schema];
    return;
  }
  if (!isObject(value)) throw scimError('scim.invalid-value', 'scim.type', { name: schema, type: 'complex' });
  for (const [name, inner] of Object.entries(value)) entry(draft, op, `${schema}:${name}`, inner, type);
}

function entry(draft: Resource, op: 'add' | 'replace', name: string, value: Json, type: ResourceType): void {
  const place = findPlace(name, type);
  // `schemas` follows from what is there.
  if (!place || place.attribute.name === 'schemas') return;
  // A whole resource sent back names its id, too; that is no wish to change it.
  if (place.attribute.mutability === 'readOnly' && says(draft, place, value)) return;
  at(draft, op, { is: 'place', place }, value, name);
}

function says(draft: Resource, place: Place, value: Json): boolean {
  const holder = place.schema ? draft[place.schema] : draft;
  const there = isObject(holder) ? holder[place.attribute.name] : undefined;
  return isEmpty(value) ? isEmpty(there) : isDeepStrictEqual(copy(there ?? null), copy(value));
}

function requireWritable({ schema, attribute, sub }: Place): void {
  const locked = [attribute, sub].some((each) => each?.mutability === 'readOnly');
  if (locked)
    throw scimError('scim.mutability', 'scim.read-only', { name: nameOf({ schema, attribute, sub }) });
}

type Target = Extract<PatchPath, { is: 'place' }>;

function at(
  draft: Resource,
  op: PatchOperation['op'],
  { place, filter }: Target,
  value: Json | undefined,
  path: string,
): void {
  if (place.attribute.name === 'schemas' && !place.schema) return;
  requireWritable(place);
  const holder = place.schema ? holderOf(draft, place.schema) : draft;
  const { attribute, sub } = place;
  if (!attribute.multiValued) {
    holder[attribute.name] = single(place, op, value, holder[attribute.name] ?? null);
    return;
  }
  const there = holder[attribute.name];
  const values = Array.isArray(there) ? there : [];
  if (!filter && !sub) {
    holder[attribute.name] = several(attribute, op, value, values);
    return;
  }
  const chosen = values.filter((each) => !filter || matches(filter, isObject(each) ? each : { value: each }));
  if (chosen.length === 0) {
    holder[attribute.name] = absent({ place, filter, is: 'place' }, op, value, values, path);
    return;
  }
  const taken = new Set(chosen);
  if (op === 'remove' && !sub) holder[attribute.name] = values.filter((each) => !taken.has(each));
  else {
    const changed = values.map((each) => (taken.has(each) ? changedValue(place, op, value, each) : each));
    holder[attribute.name] = onePrimary(
      changed,
      changed.findLast((each, index) => isPrimary(each) && !isPrimary(values[index]!)),
    );
  }
}

function holderOf(draft: Resource, schema: string): JsonObject {
  const there = draft[schema];
  if (isObject(there)) return there;
  const made: JsonObject = {};
  draft[schema] = made;
  return made;
}

/** An attribute of one value, or a part of it. */
function single(
  { schema, attribute, sub }: Place,
  op: PatchOperation['op'],
  value: Json | undefined,
  there: Json,
): Json {
  const name = nameOf({ schema, attribute, sub });
  if (sub) {
    const next = op === 'remove' ? null : fitted(sub, value, name);
    if (op === 'add' && next === null) return there;
    const parts = isObject(there) ? there : {};
    requireSame(sub, parts[sub.name], next, name);
    return { ...parts, [sub.name]: next };
  }
  if (op === 'remove') {
    requireSame(attribute, there, null, name);
    return null;
  }
  const next = fitted(attribute, value, name);
  if (next === null) {
    if (op === 'add') return there;
    requireSame(attribute, there, null, name);
    return null;
  }
  requireSame(attribute, there, next, name);
  return isObject(next) ? merged(attribute, isObject(there) ? there : {}, next, name) : next;
}

/** What is written once may be added where nothing stands, and not be changed (RFC 7644, section 3.5.2). */
function requireSame(attribute: Attribute, there: Json | undefined, next: Json, name: string): void {
  if (attribute.mutability === 'immutable' && !isEmpty(there) && !isDeepStrictEqual(there, next))
    throw scimError('scim.mutability', 'scim.immutable', { name });
}

/** Parts that are named are written, the others stay as they are (section 3.5.2.3). */
function merged(attribute: Attribute, there: JsonObject, next: JsonObject, name: string): JsonObject {
  for (const sub of attribute.subAttributes ?? [])
    if (Object.hasOwn(next, sub.name))
      requireSame(sub, there[sub.name], next[sub.name] ?? null, `${name}.${sub.name}`);
  return { ...there, ...next };
}

/** Which value of several it is: by its `value`, and by its type where there may be more of the same. */
const keyOf = (attribute: Attribute, value: Json): string => {
  if (!isObject(value))
    return JSON.stringify(typeof value === 'string' && !attribute.caseExact ? fold(value) : value);
  const named = attribute.subAttributes?.find((sub) => sub.name === 'value');
  const held = value.value;
  if (!named || held === undefined || held === null) return JSON.stringify(value);
  return JSON.stringify([named.caseExact ? held : fold(String(held))]);
};

/** An attribute of several values as a whole. */
function several(
  attribute: Attribute,
  op: PatchOperation['op'],
  value: Json | undefined,
  there: Json[],
): Json {
  if (op === 'remove') {
    // Which ones, said by value: a habit that would otherwise empty a whole group.
    const named = value === undefined || value === null ? [] : fitted(attribute, value);
    if (isEmpty(named)) return value === undefined || value === null || isEmptyList(value) ? null : there;
    const gone = new Set((named as Json[]).map((each) => keyOf(attribute, each)));
    return there.filter((each) => !gone.has(keyOf(attribute, each)));
  }
  const next = fitted(attribute, value);
  if (op === 'replace' || next === null) return op === 'replace' ? keepOwn(attribute, next, there) : there;
  const values = [...there];
  const index = new Map(there.map((each, position) => [keyOf(attribute, each), position]));
  let primary: Json | undefined;
  for (const each of next as Json[]) {
    const position = index.get(keyOf(attribute, each));
    const old = position === undefined ? undefined : values[position];
    const made = isObject(old) && isObject(each) ? { ...old, ...each } : each;
    if (position === undefined) index.set(keyOf(attribute, each), values.push(made) - 1);
    else values[position] = made;
    if (isPrimary(made)) primary = made;
  }
  return onePrimary(values, primary);
}

const isEmptyList = (value: Json): boolean => Array.isArray(value) && value.length === 0;

/** A value that was there already keeps what the server wrote beside it, such as the name of a member. */
function keepOwn(attribute: Attribute, next: Json, there: Json[]): Json {
  if (!Array.isArray(next)) return next;
  const own = (attribute.subAttributes ?? [])
    .filter((sub) => sub.mutability === 'readOnly')
    .map((sub) => sub.name);
  if (own.length === 0) return next;
  const known = new Map(there.map((each) => [keyOf(attribute, each), each]));
  return next.map((each) => {
    const old = known.get(keyOf(attribute, each));
    if (!isObject(old) || !isObject(each)) return each;
    return {
      ...each,
      ...Object.fromEntries(own.flatMap((name) => (name in old ? [[name, old[name]!]] : []))),
    };
  });
}

/** "true" appears no more than once (RFC 7643, section 2.4): the newest one takes it from the others. */
const onePrimary = (values: Json[], primary: Json | undefined): Json[] =>
  primary === undefined
    ? values
    : values.map((each) =>
        each !== primary && isObject(each) && each.primary === true ? { ...each, primary: false } : each,
      );

function changedValue(place: Place, op: PatchOperation['op'], value: Json | undefined, there: Json): Json {
  const { attribute, sub } = place;
  if (sub) return single({ attribute: { ...attribute, multiValued: false }, sub }, op, value, there);
  const next = fitted({ ...attribute, multiValued: false }, value, nameOf(place));
  if (!isObject(next)) return next;
  const parts = isObject(there) ? there : {};
  const joined = merged(attribute, parts, next, nameOf(place));
  if (op === 'add') return joined;
  // Replaced is the whole value, save for what only the server writes.
  const own = (attribute.subAttributes ?? [])
    .filter((each) => each.mutability === 'readOnly')
    .map((each) => each.name);
  return Object.fromEntries(Object.entries(joined).filter(([name]) => name in next || own.includes(name)));
}

/** The brackets chose nothing. */
function absent(
  { place, filter }: Target,
  op: PatchOperation['op'],
  value: Json | undefined,
  values: Json[],
  path: string,
): Json {
  const { attribute, sub } = place;
  // Whoever takes a member out again finds them gone: that is what was asked for.
  if (op === 'remove' && !sub && attribute.name === 'members') return values;
  if (op === 'add' && filter) {
    // Added to a value that is not there yet: what the brackets say of it is its beginning.
    const begun = equalities(filter);
    const plain = { ...attribute, multiValued: false };
    const made =
      begun &&
      (fitted(plain, {
        ...begun,
        ...(sub ? { [sub.name]: value ?? null } : isObject(value) ? value : {}),
      }) as Json);
    if (made && !isEmpty(made)) return onePrimary([...values, made], isPrimary(made) ? made : undefined);
  }
  throw scimError('scim.no-target', 'scim.no-match', { path: path.slice(0, 200).toWellFormed() });
}
