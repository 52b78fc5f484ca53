import { type Attribute, common, type ResourceType, type Schema } from './schema.ts';

/**
 * Where a value stands: an attribute of the core (`schema` undefined) or of an extension, or a part of it. Inside
 * `[ ]` the attribute is a part of the one before the bracket.
 */
export type Place = { schema?: string; attribute: Attribute; sub?: Attribute };

/** Canonical name, as `columns` are named: `userName`, `name.familyName`, `urn:…:User:manager.value`. */
export const nameOf = ({ schema, attribute, sub }: Place): string =>
  `${schema ? `${schema}:` : ''}${attribute.name}${sub ? `.${sub.name}` : ''}`;

const named = (attributes: readonly Attribute[] | undefined, name: string): Attribute | undefined => {
  const wanted = name.toLowerCase();
  return attributes?.find((one) => one.name.toLowerCase() === wanted);
};

export const subOf = (attribute: Attribute, name: string): Attribute | undefined =>
  named(attribute.subAttributes, name);

/** Splits `urn:…:User:name` at a schema that we know, whatever its case (RFC 7644, section 3.10). */
export function splitUrn(
  written: string,
  type: ResourceType,
): { schema: Schema; rest: string | undefined } | undefined {
  const lower = written.toLowerCase();
  for (const schema of [...type.extensions, type.core]) {
    const id = schema.id.toLowerCase();
    if (lower === id) return { schema, rest: undefined };
    if (lower.startsWith(`${id}:`)) return { schema, rest: written.slice(id.length + 1) };
  }
  return undefined;
}

/** Finds `attribute` or `attribute.sub`, with or without the URN before it; undefined when there is none. */
export function findPlace(written: string, type: ResourceType): Place | undefined {
  const urn = splitUrn(written, type);
  if (urn && urn.rest === undefined) return undefined;
  const inCore = !urn || urn.schema === type.core;
  const [name = '', part, ...more] = (urn?.rest ?? written).split('.');
  if (more.length > 0) return undefined;
  const attribute = inCore
    ? (named(type.core.attributes, name) ?? (urn ? undefined : named(common, name)))
    : named(urn.schema.attributes, name);
  if (!attribute) return undefined;
  const schema = inCore ? {} : { schema: urn.schema.id };
  if (part === undefined) return { ...schema, attribute };
  const sub = subOf(attribute, part);
  return sub && { ...schema, attribute, sub };
}

/** What is meant when a complex attribute is compared as a whole: its `value` (RFC 7643, section 2.4). */
export function comparedPlace(place: Place): Place | undefined {
  if (place.sub || place.attribute.type !== 'complex') return place;
  const sub = subOf(place.attribute, 'value');
  return sub && { ...place, sub };
}
