import {
  entryOf,
  fold,
  isEmpty,
  isKeepable,
  isObject,
  type Json,
  type JsonObject,
  type Resource,
} from './json.ts';
import { subOf } from './path.ts';
import { scimError } from './problem.ts';
import { type Attribute, common, type ResourceType, type Schema } from './schema.ts';
import { instantOf } from './values.ts';

/** The longest text that is taken; what each field really keeps is for its own operation to say. */
const longest = 4000;

/**
 * A value as its attribute has it (RFC 7643, sections 2.3 to 2.5): null for what is unassigned, names as declared, and
 * nothing of what the server alone writes. Only declared names are ever looked at, so `__proto__` is none.
 * @throws Refusal `scim.invalid-value`
 */
export function fitted(attribute: Attribute, value: Json | undefined, name: string = attribute.name): Json {
  if (value === undefined || value === null) return null;
  if (!attribute.multiValued) return one(attribute, value, name);
  const given = Array.isArray(value) ? value : [value];
  const values = given.map((each) => one(attribute, each, name)).filter((each) => !isEmpty(each));
  if (values.filter(isPrimary).length > 1)
    throw scimError('scim.invalid-value', 'scim.several-primary', { name });
  const met = new Set<string>();
  const different = values.filter((each) => {
    const key = JSON.stringify(each);
    return !met.has(key) && met.add(key);
  });
  return different.length > 0 ? different : null;
}

export const isPrimary = (value: Json): boolean => isObject(value) && value.primary === true;

function one(attribute: Attribute, value: Json, name: string): Json {
  if (value === null || value === '') return null;
  const wrong = () => scimError('scim.invalid-value', 'scim.type', { name, type: attribute.type });
  switch (attribute.type) {
    case 'complex':
      if (!isObject(value)) throw wrong();
      return parts(attribute, value, name);
    case 'boolean':
      if (typeof value !== 'boolean') throw wrong();
      return value;
    case 'integer':
      if (!Number.isSafeInteger(value)) throw wrong();
      return value;
    case 'decimal':
      if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong();
      return value;
    case 'dateTime': {
      const instant = typeof value === 'string' ? instantOf(value) : undefined;
      if (instant === undefined) throw wrong();
      return instant;
    }
    default:
      if (typeof value !== 'string') throw wrong();
      return text(attribute, value, name);
  }
}

function text(attribute: Attribute, value: string, name: string): string {
  if (!isKeepable(value)) throw scimError('scim.invalid-value', 'scim.characters', { name });
  if (value.length > longest) throw scimError('scim.invalid-value', 'scim.too-big', { name, limit: longest });
  if (!attribute.closed || !attribute.canonicalValues) return value;
  const known = attribute.canonicalValues.find((choice) =>
    attribute.caseExact ? choice === value : fold(choice) === fold(value),
  );
  if (known !== undefined) return known;
  throw scimError('scim.invalid-value', 'scim.choices', {
    name,
    choices: attribute.canonicalValues.join(', '),
  });
}

/** Parts that were sent: null for those that were taken away; unknown ones and the server's own are passed over. */
function parts(attribute: Attribute, value: JsonObject, name: string): Json {
  const made: JsonObject = {};
  for (const [written, inner] of Object.entries(value)) {
    const sub = subOf(attribute, written);
    if (sub && sub.mutability !== 'readOnly') made[sub.name] = fitted(sub, inner, `${name}.${sub.name}`);
  }
  return made;
}

/** Takes out of a value what is unassigned; null when nothing is left. */
export function settled(value: Json): Json {
  if (Array.isArray(value)) {
    const kept = value.map(settled).filter((each) => each !== null);
    return kept.length > 0 ? kept : null;
  }
  if (!isObject(value)) return value === '' ? null : value;
  const kept = Object.entries(value).flatMap(([name, inner]): [string, Json][] => {
    const left = settled(inner);
    return left === null ? [] : [[name, left]];
  });
  return kept.length > 0 ? Object.fromEntries(kept) : null;
}

