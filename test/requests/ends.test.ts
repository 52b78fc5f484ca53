import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lives } from './acts.ts';
import { type Count, counted, emptyAndEnd, makeTown } from './town.ts';

/**
 * Every request ends (I30): simulated years of an instance in which whoever could decide leaves, is suspended, closed
 * away or in circles, the rules change meanwhile, and nobody works for days. At every step each open request has a timer,
 * none is open past what it was promised, and what ended says why; in the end all approvers are gone, and time ends all.
 *
 * The short run asks the same on every machine; REMIT_REQUESTS_SECONDS makes it longer, and so does the long one.
 * REMIT_REQUESTS_SEED runs one batch again, as it was when it failed.
 */
const long = process.env.REMIT_TEST_LONG === '1' || process.env.REMIT_REQUESTS_SECONDS !== undefined;
const seconds = Number(process.env.REMIT_REQUESTS_SECONDS ?? (long ? 3600 : 90));
const most = long ? Number.POSITIVE_INFINITY : 25;
const batch = 5;

it(
  'ends every request, whoever vanishes and whatever changes (I30)',
  async () => {
    const count: Count = counted();
    const started = Date.now();
    const until = started + seconds * 1000;
    const given = process.env.REMIT_REQUESTS_SEED;
    // The long run goes where nobody has been.
    let seed = given ? Number(given) : long ? Math.floor(Math.random() * 1_000_000) : 30;
    const first = seed;
    const failures: string[] = [];
    let last = until;
    const property = fc.asyncProperty(lives, async (life) => {
      if (Date.now() > last || count.traces >= most) return;
      const town = await makeTown(count);
      try {
        await fc.asyncModelRun(() => ({ model: {}, real: town }), life);
        await emptyAndEnd(town);
      } catch (error) {
        // Some time to make it shorter.
        if (last === until) last = Math.max(until, Date.now() + 60_000);
        throw error;
      } finally {
        await town.close();
      }
    });
    do {
      last = until;
      const result = await fc.check(property, { seed, numRuns: batch });
      if (result.failed) {
        const again = `REMIT_REQUESTS_SEED=${result.seed}`;
        failures.push(again);
        console.error(
          `\nTo run it again: ${again}\n${result.counterexample}\n${(result.errorInstance as Error | undefined)?.stack}\n`,
        );
        if (failures.length >= 3) break;
      }
      seed += 1;
    } while (Date.now() < until && count.traces < most && !given);
    const { years, ends, ...numbers } = count;
    console.log(
      `requests: seeds ${first} to ${seed - 1}, ${years.toFixed(1)} simulated years in ${((Date.now() - started) / 1000).toFixed(0)} s; ${JSON.stringify(numbers)}; ended ${JSON.stringify(ends)}`,
    );
    expect(failures).toEqual([]);
    expect(count.requests).toBeGreaterThan(0);
  },
  (seconds + 300) * 1000,
);
