import type { AccountValue } from './connector.ts';
import { ConnectorError } from './connector.ts';

/**
 * Templates of a declared REST API: `{name}` stands for a value. No code, no conditions; a value stays inside the part of
 * the address, or the text of the body, that it was put into.
 */
export type Given = Readonly<Record<string, AccountValue | undefined>>;

const inBraces = /\{([A-Za-z][A-Za-z0-9_.-]{0,63})\}/g;

/** The names that a template uses. */
export const namesIn = (template: unknown): string[] =>
  typeof template === 'string'
    ? [...template.matchAll(inBraces)].map(([, name]) => name!)
    : typeof template === 'object' && template !== null
      ? Object.values(template).flatMap(namesIn)
      : [];

const asText = (value: AccountValue | undefined): string =>
  value === null || value === undefined ? '' : Array.isArray(value) ? value.join(',') : String(value);

/**
 * A path with query, below the base address. Each value is one part of it.
 * @throws {ConnectorError} `refused` when a value would lead up (RFC 3986, section 5.2.4), or is missing
 */
export function filledPath(template: string, given: Given): string {
  return template.replaceAll(inBraces, (_, name: string) => {
    const value = asText(given[name]);
    if (/^\.{0,2}$/.test(value))
      throw new ConnectorError(
        'refused',
        `The address needs ${name}, and what stands there is empty or leads to another address.`,
      );
    return encodeURIComponent(value);
  });
}

/**
 * A body. A text that is nothing but `{name}` becomes the value as it is (yes or no, a list, null); in a longer text it
 * is written into it.
 * @param onlyGiven leaves out what names a value that was not given, for requests that send changes only
 */
export function filledBody(template: unknown, given: Given, onlyGiven: boolean): unknown {
  if (typeof template === 'string') {
    const whole = /^\{([A-Za-z][A-Za-z0-9_.-]{0,63})\}$/.exec(template)?.[1];
    if (whole) return given[whole] ?? null;
    return template.replaceAll(inBraces, (_, name: string) => asText(given[name]));
  }
  if (Array.isArray(template)) return template.map((one) => filledBody(one, given, onlyGiven));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).flatMap(([key, value]) => {
      const names = namesIn(value);
      const left = onlyGiven && names.length > 0 && names.every((name) => given[name] === undefined);
      return left ? [] : [[key, filledBody(value, given, onlyGiven)]];
    }),
  );
}

/** What stands at a JSON pointer (RFC 6901); undefined when nothing does. Own members only. */
export function at(document: unknown, pointer: string): unknown {
  let here = document;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}
