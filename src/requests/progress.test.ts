import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Duration, type PlannedStep, planned, type Quorum, usualStep } from './policy.ts';
import {
  begun,
  nextDue,
  openStep,
  type Progress,
  paused,
  tally,
  unpaused,
  type Vote,
  woken,
} from './progress.ts';
import { after, usualCalendar } from './working-time.ts';

const start = new Date('2026-11-23T09:00:00Z');
const hours = (n: number): Duration => ({ hours: n });
const minutes = (n: number): number => n * 60_000;

const oneStep = (more: Partial<PlannedStep> = {}): PlannedStep => ({
  ...planned(null, {
    name: 'Managers',
    approvers: [{ kind: 'managers' }],
    quorum: 'one',
    due: hours(10),
    remind: [hours(2)],
    escalation: [{ approvers: [{ kind: 'level-above' }], due: hours(5) }],
    atEnd: 'refuse',
  }),
  ...more,
});

describe('what happens when nobody does anything', () => {
  it('reminds, asks others, asks the owners, and ends', () => {
    const plan = [oneStep()];
    const seen: string[] = [];
    let progress = begun(plan, start, usualCalendar);
    for (;;) {
      const due = nextDue(plan, progress, usualCalendar);
      const woke = woken(plan, progress, usualCalendar, due.at);
      seen.push(
        ...woke.happened.map(({ at, what }) => `${what} ${(at.getTime() - start.getTime()) / 3_600_000}`),
      );
      progress = woke.progress;
      if (woke.ended) break;
    }
    expect(seen.slice(0, 4)).toEqual(['reminder 8', 'escalation 10', 'reminder 13', 'escalation 15']);
    expect(seen.at(-1)).toMatch(/^end/);
    expect(nextDue(plan, progress, usualCalendar).at).toEqual(progress.deadline);
  });

  it('does each missed act once after an outage', () => {
    const plan = [oneStep()];
    const later = new Date(start.getTime() + 16 * 3_600_000);
    const woke = woken(plan, begun(plan, start, usualCalendar), usualCalendar, later);
    expect(woke.happened.map(({ what }) => what)).toEqual([
      'reminder',
      'escalation',
      'reminder',
      'escalation',
    ]);
    expect(woken(plan, woke.progress, usualCalendar, later).happened).toEqual([]);
  });
});

const someTime: fc.Arbitrary<Duration> = fc.oneof(
  fc.record({ hours: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ workingHours: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ workingDays: fc.integer({ min: 1, max: 6 }) }),
);
const somePlan = fc.array(
  fc.record({
    due: someTime,
    remind: fc.array(someTime, { maxLength: 3 }),
    escalation: fc.array(someTime, { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 4 },
);
const someActs = fc.array(
  fc.record({
    act: fc.constantFrom('pause', 'go-on', 'next', 'back', 'wake', 'oversleep'),
    minutes: fc.integer({ min: 0, max: 10_000 }),
  }),
  { maxLength: 60 },
);

it('ends by its deadline and what it stood still, whatever is done (I30)', () =>
  fc.assert(
    fc.property(somePlan, someActs, (steps, acts) => {
      const plan = steps.map(
        (step): PlannedStep => ({
          ...usualStep,
          remind: step.remind,
          levels: [step.due, ...step.escalation].map((due) => ({ approvers: [{ kind: 'managers' }], due })),
        }),
      );
      const first = begun(plan, start, usualCalendar);
      const most = plan
        .flatMap(({ levels }) => levels)
        .reduce((end, { due }) => after(end, due, usualCalendar), start);
      expect(first.deadline).toEqual(most);
      let progress: Progress = first;
      let now = start;
      const latest = (): number => most.getTime() + first.pauseLeft;
      for (const { act, minutes: length } of acts) {
        now = new Date(now.getTime() + (act === 'oversleep' ? 20 : 1) * minutes(length));
        const woke = woken(plan, progress, usualCalendar, now);
        progress = woke.progress;
        if (woke.ended) return;
        const due = nextDue(plan, progress, usualCalendar);
        expect(due.at.getTime()).toBeGreaterThan(now.getTime());
        expect(due.at.getTime()).toBeLessThanOrEqual(latest());
        if (act === 'pause' && !progress.pausedAt) progress = paused(progress, now);
        if (act === 'go-on') progress = unpaused(progress, now);
        if (act === 'next' && progress.step < plan.length - 1)
          progress = openStep(progress, progress.step + 1, now);
        if (act === 'back') progress = openStep(progress, 0, now);
      }
      // and then nobody comes any more
      const over = woken(plan, progress, usualCalendar, new Date(latest()));
      expect(over.ended).toBe('refuse');
    }),
    { seed: 30, numRuns: 300 },
  ));

describe('what votes come to', () => {
  const able = new Set(['a', 'b', 'c']);
  const orders = (names: string[]): string[][] =>
    names.length < 2
      ? [names]
      : names.flatMap((name) =>
          orders(names.filter((other) => other !== name)).map((rest) => [name, ...rest]),
        );
  const two: Quorum = { atLeast: 2 };

  it.each(
    orders(['a', 'b', 'c']).flatMap((order) =>
      [0, 1, 2, 3, 4, 5, 6, 7].map((yes) => [order.join(''), yes] as const),
    ),
  )('2 of 3 in the order %s, with the yeses %i', (order, yeses) => {
    const votes: Vote[] = [];
    let came: string | undefined;
    for (const name of order) {
      votes.push({ userId: name, approve: (yeses & (1 << (name.charCodeAt(0) - 97))) !== 0 });
      const yes = votes.filter(({ approve }) => approve).length;
      const no = votes.length - yes;
      const now = tally(two, votes, able);
      expect(now).toBe(yes >= 2 ? 'approved' : no >= 2 ? 'refused' : 'waits');
      came = now;
      if (now !== 'waits') break;
    }
    expect(came).not.toBe('waits');
  });

  it('counts a person once, and only whoever may decide now (I33, I35)', () => {
    const yes = (userId: string): Vote => ({ userId, approve: true });
    expect(tally(two, [yes('a'), yes('a')], able)).toBe('waits');
    expect(tally(two, [yes('a'), yes('gone')], able)).toBe('waits');
    expect(tally(two, [yes('a'), yes('b')], able)).toBe('approved');
    expect(tally('all', [yes('a'), yes('b')], able)).toBe('waits');
    expect(tally('all', [yes('a'), yes('b')], new Set(['a', 'b']))).toBe('approved');
  });

  it('says where nobody is left to ask', () => {
    expect(tally('one', [], new Set())).toBe('cannot');
    expect(tally(two, [], new Set(['a']))).toBe('cannot');
    expect(tally('all', [], new Set())).toBe('cannot');
    expect(tally(two, [{ userId: 'a', approve: false }], new Set(['a']))).toBe('cannot');
  });
});
