import { domainToASCII } from 'node:url';

/**
 * One normalized name space for e-mail addresses (I40). What somebody typed is kept for writing to them; the
 * normal form says whether two addresses are one.
 */
export type EmailAddress = { address: string; normal: string; domain: string };

export const longestAddress = 254;

// RFC 5321's dot-atom, with letters of any script (RFC 6531). No quotes, no comments: nobody types them, and
// each is a way to write one address in two ways.
const local = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
// As typed: letters and digits of any script, and the one hyphen that a domain can hold. Word processors put others
// (U+2010, U+2011) in its place, which look the same and name another domain.
const domainAsTyped = /^[\p{L}\p{M}\p{N}.。-]+$/u;
const domainForm = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/**
 * Reads one address, or undefined when it is none.
 *
 * Normal: NFKC, lower case, the domain in its ASCII form. Letters of two scripts in one local part are refused:
 * `аnna@` with a Cyrillic first letter is not told from `anna@` by anybody who reads the list.
 */
export function readEmailAddress(text: string): EmailAddress | undefined {
  const address = text.trim().normalize('NFC');
  if (address.length > longestAddress) return undefined;
  const at = address.lastIndexOf('@');
  if (at < 1) return undefined;
  const name = address.slice(0, at).normalize('NFKC').toLowerCase();
  const typed = address.slice(at + 1).normalize('NFKC');
  const domain = domainToASCII(typed).toLowerCase();
  if (name.length > 64 || !local.test(name) || mixesScripts(name)) return undefined;
  if (!domainAsTyped.test(typed) || !domainForm.test(domain)) return undefined;
  // The domain is kept in its ASCII form: one made of look-alike letters then shows itself in every list.
  return { address: `${address.slice(0, at)}@${domain}`, normal: `${name}@${domain}`, domain };
}

/** The normal form of an address that may be none; for look-ups that must not tell. */
export const normalAddress = (text: string): string =>
  readEmailAddress(text)?.normal ?? text.trim().normalize('NFKC').toLowerCase().slice(0, longestAddress);

const scripts = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
];

/** Letters of more than one of the scripts that look alike. */
export const mixesScripts = (text: string): boolean =>
  scripts.filter((script) => script.test(text)).length > 1;
