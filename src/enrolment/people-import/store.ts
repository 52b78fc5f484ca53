import { type Kysely, sql } from 'kysely';
import type { Target } from '../../authority/delegation.ts';
import type { Actor } from '../../authority/facts.ts';
import type { Writer } from '../../directory/attributes.ts';
import type { Context } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { type ImportActor, importActor } from '../import/run.ts';
import type { Reading } from './reading.ts';

export type ImportState =
  | 'uploading'
  | 'comparing'
  | 'compared'
  | 'applying'
  | 'done'
  | 'failed'
  | 'canceled';

/** Rows by what becomes of them. */
export type Counts = {
  new: number;
  changed: number;
  /** of both: those whose last day the file brings */
  ending: number;
  /** of both: those worth a look */
  noted: number;
  same: number;
  problem: number;
  missing: number;
};

export type PeopleImport = {
  id: string;
  organizationId: string;
  path: string;
  actor: ImportActor;
  fileName: string;
  reading: Reading | null;
  mode: 'all' | 'rows';
  state: ImportState;
  phase: string;
  done: number;
  total: number;
  nextDepth: number;
  nextLine: number;
  counts: Counts | null;
  failure: { code: string; text: string } | null;
  version: number;
  createdAt: Date;
  finishedAt: Date | null;
};

const columns = sql`
  i.id, i.organization_id as "organizationId", o.path, i.actor, i.file_name as "fileName", i.reading, i.mode, i.state, i.phase, i.done, i.total,
  i.next_depth as "nextDepth", i.next_line as "nextLine", i.counts, i.failure, i.version, i.created_at as "createdAt",
  i.finished_at as "finishedAt"`;

export async function readPeopleImport(db: Kysely<DB>, importId: string): Promise<PeopleImport | undefined> {
  const { rows } = await sql<PeopleImport>`
    select ${columns} from people_import i join organization o on o.id = i.organization_id where i.id = ${importId}`.execute(
    db,
  );
  return rows[0];
}

/** Whose hand fills in fields: what only a source does, a file of somebody's own does not. */
export async function writerOf(db: Kysely<DB>, importId: string): Promise<Writer> {
  const { rows } =
    await sql`select 1 from people_import where id = ${importId} and source_id is not null`.execute(db);
  return rows.length > 0 ? 'source' : 'managers';
}

/** One part of the work, and one change of what is asked, at a time. */
export async function lockPeopleImport(db: Kysely<DB>, importId: string): Promise<PeopleImport> {
  const { rows } = await sql<PeopleImport>`
    select ${columns} from people_import i join organization o on o.id = i.organization_id
    where i.id = ${importId} for no key update of i`.execute(db);
  const [row] = rows;
  if (!row) throw refuse('not-found');
  return row;
}

/** One that somebody brought; what a source reads is the business of the source, and of who agrees to it. */
export async function peopleImportTarget(db: Kysely<DB>, importId: string): Promise<Target | undefined> {
  const { rows } = await sql<Target>`
    select 'people-import' as kind, i.id, o.id as "organizationId", o.path, place_is_off(o.path) as off
    from people_import i join organization o on o.id = i.organization_id
    where i.id = ${importId} and i.source_id is null`.execute(db);
  return rows[0];
}

/** A file of people is for whoever brought it: to everybody else it does not exist. @throws Refusal `not-found` */
export function requireOwn(actor: Actor, asked: PeopleImport): void {
  const own = importActor(actor);
  const idOf = (one: ImportActor): string =>
    one.kind === 'membership' ? one.membershipId : one.kind === 'client' ? one.clientId : one.kind;
  if (own.kind !== asked.actor.kind || idOf(own) !== idOf(asked.actor)) throw refuse('not-found');
}

/** The import of whoever acts, held for a change. @throws Refusal `not-found`, `people-import.state` */
export async function lockOwn(
  context: Context,
  importId: string,
  states: readonly ImportState[],
): Promise<PeopleImport> {
  const asked = await lockPeopleImport(context.db, importId);
  requireOwn(context.actor, asked);
  if (!states.includes(asked.state)) throw refuse('people-import.state', { state: asked.state });
  return asked;
}

export async function setState(
  db: Kysely<DB>,
  importId: string,
  state: ImportState,
  phase = '',
): Promise<void> {
  await sql`update people_import set state = ${state}, phase = ${phase}, version = version + 1, worked_at = remit_now(),
      finished_at = case when ${state} in ('done', 'failed', 'canceled') then remit_now() end
    where id = ${importId}`.execute(db);
}

export const stateOf = ({
  id,
  state,
  mode,
  version,
}: Pick<PeopleImport, 'id' | 'state' | 'mode' | 'version'>) => ({
  id,
  state,
  mode,
  version,
});
