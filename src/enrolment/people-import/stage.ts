import { type Kysely, sql } from 'kysely';
import type { DefinedAttribute } from '../../directory/attribute-store.ts';
import {
  type Attributes,
  type AttributeValue,
  mayWrite,
  problemOf,
  type Writer,
} from '../../directory/attributes.ts';
import { spanOf } from '../../directory/days.ts';
import { sortName } from '../../directory/rules.ts';
import { newId } from '../../platform/ids.ts';
import { refuse } from '../../platform/refusals.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { type Places, placeColumns, type ReadRow, readRow, type Unread } from './cells.ts';
import { type Read, rowsOf } from './parts.ts';
import type { NamedPlace, References } from './places.ts';
import type { RowProblem } from './problems.ts';
import type { Reading } from './reading.ts';
import { writerOf } from './store.ts';

/** A row as it is staged; absent columns are null there. */
type Staged = {
  line: number;
  key: string | null;
  organization_id: string | null;
  time_zone: string | null;
  display_name: string | null;
  sort_name: string | null;
  given_name: string | null;
  family_name: string | null;
  email: string | null;
  title: string | null;
  attributes: Attributes | null;
  manager: string | null;
  first_day: string | null;
  last_day: string | null;
  starts_at: string | null;
  ends_at: string | null;
  access_role_id: string | null;
  access_from: string | null;
  access_until: string | null;
  groups: string | null;
  group_ids: string[] | null;
  user_id: string;
  membership_id: string;
  problem: RowProblem | null;
};

/** Rows of one insert. */
const batch = 2000;
/** Rows of a file at most. */
export const mostRows = 1_000_000;
/** Columns of a heading at most: what has more is no list of people. */
export const mostColumns = 500;

/**
 * Reads the file into rows of the database, a batch at a time. Doing it again writes nothing twice: a line is a line.
 * @param tell how many rows are read
 * @returns the number of rows
 * @throws Refusal `people-import.heading` where a mapped column is not in the file, or there is no heading
 */
export async function stage(
  db: Kysely<DB>,
  importId: string,
  reading: Reading,
  references: References,
  tell: (rows: number) => Promise<void>,
): Promise<number> {
  await sql`delete from people_import_row where import_id = ${importId}`.execute(db);
  const by = await writerOf(db, importId);
  let places: Places | undefined;
  let waiting: Read[] = [];
  let count = 0;
  const flush = async (): Promise<void> => {
    for (let start = 0; start < waiting.length; start += batch) {
      const some = waiting.slice(start, start + batch);
      await insert(db, importId, await toStaged(some, places!, reading, references, by));
      count += some.length;
      if (count > mostRows) throw refuse('people-import.too-long', { limit: mostRows });
    }
    waiting = [];
    await tell(count);
  };
  for await (const read of rowsOf(db, importId, reading)) {
    if (!places) {
      const [heading, ...rest] = read;
      if (!heading) continue;
      if (!('cells' in heading)) throw refuse('people-import.heading', { missing: '' });
      places = headingOf(heading.cells, reading);
      waiting.push(...rest);
    } else waiting.push(...read);
    if (waiting.length >= batch) await flush();
  }
  if (!places) throw refuse('people-import.empty');
  await flush();
  return count;
}

export function headingOf(cells: readonly string[], reading: Pick<Reading, 'columns'>): Places {
  const { places, missing } = placeColumns(cells, reading);
  if (missing.length > 0 || cells.length > mostColumns)
    throw refuse('people-import.heading', { missing: missing.slice(0, 5).join(', ').slice(0, 300) });
  return places;
}

async function toStaged(
  read: readonly Read[],
  places: Places,
  reading: Reading,
  references: References,
  by: Writer,
): Promise<Staged[]> {
  const rows = read.map((one): ReadRow | Unread => {
    if ('cells' in one) return readRow(one.line, one.cells, places, reading.dates);
    const code =
      one.problem === 'too-long' ? 'row-too-long' : one.problem === 'heading' ? 'cells-many' : one.problem;
    return { line: one.line, problem: { code } };
  });
  const named = await references.places(
    rows.flatMap((row) => ('organization' in row && row.organization) || []),
  );
  const staged: Staged[] = [];
  for (const row of rows) {
    if ('problem' in row) {
      const { line, key = null, email = null, problem } = row;
      staged.push({ ...blank(line), key, email, problem });
      continue;
    }
    const place = row.organization === undefined ? references.top : named.get(row.organization);
    if (row.organization === '')
      staged.push(withProblem(row, { code: 'organization-empty', column: 'organization' }));
    else if (place === undefined || typeof place === 'string')
      staged.push(
        withProblem(row, {
          code: place === 'many' ? 'organization-many' : 'organization-unknown',
          column: 'organization',
          values: { value: (row.organization ?? '').slice(0, 80) },
        }),
      );
    else staged.push(await settled(row, place, references, by));
  }
  return staged;
}

const blank = (line: number): Staged => ({
  line,
  key: null,
  organization_id: null,
  time_zone: null,
  display_name: null,
  sort_name: null,
  given_name: null,
  family_name: null,
  email: null,
  title: null,
  attributes: null,
  manager: null,
  first_day: null,
  last_day: null,
  starts_at: null,
  ends_at: null,
  access_role_id: null,
  access_from: null,
  access_until: null,
  groups: null,
  group_ids: null,
  user_id: newId(),
  membership_id: newId(),
  problem: null,
});

/** Its key is kept: another row may name it, and it is not missing from the file. */
const withProblem = (row: ReadRow, problem: RowProblem): Staged => ({
  ...blank(row.line),
  key: row.key,
  display_name: row.name,
  email: row.email ?? null,
  problem,
});

