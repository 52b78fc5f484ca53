import type { Approver, Duration, PlannedStep } from '../../requests/policy.ts';
import { levelEnd, nextDue, type Progress } from '../../requests/progress.ts';
import type { Calendar } from '../../requests/working-time.ts';
import { namedIn, type WhoDoes } from '../connectors/by-hand.ts';
import type { Settings } from '../connectors/connector.ts';

/**
 * Who is asked to do the tasks of a target, in which order, and how long they have: its settings of the moment, as the one
 * step of a request. Whoever is not named any more is not asked any more; nothing of it is kept with a task. Pure.
 */
export function planOf(settings: Settings): PlannedStep {
  const remind = Number(settings.remindDays || 1);
  const then = settings.then || 'owners';
  return {
    name: 'task',
    policyId: null,
    levels: [
      {
        approvers: [whoOf((settings.who || 'operators') as WhoDoes, settings.people)],
        due: daysOf(settings.dueDays),
      },
      ...(then === 'nobody'
        ? []
        : [
            {
              approvers: [whoOf(then as WhoDoes, settings.thenPeople)],
              due: daysOf(settings.thenDays),
            },
          ]),
    ],
    quorum: 'one',
    remind: remind > 0 ? [{ workingDays: remind }] : [],
    atEnd: 'refuse',
  };
}

const daysOf = (text: string | undefined): Duration => ({ workingDays: Number(text || 2) });

function whoOf(who: WhoDoes, people: string | undefined): Approver {
  switch (who) {
    case 'operators':
      return { kind: 'holders', permission: 'target.operate' };
    case 'people':
      return { kind: 'people', membershipIds: namedIn(people) };
    case 'application-managers':
      return { kind: 'application-managers' };
    case 'owners':
      return { kind: 'owners' };
  }
}

/** A task never lapses: what should be there is not given up because nobody did it. */
const never = new Date(8.64e15);

export type Stand = { level: number; levelAt: Date; doneUntil: Date };

export const progressOf = (plan: PlannedStep, { level, levelAt, doneUntil }: Stand): Progress => ({
  step: 0,
  level: Math.min(level, plan.levels.length - 1),
  levelAt,
  doneUntil,
  pausedAt: null,
  pausedLevel: 0,
  pauseLeft: 0,
  deadline: never,
});

/** When those who are asked have had their time, and when it is looked at next. */
export const timesOf = (
  plan: PlannedStep,
  progress: Progress,
  calendar: Calendar,
): { dueAt: Date; nextAt: Date } => ({
  dueAt: levelEnd([plan], progress, calendar),
  nextAt: nextDue([plan], progress, calendar).at,
});
