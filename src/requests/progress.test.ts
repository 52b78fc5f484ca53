import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Duration, type PlannedStep, planned, type Quorum, usualStep } from './policy.ts';
import {
  begun,
  levelEnd,
  nextDue,
  openStep,
  type Progress,
  paused,
  tally,
  unpaused,
  type Vote,
  woken,
} from './progress.ts';
import { after, type Calendar, usualCalendar } from './working-time.ts';

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
      const dues = plan.flatMap(({ levels }) => levels.map(({ due }) => due));
      const exact = dues.reduce((end, due) => after(end, due, usualCalendar), start);
      // What comes by the clock after working time may be moved by a pause to where it takes longer.
      const clock = dues.findIndex((due) => !('hours' in due));
      const most = dues
        .map((due, n) => ('hours' in due && clock >= 0 && n > clock ? { workingHours: due.hours } : due))
        .reduce((end, due) => after(end, due, usualCalendar), start);
      expect(first.deadline).toEqual(most);
      expect(most.getTime()).toBeGreaterThanOrEqual(exact.getTime());
      let progress: Progress = first;
      let now = start;
      const stillMost = first.pauseLeft / 3_600_000;
      const latest = (): number =>
        after(most, clock >= 0 ? { workingHours: stillMost } : { hours: stillMost }, usualCalendar).getTime();
      for (const { act, minutes: length } of acts) {
        now = new Date(now.getTime() + (act === 'oversleep' ? 20 : 1) * minutes(length));
        const woke = woken(plan, progress, usualCalendar, now);
        progress = woke.progress;
        if (woke.ended) return;
        const due = nextDue(plan, progress, usualCalendar);
        expect(due.at.getTime()).toBeGreaterThan(now.getTime());
        expect(due.at.getTime()).toBeLessThanOrEqual(latest());
        if (act === 'pause' && !progress.pausedAt) progress = paused(progress, now);
        if (act === 'go-on') progress = unpaused(plan, progress, now, usualCalendar);
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

describe('a question to the asker', () => {
  const amsterdam: Calendar = {
    ...usualCalendar,
    timeZone: 'Europe/Amsterdam',
    holidays: ['2026-12-25'],
  };
  const short: Calendar = { ...amsterdam, from: '10:00', until: '14:00' };
  const due = (first: Duration, ...then: Duration[]): PlannedStep => ({
    ...usualStep,
    remind: [],
    levels: [first, ...then].map((each) => ({ approvers: [{ kind: 'managers' }], due: each })),
  });
  const work = (n: number): Duration => ({ workingHours: n });

  // In winter Amsterdam works from 8 to 16 UTC, in summer from 7 to 15.
  it.each([
    ['by day', work(8), '2026-11-23T08:00Z', '2026-11-23T11:00Z', '2026-11-23T15:00Z', '2026-11-24T12:00Z'],
    [
      'over a night',
      work(8),
      '2026-11-23T08:00Z',
      '2026-11-23T15:00Z',
      '2026-11-24T09:00Z',
      '2026-11-24T10:00Z',
    ],
    ['at night', work(8), '2026-11-23T10:00Z', '2026-11-23T20:00Z', '2026-11-24T04:00Z', '2026-11-24T10:00Z'],
    [
      'over a weekend',
      work(8),
      '2026-11-26T12:00Z',
      '2026-11-27T11:00Z',
      '2026-11-30T09:00Z',
      '2026-11-30T10:00Z',
    ],
    [
      'on a Sunday',
      work(8),
      '2026-11-27T12:00Z',
      '2026-11-28T12:00Z',
      '2026-11-29T12:00Z',
      '2026-11-30T12:00Z',
    ],
    [
      'over a day off',
      work(8),
      '2026-12-24T08:00Z',
      '2026-12-24T15:00Z',
      '2026-12-28T09:00Z',
      '2026-12-28T10:00Z',
    ],
    [
      'into summer time',
      work(8),
      '2026-03-27T08:00Z',
      '2026-03-27T15:00Z',
      '2026-03-30T08:00Z',
      '2026-03-30T09:00Z',
    ],
    [
      'in days',
      { workingDays: 2 },
      '2026-11-23T08:00Z',
      '2026-11-24T15:00Z',
      '2026-11-25T09:00Z',
      '2026-11-25T10:00Z',
    ],
    [
      'that nobody answers',
      work(8),
      '2026-11-23T08:00Z',
      '2026-11-23T11:00Z',
      '2027-11-23T11:00Z',
      '2026-11-24T16:00Z',
    ],
    [
      'by the clock',
      hours(10),
      '2026-11-23T08:00Z',
      '2026-11-23T15:00Z',
      '2026-11-23T23:00Z',
      '2026-11-24T02:00Z',
    ],
  ] as const)('%s leaves the time that was left', (_, time, asked, from, until, end) => {
    const plan = [due(time, { workingDays: 5 })];
    const still = paused(begun(plan, new Date(asked), amsterdam), new Date(from));
    const now = unpaused(plan, still, new Date(until), amsterdam);
    expect(levelEnd(plan, now, amsterdam)).toEqual(new Date(end));
  });

  it('goes on by itself when all of that time is used up, at work', () => {
    const plan = [due(work(8), { workingDays: 5 })];
    const still = paused(
      begun(plan, new Date('2026-11-27T08:00Z'), amsterdam),
      new Date('2026-11-27T12:00Z'),
    );
    const over = { at: new Date('2026-11-30T12:00Z'), what: 'pause-over' };
    expect(nextDue(plan, still, amsterdam)).toEqual(over);
    const went = woken(plan, still, amsterdam, over.at);
    expect(went.progress.pauseLeft).toBe(0);
    expect(nextDue(plan, went.progress, amsterdam)).toEqual({
      at: new Date('2026-11-30T16:00Z'),
      what: 'escalation',
    });
    const again = paused(went.progress, over.at);
    expect(nextDue(plan, again, amsterdam)).toEqual(over);
  });

  it('follows hours that change meanwhile', () => {
    const plan = [due(work(8), { workingDays: 5 })];
    const still = paused(
      begun(plan, new Date('2026-11-23T08:00Z'), amsterdam),
      new Date('2026-11-23T11:00Z'),
    );
    // Two hours of work from 9 to 13 UTC by now, of which it stood still from 11 on; six of its eight are left of Monday's.
    const now = unpaused(plan, still, new Date('2026-11-23T15:00Z'), short);
    expect(now.pausedLevel).toBe(2 * 3_600_000);
    expect(levelEnd(plan, now, short)).toEqual(new Date('2026-11-25T11:00Z'));
    expect(now.deadline >= levelEnd(plan, now, short)).toBe(true);
  });

  it('leaves those who are asked later their whole time, by the clock too', () => {
    const plan = [due(work(8), hours(24))];
    const still = paused(
      begun(plan, new Date('2026-11-27T08:00Z'), amsterdam),
      new Date('2026-11-27T15:00Z'),
    );
    const now = unpaused(plan, still, new Date('2026-11-30T09:00Z'), amsterdam);
    const woke = woken(plan, now, amsterdam, new Date('2026-11-30T10:00Z'));
    expect(woke.happened.map(({ what }) => what)).toEqual(['escalation']);
    expect(levelEnd(plan, woke.progress, amsterdam)).toEqual(new Date('2026-12-01T10:00Z'));
  });

  it('says nobody again what they were told before it', () => {
    const plan = [{ ...due(work(8)), remind: [work(4)] }];
    const told = woken(
      plan,
      begun(plan, new Date('2026-11-23T08:00Z'), amsterdam),
      amsterdam,
      new Date('2026-11-23T12:00Z'),
    );
    expect(told.happened.map(({ what }) => what)).toEqual(['reminder']);
    const still = paused(told.progress, new Date('2026-11-23T13:00Z'));
    const now = unpaused(plan, still, new Date('2026-11-23T15:30Z'), amsterdam);
    expect(nextDue(plan, now, amsterdam)).toEqual({ at: new Date('2026-11-24T10:30Z'), what: 'end' });
  });
});

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
