import { type Kysely, sql } from 'kysely';
import type { Focus } from '../../authority/affected.ts';
import type { Change } from '../../operation/operation.ts';
import { focusOf } from '../../operation/rehearsal.ts';
import type { Subscriber } from '../../operation/subscribers.ts';
import { prepared } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { sendJob } from '../../platform/jobs.ts';
import type { DB } from '../../platform/schema.gen.ts';

/**
 * What changes write down for connected systems: whom they touched, not what is to be done about it. Nothing is queued to
 * be added or taken away; whoever sends looks at what is held by then (I47).
 */
export type MarkFocus = Partial<Focus> & {
  /** line managers of before, who may stand in no relation any more */
  lineManagers?: string[];
  /** everybody that a target may look after */
  everybody?: true;
  /** for this target only: its own settings changed */
  targetId?: string;
};

/** Events after which somebody may hold more or less, or be called something else. A test holds that no other can. */
export const mindedEvents = [
  'access-role.moved',
  'access-role.retired',
  'access-role.updated',
  'admin-role.moved',
  'admin-role.updated',
  'application.moved',
  'application.retired',
  'application.updated',
  'assignment.ended',
  'assignment.given',
  'assignment.moved',
  'assignment.refiled',
  'assignment.restored',
  'assignment.withdrawn',
  'attribute.defined',
  'attribute.moved',
  'attribute.removed',
  'client.ended',
  'delegation.created',
  'delegation.ended',
  'delegation.handed-over',
  'delegation.moved',
  'delegation.narrowed',
  'delegation.paused',
  'delegation.re-given',
  'delegation.refiled',
  'delegation.resigned',
  'delegation.resumed',
  'entitlement.retired',
  'entitlement.updated',
  'exception.created',
  'exception.lifted',
  'exception.moved',
  'group.ended',
  'group.member-added',
  'group.member-removed',
  'group.moved',
  'guardian.ended',
  'membership.created',
  'membership.ended',
  'membership.moved',
  'membership.resumed',
  'membership.suspended',
  'membership.updated',
  'organization.closed',
  'organization.created',
  'organization.merged',
  'organization.moved',
  'organization.resumed',
  'organization.suspended',
  'organization.updated',
  'registration.confirmed',
  'rule.created',
  'rule.ended',
  'rule.paused',
  'rule.resumed',
  'rule.refiled',
  'rule.updated',
  'separation.created',
  'separation.excepted',
  'separation.exception-lifted',
  'separation.moved',
  'separation.retired',
  'separation.updated',
  'user.address-proved',
  'user.created',
  'user.enrolled',
  'user.home-changed',
  'user.updated',
] as const;

/** More ids of one kind than these are not listed: the places where it happened stand for them. */
const mostNamed = 1000;

/** What a call's changes touch, bounded however many they are. */
export function markOf(changes: readonly Change[]): MarkFocus {
  const focus: MarkFocus = {};
  const whole = focusOf(changes);
  for (const [kind, values] of Object.entries(whole) as [keyof Focus, string[]][])
    if (kind !== 'moves' && values.length > 0) focus[kind] = [...new Set(values)] as never;
  const lineManagers = changes.flatMap(({ before, after }) =>
    [before, after].flatMap((state) => {
      const id = state?.lineManagerId ?? state?.line_manager_id;
      return typeof id === 'string' ? [id] : [];
    }),
  );
  if (lineManagers.length > 0) focus.lineManagers = [...new Set(lineManagers)];
  const subjects = changes.flatMap(({ subjectId }) => subjectId ?? []);
  if (subjects.length > 0) focus.users = [...new Set([...(focus.users ?? []), ...subjects])];
  // Fields of an organization are those of everybody in and below it.
  const fields = changes.flatMap(({ type, path }) => (type.startsWith('attribute.') && path ? [path] : []));
  if (fields.length > 0) focus.accessPlaces = [...new Set([...(focus.accessPlaces ?? []), ...fields])];
  return bounded(focus, changes);
}

function bounded(focus: MarkFocus, changes: readonly Change[]): MarkFocus {
  const lists = Object.values(focus).filter((value) => Array.isArray(value));
  if (lists.every(({ length }) => length <= mostNamed)) return focus;
  const places = [...new Set(changes.flatMap(({ path }) => path ?? []))];
  // Who was moved away is found by an account, and by where they are now.
  return places.length <= mostNamed && changes.every(({ path }) => path)
    ? { accessPlaces: places, ...(focus.delegations ? { everybody: true } : {}) }
    : { everybody: true };
}

/** Writes a mark where any system is connected, and wakes whoever turns it into accounts. */
export async function mark(trx: Kysely<DB>, focus: MarkFocus): Promise<void> {
  const { rows } = await sql<{ id: string }>`${prepared}
    insert into mark (id, focus) select ${newId()}, ${JSON.stringify(focus)}::jsonb
    where exists (select 1 from target where state in ('active', 'paused')) returning id`.execute(trx);
  const [made] = rows;
  if (made) await sendJob(trx, 'target', { markId: made.id });
}

/** In the change's own transaction, whatever it changed: one row, and one job. */
export const markTargets: Subscriber = {
  name: 'targets',
  on: mindedEvents,
  once: (trx, changes) => mark(trx, markOf(changes)),
};
