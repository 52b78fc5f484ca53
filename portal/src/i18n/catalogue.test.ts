import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import asking from './en/asking.json' with { type: 'json' };
import delegation from './en/delegation.json' with { type: 'json' };
import feeds from './en/feeds.json' with { type: 'json' };
import organizations from './en/organizations.json' with { type: 'json' };
import person from './en/person.json' with { type: 'json' };
import publicTexts from './en/public.json' with { type: 'json' };
import requests from './en/requests.json' with { type: 'json' };
import rules from './en/rules.json' with { type: 'json' };
import sources from './en/sources.json' with { type: 'json' };
import targets from './en/targets.json' with { type: 'json' };
import { languageFor, languages } from './languages.ts';

const source = join(import.meta.dirname, '..');

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts'))
  .map((file) => readFileSync(join(source, file), 'utf8'));

/** `t('a.b')`, and what starts a key put together at run time: t(`state.${x}`). */
const used = new Set<string>();
const usedPrefixes = new Set<string>();
for (const content of files) {
  for (const match of content.matchAll(/\bt\(\s*'([^']+)'/g)) used.add(match[1] as string);
  for (const match of content.matchAll(/\bt\(\s*[^()'`]+\? '([^']+)' : '([^']+)'/g))
    for (const key of match.slice(1)) used.add(key as string);
  for (const match of content.matchAll(/\bt\(\s*`([^`$]+)\$\{/g)) usedPrefixes.add(match[1] as string);
  // keys handed on as data, `textKey: 'a.b'`, and to <Trans i18nKey="a.b">
  for (const match of content.matchAll(/(?:[a-z]\w*Key: '|i18nKey=")([a-zA-Z]+\.[\w.]+)['"]/g))
    used.add(match[1] as string);
}

function flat(node: object, above = ''): [string, string][] {
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === 'string' ? [[above + key, value]] : flat(value, `${above}${key}.`),
  );
}
const texts = new Map([
  ...flat(publicTexts),
  ...flat(person),
  ...flat(organizations),
  ...flat(delegation),
  ...flat(requests),
  ...flat(asking),
  ...flat(rules),
  ...flat(feeds),
  ...flat(targets),
  ...flat(sources),
]);
const withoutPlural = (key: string): string => key.replace(/_(zero|one|two|few|many|other)$/, '');
const keys = new Set([...texts.keys()].map(withoutPlural));

describe('the catalogue', () => {
  test('every key that is used exists', () => {
    expect([...used].filter((key) => !keys.has(key))).toEqual([]);
    expect([...usedPrefixes].filter((prefix) => ![...keys].some((key) => key.startsWith(prefix)))).toEqual(
      [],
    );
  });

  test('no text is left that nobody uses', () => {
    const unused = [...keys].filter(
      (key) => !used.has(key) && ![...usedPrefixes].some((prefix) => key.startsWith(prefix)),
    );
    expect(unused).toEqual([]);
  });

  test('no text stands in a page instead of here', () => {
    // between tags, or in an attribute that people read; names of keys have one letter, the product's own name is no text
    const between = />\s*([A-Za-z][^<>{}=;()]+)<\//g;
    const attribute = /\s(?:label|title|placeholder|description|aria-label|alt)="([^"]*[A-Za-z][^"]*)"/g;
    const found = files.flatMap((content) =>
      [...content.matchAll(between), ...content.matchAll(attribute)].map((match) => match[1]?.trim()),
    );
    // the product's name, and the beginning of an address, are no words
    expect(found.filter((text) => text !== 'Remit' && text !== 'https://')).toEqual([]);
  });

  test('the files do not speak of the same thing', () => {
    const topics = [
      publicTexts,
      person,
      organizations,
      delegation,
      requests,
      asking,
      rules,
      targets,
      feeds,
      sources,
    ].flatMap((file) => Object.keys(file));
    expect(topics.filter((topic, index) => topics.indexOf(topic) !== index)).toEqual([]);
  });

  test('a text that counts has both forms', () => {
    const counted = [...texts.keys()].filter((key) => key.endsWith('_one') || key.endsWith('_other'));
    const missing = counted.filter(
      (key) => !texts.has(`${withoutPlural(key)}_one`) || !texts.has(`${withoutPlural(key)}_other`),
    );
    expect(missing).toEqual([]);
  });

  test('nothing but words of ours reaches managers and members', () => {
    const forbidden = /\b(entitlement|provisioning|principal|tenant|realm|scope)s?\b/i;
    expect([...texts].filter(([, text]) => forbidden.test(text)).map(([key]) => key)).toEqual([]);
  });
});

const textsOf = (language: string, file: string): Map<string, string> =>
  new Map(flat(JSON.parse(readFileSync(join(import.meta.dirname, language, file), 'utf8')) as object));

/** What must stand in a text whatever its language; the count may be left out where the word says it ("one"). */
const holes = (text: string): string =>
  [...text.matchAll(/\{\{\w+\}\}|<[^>]*>/g)]
    .map(([hole]) => hole)
    .filter((hole) => hole !== '{{count}}')
    .sort()
    .join(' ');

/** Words that are the same in both languages, and names of columns that are English in every language. */
const names = ['Slack', 'Microsoft', 'Teams', 'Webhook', 'Webhooks'];
const sameWords: Record<string, string[]> = {
  nl: [
    ...names,
    'Test',
    'Details',
    'account',
    'accounts',
    'Accounts',
    'E-mail',
    'Menu',
    'Type',
    'open',
    'in',
    'is',
    'Status',
  ],
  de: [...names, 'Test', 'Name', 'Person', 'Text', 'in', 'Status', 'Filter'],
  fr: [
    ...names,
    ...['Test', 'Secret', 'Messages'],
    ...['Application', 'Applications', 'Date', 'Description', 'E-mail', 'Exceptions', 'Invitations', 'Menu'],
    ...['Note', 'Notes', 'Pages', 'Relation', 'Type', 'exception', 'exceptions', 'invitation'],
    ...['normal', 'session', 'sessions', 'Question', 'Action', 'Actions', 'Message', 'Source'],
  ],
};
const isColumns = (text: string): boolean =>
  text.split(', ').some((word) => /^(parent|role|username)$/.test(word));

describe.each(Object.keys(languages).filter((language) => language !== 'en'))('in %s', (language) => {
  const files = readdirSync(join(import.meta.dirname, 'en'));

  test.each(files)('%s says all that English says, and nothing else', (file) => {
    const english = textsOf('en', file);
    const translated = textsOf(language, file);
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const counts = (key: string): boolean => english.has(`${withoutPlural(key)}_other`);
    // a form that English lacks may be there when the language has it
    const allowed = (key: string): boolean =>
      english.has(key) || (counts(key) && forms.some((form) => key.endsWith(`_${form}`)));
    expect(
      [...english.keys()].filter((key) => !translated.has(key)),
      'missing',
    ).toEqual([]);
    expect(
      [...translated.keys()].filter((key) => !allowed(key)),
      'superfluous',
    ).toEqual([]);
  });

  test.each(files)('%s leaves out nothing that is filled in', (file) => {
    const english = textsOf('en', file);
    const wrong = [...textsOf(language, file)].filter(([key, text]) => {
      const original = english.get(key) ?? english.get(`${withoutPlural(key)}_other`);
      return text.trim() === '' || (original !== undefined && holes(original) !== holes(text));
    });
    expect(wrong).toEqual([]);
  });

  test.each(files)('%s is not English', (file) => {
    const english = textsOf('en', file);
    const left = [...textsOf(language, file)].filter(([key, text]) => {
      const words = text
        .replace(/\{\{\w+\}\}/g, ' ')
        .split(/[^\p{L}-]+/u)
        .filter((word) => word.length > 1);
      return (
        english.get(key) === text &&
        !isColumns(text) &&
        words.some((word) => !sameWords[language]?.includes(word))
      );
    });
    expect(left).toEqual([]);
  });
});

test('the first language that a reader wishes and we have is shown', () => {
  expect(languageFor(['it', 'de-AT', 'nl'])).toBe('de');
  expect(languageFor([null, 'FR_be'])).toBe('fr');
  expect(languageFor(['toString', ''])).toBe('en');
});

test('pages before signing in, and what stands around every page, need only the texts that are there by then', () => {
  const early = [
    'pages/sign-in',
    'pages/invitation/',
    'pages/setup',
    'pages/register/',
    'page/',
    'routes/',
    'api/',
  ];
  const shared = ['PublicFrame', 'ThemeButton', 'LanguageLinks', 'NewPasswordField', 'undo-toast'];
  const topics = new Set(Object.keys(publicTexts));
  const late = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.tsx') || file.endsWith('.ts'))
    .filter(
      (file) => early.some((folder) => file.startsWith(folder)) || shared.some((name) => file.includes(name)),
    )
    .flatMap((file) => [
      ...readFileSync(join(source, file), 'utf8').matchAll(/\bt\(\s*['`]([a-zA-Z]+)\.[a-zA-Z.]*/g),
    ])
    .map(([use, topic]) => [use, topic] as const)
    // asked only where a session was refused something
    .filter(([, topic]) => topic !== 'why' && !topics.has(topic ?? ''));
  expect(late.map(([use]) => use)).toEqual([]);
});
