import { fold, isEmpty, isObject, type Json, type JsonObject, type Resource } from './json.ts';
import { findPlace, splitUrn } from './path.ts';
import { scimError } from './problem.ts';
import { type Attribute, common, type ResourceType } from './schema.ts';

/** Which attributes of a resource are wanted back (RFC 7644, section 3.9); names as in `nameOf`, in small. */
export type Selection = { only: ReadonlySet<string> } | { except: ReadonlySet<string> };

export const everything: Selection = { except: new Set() };

/**
 * Reads `attributes` and `excludedAttributes`, lists or texts with commas. A name that we do not know asks for nothing.
 * @throws Refusal `scim.invalid-value` when both are given: only one of them can be meant
 */
export function parseSelection(
  given: { attributes?: string | readonly string[]; excludedAttributes?: string | readonly string[] },
  type: ResourceType,
): Selection {
  const only = listed(given.attributes);
  const except = listed(given.excludedAttributes);
  if (only.length > 0 && except.length > 0) throw scimError('scim.invalid-value', 'scim.selection');
  return only.length > 0 ? { only: named(only, type) } : { except: named(except, type) };
}

const listed = (given: string | readonly string[] | undefined): string[] =>
  [given ?? []]
    .flat()
    .flatMap((text) => text.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .slice(0, 200);

function named(names: string[], type: ResourceType): ReadonlySet<string> {
  const found = names.flatMap((name) => {
    const urn = splitUrn(name, type);
    if (urn && urn.rest === undefined)
      return urn.schema === type.core ? type.core.attributes.map((each) => each.name) : [urn.schema.id];
    const place = findPlace(name, type);
    return place
      ? [
          `${place.schema ? `${place.schema}:` : ''}${place.attribute.name}${place.sub ? `.${place.sub.name}` : ''}`,
        ]
      : [];
  });
  return new Set(found.map(fold));
}

/** What is shown of a resource: "always" in any case, "never" in none, the rest as asked (RFC 7643, section 2.2). */
export function select(resource: Resource, selection: Selection, type: ResourceType): Resource {
  const shown: Resource = {};
  chosen(resource, [...common, ...type.core.attributes], '', selection, shown);
  for (const schema of type.extensions) {
    const inner = resource[schema.id];
    if (!isObject(inner)) continue;
    const kept: JsonObject = {};
    chosen(inner, schema.attributes, schema.id, selection, kept);
    if (!isEmpty(kept)) shown[schema.id] = kept;
  }
  return shown;
}

function chosen(
  from: JsonObject,
  attributes: readonly Attribute[],
  within: string,
  selection: Selection,
  into: JsonObject,
): void {
  for (const attribute of attributes) {
    const value = from[attribute.name];
    if (value === undefined || isEmpty(value)) continue;
    const name = fold(within ? `${within}:${attribute.name}` : attribute.name);
    const kept = shown(attribute, value, name, selection, within !== '' && asked(selection, fold(within)));
    if (kept !== undefined) into[attribute.name] = kept;
  }
}

const asked = (selection: Selection, name: string): boolean =>
  'only' in selection && selection.only.has(name);

function shown(
  attribute: Attribute,
  value: Json,
  name: string,
  selection: Selection,
  withAll: boolean,
): Json | undefined {
  if (attribute.returned === 'never') return undefined;
  if (attribute.returned === 'always' || withAll || asked(selection, name)) return value;
  const parts = attribute.subAttributes ?? [];
  if ('only' in selection) {
    const wanted = parts.filter((sub) => selection.only.has(`${name}.${fold(sub.name)}`));
    return wanted.length > 0 ? only(value, new Set(wanted.map((sub) => sub.name))) : undefined;
  }
  const extension = name.slice(0, Math.max(0, name.lastIndexOf(':')));
  if (attribute.returned === 'request' || selection.except.has(name) || selection.except.has(extension))
    return undefined;
  const unwanted = parts.filter((sub) => selection.except.has(`${name}.${fold(sub.name)}`));
  if (unwanted.length === 0) return value;
  const gone = new Set(unwanted.map((sub) => sub.name));
  return only(value, new Set(parts.map((sub) => sub.name).filter((sub) => !gone.has(sub))));
}

function only(value: Json, names: ReadonlySet<string>): Json | undefined {
  if (Array.isArray(value)) {
    const kept = value.flatMap((each) => only(each, names) ?? []);
    return kept.length > 0 ? kept : undefined;
  }
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([name]) => names.has(name));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}
