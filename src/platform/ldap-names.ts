/**
 * Names of entries (RFC 4514). They are put together from values only, with everything that is not plainly a letter or
 * a digit written as its number: no value of a person can end a part of a name or begin another.
 */
export type NamePart = { attribute: string; value: string };

/** `uid=ada,ou=people,…`: the entry of that value directly below `base`. */
export const nameBelow = (base: string, { attribute, value }: NamePart): string =>
  `${partText({ attribute, value })},${base}`;

/** @throws Error for what no entry can be called */
export function partText({ attribute, value }: NamePart): string {
  if (!isAttributeName(attribute) || value === '') throw new Error('this names no entry');
  return `${attribute}=${escapedValue(value)}`;
}

/** Letters of other scripts may stand as they are (section 2.4); a control character, or half of a pair, may not. */
const escapedValue = (value: string): string =>
  value.replace(/[^\p{L}\p{N}._@ -]|^ | $|^#/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join(''),
  );

/** RFC 4512, section 2.5, without options: `userCertificate`, not `userCertificate;binary`. */
export const isAttributeName = (text: string): boolean => /^[A-Za-z][A-Za-z0-9-]{0,99}$/.test(text);

/** The parts of a name, the entry's own first; undefined for what is no name or has more than one value in a part. */
export function partsOf(name: string): NamePart[] | undefined {
  const parts: NamePart[] = [];
  if (name.trim() === '') return [];
  let rest = name;
  for (;;) {
    const found = /^\s*([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)\s*=\s*/.exec(rest);
    if (!found) return undefined;
    rest = rest.slice(found[0].length);
    const value = valueAtStart(rest);
    if (!value) return undefined;
    parts.push({ attribute: found[1]!, value: value.text });
    rest = rest.slice(value.length);
    if (rest === '') return parts;
    if (!rest.startsWith(',')) return undefined;
    rest = rest.slice(1);
  }
}

function valueAtStart(text: string): { text: string; length: number } | undefined {
  if (text.startsWith('#') || text.startsWith('"')) return undefined;
  const bytes: Buffer[] = [];
  let at = 0;
  /** up to where the value goes without spaces that only stand at its end */
  let end = 0;
  while (at < text.length && !',+;'.includes(text[at]!)) {
    const escaped = /^\\(?:([0-9A-Fa-f]{2})|([ "#+,;<=>\\]))/.exec(text.slice(at, at + 3));
    if (text[at] === '\\' && !escaped) return undefined;
    const character = escaped ? escaped[0] : String.fromCodePoint(text.codePointAt(at)!);
    bytes.push(escaped?.[1] ? Buffer.from(escaped[1], 'hex') : Buffer.from(escaped?.[2] ?? character));
    at += character.length;
    if (character !== ' ') end = bytes.length;
  }
  return { text: Buffer.concat(bytes.slice(0, end)).toString('utf8'), length: at };
}

/** As servers compare most names: without case, and several spaces as one. */
const compared = ({ attribute, value }: NamePart): string =>
  `${attribute.toLowerCase()}=${value.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ')}`;

/** The same text for names that a server takes for the same; undefined for what is no name. */
export const nameKey = (name: string): string | undefined => partsOf(name)?.map(compared).join(',');

export function isSameName(one: string, other: string): boolean {
  const [parts, others] = [partsOf(one), partsOf(other)];
  return !!parts && !!others && parts.map(compared).join('\n') === others.map(compared).join('\n');
}

/** Whether `name` is `base` itself or something below it. */
export function isWithin(name: string, base: string): boolean {
  const [parts, above] = [partsOf(name), partsOf(base)];
  if (!parts || !above || parts.length < above.length) return false;
  return (
    parts
      .slice(parts.length - above.length)
      .map(compared)
      .join('\n') === above.map(compared).join('\n')
  );
}

/** What an entry directly below `base` is called; undefined for every other. */
export function ownPart(name: string, base: string): NamePart | undefined {
  const [parts, above] = [partsOf(name), partsOf(base)];
  if (!parts || !above || parts.length !== above.length + 1 || !isWithin(name, base)) return undefined;
  return parts[0];
}
