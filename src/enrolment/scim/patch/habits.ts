import { Refusal } from '../../../platform/refusals.ts';
import { requireSchema } from '../protocol/fitting.ts';
import { entryOf, isObject, type Json, type JsonObject } from '../protocol/json.ts';
import { findPlace, splitUrn, subOf } from '../protocol/path.ts';
import { scimError } from '../protocol/problem.ts';
import { type Attribute, common, type ResourceType } from '../protocol/schema.ts';
import type { PatchOperation } from './patch.ts';
import { isPassedOver, parsePath } from './patch-path.ts';

/**
 * What Entra and Okta send beside the standard, turned into what the standard says. Sources, as read in November 2026:
 *
 * [entra] learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility
 *   and .../use-scim-to-provision-users-and-groups: `op` with a capital, "True" and "False" as texts, attributes named
 *   with dots or brackets in a value without path, `manager` as a plain text, several members removed by a value,
 *   a value that is added below a filter that fits nothing yet.
 * [okta] developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20: a value without path that names the `id` of the
 *   resource as well, and `active` alone without path.
 */
export const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

const most = 1000;

/**
 * The operations of a PatchOp (RFC 7644, section 3.5.2) without the habits of clients.
 * @throws Refusal `scim.invalid-syntax` when it is none
 */
export function normalise(body: Json, type: ResourceType): PatchOperation[] {
  if (!isObject(body)) throw scimError('scim.invalid-syntax', 'scim.body', { name: 'PatchOp' });
  requireSchema(body, patchSchema);
  const operations = entryOf(body, 'Operations')?.[1];
  if (!Array.isArray(operations) || operations.length === 0)
    throw scimError('scim.invalid-syntax', 'scim.body', { name: 'Operations' });
  if (operations.length > most)
    throw scimError('scim.invalid-syntax', 'scim.too-big', { name: 'Operations', limit: most });
  return operations.flatMap((each) => cleanOperation(each, type));
}

function cleanOperation(given: Json, type: ResourceType): PatchOperation[] {
  if (!isObject(given)) throw scimError('scim.invalid-syntax', 'scim.body', { name: 'Operations' });
  const written = entryOf(given, 'op')?.[1];
  // [entra] "Add", "Replace", "Remove"
  const op = typeof written === 'string' ? written.toLowerCase() : undefined;
  if (op !== 'add' && op !== 'replace' && op !== 'remove')
    throw scimError('scim.invalid-syntax', 'scim.operation');
  const path = entryOf(given, 'path')?.[1] ?? '';
  if (typeof path !== 'string') throw scimError('scim.invalid-path', 'scim.body', { name: 'path' });
  const value = entryOf(given, 'value')?.[1];
  if (path.trim() !== '') return [{ op, path, value: atPath(path, value, type) }];
  if (op === 'remove' || !isObject(value)) return [{ op, value }];
  return withoutPath(op, value, type);
}

/** Coerced, when the path leads to something that we know; a wrong path is told of when it is applied. */
function atPath(path: string, value: Json | undefined, type: ResourceType): Json | undefined {
  if (value === undefined) return undefined;
  const bracket = path.indexOf('[');
  const name = (bracket < 0 ? path : path.slice(0, bracket)).trim();
  const end = bracket < 0 ? '' : path.slice(path.lastIndexOf(']') + 1);
  const place = findPlace(name + (end.startsWith('.') ? end : ''), type);
  if (!place) {
    const schema = splitUrn(name, type);
    return schema && schema.rest === undefined && isObject(value)
      ? coercedAll(value, schema.schema.attributes)
      : value;
  }
  const attribute = place.sub ?? place.attribute;
  return coerced(bracket < 0 ? attribute : { ...attribute, multiValued: false }, value);
}

/** [entra] `{ "name.givenName": …, "emails[type eq \"work\"].value": …, "urn:…:User:department": … }` */
function withoutPath(op: 'add' | 'replace', value: JsonObject, type: ResourceType): PatchOperation[] {
  const whole: JsonObject = {};
  const apart: PatchOperation[] = [];
  for (const [name, inner] of Object.entries(value)) {
    const urn = splitUrn(name, type);
    const isPlain = urn
      ? urn.rest === undefined
      : !/[.[]/.test(name) && !name.toLowerCase().startsWith('urn:');
    if (isPlain) {
      // [okta] the resource's own id comes along
      if (!['id', 'meta', 'schemas'].includes(name.toLowerCase()))
        whole[name] = coercedEntry(name, inner, type);
    } else if (isKnown(name, type)) {
      // What stands in brackets may not be there yet: it is added then.
      const verb = name.includes('[') ? 'add' : op;
      apart.push({ op: verb, path: name, value: atPath(name, inner, type) });
    }
  }
  return Object.keys(whole).length > 0 || apart.length === 0 ? [{ op, value: whole }, ...apart] : apart;
}

/** A name without path that we do not know is ignored, as in the body of a POST. */
function isKnown(name: string, type: ResourceType): boolean {
  if (isPassedOver(name, type)) return false;
  try {
    parsePath(name, type);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/**
 * The body of a POST or PUT without the habits of clients: texts for booleans, plain texts for values with parts.
 */
export function normaliseResource(body: Json, type: ResourceType): Json {
  if (!isObject(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, coercedEntry(name, value, type)]),
  );
}

function coercedEntry(name: string, value: Json, type: ResourceType): Json {
  const extension = type.extensions.find(({ id }) => id.toLowerCase() === name.toLowerCase());
  if (extension) return isObject(value) ? coercedAll(value, extension.attributes) : value;
  const attribute = [...type.core.attributes, ...common].find(
    (each) => each.name.toLowerCase() === name.toLowerCase(),
  );
  return attribute ? coerced(attribute, value) : value;
}

const coercedAll = (value: JsonObject, attributes: readonly Attribute[]): JsonObject =>
  Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const attribute = attributes.find((each) => each.name.toLowerCase() === name.toLowerCase());
      return [name, attribute ? coerced(attribute, inner) : inner];
    }),
  );

function coerced(attribute: Attribute, value: Json): Json {
  if (attribute.multiValued)
    return Array.isArray(value)
      ? value.map((each) => coercedOne(attribute, each))
      : coercedOne(attribute, value);
  // [entra] one value in a list: `"value": [{ "$ref": null, "value": "…" }]`
  if (Array.isArray(value) && value.length <= 1) return coercedOne(attribute, value[0] ?? null);
  return coercedOne(attribute, value);
}

function coercedOne(attribute: Attribute, value: Json): Json {
  switch (attribute.type) {
    case 'boolean':
      // [entra] "active": "False"
      if (typeof value !== 'string') return value;
      return value.toLowerCase() === 'true' ? true : value.toLowerCase() === 'false' ? false : value;
    case 'complex':
      // [entra] "manager": "2819c223…"; a text that is empty takes the manager away
      if (typeof value === 'string' && subOf(attribute, 'value')) return value === '' ? null : { value };
      return isObject(value) ? coercedAll(value, attribute.subAttributes ?? []) : value;
    default: {
      const inner = isObject(value) ? entryOf(value, 'value')?.[1] : undefined;
      return inner === undefined ? value : inner;
    }
  }
}
