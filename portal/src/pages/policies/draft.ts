import type { Input, Item } from '../../api/types.ts';

export type Policy = Item<'approval-policy.list'>;
export type Conditions = Policy['applies'];
export type Step = Policy['steps'][number];
export type Approver = Step['approvers'][number];
export type Duration = Step['due'];
export type Quorum = Step['quorum'];

/** As it is edited: a row number keeps what is typed with its card when cards move. */
export type DraftLevel = { row: number; approvers: Approver[]; due: Duration };
export type DraftStep = Omit<Step, 'escalation'> & { row: number; escalation: DraftLevel[] };
export type Draft = { name: string; applies: Conditions; steps: DraftStep[] };

let rows = 0;
const nextRow = (): number => {
  rows += 1;
  return rows;
};

export const newLevel = (): DraftLevel => ({ row: nextRow(), approvers: [], due: { workingDays: 2 } });

export const newStep = (name: string): DraftStep => ({
  row: nextRow(),
  name,
  approvers: [],
  quorum: 'one',
  due: { workingDays: 3 },
  remind: [{ workingDays: 1 }],
  escalation: [],
  atEnd: 'refuse',
});

export const draftOf = ({ name, applies, steps }: Policy): Draft => ({
  name,
  applies,
  steps: steps.map((step) => ({
    ...step,
    row: nextRow(),
    escalation: step.escalation.map((level) => ({ ...level, row: nextRow() })),
  })),
});

type Fields = Required<Pick<Input<'approval-policy.create'>, 'name' | 'applies' | 'steps'>>;

/** What is sent; conditions that say nothing are left out. */
export const fieldsOf = ({ name, applies, steps }: Draft): Fields => ({
  name: name.trim(),
  applies: Object.fromEntries(
    Object.entries(applies).filter(
      ([, value]) => value !== undefined && (!Array.isArray(value) || value.length > 0),
    ),
  ),
  steps: steps.map(({ row: _, ...step }) => ({
    ...step,
    name: step.name.trim(),
    escalation: step.escalation.map(({ row: __, ...level }) => level),
  })),
});

export type Missing = 'name' | 'step-name' | 'approvers' | undefined;

/** What has still to be said before it can be saved. */
export function missingIn({ name, steps }: Draft): Missing {
  if (steps.some((step) => step.name.trim() === '')) return 'step-name';
  if (steps.some((step) => [step, ...step.escalation].some(({ approvers }) => approvers.length === 0)))
    return 'approvers';
  return name.trim() === '' ? 'name' : undefined;
}

/** The card at `index` one up or down. */
export const moved = <T>(all: readonly T[], index: number, by: 1 | -1): T[] => {
  const to = index + by;
  const [one, other] = [all[index], all[to]];
  if (one === undefined || other === undefined) return [...all];
  return all.with(index, other).with(to, one);
};

export const isSame = (one: Approver, other: Approver): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** Days off out of whatever was pasted: `2026-12-25`, `25.12.2026`, `25/12/2026`; what is none is said. */
export function daysIn(text: string): { days: string[]; unknown: string[] } {
  const days: string[] = [];
  const unknown: string[] = [];
  for (const word of text.split(/[\s,;]+/).filter(Boolean)) {
    const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(word);
    const local = /^(\d{1,2})[./](\d{1,2})[./](\d{4})$/.exec(word);
    const parts = iso ? [iso[1], iso[2], iso[3]] : local ? [local[3], local[2], local[1]] : undefined;
    const day = parts?.map((part) => part!.padStart(2, '0')).join('-');
    if (day && isDay(day)) days.push(day);
    else unknown.push(word);
  }
  return { days, unknown };
}

function isDay(day: string): boolean {
  const at = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}
