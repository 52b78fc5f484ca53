import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { DB } from '../../platform/schema.gen.ts';
import { codeOf, type RowProblem, sayRowProblem } from './problems.ts';
import type { PeopleImport } from './store.ts';

export const importId = z.uuid().describe('The import.');

export const stateView = z.object({
  importId: z.uuid(),
  organizationId: z.uuid(),
  fileName: z.string(),
  mode: z.enum(['all', 'rows']),
  state: z
    .enum(['uploading', 'comparing', 'compared', 'applying', 'done', 'failed', 'canceled'])
    .describe('compared: look at the difference, then apply it.'),
  phase: z
    .enum(['', 'reading', 'comparing', 'checking', 'people', 'changes', 'days'])
    .describe('What it is doing.'),
  done: z.number().int(),
  total: z.number().int(),
  counts: z
    .object({
      new: z.number().int(),
      changed: z.number().int(),
      same: z.number().int(),
      problem: z.number().int().describe('Rows that stay out, each with its reason.'),
      missing: z
        .number()
        .int()
        .describe('Here by an earlier file and not in this one: they stay; end them by hand if they left.'),
    })
    .nullable(),
  failure: z.object({ code: z.string(), text: z.string() }).nullable(),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
});

export const toState = ({ id, createdAt, finishedAt, ...one }: PeopleImport): z.infer<typeof stateView> => ({
  importId: id,
  organizationId: one.organizationId,
  fileName: one.fileName,
  mode: one.mode,
  state: one.state,
  phase: one.phase as z.infer<typeof stateView>['phase'],
  done: one.done,
  total: one.total,
  counts: one.counts,
  failure: one.failure,
  createdAt: createdAt.toISOString(),
  finishedAt: finishedAt?.toISOString() ?? null,
});

export const rowKinds = ['new', 'changed', 'same', 'problem'] as const;

export const rowView = z.object({
  line: z.number().int().describe('In the file, from 1; the heading is the first.'),
  key: z.string(),
  name: z.string(),
  organizationName: z.string(),
  changes: z.array(z.string()).describe('Fields that change.'),
  problem: z.object({ code: z.string(), column: z.string(), text: z.string() }).nullable(),
});

type Row = {
  line: number;
  key: string | null;
  name: string | null;
  organizationName: string | null;
  changes: string[];
  problem: RowProblem | null;
};

/** A page of rows of one kind, in the order of the file. */
export async function rowsOfKind(
  db: Kysely<DB>,
  importId: string,
  kind: (typeof rowKinds)[number],
  after: number,
  limit: number,
): Promise<z.infer<typeof rowView>[]> {
  const { rows } = await sql<Row>`
    select r.line, r.key, r.display_name as name, o.name as "organizationName", r.changes, r.problem
    from people_import_row r left join organization o on o.id = r.organization_id
    where r.import_id = ${importId} and r.line > ${after}
      and ${kind === 'problem' ? sql`r.problem is not null` : sql`r.problem is null and r.verdict = ${kind}`}
    order by r.line limit ${limit}`.execute(db);
  return rows.map(({ problem, ...row }) => ({
    line: row.line,
    key: row.key ?? '',
    name: row.name ?? '',
    organizationName: row.organizationName ?? '',
    changes: row.changes,
    problem: problem && { code: codeOf(problem), column: problem.column ?? '', text: sayRowProblem(problem) },
  }));
}
