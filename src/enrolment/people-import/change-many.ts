import { sql } from 'kysely';
import { gainedByRules, givenByRules } from '../../authority/access-rule-gains.ts';
import { isAtOrBelow } from '../../authority/place.ts';
import { type DefinedAttribute, definitionsAround } from '../../directory/attribute-store.ts';
import { applyAttributes, type Writer } from '../../directory/attributes.ts';
import { requireMayRecord } from '../../directory/grants.ts';
import { unfitLines } from '../../directory/line-manager.ts';
import { type ChangedDays, withDays } from '../../directory/membership-days.ts';
import { type MembershipRow, membershipColumns } from '../../directory/store.ts';
import { holdingLinks, refusedToLengthen } from '../../directory/widening.ts';
import type { Context } from '../../operation/operation.ts';
import { refusalOf, refusalOfAsync } from '../../operation/raised.ts';
import { membershipTargets } from '../../operation/targets.ts';
import { type Refusal, refuse } from '../../platform/refusals.ts';
import { asProblem } from './ceiling.ts';
import { type Changed, changePeople, requireMayChange } from './change.ts';
import { type PeopleImport, writerOf } from './store.ts';
import { asRefusal } from './write.ts';
import { type Decided, hasDays, isRecorded, writeChanged } from './write-changed.ts';

/**
 * Changes many people by a few statements: each decided as by hand, in memory, from what was read at once. What the database
 * refuses of many is found by halves. A few are changed one after the other (`oneByOne`).
 * @param until `performance.now()` after which no further half is begun
 * @returns the line up to which all is done, or stands beside its row
 * @throws Refusal the first one, where all or nothing was asked
 */
export async function changeMany(
  context: Context,
  asked: PeopleImport,
  rows: readonly Changed[],
  all: boolean,
  until: number,
): Promise<number> {
  const slow = await oneByOne(context, rows);
  const tooMany = slow[mostSlow]?.line ?? Number.POSITIVE_INFINITY;
  const some = rows.filter(({ line }) => line < tooMany);
  const fast = some.filter((row) => !slow.includes(row));
  const whole = some.at(-1)!.line;
  const reached = fast.length > 0 ? await changeHalves(context, asked, fast, all, until) : whole;
  const to = reached === fast.at(-1)?.line ? whole : reached;
  const alone = slow.filter(({ line }) => line <= to && line < tooMany);
  if (alone.length > 0) await changePeople(context, asked.id, alone, all);
  return to;
}

/** Of one part: everybody waits for it. */
const mostSlow = 10;

/**
 * Rows that are changed one after the other: another address needs the whole of the person's power looked at (I12), and days
 * of whoever manages something need the managers who remain then (I38), the next of whom may be in the same file.
 */
async function oneByOne(context: Context, rows: readonly Changed[]): Promise<Changed[]> {
  const ofDays = rows.filter(({ changes }) => changes.includes('firstDay') || changes.includes('lastDay'));
  const managing =
    ofDays.length > 0
      ? await holdingLinks(
          context,
          ofDays.map(({ membershipId }) => membershipId),
        )
      : new Set<string>();
  return rows.filter(
    (row) => row.changes.includes('email') || (ofDays.includes(row) && managing.has(row.membershipId)),
  );
}

async function changeHalves(
  context: Context,
  asked: PeopleImport,
  rows: readonly Changed[],
  all: boolean,
  until: number,
): Promise<number> {
  const last = rows.at(-1)!.line;
  const done = await context.attempt(() => changeSet(context, asked, rows, all).catch(asRefusal));
  if (done.ok) return last;
  if (all) throw done.refusal;
  if (rows.length === 1) {
    await putProblems(context, asked.id, [{ line: last, refusal: done.refusal }]);
    return last;
  }
  const middle = Math.ceil(rows.length / 2);
  const half = rows[middle - 1]!.line;
  const reached = await changeHalves(context, asked, rows.slice(0, middle), all, until);
  if (reached < half || performance.now() > until) return reached;
  return changeHalves(context, asked, rows.slice(middle), all, until);
}

async function changeSet(
  context: Context,
  asked: PeopleImport,
  rows: readonly Changed[],
  all: boolean,
): Promise<void> {
  const { db } = context;
  const ids = rows.map(({ membershipId }) => membershipId);
  const targets = await membershipTargets(db, ids);
  const { rows: locked } = await sql<MembershipRow>`
    select ${membershipColumns} from membership m where m.id = any (${ids}::uuid[]) order by m.id for no key update`.execute(
    db,
  );
  const there = new Map(locked.map((one) => [one.id, one]));
  const definitions = rows.some(({ changes }) => changes.includes('attributes'))
    ? await definitionsAround(db, asked.path)
    : [];
  const zones = await zonesOf(context, rows, locked);
  const by = await writerOf(db, asked.id);
  let decided: Decided[] = [];
  const refused: { line: number; refusal: Refusal }[] = [];
  for (const row of rows) {
    let one: Decided | undefined;
    const refusal = refusalOf(() => {
      const target = targets.get(row.membershipId);
      const { because } = requireMayChange(context, row, target);
      const before = there.get(row.membershipId);
      // Somebody changed them since the difference was shown.
      if (before?.version !== row.version) throw refuse('people-import.changed');
      if (before.state === 'ended' || before.endsAt <= context.at) throw refuse('membership.ended');
      const after = { ...before, version: before.version + 1 };
      record(row, after, nearest(definitions, before.path), by);
      if (hasDays(row))
        Object.assign(after, withDays(before, daysOf(row), zones.get(before.organizationId)!, context.at));
      one = { row, before, after, target: target!, because };
    });
    if (refusal) refused.push({ line: row.line, refusal });
    else decided.push(one!);
  }
  for (const refusedOf of [unfit, tooLong, givingTooMuch]) {
    const found = await refusedOf(context, decided);
    for (const { row, before } of decided)
      if (found.has(before.id)) refused.push({ line: row.line, refusal: found.get(before.id)! });
    decided = decided.filter(({ before }) => !found.has(before.id));
  }
  if (all && refused[0]) throw refused[0].refusal;
  await putProblems(context, asked.id, refused);
  await writeChanged(context, asked, decided);
}

