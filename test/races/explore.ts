import { expect } from 'vitest';
import { randomFrom } from './schedule.ts';
import { type As, growPartner, type Partner, type Stage } from './stage.ts';

/** What races once: its acts, what is to be seen of the partner afterwards, and the law about that. */
export type Race = {
  acts: ((as: As) => Promise<unknown>)[];
  /** of the world afterwards, without ids: equal after equal histories */
  state: () => Promise<unknown>;
  /** holds after every history, legal or not; named by its law */
  law: (answers: string[]) => Promise<void>;
};

export type Variant = {
  name: string;
  race: (stage: Stage, partner: Partner, random: () => number) => Promise<Race>;
};

/** How many schedules are run of each race; more in long runs. */
export const schedules = (count: number): number =>
  process.env.REMIT_TEST_LONG === '1' ? count * 10 : count;

/**
 * Runs `count` schedules over the variants. A history is legal when the same answers and the same state come of the
 * acts one after another, in some order (linearizability); all these orders are run first, on partners of their own.
 */
export async function explore(
  stage: Stage,
  variants: readonly Variant[],
  count: number,
): Promise<Set<string>> {
  const seen = new Set<string>();
  const legal = new Map<string, Set<string>>();
  for (const variant of variants) legal.set(variant.name, await legalHistories(stage, variant));
  for (let seed = 1; seed <= count; seed += 1) {
    const variant = variants[seed % variants.length]!;
    const partner = await growPartner(stage);
    const race = await variant.race(stage, partner, randomFrom(seed));
    const settled = await stage.schedule.run(
      seed,
      race.acts.map((act, index) => () => act(stage.as[index]!)),
    );
    const answers = settled.map(answerOf);
    const history = JSON.stringify({ answers, state: await race.state() });
    const where = `${variant.name}, seed ${seed}`;
    expect([where, [...legal.get(variant.name)!]]).toEqual([where, expect.arrayContaining([history])]);
    await race.law(answers);
    seen.add(`${variant.name} ${history}`);
  }
  return seen;
}

async function legalHistories(stage: Stage, { race }: Variant): Promise<Set<string>> {
  const found = new Set<string>();
  const { acts } = await race(stage, await growPartner(stage), randomFrom(0));
  for (const order of orders(acts.map((_, index) => index))) {
    const one = await race(stage, await growPartner(stage), randomFrom(0));
    const answers: string[] = [];
    for (const index of order) {
      const [settled] = await Promise.allSettled([one.acts[index]!(stage.as[index]!)]);
      answers[index] = answerOf(settled!);
    }
    await one.law(answers);
    found.add(JSON.stringify({ answers, state: await one.state() }));
  }
  return found;
}

/** `ok`, or the refusal's code. Anything but a refusal is a fault: a deadlock, a stale row, a broken constraint. */
function answerOf(settled: PromiseSettledResult<unknown>): string {
  if (settled.status === 'fulfilled') return 'ok';
  const { name, code } = settled.reason as { name: string; code: string };
  if (name !== 'Refusal') throw settled.reason;
  return code;
}

const orders = (left: number[]): number[][] =>
  left.length <= 1
    ? [left]
    : left.flatMap((first) => orders(left.filter((one) => one !== first)).map((rest) => [first, ...rest]));
