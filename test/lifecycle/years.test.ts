import { sql } from 'kysely';
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
    zoneShare: 1 / 6,
    seed: 5,
    every: 20,
  });
  expect({ tooMuch, tooLittle }).toEqual({ tooMuch: 0, tooLittle: 0 });
  // It saw what it is about.
  expect(counted.instants).toBeGreaterThan(1000);
  expect(counted.apiAsked).toBeGreaterThan(100);
  expect(counted.outages).toBeGreaterThan(2);
  expect(Object.keys(counted.acts).sort()).toEqual(['give', 'leave', 'longer', 'zone']);
  console.log(`years: ${JSON.stringify(counted)}`);
});

// One person's bound, an hour off among 400 people's: what a forgotten change of clocks would give.
it.each([
  { bound: sql.ref('ends_at'), wrong: 'tooMuch', right: 'tooLittle' },
  { bound: sql.ref('starts_at'), wrong: 'tooLittle', right: 'tooMuch' },
] as const)('counts the hour by which one bound is late as $wrong', async ({ bound, wrong, right }) => {
  const counted = await liveThrough({
    from: '2025-02-01',
    days: 30,
    people: 400,
    acts: 0,
    zoneShare: 0,
    seed: 5,
    every: 1000,
    plant: async (db) => {
      const { numAffectedRows } = await sql`
        update assignment set ${bound} = ${bound} + interval '1 hour' where id = (
          select a.id from assignment a join membership m on m.id = a.membership_id
          where a.${bound} between '2025-02-05' and '2025-02-25' and m.starts_at < '2025-02-01' and m.ends_at = 'infinity'
            and not exists (select 1 from delegation d where d.delegate_organization_id = m.organization_id)
          order by a.id limit 1)`.execute(db);
      expect(numAffectedRows).toBe(1n);
    },
  });
  // and a millisecond for each time that it was asked meanwhile
  expect(counted[wrong]).toBeGreaterThanOrEqual(3_600_000);
  expect(counted[wrong]).toBeLessThan(3_600_010);
  expect(counted[right]).toBe(0);
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
        zoneShare: 1 / 20,
        seed: 6,
        every: 100,
      });
      console.log(`years: ${JSON.stringify(counted)}`);
      expect({ tooMuch, tooLittle }).toEqual({ tooMuch: 0, tooLittle: 0 });
    },
    3 * 3_600_000,
  );
