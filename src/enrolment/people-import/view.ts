import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { inReach, type Reach } from '../../authority/reach.ts';
import { definitionsAround } from '../../directory/attribute-store.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { isEnding, isNoted } from './compare.ts';
import { type Note, otherOf, sayNote } from './notes.ts';
import { codeOf, type RowProblem, sayRowProblem } from './problems.ts';
import { attributePrefix, type Field } from './reading.ts';
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
      ending: z.number().int().describe('Of the new and the changed: whose last day the file brings.'),
      noted: z
        .number()
        .int()
        .describe('Of the new and the changed: worth a look, because somebody you see has the same address.'),
      same: z.number().int(),
      problem: z.number().int().describe('Rows that stay out, each with its reason.'),
      missing: z
        .number()
        .int()
        .describe(
          'Here by an earlier file and not in this one, where it holds everybody: they stay; end them by hand if they left.',
        ),
    })
    .nullable(),
  part: z.boolean().describe('The file holds some of the people only: nobody is missing from it.'),
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
  counts: one.counts && { ...one.counts, ending: one.counts.ending ?? 0, noted: one.counts.noted ?? 0 },
  part: one.reading?.part ?? false,
  failure: one.failure,
  createdAt: createdAt.toISOString(),
  finishedAt: finishedAt?.toISOString() ?? null,
});

export const rowKinds = ['new', 'changed', 'ending', 'noted', 'same', 'problem'] as const;

export const rowView = z.object({
  line: z.number().int().describe('In the file, from 1; the heading is the first.'),
  key: z.string(),
  name: z.string(),
  membershipId: z.uuid().nullable().describe('Of somebody who is here.'),
  organizationName: z.string(),
  changes: z.array(z.string()).describe('Fields that change.'),
  differences: z
    .array(
      z.object({
        field: z.string(),
        label: z.string().describe('Of a field that an organization defines; empty for all others.'),
        was: z.string().nullable(),
        becomes: z.string().nullable(),
      }),
    )
    .describe('What is brought or changes, of what you may see of the person.'),
  problem: z.object({ code: z.string(), column: z.string(), text: z.string() }).nullable(),
  note: z
    .object({ code: z.string(), text: z.string() })
    .nullable()
    .describe('Worth a look; the row is done all the same.'),
});

type Value = string | number | boolean | null;
type Was = Partial<Record<Field, string | null>> & { attributes?: Record<string, Value> };

type Row = {
  line: number;
  key: string | null;
  name: string | null;
  membershipId: string | null;
  organizationName: string | null;
  changes: string[];
  problem: RowProblem | null;
  note: Note | null;
  otherName: string | null;
  otherOrganization: string | null;
  verdict: 'new' | 'known' | 'changed' | 'same';
  seen: boolean;
  was: Was | null;
  email: string | null;
  title: string | null;
  lineManager: string | null;
  firstDay: string | null;
  lastDay: string | null;
  accessRole: string | null;
  accessFrom: string | null;
  accessUntil: string | null;
  groups: string | null;
  attributes: Record<string, Value> | null;
};

export type RowsAsked = {
  kind: (typeof rowKinds)[number];
  /** part of a name, or the beginning of a key */
  search: string;
  after: number;
  limit: number;
};

/**
 * A page of rows of one kind, in the order of the file, each with what it brings or changes. Of somebody who is here it says
 * so only while the importer sees them.
 */
