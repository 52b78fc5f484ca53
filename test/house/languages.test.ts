import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { permissions } from '../../src/authority/permissions.ts';
import { languages } from '../../src/platform/language.ts';
import { refusalCodes, textOf } from '../../src/platform/refusals.ts';
import { root } from './source.ts';

/** The server's words (letters, trail, sign-in pages, sentences, errors) say in each language what they say in English. */
const others = languages.filter((language) => language !== 'en');
type Texts = Map<string, string>;

function flat(node: object, above = ''): [string, string][] {
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === 'string' ? [[above + key, value]] : flat(value as object, `${above}${key}.`),
  );
}
const read = (path: string): Texts => new Map(flat(JSON.parse(readFileSync(join(root, path), 'utf8'))));

/** Acts are said in English where they are declared. */
const withPermissions = (path: string, texts: Texts): Texts =>
  path.startsWith('src/authority/')
    ? new Map([
        ...texts,
        ...Object.entries(permissions).map(([name, { text }]) => [`permission.${name}`, text] as const),
      ])
    : texts;

const english = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => basename(path) === 'en.json')
  .map((path) => join('src', path));

const catalogues: { name: string; en: Texts; of: (language: string) => Texts }[] = [
  ...english.map((path) => ({
    name: dirname(path),
    en: withPermissions(path, read(path)),
    of: (language: string) => read(join(dirname(path), `${language}.json`)),
  })),
  {
    name: 'src/platform/i18n, errors',
    en: new Map(refusalCodes.map((code) => [code, textOf(code)])),
    of: (language) => read(`src/platform/i18n/refusals.${language}.json`),
  },
  {
    // Said by their English, which connectors speak; connectors.test.ts holds that each of it is there.
    name: 'src/provisioning/connectors/i18n',
    en: new Map([...read('src/provisioning/connectors/i18n/nl.json').keys()].map((text) => [text, text])),
    of: (language) => read(`src/provisioning/connectors/i18n/${language}.json`),
  },
];

/** What is filled in: `{name}`, `{{name}}`. */
const filled = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{+\s*(\w+)\s*\}+/g)].map(([, name]) => name!))].sort();

/** Texts without words of their own, and words that two languages share. */
const alike = new Set([
  '{{thing}}',
  '{{what}}, {{organization}}',
  '“{{name}}” in {{application}}',
  '{{people}} in {{places}}',
  '{{role}} in {{application}}',
  '{{name}} in {{application}}',
  'Open Remit',
  'in {{name}}',
  ' in ',
  '{{who}}: {{acts}}{{access}}, in {{places}}{{except}}{{over}}{{but}}.',
  '1 invitation',
  '{{count}} invitations',
  'Webhook',
  // Of connectors
  'TLS',
  'StartTLS',
  'SCIM 2.0',
  'Active Directory (Microsoft, Samba)',
  'OU=People,DC=example,DC=org',
  'Host',
  'Port',
  'Header',
  'Organization',
  'Description',
  'Database',
  'Name (cn)',
]);
const withoutFilled = (text: string): string => text.replace(/\{+\s*\w+\s*\}+/g, '');
const hasWords = (text: string): boolean => /\p{L}{2}/u.test(withoutFilled(text));

/** Words that only English has, and that a translation left half done would still hold. */
const onlyEnglish = /\b(the|you|your|this|that|with|and|they|which|somebody|nobody)\b/i;
/** Names and terms that stay as they are. */
const terms = /Idempotency-Key|Bearer|cn=nobody/g;

describe('the server’s words', () => {
  it('are all looked at', () => {
    expect(catalogues.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['src/audit/i18n', 'src/authority/i18n', 'src/notices/i18n', 'src/signin/i18n']),
    );
  });

  describe.each(catalogues)('$name', ({ en, of }) => {
    it.each(others)('have every text in %s, and no other', (language) => {
      const texts = of(language);
      expect({
        missing: [...en.keys()].filter((key) => !texts.has(key)),
        superfluous: [...texts.keys()].filter((key) => !en.has(key)),
      }).toEqual({ missing: [], superfluous: [] });
    });

    it.each(others)('fill in the same in %s', (language) => {
      const differing = [...of(language)].filter(([key, text]) => {
        const wanted = en.get(key);
        return wanted !== undefined && filled(text).join() !== filled(wanted).join();
      });
      expect(differing).toEqual([]);
    });

    it.each(others)('are not English in %s', (language) => {
      const left = [...of(language)].filter(([key, text]) => {
        const same = text === en.get(key) && hasWords(text) && !alike.has(text);
        return same || onlyEnglish.test(withoutFilled(text).replaceAll(terms, '')) || text.trim() === '';
      });
      expect(left).toEqual([]);
    });
  });
});
