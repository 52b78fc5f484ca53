import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configurationDocument, configurationFile } from '../../scripts/generate-configuration.ts';
import { hasSentence } from '../../src/audit/words.ts';
import { toldEvents } from '../../src/notices/webhooks/rules.ts';
import { refusalCodes } from '../../src/platform/refusals.ts';
import { settings } from '../../src/platform/settings.ts';
import { operationList } from '../../src/server/operations.gen.ts';
import { root, sources } from './source.ts';

const ours = sources(['src', 'demo'], ['.ts']).filter(({ path }) => !path.endsWith('.test.ts'));

describe('events', () => {
  const declared = new Set(operationList.flatMap(({ events }) => events ?? []));

  it('have a sentence in the trail, each', () => {
    expect([...declared].filter((type) => !hasSentence(type))).toEqual([]);
  });

  it('are named noun.verbed', () => {
    const present = [...declared].filter(
      (type) => !/^[a-z-]+\.[a-z-]*(ed|given|withdrawn|sent|handed-over|read|reset)$/.test(type),
    );
    expect(present).toEqual([]);
  });

  it('are declared by whatever changes something, and by nothing that only reads, but for reading a trail', () => {
    for (const { name, effect, events } of operationList) {
      if (effect === 'reading')
        expect(
          (events ?? []).filter((type) => type !== 'audit.read'),
          name,
        ).toEqual([]);
      else expect(events?.length ?? 0, name).toBeGreaterThan(0);
    }
  });

  it('that somebody subscribes to exist', () => {
    const text = sources(['src'], ['subscribers.ts', 'letters.ts'])
      .map((file) => file.text)
      .join('\n');
    const named = [...text.matchAll(/\bon: \[([^\]]*)\]/g)].flatMap(([, list]) =>
      [...list!.matchAll(/'([^']+)'/g)].map(([, type]) => type!),
    );
    expect(named.length).toBeGreaterThan(0);
    named.push(...toldEvents);
    const made = new Set([...declared, ...recordedElsewhere()]);
    expect(named.filter((type) => !made.has(type))).toEqual([]);
  });
});

/** Events recorded outside the registry: set-up, imports by the worker, the sign-on of an application, what time does. */
const recordedElsewhere = (): string[] =>
  ours.flatMap(({ path, text }) => [
    // What time does is looked up in a table.
    ...[...(path.endsWith('/wake.ts') ? text : '').matchAll(/: '(request\.[a-z-]+)',/g)].map(
      ([, type]) => type!,
    ),
    ...[...text.matchAll(/type: '([a-z-]+\.[a-z-]+)'/g)].map(([, type]) => type!),
    ...[...text.matchAll(/record(?:Request|Task)\(([^;]+)\);/g)].flatMap(([, said]) =>
      [...said!.matchAll(/'([a-z-]+\.[a-z-]+)'/g)].map(([, type]) => type!),
    ),
  ]);

describe('refusals', () => {
  it('that are thrown stand in the catalogue', () => {
    const used = ours.flatMap(({ path, text }) =>
      [...text.matchAll(/\brefuse\(\s*'([^']+)'/g)].map(([, code]) => ({ path, code: code! })),
    );
    expect(used.length).toBeGreaterThan(50);
    expect(used.filter(({ code }) => !(refusalCodes as string[]).includes(code))).toEqual([]);
  });
});

describe('operations', () => {
  it('are named noun.verb, with a summary and an address of their own', () => {
    const seen = new Set<string>();
    for (const { name, summary, http } of operationList) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/);
      expect(summary.length, name).toBeGreaterThan(10);
      const shape = http.replace(/\{\w+\}/g, '{}');
      expect(seen.has(shape), `${name}: ${http} is taken`).toBe(false);
      seen.add(shape);
    }
  });

  it('never change anything on GET (mail scanners follow links)', () => {
    const wrong = operationList.filter(({ http, effect }) => http.startsWith('GET ') && effect !== 'reading');
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  it('take every field of their address from the input', () => {
    for (const { name, http, input } of operationList)
      for (const [, field] of http.matchAll(/\{(\w+)\}/g))
        expect(Object.keys(input.shape), name).toContain(field);
  });

  it('hold no secret in an answer without saying so', () => {
    const secret = /^(code|token|password|clientSecret|secret)$/;
    // A digest of what was shown, for asking whether the world is still the same: it opens nothing.
    const digests = ['change.preview', 'access-rule.try'];
    const wrong = operationList.filter(({ name, output, secretOutput }) => {
      const shape = (output as { shape?: Record<string, unknown> }).shape ?? {};
      return (
        !secretOutput && !digests.includes(name) && Object.keys(shape).some((field) => secret.test(field))
      );
    });
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});

describe('settings', () => {
  it('stand in docs/configuration.md: run npm run generate', () => {
    expect(readFileSync(configurationFile, 'utf8')).toBe(configurationDocument());
  });

  it('are all that anything reads from the environment', () => {
    const known = new Set([
      ...settings.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name])),
      // Of the command line and of processes that we start, not of Remit.
      'REMIT_API_KEY',
    ]);
    const read = ours.flatMap(({ path, text }) =>
      [...text.matchAll(/process\.env(?:\.([A-Z_]+)|\[['"]([A-Z_]+)['"]\])/g)].map((match) => ({
        path,
        name: match[1] ?? match[2]!,
      })),
    );
    const system = ['PATH', 'HOME', 'LANG', 'USER', 'TZ', 'NO_COLOR', 'TMPDIR', 'XDG_CACHE_HOME', 'CI'];
    expect(read.filter(({ name }) => !known.has(name) && !system.includes(name))).toEqual([]);
  });
});

describe('migrations', () => {
  it('are numbered without a gap, each once', () => {
    const names = readdirSync(join(root, 'sql')).sort();
    for (const [index, name] of names.entries())
      expect(name).toMatch(new RegExp(`^${String(index + 1).padStart(4, '0')}-[a-z-]+\\.sql$`));
  });
});
