/** Times in milliseconds of one thing done many times. */
export type Times = number[];

const now = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * Two things done in turn, so that whatever else the machine does meanwhile hits both alike; which of the two
 * goes first alternates.
 */
export async function interleaved(
  pairs: { ours: () => Promise<unknown>; baseline: () => Promise<unknown> }[],
  { rounds, warmUp }: { rounds: number; warmUp: number },
): Promise<{ ours: Times; baseline: Times; byPair: { ours: Times; baseline: Times }[] }> {
  const byPair = pairs.map(() => ({ ours: [] as Times, baseline: [] as Times }));
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const [index, pair] of pairs.entries()) {
      const order =
        (round + index) % 2 === 0 ? (['ours', 'baseline'] as const) : (['baseline', 'ours'] as const);
      for (const which of order) {
        const start = now();
        await pair[which]();
        const took = now() - start;
        if (round >= 0) byPair[index]![which].push(took);
      }
    }
  }
  return {
    ours: byPair.flatMap(({ ours }) => ours),
    baseline: byPair.flatMap(({ baseline }) => baseline),
    byPair,
  };
}

export const mean = (times: Times): number => times.reduce((sum, time) => sum + time, 0) / times.length;

export function percentile(times: Times, part: number): number {
  const sorted = [...times].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!;
}

const ms = (time: number): string => `${time.toFixed(3)} ms`;

export const described = (times: Times): string =>
  `mean ${ms(mean(times))}, p10 ${ms(percentile(times, 0.1))}, p50 ${ms(percentile(times, 0.5))}, p95 ${ms(percentile(times, 0.95))} (${times.length} runs)`;
