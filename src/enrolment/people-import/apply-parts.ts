import { sql } from 'kysely';
import type { Context } from '../../operation/operation.ts';
import type { Subscriber } from '../../operation/subscribers.ts';
import { refuse } from '../../platform/refusals.ts';
import { everyRow, givesOf, type Stretch } from './ceiling.ts';
import { changedRows } from './change.ts';
import { changeMany } from './change-many.ts';
import { refuseReports } from './compare.ts';
import { type PeopleImport, setState, stateOf } from './store.ts';
import { bringIn, newcomers } from './write.ts';

/** Milliseconds that a part holds the order lock, by which everybody waits who ends something. */
const aim = 50;
const smallest = 100;
const largest = 5000;
/** Changed people of one part at most: fewer who get another last day, for which everybody else stands still. */
const changedAtOnce = { fields: 250, others: 250, days: 100 } as const;

/** What part of the work a job did. */
export type Stepped = 'more' | 'nothing';

/** Rows of the next part, by how long the last ones took; forgotten with the process. */
export class Pace {
  rows: number;
  constructor(rows = 500) {
    this.rows = rows;
  }
  took(rows: number, ms: number): void {
    const fitting = (rows / Math.max(ms, 1)) * aim;
    this.rows = Math.round(Math.min(largest, Math.max(smallest, Math.min(fitting, this.rows * 2))));
  }
}

export type Minding = { subscribers: readonly Subscriber[] };

/** As the pipeline does for changes that are recorded one by one. */
async function tellOf(context: Context, stretch: Stretch, { subscribers }: Minding): Promise<void> {
  if (subscribers.length === 0) return;
  const changes = await newcomers(context, stretch);
  for (const { once, on, when } of subscribers) {
    const minded = changes.filter((change) => on.includes(change.type) && (when?.(change) ?? true));
    if (once && minded.length > 0) await once(context.db, minded);
  }
}

/** Everybody or nobody: a refusal takes back all of it. */
export async function applyAll(context: Context, asked: PeopleImport, minding: Minding): Promise<Stepped> {
  const { id } = asked;
  const gives = givesOf(asked.reading!);
  for (let depth = 0; ; depth += 1) {
    const next = await nextStretch(context, id, depth, 0, everyRow);
    if (!next) break;
    const stretch = { ...next, ...gives, to: everyRow };
    await bringIn(context, stretch, true, forever);
    await tellOf(context, stretch, minding);
  }
  await requireNoProblem(context, id);
  for (const kind of ['fields', 'others', 'days'] as const)
    for (let from = 0; ; ) {
      const changed = await changedRows(context, { importId: id, from, most: 500, kind });
      if (changed.length === 0) break;
      from = await changeMany(context, asked, changed, true, forever);
    }
  await finish(context, asked);
  return 'nothing';
}

/** What is wrong with one row beside others is written there: where all were wanted, that is everybody's. */
async function requireNoProblem({ db }: Context, importId: string): Promise<void> {
  const { rows } = await sql<{ bad: boolean }>`
    select exists (select 1 from people_import_row where import_id = ${importId} and problem is not null) as bad`.execute(
    db,
  );
  if (rows[0]!.bad) throw refuse('import.changed');
}

