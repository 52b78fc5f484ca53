import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Target } from '../../authority/delegation.ts';
import { decodeCursor, toPage } from '../../platform/paging.ts';
import type { DB } from '../../platform/schema.gen.ts';
import type { RunCounts, runView } from './fields.ts';
import { type RunProblem, sayRunProblem } from './problems.ts';

type Db = Kysely<DB>;
type View = z.infer<typeof runView>;
type Row = Omit<View, 'counts' | 'problem' | 'createdAt' | 'finishedAt'> & {
  counts: Partial<RunCounts>;
  problem: RunProblem | null;
  createdAt: Date;
  finishedAt: Date | null;
};

const none: RunCounts = { new: 0, changed: 0, same: 0, problem: 0, proposed: 0, given: 0, taken: 0 };

async function views(db: Db, rest: RawBuilder<unknown>): Promise<View[]> {
  const { rows } = await sql<Row>`
    select r.id as "sourceRunId", r.state, r.incremental, r.read, r.off, r.counts, r.problem, r.created_at as "createdAt",
      r.finished_at as "finishedAt" from source_run r where ${rest}`.execute(db);
  return rows.map(({ counts, problem, createdAt, finishedAt, ...row }) => ({
    ...row,
    counts: Object.keys(counts).length === 0 ? null : { ...none, ...counts },
    problem: problem && sayRunProblem(problem),
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  }));
}

export const viewRun = async (db: Db, runId: string): Promise<View | undefined> =>
  (await views(db, sql`r.id = ${runId}`))[0];

/** Readings of a source, newest first. */
export async function listRuns(
  db: Db,
  sourceId: string,
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<{ items: View[]; next?: string }> {
  const after = decodeCursor(cursor, ['uuid']);
  const rows = await views(
    db,
    sql`r.source_id = ${sourceId} ${after ? sql`and r.id < ${after[0]}::uuid` : sql``} order by r.id desc limit ${limit + 1}`,
  );
  return toPage(rows, limit, ({ sourceRunId }) => [sourceRunId]);
}

/** A reading stands where its source does. */
export async function runTarget(db: Db, runId: string): Promise<Target | undefined> {
  const { rows } = await sql<Target>`
    select 'source-run' as kind, r.id, s.organization_id as "organizationId", o.path, place_is_off(o.path) as off
    from source_run r join source s on s.id = r.source_id join organization o on o.id = s.organization_id
    where r.id = ${runId} and s.state <> 'retired'`.execute(db);
  return rows[0];
}
