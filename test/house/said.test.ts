import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { type Language, languages, speakingIn } from '../../src/platform/language.ts';
import { operationList } from '../../src/server/operations.gen.ts';
import { sources } from './source.ts';

/**
 * What the server says is said in the reader's language: a text that stands where a schema is declared, or in a branch
 * of the code, is English for everybody.
 */
type Definition = {
  checks?: { _zod: { def: { error?: (issue: unknown) => unknown } } }[];
  error?: (issue: unknown) => unknown;
  [part: string]: unknown;
};

/** Every text of its own that a schema refuses with, wherever in it. */
function ownErrors(schema: unknown, seen = new Set<unknown>()): ((issue: unknown) => unknown)[] {
  if (typeof schema !== 'object' || schema === null || seen.has(schema)) return [];
  seen.add(schema);
  const def = (schema as { _zod?: { def?: Definition } })._zod?.def;
  if (!def)
    return Array.isArray(schema) || Object.getPrototypeOf(schema) === Object.prototype
      ? Object.values(schema).flatMap((part) => ownErrors(part, seen))
      : [];
  const mine = [def.error, ...(def.checks ?? []).map((check) => check._zod.def.error)];
  return [
    ...mine.filter((error) => error !== undefined),
    ...Object.values(def).flatMap((part) => ownErrors(part, seen)),
    ...(def.type === 'lazy' ? ownErrors((def.getter as () => z.ZodType)(), seen) : []),
  ];
}

const textOf = (error: (issue: unknown) => unknown, language: Language): unknown => {
  const said = speakingIn(language, () => error({ input: 'x', code: 'custom', path: [] }));
  return typeof said === 'object' && said !== null && 'message' in said ? said.message : said;
};

describe('a schema that refuses in words of its own', () => {
  const found = operationList.flatMap(({ name, input }) =>
    ownErrors(input).map((error) => ({ name, texts: languages.map((language) => textOf(error, language)) })),
  );

  it('is found', () => {
    expect(found.length).toBeGreaterThan(100);
  });

  it('has them in each language, whichever operation it stands in', () => {
    const wrong = found.filter(
      ({ texts }) =>
        texts.some((text) => typeof text !== 'string' || !text) || new Set(texts).size < texts.length,
    );
    expect([...new Set(wrong.map(({ name, texts }) => `${name}: ${texts.join(' | ')}`))]).toEqual([]);
  });
});

/** Where a text is on its way to a reader: what a refusal is filled with, what a schema says, a sentence of an answer. */
const spoken =
  /\b(?:problem|missing|limit|message|error|sentence|reason|words|nobody|advice|detail)\??:\s*(['"`])((?:(?!\1).)*?\p{L}{2,} \p{L}{2,}(?:(?!\1).)*)\1/gu;
const checked =
  /\.(?:refine|regex|min|max|length|check)\(\s*[^;]*?,\s*(['"`])((?:(?!\1)[^\n])*?\p{L}{2,} \p{L}{2,}(?:(?!\1)[^\n])*)\1,?\s*\)/gu;

/** Written to whoever runs Remit, who reads English: what a start prints, the log, and the CLI. */
const forOperators =
  /^src\/(cli|main|platform\/(config|settings|embedded|migrate)|server\/(openapi|worker|management))/;

describe('no text for a reader', () => {
  const files = sources(['src'], ['.ts']).filter(
    ({ path }) => !forOperators.test(path) && !path.endsWith('.test.ts') && !path.endsWith('.gen.ts'),
  );

  it('stands in the code instead of a catalogue', () => {
    const literal = files.flatMap(({ path, text }) =>
      [...text.matchAll(spoken), ...text.matchAll(checked)].map(([, , words]) => `${path}: ${words}`),
    );
    expect(literal).toEqual([]);
  });
});
