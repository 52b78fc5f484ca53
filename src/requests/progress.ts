import type { Duration, PlannedStep, Quorum } from './policy.ts';
import { after, before, type Calendar } from './working-time.ts';

/**
 * Where a request stands, and what becomes of it: pure, so that simulated years run in seconds. Every open request
 * has an instant at which something happens to it (`nextDue`), and none lives longer than its deadline (I30): it is the
 * sum of what its steps may take, and only pauses, which are bounded, move it.
 */
export type Progress = {
  /** the open step */
  step: number;
  /** how far its escalation has come */
  level: number;
  levelAt: Date;
  /** reminders up to here are sent */
  doneUntil: Date;
  /** the asker was asked something */
  pausedAt: Date | null;
  /** milliseconds that this level stood still */
  pausedLevel: number;
  /** milliseconds that the request may still stand still: in all no longer than its steps are due in (ruling 8) */
  pauseLeft: number;
  deadline: Date;
};

export type Due = { at: Date; what: 'reminder' | 'escalation' | 'end' | 'pause-over' };

/** The first step, open. */
export function begun(plan: readonly PlannedStep[], at: Date, calendar: Calendar): Progress {
  const dues = plan.flatMap(({ levels }) => levels.map(({ due }) => due));
  const deadline = dues.reduce((end, due) => after(end, due, calendar), at);
  const pauseLeft = plan.reduce(
    (sum, { levels }) => sum + after(at, levels[0]!.due, calendar).getTime() - at.getTime(),
    0,
  );
  return { ...opened(0, at), pauseLeft, deadline };
}

const opened = (step: number, at: Date): Omit<Progress, 'deadline' | 'pauseLeft'> => ({
  step,
  level: 0,
  levelAt: at,
  doneUntil: at,
  pausedAt: null,
  pausedLevel: 0,
});

/** A step, opened: the one after an approved one, or an earlier one whose votes do not count any more, where it stood. */
export const openStep = (progress: Progress, step: number, at: Date, level = 0): Progress => ({
  ...opened(step, at),
  level,
  pauseLeft: progress.pauseLeft,
  deadline: progress.deadline,
});

/** When the people of the open level have had their time. */
export function levelEnd(plan: readonly PlannedStep[], progress: Progress, calendar: Calendar): Date {
  const { due } = levelOf(plan, progress);
  const end = after(progress.levelAt, due, calendar).getTime() + progress.pausedLevel;
  return new Date(Math.min(end, progress.deadline.getTime()));
}

const stepOf = (plan: readonly PlannedStep[], { step }: Progress): PlannedStep => plan[step]!;
const levelOf = (plan: readonly PlannedStep[], progress: Progress): { due: Duration } =>
  stepOf(plan, progress).levels[progress.level]!;

/** The next thing that happens when nobody does anything. There is always one. */
export function nextDue(plan: readonly PlannedStep[], progress: Progress, calendar: Calendar): Due {
  const { pausedAt, pauseLeft } = progress;
  if (pausedAt) return { at: new Date(pausedAt.getTime() + pauseLeft), what: 'pause-over' };
  const end = levelEnd(plan, progress, calendar);
  const { remind, levels } = stepOf(plan, progress);
  const reminders = remind
    .map((time) => before(end, time, calendar))
    .filter((at) => at > progress.doneUntil && at > progress.levelAt && at < end)
    .sort((one, other) => one.getTime() - other.getTime());
  if (reminders[0]) return { at: reminders[0], what: 'reminder' };
  const isLast = progress.level === levels.length - 1 || end >= progress.deadline;
  return { at: end, what: isLast ? 'end' : 'escalation' };
}

/** The next level; without one the step has ended. It begins when it was due, however late the waking (I30). */
export const escalated = (progress: Progress, at: Date): Progress => ({
  ...progress,
  level: progress.level + 1,
  levelAt: at,
  doneUntil: at,
  pausedLevel: 0,
});

export const paused = (progress: Progress, at: Date): Progress => ({ ...progress, pausedAt: at });

/** Goes on where it stood; what it stood still for is added to its time, within what is left of that. */
export function unpaused(progress: Progress, at: Date): Progress {
  if (!progress.pausedAt) return progress;
  const stood = Math.min(Math.max(0, at.getTime() - progress.pausedAt.getTime()), progress.pauseLeft);
  return {
    ...progress,
    pausedAt: null,
    pausedLevel: progress.pausedLevel + stood,
    pauseLeft: progress.pauseLeft - stood,
    deadline: new Date(progress.deadline.getTime() + stood),
  };
}

export type Woken = {
  progress: Progress;
  /** what has happened, each once, in order */
  happened: Due[];
  ended: 'refuse' | 'approve' | undefined;
};

/** Does what was due until `now`; waking twice does nothing twice. Several reminders missed are one. */
export function woken(plan: readonly PlannedStep[], from: Progress, calendar: Calendar, now: Date): Woken {
  let progress = from;
  const happened: Due[] = [];
  for (;;) {
    const due = nextDue(plan, progress, calendar);
    if (due.at > now) return { progress, happened, ended: undefined };
    switch (due.what) {
      case 'reminder':
        if (happened.at(-1)?.what !== 'reminder') happened.push(due);
        progress = { ...progress, doneUntil: due.at };
        break;
      case 'pause-over':
        happened.push(due);
        progress = unpaused(progress, due.at);
        break;
      case 'escalation':
        happened.push(due);
        progress = escalated(progress, due.at);
        break;
      case 'end':
        happened.push(due);
        return { progress, happened, ended: stepOf(plan, progress).atEnd };
    }
  }
}

/** The latest vote of each person on one step. */
export type Vote = { userId: string; approve: boolean };

export type Tally = 'approved' | 'refused' | 'waits' | 'cannot';

/**
 * What votes come to. `able` are the people who may decide at this moment; a vote counts only by one of them (I35), and
 * nobody counts twice (I33). `cannot`: too few are left to come to a yes, and nobody said no: others have to be asked.
 */
export function tally(quorum: Quorum, votes: readonly Vote[], able: ReadonlySet<string>): Tally {
  const latest = new Map(votes.map(({ userId, approve }) => [userId, approve]));
  const counted = [...latest].filter(([userId]) => able.has(userId));
  const yes = counted.filter(([, approve]) => approve).length;
  const no = counted.length - yes;
  const waiting = able.size - counted.length;
  if (quorum === 'one') return yes > 0 ? 'approved' : no > 0 ? 'refused' : waiting > 0 ? 'waits' : 'cannot';
  if (quorum === 'all') {
    if (no > 0) return 'refused';
    if (waiting > 0) return 'waits';
    return yes > 0 ? 'approved' : 'cannot';
  }
  if (yes >= quorum.atLeast) return 'approved';
  if (yes + waiting >= quorum.atLeast) return 'waits';
  return no > 0 && able.size >= quorum.atLeast ? 'refused' : 'cannot';
}
