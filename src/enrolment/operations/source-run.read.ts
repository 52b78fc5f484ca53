import { sql } from 'kysely';
import { z } from 'zod';
import { inReach } from '../../authority/reach.ts';
import { operation } from '../../operation/operation.ts';
import { type Details, type RefusalCode, refuse } from '../../platform/refusals.ts';
import { codeOf, type RowProblem, sayRowProblem } from '../people-import/problems.ts';
import { runView } from '../sources/fields.ts';
import { runTarget, viewRun } from '../sources/run-view.ts';

const most = 200;

export const sourceRunRead = operation({
  name: 'source-run.read',
  summary: 'Read one reading of a source: who would change, who stayed out and why.',
  http: 'GET /source-runs/{sourceRunId}',
  input: z.object({ sourceRunId: z.uuid().describe('The reading.') }),
  output: runView.extend({
    rows: z
      .array(
        z.object({
          key: z.string(),
          name: z.string(),
          organizationName: z.string(),
          verdict: z.enum(['new', 'changed']),
          changes: z.array(z.string()).describe('Fields that change.'),
          problem: z.object({ code: z.string(), text: z.string() }).nullable(),
        }),
      )
      .describe(`The first ${most} people who are new, change, or stay out.`),
    refused: z
      .array(z.object({ membershipId: z.uuid(), displayName: z.string(), text: z.string() }))
      .describe('What groups of the directory should have given or taken, and what stood in the way.'),
  }),
  needs: {
    permission: 'source.configure',
    target: (db, input) => runTarget(db, input.sourceRunId),
    visibleBy: 'source.configure',
  },
  effect: 'reading',
  run: async ({ db, reach }, { sourceRunId: id }) => {
    type Row = {
      key: string | null;
      name: string | null;
      organizationName: string | null;
      verdict: string;
      changes: string[];
      problem: RowProblem | null;
    };
    const { rows } = await sql<Row>`
      select r.key, r.display_name as name, o.name as "organizationName", r.verdict, r.changes, r.problem
      from source_run s join people_import_row r on r.import_id = s.import_id left join organization o on o.id = r.organization_id
      where s.id = ${id} and (r.problem is not null or r.verdict in ('new', 'changed'))
        and (o.id is null or ${inReach(reach('user.read'), sql`o.path`)})
      order by r.problem is null, r.verdict = 'new', r.line limit ${most}`.execute(db);
    const { rows: refused } = await sql<{
      membershipId: string;
      displayName: string;
      refusal: RefusalCode;
      details: Details;
    }>`
      select m.id as "membershipId", u.display_name as "displayName", n ->> 'refusal' as refusal, n -> 'details' as details
      from source_run s cross join lateral jsonb_array_elements(s.notes) n
      join membership m on m.id = (n ->> 'membershipId')::uuid join app_user u on u.id = m.user_id
      where s.id = ${id} and ${inReach(reach('user.read'), sql`m.path`, sql`m.user_id`)}`.execute(db);
    return {
      ...(await viewRun(db, id))!,
      rows: rows.map(({ problem, verdict, ...row }) => ({
        key: row.key ?? '',
        name: row.name ?? '',
        organizationName: row.organizationName ?? '',
        verdict: verdict === 'changed' ? ('changed' as const) : ('new' as const),
        changes: row.changes,
        problem: problem && { code: codeOf(problem), text: sayRowProblem(problem) },
      })),
      refused: refused.map(({ refusal, details, ...row }) => ({
        ...row,
        text: refuse(refusal, details).message,
      })),
    };
  },
});
