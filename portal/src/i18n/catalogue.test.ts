import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import delegation from './en/delegation.json' with { type: 'json' };
import organizations from './en/organizations.json' with { type: 'json' };
import en from './en/person.json' with { type: 'json' };
import requests from './en/requests.json' with { type: 'json' };

const source = join(import.meta.dirname, '..');

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts'))
  .map((file) => readFileSync(join(source, file), 'utf8'));

/** `t('a.b')`, and what starts a key put together at run time: t(`state.${x}`). */
const used = new Set<string>();
const usedPrefixes = new Set<string>();
for (const content of files) {
  for (const match of content.matchAll(/\bt\(\s*'([^']+)'/g)) used.add(match[1] as string);
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
const texts = new Map([...flat(en), ...flat(organizations), ...flat(delegation), ...flat(requests)]);
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
    expect(found.filter((text) => text !== 'Remit')).toEqual([]);
  });

  test('the files do not speak of the same thing', () => {
    const topics = [en, organizations, delegation, requests].flatMap((file) => Object.keys(file));
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
