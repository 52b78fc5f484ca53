import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { DB } from '../../platform/schema.gen.ts';
import type { Settings } from '../connectors/connector.ts';
import type { Recorded, Task } from './recorded.ts';

type Db = Kysely<DB>;

/** A task with all that showing and closing it needs. */
export type TaskRow = {
  id: string;
  targetId: string;
  targetName: string;
  organizationId: string;
  path: string;
  off: boolean;
  settings: Settings;
  /** open tasks of others wait with their target */
  live: boolean;
  accountId: string;
  userId: string;
  what: Task;
  /** as people say that it is now; null: there is none */
  there: Recorded | null;
  accountName: string | null;
  wanted: Recorded | null;
  maybe: Recorded | null;
  digest: string;
  state: 'open' | 'done' | 'refused' | 'withdrawn';
  level: number;
  levelAt: Date;
  doneUntil: Date;
  dueAt: Date;
  nextAt: Date | null;
  closedAt: Date | null;
  closedBy: string | null;
  reason: string;
  version: number;
  createdAt: Date;
};

const columns = sql`
  k.id, k.target_id as "targetId", t.name as "targetName", t.organization_id as "organizationId", o.path, place_is_off(o.path) as off,
  t.settings, t.state in ('active', 'paused') and a.ignored is null as live, k.account_id as "accountId", a.user_id as "userId", k.what,
  case when h.account_id is not null then jsonb_build_object('enabled', h.enabled, 'fields', h.fields, 'roles', to_jsonb(h.roles)) end as there,
  h.external_id as "accountName", k.wanted, k.maybe, k.digest, k.state, k.level, k.level_at as "levelAt", k.done_until as "doneUntil",
  k.due_at as "dueAt", k.next_at as "nextAt", k.closed_at as "closedAt", k.closed_by as "closedBy", k.reason, k.version,
  k.created_at as "createdAt"`;

const tables = sql`hand_task k join account a on a.id = k.account_id join target t on t.id = k.target_id
  join organization o on o.id = t.organization_id left join hand_account h on h.account_id = k.account_id`;

/** Tasks that may be done: of a target that looks after accounts still, and about one that nobody left as it is. */
export const isLive = sql`k.state = 'open' and t.state in ('active', 'paused') and a.ignored is null`;

export async function readTasks(db: Db, rest: RawBuilder<unknown>): Promise<TaskRow[]> {
  const { rows } = await sql<TaskRow>`select ${columns} from ${tables} ${rest}`.execute(db);
  return rows;
}

export const readTask = async (db: Db, id: string): Promise<TaskRow | undefined> =>
  (await readTasks(db, sql`where k.id = ${id}`))[0];

/** With its account, in this order: whoever asks for something else and whoever says what was done wait for each other. */
export async function lockTask(db: Db, id: string): Promise<TaskRow | undefined> {
  await sql`select 1 from account where id = (select account_id from hand_task where id = ${id}) for no key update`.execute(
    db,
  );
  return readTask(db, id);
}

/** A task as its events say it: no value of an account. */
export const taskState = ({
  id,
  targetId,
  accountId,
  what,
  state,
  level,
  dueAt,
  version,
}: TaskRow): Record<string, unknown> => ({
  id,
  provisioningTargetId: targetId,
  accountId,
  what,
  state,
  level,
  dueAt: dueAt.toISOString(),
  version,
});
