import { expect, test } from 'vitest';
import { languageOf, speakingIn, spoken } from './language.ts';

test.each([
  [undefined, 'en'],
  ['', 'en'],
  ['*', 'en'],
  ['it', 'en'],
  ['nl', 'nl'],
  ['de-AT,de;q=0.9,en;q=0.8', 'de'],
  ['en;q=0.5, fr;q=0.9', 'fr'],
  ['nl;q=0, de;q=0.1', 'de'],
  [';;q=x,,', 'en'],
])('%j is answered in %s', (accepted, expected) => {
  expect(languageOf(accepted)).toBe(expected);
});

test('what is said is said in the language of whoever asked, also after waiting', async () => {
  const later = speakingIn('nl', async () => {
    await Promise.resolve();
    return spoken();
  });
  expect(spoken()).toBe('en');
  expect(await later).toBe('nl');
});
