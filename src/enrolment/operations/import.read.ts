import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Target } from '../../authority/delegation.ts';
import { operation } from '../../operation/operation.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { countsView } from '../import/view.ts';

export const importRead = operation({
  name: 'import.read',
  summary: 'Read how far a take-over is, and what came of it.',
  http: 'GET /imports/{importId}',
  input: z.object({ importId: z.uuid() }),
  output: z.object({
    importId: z.uuid(),
    organizationId: z.uuid(),
    state: z.enum(['waiting', 'running', 'done', 'failed']),
    phase: z
      .enum([
        '',
        'reading',
        'organizations',
        'people',
        'memberships',
        'applications',
        'managers',
        'access',
        'trail',
        'done',
      ])
      .describe('What is being written.'),
    done: z.number().int(),
    total: z.number().int(),
    counts: z.array(countsView).optional(),
    failure: z.object({ code: z.string(), text: z.string() }).optional(),
    createdAt: z.string(),
    finishedAt: z.string().nullable(),
  }),
  needs: {
    permission: 'organization.import',
    target: (db, input) => importTarget(db, input.importId),
    visibleBy: 'organization.import',
  },
  effect: 'reading',
  run: async (context, { importId }) => {
    const { rows } = await sql<Row>`
      select r.id as "importId", r.organization_id as "organizationId", r.state, r.phase, r.done, r.total, r.result,
        r.created_at as "createdAt", r.finished_at as "finishedAt" from import_run r where r.id = ${importId}`.execute(
      context.db,
    );
    const { result, createdAt, finishedAt, ...row } = rows[0]!;
    return {
      ...row,
      ...(row.state === 'done' ? { counts: result!.counts } : {}),
      ...(row.state === 'failed' ? { failure: { code: result!.code!, text: result!.text! } } : {}),
      createdAt: createdAt.toISOString(),
      finishedAt: finishedAt?.toISOString() ?? null,
    };
  },
});

type Phase =
  | ''
  | 'reading'
  | 'organizations'
  | 'people'
  | 'memberships'
  | 'applications'
  | 'managers'
  | 'access'
  | 'trail'
  | 'done';

type Row = {
  importId: string;
  organizationId: string;
  state: 'waiting' | 'running' | 'done' | 'failed';
  phase: Phase;
  done: number;
  total: number;
  result: { counts?: z.infer<typeof countsView>[]; code?: string; text?: string } | null;
  createdAt: Date;
  finishedAt: Date | null;
};

async function importTarget(db: Kysely<DB>, importId: string): Promise<Target | undefined> {
  const { rows } = await sql<Target>`
    select 'import' as kind, r.id, o.id as "organizationId", o.path, place_is_off(o.path) as off
    from import_run r join organization o on o.id = r.organization_id where r.id = ${importId}`.execute(db);
  return rows[0];
}