export async function rowsOfKind(
  db: Kysely<DB>,
  asked: PeopleImport,
  { kind, search, after, limit }: RowsAsked,
  people: Reach,
): Promise<z.infer<typeof rowView>[]> {
  const pattern = search.replace(/[\\%_]/g, '\\$&');
  const { rows } = await sql<Row>`
    select r.line, r.key, r.display_name as name, o.name as "organizationName", r.changes, r.problem, r.note, r.verdict, r.was,
      other.name as "otherName", other.organization as "otherOrganization",
      case when seen.is then m.id end as "membershipId", r.verdict = 'new' or seen.is as seen, r.email, r.title,
      r.first_day as "firstDay", r.last_day as "lastDay", a.name as "accessRole", r.access_from as "accessFrom",
      r.access_until as "accessUntil", r.groups, r.attributes,
      case when r.manager is null then null else coalesce(
        (select x.display_name from people_import_row x where x.import_id = r.import_id and x.membership_id = r.manager_id limit 1),
        (select u.display_name from membership l join app_user u on u.id = l.user_id
          where l.id = r.manager_id and ${inReach(people, sql`l.path`, sql`l.user_id`)}), r.manager) end as "lineManager"
    from people_import_row r left join organization o on o.id = r.organization_id left join access_role a on a.id = r.access_role_id
    left join membership m on m.id = r.membership_id
    cross join lateral (select m.id is not null and ${inReach(people, sql`m.path`, sql`m.user_id`)} as is) seen
    ${otherOf(people)}
    where r.import_id = ${asked.id} and r.line > ${after} and ${ofKind(kind)}
      ${search ? sql`and (r.display_name ilike ${`%${pattern}%`} or r.key ilike ${`${pattern}%`})` : sql``}
    order by r.line limit ${limit}`.execute(db);
  const labels = new Map((await definitionsAround(db, asked.path)).map(({ key, label }) => [key, label]));
  return rows.map((row) => ({
    line: row.line,
    key: row.key ?? '',
    name: row.name ?? '',
    membershipId: row.membershipId,
    organizationName: row.organizationName ?? '',
    changes: row.changes,
    differences: row.problem || !row.seen ? [] : differencesOf(row, labels),
    problem: row.problem && {
      code: codeOf(row.problem),
      column: row.problem.column ?? '',
      text: sayRowProblem(row.problem, asked.reading?.columns),
    },
    note: row.problem
      ? null
      : sayNote(row.note, { name: row.otherName, organization: row.otherOrganization }),
  }));
}

const ofKind = (kind: RowsAsked['kind']) =>
  kind === 'problem'
    ? sql`r.problem is not null`
    : kind === 'ending'
      ? isEnding
      : kind === 'noted'
        ? isNoted
        : sql`r.problem is null and r.verdict = ${kind}`;

const shown = ['email', 'title', 'lineManager', 'firstDay', 'lastDay', 'accessRole', 'groups'] as const;
type Difference = z.infer<typeof rowView>['differences'][number];

function differencesOf(row: Row, labels: ReadonlyMap<string, string>): Difference[] {
  const fresh = row.verdict === 'new';
  if (!fresh && row.verdict !== 'changed') return [];
  const found: Difference[] = [];
  const add = (field: string, was: Value | undefined, becomes: Value | undefined, label = ''): void => {
    const text = (value: Value | undefined): string | null =>
      value === undefined || value === null || value === '' ? null : String(value);
    found.push({ field, label, was: text(was), becomes: text(becomes) });
  };
  const days = [row.accessFrom, row.accessUntil].some(Boolean)
    ? ` (${row.accessFrom ?? ''} – ${row.accessUntil ?? ''})`
    : '';
  const becomes = { ...row, accessRole: row.accessRole && `${row.accessRole}${days}` };
  if (row.changes.includes('name')) add('name', row.was?.name, row.name);
  for (const field of shown)
    if (fresh ? becomes[field] : row.changes.includes(field)) add(field, row.was?.[field], becomes[field]);
  if (row.changes.includes('key')) add('key', null, row.key);
  if (fresh || row.changes.includes('attributes'))
    for (const [key, value] of Object.entries(row.attributes ?? {})) {
      const was = row.was?.attributes?.[key] ?? null;
      if (was !== value) add(`${attributePrefix}${key}`, was, value, labels.get(key) ?? key);
    }
  return found;
}