const daysOf = ({ changes, firstDay, lastDay }: Changed): ChangedDays => ({
  ...(changes.includes('firstDay') ? { firstDay } : {}),
  ...(changes.includes('lastDay') ? { lastDay } : {}),
});

async function zonesOf(
  { db }: Context,
  rows: readonly Changed[],
  people: readonly MembershipRow[],
): Promise<Map<string, string>> {
  if (!rows.some(hasDays)) return new Map();
  const ids = [...new Set(people.map(({ organizationId }) => organizationId))];
  const { rows: zones } = await sql<{ id: string; timeZone: string }>`
    select id, time_zone as "timeZone" from organization where id = any (${ids}::uuid[])`.execute(db);
  return new Map(zones.map(({ id, timeZone }) => [id, timeZone]));
}

type RefusedOf = (context: Context, decided: readonly Decided[]) => Promise<ReadonlyMap<string, Refusal>>;

/** Line managers who cannot be theirs. */
const unfit: RefusedOf = async (context, decided) => {
  const lines = decided.flatMap(({ before: { id, userId, path }, after: { lineManagerId } }) =>
    lineManagerId ? { membershipId: id, userId, path, lineManagerId } : [],
  );
  const changed = new Set(
    decided.filter(({ row }) => row.changes.includes('lineManager')).map(({ before }) => before.id),
  );
  const found = await unfitLines(
    context,
    lines.filter(({ membershipId }) => changed.has(membershipId)),
  );
  return new Map([...found].map((id) => [id, refuse('membership.line-manager')]));
};

/** Days that would leave them what they have for longer than the importer could. */
const tooLong: RefusedOf = (context, decided) =>
  refusedToLengthen(
    context,
    decided.filter(({ row }) => hasDays(row)),
  );

/** Titles and fields by which rules would give what the importer could not. */
const givingTooMuch: RefusedOf = async (context, decided) => {
  const refused = new Map<string, Refusal>();
  const gaining = await whoGains(context, decided.filter(isRecorded));
  for (const { before, after } of decided) {
    if (!gaining.has(before.id)) continue;
    const refusal = await refusalOfAsync(() => requireMayRecord(context, before, after));
    if (refusal) refused.set(before.id, refusal);
  }
  return refused;
};

/** Whom rules would give more by what is recorded: by two statements; each of them is then decided as by hand. */
async function whoGains({ db, actor }: Context, decided: readonly Decided[]): Promise<Set<string>> {
  if (decided.length === 0 || actor.kind === 'system' || actor.kind === 'operator') return new Set();
  const relations = ['members', 'managers', 'line-managers', 'guardians'] as const;
  const of = ({ id, path, title, attributes }: MembershipRow) => ({
    membershipId: id,
    path,
    title,
    attributes,
  });
  const given = await givenByRules(
    db,
    decided.map(({ after }) => of(after)),
    relations,
  );
  if (given.length === 0) return new Set();
  const had = await givenByRules(
    db,
    decided.map(({ before }) => of(before)),
    relations,
  );
  const hadBy = Map.groupBy(had, ({ membershipId }) => membershipId);
  return new Set(
    [...Map.groupBy(given, ({ membershipId }) => membershipId)].flatMap(([id, gifts]) =>
      id && gainedByRules(hadBy.get(id) ?? [], gifts).length > 0 ? [id] : [],
    ),
  );
}

/** Of fields by their organizations, the top ones first, those that apply at a place: the nearest of each key. */
function nearest(
  defined: readonly (DefinedAttribute & { path: string })[],
  path: string,
): DefinedAttribute[] {
  const fields = new Map<string, DefinedAttribute>();
  for (const one of defined) if (isAtOrBelow(path, one.path)) fields.set(one.key, one);
  return [...fields.values()];
}

/** @throws Refusal `input.invalid` where a field does not take what the file says */
function record(
  { changes, ...row }: Changed,
  after: MembershipRow,
  fields: DefinedAttribute[],
  by: Writer,
): void {
  if (changes.includes('title')) after.title = row.title ?? '';
  if (changes.includes('lineManager')) after.lineManagerId = row.managerId;
  if (!changes.includes('attributes')) return;
  const applied = applyAttributes(fields, after.attributes, row.attributes ?? {}, by);
  if ('problems' in applied)
    throw refuse('input.invalid', { problem: applied.problems.join('; '), field: 'attributes' });
  after.attributes = applied.values;
}

async function putProblems(
  { db }: Context,
  importId: string,
  refused: readonly { line: number; refusal: Refusal }[],
): Promise<void> {
  if (refused.length === 0) return;
  const problems = refused.map(({ line, refusal }) => ({ line, problem: asProblem(refusal) }));
  await sql`update people_import_row r set problem = x.problem
    from jsonb_to_recordset(${JSON.stringify(problems)}::jsonb) as x (line int, problem jsonb)
    where r.import_id = ${importId} and r.line = x.line`.execute(db);
}
