import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { errorsDocument, errorsFile } from '../../scripts/generate-errors.ts';
import { refusalCodes } from '../../src/platform/refusals.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'platform/refusals.ts')
  .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
  .join('\n');

describe('docs/errors.md', () => {
  it('is what the catalogue says: run npm run generate', () => {
    expect(readFileSync(errorsFile, 'utf8')).toBe(errorsDocument());
  });

  it('names every code once, and no other', () => {
    const named = [...readFileSync(errorsFile, 'utf8').matchAll(/^\| `([a-z.-]+)` \|/gm)].map(
      ([, code]) => code,
    );
    expect(named.toSorted()).toEqual(refusalCodes.toSorted());
  });
});

it('every code of the catalogue is used somewhere', () => {
  expect(refusalCodes.filter((code) => !sources.includes(`'${code}'`))).toEqual([]);
});
