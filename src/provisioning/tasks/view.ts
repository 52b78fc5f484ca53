import { z } from 'zod';
import { byHandConnector } from '../connectors/by-hand.ts';
import type { AccountValue } from '../connectors/connector.ts';
import { inWords, labelOf } from '../connectors/words.ts';
import type { Recorded } from './recorded.ts';
import type { TaskRow } from './store.ts';

const shown = z.union([z.string(), z.array(z.string())]).nullable();

/** A task as whoever does it sees it: what is mapped onto the account, and nothing else of the person. */
export const taskView = z
  .object({
    taskId: z.uuid(),
    provisioningTargetId: z.uuid(),
    targetName: z.string().describe('The system in which it is to be done.'),
    what: z
      .enum(['create', 'change', 'enable', 'disable', 'delete', 'check'])
      .describe('`check`: nothing, unless what the task asked for before was done already.'),
    whom: z.string().describe('Whose account it is, as the system is told.'),
    accountName: z.string().nullable().describe('How the account is called there; null: none is known.'),
    fields: z
      .array(
        z.object({
          key: z.string(),
          label: z.string(),
          was: shown.describe('As it is now, by what was said last.'),
          maybe: shown.describe('As the task had asked for before: it may stand there already.'),
          shouldBe: shown,
        }),
      )
      .describe('What is to be different, field by field; `enabled` and `roles` among them.'),
    mayBeThere: z
      .boolean()
      .describe('The task asked for an account before: if one was made, it is one too many, or another one.'),
    instructions: z.string(),
    needsName: z.boolean().describe('Done, it has to be said how the account is called there.'),
    state: z.enum(['open', 'done', 'refused', 'withdrawn']),
    dueAt: z.string(),
    overdue: z.boolean(),
    reason: z.string().describe('Why it cannot be done.'),
    createdAt: z.string(),
    closedAt: z.string().nullable(),
    version: z.number().int(),
  })
  .meta({ id: 'Task' });
export type TaskView = z.infer<typeof taskView>;

export const viewOfTask = (task: TaskRow, at: Date): TaskView => ({
  taskId: task.id,
  provisioningTargetId: task.targetId,
  targetName: task.targetName,
  what: task.what,
  whom: whomOf(task),
  accountName: task.accountName,
  fields: task.state === 'open' ? fieldsOf(task) : [],
  mayBeThere: task.state === 'open' && task.maybe !== null && task.there === null,
  instructions: task.settings.instructions ?? '',
  needsName: task.state === 'open' && task.wanted !== null && task.accountName === null,
  state: task.state,
  dueAt: task.dueAt.toISOString(),
  overdue: task.state === 'open' && task.dueAt <= at,
  reason: task.reason,
  createdAt: task.createdAt.toISOString(),
  closedAt: task.closedAt?.toISOString() ?? null,
  version: task.version,
});

/** By what is mapped, so that nobody learns a name here that the system is not told. */
export function whomOf({
  wanted,
  there,
  maybe,
  accountName,
  userId,
}: Pick<TaskRow, 'wanted' | 'there' | 'maybe' | 'accountName' | 'userId'>): string {
  for (const one of [wanted, there, maybe]) {
    if (!one) continue;
    const { displayName, givenName, familyName, userName, email, employeeNumber } = one.fields;
    const full = [givenName, familyName].filter((part) => typeof part === 'string').join(' ');
    const found = [displayName, full, userName, email, employeeNumber].find(
      (name) => typeof name === 'string' && name !== '',
    );
    if (typeof found === 'string') return found;
  }
  return accountName ?? userId;
}

function fieldsOf({ there, maybe, wanted }: TaskRow): TaskView['fields'] {
  const { values } = byHandConnector.description;
  const lines = [
    ...values.map(({ key, label }) => ({
      key,
      label: labelOf({ key, label }),
      of: (one: Recorded) => one.fields[key] ?? null,
    })),
    { key: 'roles', label: inWords('Roles'), of: (one: Recorded): AccountValue => [...one.roles] },
    { key: 'enabled', label: inWords('Switched on'), of: (one: Recorded): AccountValue => one.enabled },
  ];
  return lines.flatMap(({ key, label, of }) => {
    const line = {
      ...{ key, label },
      was: asShown(there && of(there)),
      maybe: asShown(maybe && of(maybe)),
      shouldBe: asShown(wanted && of(wanted)),
    };
    const differs = !same(line.was, line.shouldBe) || (maybe !== null && !same(line.maybe, line.shouldBe));
    return differs ? [line] : [];
  });
}

const asShown = (value: AccountValue): string | string[] | null => {
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value === null || typeof value === 'string') return value === '' ? null : value;
  return value.length > 0 ? [...value] : null;
};

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
