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

/** Findings and complaints about settings, as they stand in the source, something standing in each gap. */
const said = readdirSync(join(root, folder))
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => {
    const source = readFileSync(join(root, folder, file), 'utf8');
    const texts = [...source.matchAll(/\btext:(?!\s*string)([\s\S]*?)(?=[,}\n]\s*(?:\}|\w+:|\n|\]))/g)];
    return texts.flatMap(([, after = '']) =>
      [...after.matchAll(/'([^'\n]+ [^'\n]*\.)'|`([^`\n]+ [^`\n]*\.)`/g)].map((one) =>
        (one[1] ?? one[2] ?? '').replace(/\$\{[^}]*\}/g, 'x'),
      ),
    );
  });

describe('what connectors say', () => {
  it('is found in the source', () => {
    expect(said).toEqual(
      expect.arrayContaining([
        'People who can do it now: x.',
        'x is missing.',
        'The table x is there, with every column (x).',
        'It answers, and lets us read its people (x).',
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