/** The next few rows, and where those after them begin, in one transaction. */
export async function applyPart(
  context: Context,
  asked: PeopleImport,
  pace: Pace,
  minding: Minding,
): Promise<Stepped> {
  const { id } = asked;
  const all = asked.mode === 'all';
  const began = performance.now();
  const until = began + 2 * aim;
  if (asked.phase === 'people') {
    const next = await nextStretch(context, id, asked.nextDepth, asked.nextLine, pace.rows);
    if (!next) {
      if (asked.reading!.columns.lineManager) await refuseReports(context.db, id);
      await put(context, id, { phase: 'changes', depth: 0, line: 0, more: 0 });
      return 'more';
    }
    const stretch = { ...next, ...givesOf(asked.reading!) };
    const to = await bringIn(context, stretch, all, until);
    if (all) await requireNoProblem(context, id);
    const reached = { ...stretch, to };
    await tellOf(context, reached, minding);
    const more = to === next.to ? next.count : Math.min(next.count, await linesOf(context, reached));
    await put(context, id, { phase: 'people', depth: next.depth, line: to, more });
    pace.took(more, performance.now() - began);
    return 'more';
  }
  const kind = asked.phase === 'days' ? 'days' : asked.nextDepth === 0 ? 'fields' : 'others';
  const most = Math.min(pace.rows, changedAtOnce[kind]);
  const changed = await changedRows(context, { importId: id, from: asked.nextLine, most, kind });
  if (changed.length > 0) {
    const to = await changeMany(context, asked, changed, all, until);
    const more = changed.filter(({ line }) => line <= to).length;
    await put(context, id, { phase: asked.phase, depth: asked.nextDepth, line: to, more });
    pace.took(more, performance.now() - began);
  } else if (kind === 'days') {
    await finish(context, asked);
    return 'nothing';
  } else if (kind === 'fields') await put(context, id, { phase: 'changes', depth: 1, line: 0, more: 0 });
  else await put(context, id, { phase: 'days', depth: 0, line: 0, more: 0 });
  return 'more';
}

/** Rows of new people in a stretch, those included that were refused in it. */
async function linesOf(
  { db }: Context,
  { importId, depth, from, to }: Pick<Stretch, 'importId' | 'depth' | 'from' | 'to'>,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from people_import_row r
    where r.import_id = ${importId} and r.depth = ${depth} and r.verdict = 'new' and r.line > ${from} and r.line <= ${to}`.execute(
    db,
  );
  return rows[0]!.count;
}

const forever = Number.POSITIVE_INFINITY;

/** New people between two lines, those first whose line managers are there already. */
async function nextStretch(
  { db }: Context,
  importId: string,
  depth: number,
  from: number,
  most: number,
): Promise<(Omit<Stretch, 'managers' | 'roles' | 'groups'> & { count: number }) | undefined> {
  const { rows } = await sql<{ to: number | null; count: number }>`
    select max(line) as to, count(*) as count from (
      select r.line from people_import_row r where r.import_id = ${importId} and r.depth = ${depth} and r.line > ${from}
        and r.verdict = 'new' and r.problem is null order by r.line limit ${most}) next`.execute(db);
  const { to, count } = rows[0]!;
  if (to !== null) return { importId, depth, from, to, count };
  const { rows: deeper } = await sql<{ depth: number | null }>`
    select min(depth) as depth from people_import_row
    where import_id = ${importId} and depth > ${depth} and verdict = 'new' and problem is null`.execute(db);
  const next = deeper[0]!.depth;
  return next === null ? undefined : nextStretch({ db } as Context, importId, next, 0, most);
}

type Place = { phase: string; depth: number; line: number; more: number };

async function put({ db }: Context, importId: string, { phase, depth, line, more }: Place): Promise<void> {
  await sql`update people_import set phase = ${phase}, next_depth = ${depth}, next_line = ${line}, done = done + ${more}, worked_at = remit_now()
    where id = ${importId}`.execute(db);
}

async function finish(context: Context, asked: PeopleImport): Promise<void> {
  const { db } = context;
  const { rows } = await sql<{ problems: number }>`
    select count(*) as problems from people_import_row where import_id = ${asked.id} and problem is not null`.execute(
    db,
  );
  const problems = rows[0]!.problems;
  await sql`update people_import set counts = jsonb_set(counts, '{problem}', to_jsonb(${problems}::int)), done = total where id = ${asked.id}`.execute(
    db,
  );
  await setState(db, asked.id, 'done');
  await sql`set local synchronous_commit = on`.execute(db);
  context.record({
    type: 'people-import.applied',
    targetKind: 'people-import',
    targetId: asked.id,
    organizationId: asked.organizationId,
    path: asked.path,
    before: stateOf(asked),
    after: {
      ...stateOf({ ...asked, state: 'done', version: asked.version + 1 }),
      counts: { ...asked.counts, problem: problems },
    },
  });
}
