import { expect, it } from 'vitest';
import { liveThrough } from './years.ts';

const long = process.env.REMIT_TEST_LONG === '1';

/** I17, I18, I20 over simulated years: nobody has anything a millisecond before their first day or after their last one. */
it('a year of 500 people in 24 time zones: 0 person-seconds of access outside their days', async () => {
  const { tooMuch, tooLittle, ...counted } = await liveThrough({
    from: '2025-02-01',
    days: 366,
    people: 500,
    acts: 80,
    seed: 5,
    every: 10,
  });
  expect({ tooMuch, tooLittle }).toEqual({ tooMuch: 0, tooLittle: 0 });
  // It saw what it is about.
  expect(counted.instants).toBeGreaterThan(1000);
  expect(counted.apiAsked).toBeGreaterThan(100);
  expect(counted.outages).toBeGreaterThan(2);
  expect(Object.keys(counted.acts).sort()).toEqual(['give', 'leave', 'longer', 'zone']);
  console.log(`years: ${JSON.stringify(counted)}`);
});

if (long)
  it(
    'ten years of 10,000 people in 24 time zones: 0 person-seconds of access outside their days',
    async () => {
      const { tooMuch, tooLittle, ...counted } = await liveThrough({
        from: '2019-01-01',
        days: 3653,
        people: 10_000,
        acts: 3000,
        seed: 6,
        every: 100,
      });
      console.log(`years: ${JSON.stringify(counted)}`);
      expect({ tooMuch, tooLittle }).toEqual({ tooMuch: 0, tooLittle: 0 });
    },
    3 * 3_600_000,
  );