async function settled(row: ReadRow, place: NamedPlace, references: References, by: Writer): Promise<Staged> {
  const attributes: Attributes = {};
  if (row.attributes) {
    const definitions = await references.definitions(place);
    for (const [key, text] of Object.entries(row.attributes)) {
      const read = readAttribute(key, text, definitions, by);
      if (read === undefined) continue;
      if ('problem' in read) return withProblem(row, read.problem);
      attributes[key] = read.value;
    }
  }
  const roleId = row.accessRole ? await references.role(place, row.accessRole) : undefined;
  if (row.accessRole && !roleId)
    return withProblem(row, {
      code: 'role-unknown',
      column: 'accessRole',
      values: { value: row.accessRole.slice(0, 80) },
    });
  const groups = row.groups ? await references.groups(place, row.groups) : undefined;
  if (typeof groups === 'string')
    return withProblem(row, {
      code: 'group-unknown',
      column: 'groups',
      values: { value: groups.slice(0, 80) },
    });
  const span = spanIn(row.firstDay ?? null, row.lastDay ?? null, place.timeZone);
  return {
    ...blank(row.line),
    key: row.key,
    organization_id: place.id,
    time_zone: place.timeZone,
    display_name: row.name,
    sort_name: sortName(row.name),
    given_name: row.givenName ?? null,
    family_name: row.familyName ?? null,
    email: row.email ?? null,
    title: row.title ?? null,
    attributes: row.attributes ? attributes : null,
    manager: row.manager ?? null,
    first_day: row.firstDay ?? null,
    last_day: row.lastDay ?? null,
    starts_at: span.startsAt,
    ends_at: span.endsAt,
    access_role_id: roleId ?? null,
    access_from: roleId ? (row.accessFrom ?? null) : null,
    access_until: roleId ? (row.accessUntil ?? null) : null,
    groups: row.groups || null,
    group_ids: groups ?? null,
  };
}

/** Many people begin or leave on the same day: each is reckoned once a batch of thousands, not once a row. */
const spans = new Map<string, { startsAt: string; endsAt: string }>();

function spanIn(
  firstDay: string | null,
  lastDay: string | null,
  timeZone: string,
): { startsAt: string; endsAt: string } {
  const key = `${firstDay} ${lastDay} ${timeZone}`;
  const known = spans.get(key);
  if (known) return known;
  const { startsAt, endsAt } = spanOf(firstDay, lastDay, timeZone);
  const text = (instant: Date | string): string =>
    typeof instant === 'string' ? instant : instant.toISOString();
  const span = { startsAt: text(startsAt), endsAt: text(endsAt) };
  if (spans.size > 10_000) spans.clear();
  spans.set(key, span);
  return span;
}

const yes = new Set(['true', 'yes', 'y', '1', 'ja', 'j', 'oui', 'o', 'x', 'wahr', 'vrai', 'waar']);
const no = new Set(['false', 'no', 'n', '0', 'nein', 'nee', 'non', 'falsch', 'faux', 'onwaar']);

function readAttribute(
  key: string,
  text: string,
  definitions: readonly DefinedAttribute[],
  by: Writer,
): { value: AttributeValue } | { problem: RowProblem } | undefined {
  const column = `attribute.${key}`;
  const definition = definitions.find((one) => one.key === key);
  if (!definition)
    return text === ''
      ? { value: null }
      : { problem: { text: 'attribute.unknown', values: { key }, column } };
  const { kind, label, choices } = definition;
  // A file is somebody's own hand (I10): what only a source fills in, it leaves alone.
  if (!mayWrite(definition, by))
    return text === '' ? undefined : { problem: { text: 'attribute.not-yours', values: { label }, column } };
  const value = text === '' ? null : attributeOf(kind, text, choices);
  if (problemOf(definition, value) === undefined) return { value };
  const what = value === null && text === '' ? 'required' : kind;
  return {
    problem: {
      text: `attribute.${what}`,
      values: { label, choices: choices.join(', ').slice(0, 300) },
      column,
    },
  };
}

function attributeOf(
  kind: DefinedAttribute['kind'],
  text: string,
  choices: readonly string[],
): AttributeValue {
  const lower = text.toLowerCase();
  if (kind === 'number') return /^-?\d+([.,]\d+)?$/.test(text) ? Number(text.replace(',', '.')) : text;
  if (kind === 'boolean') return yes.has(lower) ? true : no.has(lower) ? false : text;
  if (kind === 'choice') return choices.find((choice) => choice.toLowerCase() === lower) ?? text;
  return text;
}

async function insert(db: Kysely<DB>, importId: string, rows: readonly Staged[]): Promise<void> {
  await sql`
    insert into people_import_row (import_id, line, key, organization_id, time_zone, display_name, sort_name, given_name, family_name, email, title,
      attributes, manager, first_day, last_day, starts_at, ends_at, access_role_id, access_from, access_until, groups, group_ids, user_id, membership_id, problem)
    select ${importId}, r.line, r.key, r.organization_id, r.time_zone, r.display_name, r.sort_name, r.given_name, r.family_name, r.email,
      r.title, r.attributes, r.manager, r.first_day, r.last_day, r.starts_at, r.ends_at, r.access_role_id, r.access_from, r.access_until,
      r.groups, r.group_ids, r.user_id, r.membership_id, r.problem
    from json_to_recordset(${JSON.stringify(rows)}::json) as r (line int, key text, organization_id uuid, time_zone text,
      display_name text, sort_name text, given_name text, family_name text, email text, title text, attributes jsonb, manager text, first_day date, last_day date,
      starts_at timestamptz, ends_at timestamptz, access_role_id uuid, access_from date, access_until date,
      groups text, group_ids uuid[], user_id uuid, membership_id uuid, problem jsonb)
    on conflict do nothing`.execute(db);
}
