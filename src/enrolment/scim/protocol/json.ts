/** Values of SCIM are values of JSON; a resource is an object by attribute name, extensions by their URN. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };
export type Resource = JsonObject;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Unassigned, null and the empty array are equal in state (RFC 7643, section 2.5). An object of which nothing is left
 * says nothing either.
 */
export const isEmpty = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) ? value.every(isEmpty) : isObject(value) && Object.values(value).every(isEmpty));

/**
 * What stands under a name, whatever its case (RFC 7643, section 2.1): own properties only, so that `__proto__` and
 * `constructor` are names like others.
 */
export function entryOf(object: JsonObject, name: string): [name: string, value: Json] | undefined {
  if (Object.hasOwn(object, name)) return [name, object[name]!];
  const wanted = name.toLowerCase();
  for (const key of Object.keys(object)) if (key.toLowerCase() === wanted) return [key, object[key]!];
  return undefined;
}

export const valueIn = (object: JsonObject, name: string): Json | undefined => entryOf(object, name)?.[1];

/** A copy without prototype: writing `__proto__` there makes an entry and nothing else. */
export function copy(value: Json): Json {
  if (Array.isArray(value)) return value.map(copy);
  if (!isObject(value)) return value;
  const made: JsonObject = Object.create(null);
  for (const [name, inner] of Object.entries(value)) made[name] = copy(inner);
  return made;
}

/** PostgreSQL keeps neither NUL nor half a character. */
export const isKeepable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** One character in small: one for one, as PostgreSQL's `lower` does under C.UTF-8, so that both say the same. */
const small = (character: string): string => {
  const lower = character.toLowerCase();
  return lower.length > character.length ? String.fromCodePoint(lower.codePointAt(0)!) : lower;
};

/** A text without regard to case. */
export const fold = (text: string): string =>
  /[^ -~]/.test(text) ? Array.from(text, small).join('') : text.toLowerCase();

/** By code point, as `collate "C"` sorts; JavaScript's `<` goes by halves of characters. */
export function compareText(one: string, other: string): number {
  const a = Buffer.from(one, 'utf8');
  return a.compare(Buffer.from(other, 'utf8'));
}
