import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { run as perform } from '../../operation/pipeline.ts';
import type { DB } from '../../platform/schema.gen.ts';
import type { WorkServices } from '../people-import/run.ts';
import type { RunCounts } from './fields.ts';
import type { RunProblem } from './problems.ts';

/** A directory that was restarted is back by then; failures in a row. */
export const repeatedly = 3;

/** What somebody was told of a source since it was well: the problem's code, and how many people waited. */
export type Told = { failed?: boolean; failing?: string; held?: number };

export type Standing = {
  failures: number;
  problem: RunProblem | null;
  /** of the reading that waits for a person; null where none does */
  held: Partial<RunCounts> | null;
  told: Told;
};

export type Trouble = { type: 'source.failed' | 'source.alarmed' | 'source.held'; told: Told };

const codeOf = (problem: RunProblem | null): string =>
  problem ? ('code' in problem ? problem.code : problem.refusal) : '';

/** People whom a reading that waits is about. */
export const concernedBy = ({ changed = 0, taken = 0, proposed = 0 }: Partial<RunCounts>): number =>
  changed + taken + proposed;

/**
 * What is to be told of a source now: that it waits, that it fails, and that it goes on failing. Each once; again only
 * where it fails by something else, or where twice as many people wait as were told of.
 */
export function toTell({ failures, problem, held, told }: Standing): Trouble[] {
  const found: Trouble[] = [];
  if (held) {
    const people = concernedBy(held);
    if (told.held === undefined || people >= Math.max(2 * told.held, 1 + told.held))
      found.push({ type: 'source.held', told: { held: people } });
  }
  if (failures > 0 && !told.failed) found.push({ type: 'source.failed', told: { failed: true } });
  if (failures >= repeatedly && told.failing !== codeOf(problem))
    found.push({ type: 'source.alarmed', told: { failing: codeOf(problem) } });
  return found;
}

type Row = Standing & { id: string; name: string; organizationId: string; path: string };

async function troubled(db: Kysely<DB>, id?: string): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select s.id, s.name, s.organization_id as "organizationId", o.path, s.failures, s.told,
      (select r.problem from source_run r where r.source_id = s.id and r.state = 'failed' order by r.id desc limit 1) as problem,
      (select r.counts from source_run r where r.source_id = s.id and r.state = 'held') as held
    from source s join organization o on o.id = s.organization_id
    where s.state = 'active' and (s.failures > 0 or s.held_at is not null) ${id ? sql`and s.id = ${id}` : sql``}
    order by s.id limit 1000 ${id ? sql`for no key update of s` : sql``}`.execute(db);
  return rows;
}

/** How a source that is switched on is troubled; undefined when it is not. */
export const troubleOf = async (db: Kysely<DB>, id: string): Promise<Row | undefined> =>
  (await troubled(db, id))[0];

/** Not in the registry: only the instance itself says these. */
const watch = operation({
  name: 'source.watch',
  summary: 'Record that a source waits for a person, or fails.',
  http: 'POST /sources/watch',
  input: z.object({ sourceId: z.uuid() }),
  output: z.object({}),
  needs: 'public',
  effect: 'changing',
  events: ['source.held', 'source.failed', 'source.alarmed'],
  run: async (context, { sourceId }) => {
    const [row] = await troubled(context.db, sourceId);
    const found = row ? toTell(row) : [];
    if (!row || found.length === 0) {
      context.nothingChanged();
      return {};
    }
    const told = Object.assign({}, row.told, ...found.map((one) => one.told));
    await sql`update source set told = ${JSON.stringify(told)}::jsonb where id = ${row.id}`.execute(
      context.db,
    );
    for (const { type } of found)
      context.record({
        type,
        targetKind: 'source',
        targetId: row.id,
        organizationId: row.organizationId,
        path: row.path,
        after: { id: row.id, ...(type === 'source.held' ? row.held : {}) },
        personal: { name: row.name },
      });
    return {};
  },
});

/** Tells of sources that wait for a person or fail. Each minute, too: the process that found it out may have died of it. */
export async function tellOfTrouble(services: WorkServices): Promise<void> {
  const told = { ...services, subscribers: services.subscribers ?? [] };
  for (const row of await troubled(services.db))
    if (toTell(row).length > 0)
      await perform(told, watch, {
        credential: { kind: 'none' },
        input: { sourceId: row.id },
        requestId: 'source',
        actAs: 'system',
      });
}
