import { afterAll, beforeAll, expect, test } from 'vitest';
import { sentencesOf } from '../access/standing.tsx';
import { lasts, type Offer, type Whom } from '../pages/ask/offer.ts';
import { type Mark, markWords } from '../pages/map/map-words.ts';
import type { Rule } from '../pages/rules/rule.ts';
import { daysWords } from '../pages/rules/rule-words.ts';
import { catalogue, loadTextsOfPages, speak } from './catalogue.ts';
import { day } from './dates.ts';

/** An organization in Kiritimati, read in Los Angeles: midnight there is the day before here. */
const zone = process.env.TZ;
beforeAll(async () => {
  process.env.TZ = 'America/Los_Angeles';
  await speak('en');
  await loadTextsOfPages();
});
afterAll(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const from = '2026-11-30T10:00:00Z';
const until = '2026-12-31T10:00:00Z';
const [firstDay, lastDay] = ['2026-12-01', '2026-12-31'];

test('lists show the days of the place, not those of the browser', () => {
  expect(day(from)).toBe('30 Nov 2026');
  const source = { words: 'Given.', from, until, firstDay, lastDay, stop: null, stoppedBy: null };
  expect(sentencesOf([source]).join(' ')).toContain('31 Dec 2026');
  expect(lasts({ atMostLastDay: lastDay } as Offer, { lastDay: null } as Whom)).toContain('31 Dec 2026');
  const mark = { kind: 'user', holder: 'Mara', what: 'Manager', lastDay, inForce: true, vacant: false };
  expect(markWords(mark as Mark)).toContain('31 Dec 2026');
  const rule = daysWords(catalogue.t.bind(catalogue), { firstDay, lastDay, endsOn: lastDay } as Rule);
  expect([rule.includes('1 Dec 2026'), rule.includes('31 Dec 2026')]).toEqual([true, true]);
});
