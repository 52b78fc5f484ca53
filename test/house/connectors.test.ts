import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { languages, speakingIn } from '../../src/platform/language.ts';
import { connectors } from '../../src/provisioning/connectors/all.ts';
import { inWords, labelOf } from '../../src/provisioning/connectors/words.ts';
import { root } from './source.ts';

/** What connectors say is English where they say it; each of it has its words in every other language. */
const others = languages.filter((language) => language !== 'en');
const folder = 'src/provisioning/connectors';
const catalogue = (language: string): Record<string, string> =>
  JSON.parse(readFileSync(join(root, folder, 'i18n', `${language}.json`), 'utf8'));

const fields = connectors.flatMap(({ description: { settings, secrets, values } }) => [
  ...settings,
  ...secrets,
  ...values,
]);
const described = [
  ...connectors.map(({ description }) => description.label),
  ...fields.flatMap(({ label, help, choiceLabels }) =>
    [label, help ?? [], Object.values(choiceLabels ?? {})].flat(),
  ),
];

/**
 * Every sentence in the source of connectors: findings, complaints about settings, and what their errors say. Something
 * stands in each gap; what the other system told is the end of some.
 */
const said = readdirSync(join(root, folder))
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => {
    const code = readFileSync(join(root, folder, file), 'utf8')
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/(^|\s)\/\/.*$/gm, '');
    return [...code.matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g)]
      .map((one) => (one[1] ?? one[2] ?? '').replace(/\$\{told\}/, '.').replace(/\$\{[^}]*\}/g, 'x'))
      .filter((text) => /^[A-Zx“].* .*\.$/s.test(text));
  });

describe('what connectors say', () => {
  it('is found in the source', () => {
    expect(said).toEqual(
      expect.arrayContaining([
        'People who can do it now: x.',
        'x is missing.',
        'The table x is there, with every column (x).',
        'It answers, and lets us read its people (x).',
        'It refused (x).',
        'Somebody has been asked to do it.',
        'The directory has no account without x.',
        'The directory wants an encrypted connection.',
        'Its certificate is not one that can be trusted.',
      ]),
    );
  });

  it.each(others)('has its words in %s', (language) => {
    const missing = speakingIn(language, () => {
      const texts = catalogue(language);
      return [...described, ...said].filter((text) => !(text in texts) && inWords(text) === text);
    });
    expect(missing.filter((text) => !['PostgreSQL', 'MariaDB', 'PATCH', 'PUT'].includes(text))).toEqual([]);
  });

  it('keeps what is filled in, and says a field by its label', () => {
    const dutch = (text: string): string => speakingIn('nl', () => inWords(text));
    expect(dutch('Folder is missing.')).toBe('Map ontbreekt.');
    expect(dutch('The table staff has no column phone.')).toBe('De tabel staff heeft geen kolom phone.');
    expect(dutch('The directory does not take a value. It names mail.')).toBe(
      'De directory neemt een waarde niet aan. Het noemt mail.',
    );
    expect(dutch('Nothing that anybody has put into words.')).toBe(
      'Nothing that anybody has put into words.',
    );
  });

  it('leaves a column its name', () => {
    const column = { key: 'Title', label: 'Title' };
    expect(speakingIn('de', () => labelOf(column))).toBe('Title');
    expect(speakingIn('de', () => labelOf({ key: 'title', label: 'Title' }))).toBe('Funktion');
  });
});