const written = (attribute: Attribute): boolean => attribute.mutability !== 'readOnly';

/**
 * The body of a POST or PUT, as declared (RFC 7644, sections 3.3 and 3.5.1): read-only and unknown attributes are
 * ignored, every value fits, and what is required is there.
 * @throws Refusal `scim.invalid-syntax`, `scim.invalid-value`
 */
export function cleaned(body: Json, type: ResourceType): Resource {
  if (!isObject(body)) throw scimError('scim.invalid-syntax', 'scim.body', { name: type.name });
  requireSchema(body, type.core.id);
  const resource: Resource = {};
  const externalId = common.find((attribute) => attribute.name === 'externalId')!;
  take(resource, body, [externalId, ...type.core.attributes], '');
  for (const schema of type.extensions) {
    const inner = entryOf(body, schema.id)?.[1];
    if (inner === undefined || inner === null) continue;
    if (!isObject(inner))
      throw scimError('scim.invalid-value', 'scim.type', { name: schema.id, type: 'complex' });
    const kept: JsonObject = {};
    take(kept, inner, schema.attributes, `${schema.id}:`);
    if (!isEmpty(kept)) resource[schema.id] = kept;
  }
  requireValues(resource, type, 'scim.invalid-value');
  return withSchemas(resource, type);
}

function take(into: JsonObject, from: JsonObject, attributes: readonly Attribute[], before: string): void {
  for (const attribute of attributes) {
    const found = written(attribute) ? entryOf(from, attribute.name) : undefined;
    const value = found ? settled(fitted(attribute, found[1], before + attribute.name)) : null;
    if (value !== null) into[attribute.name] = value;
  }
}

/** "schemas" names what the body is (RFC 7643, section 3); for messages too, such as a PatchOp. */
export function requireSchema(body: JsonObject, schema: string): void {
  const named = entryOf(body, 'schemas')?.[1];
  const all = Array.isArray(named) ? named : [];
  if (!all.some((each) => typeof each === 'string' && each.toLowerCase() === schema.toLowerCase()))
    throw scimError('scim.invalid-syntax', 'scim.schemas', { schema });
}

/** Nothing that is required may be missing, be it an attribute or a part of a value. */
export function requireValues(
  resource: Resource,
  type: ResourceType,
  code: 'scim.invalid-value' | 'scim.mutability',
): void {
  for (const { schema, attribute } of attributesOf(type)) {
    const holder = schema ? resource[schema.id] : resource;
    const value = isObject(holder) ? holder[attribute.name] : undefined;
    const name = `${schema ? `${schema.id}:` : ''}${attribute.name}`;
    if (attribute.required && written(attribute) && isEmpty(value))
      throw scimError(code, 'scim.required', { name });
    const required = attribute.subAttributes?.filter((sub) => sub.required && written(sub)) ?? [];
    for (const sub of required)
      for (const each of Array.isArray(value) ? value : value ? [value] : [])
        if (isObject(each) && isEmpty(each[sub.name]))
          throw scimError(code, 'scim.required', { name: `${name}.${sub.name}` });
  }
}

/** Every attribute of a type, those of its extensions with their schema. */
export function attributesOf(type: ResourceType): { schema?: Schema; attribute: Attribute }[] {
  return [
    ...type.core.attributes.map((attribute) => ({ attribute })),
    ...type.extensions.flatMap((schema) => schema.attributes.map((attribute) => ({ schema, attribute }))),
  ];
}

/** With `schemas` naming the core and every extension that says something (RFC 7643, section 3). */
export function withSchemas(resource: Resource, type: ResourceType): Resource {
  const named = type.extensions.filter(({ id }) => !isEmpty(resource[id])).map(({ id }) => id);
  const { schemas: _, ...rest } = resource;
  return { schemas: [type.core.id, ...named], ...rest };
}
