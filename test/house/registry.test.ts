import { expect, test } from 'vitest';
import { makeRegistry, standing } from '../../scripts/generate-registry.ts';

test('the registry names every operation file, and nothing else', async () => {
  const { files, broken } = await makeRegistry();
  expect(broken).toEqual([]);
  for (const [file, text] of files) expect(standing(file), `${file}: run npm run generate`).toBe(text);
});
