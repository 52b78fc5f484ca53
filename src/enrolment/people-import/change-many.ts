import { sql } from 'kysely';
import { gainedByRules, givenByRules } from '../../authority/access-rule-gains.ts';
import type { Permit } from '../../authority/decide.ts';
import { isAtOrBelow } from '../../authority/place.ts';
import { type DefinedAttribute, definitionsAround } from '../../directory/attribute-store.ts';
import { applyAttributes, type Writer } from '../../directory/attributes.ts';
import { requireMayRecord } from '../../directory/grants.ts';
import { recordMembership } from '../../directory/record-membership.ts';
import { sortName } from '../../directory/rules.ts';
import { type MembershipRow, membershipColumns } from '../../directory/store.ts';
import type { Context } from '../../operation/operation.ts';
import { membershipTargets } from '../../operation/targets.ts';
import { type Refusal, refuse } from '../../platform/refusals.ts';
import { asProblem, refusalOf, refusalOfAsync } from './ceiling.ts';
import { type Changed, requireMayChange } from './change.ts';
import { type PeopleImport, writerOf } from './store.ts';
import { asRefusal } from './write.ts';

/**
 * Changes names, titles and fields of many people by a few statements: each decided as by hand, in memory, from what was
 * read at once. What the database refuses of many is found by halves.
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
  const reached = await changeMany(context, asked, rows.slice(0, middle), all, until);
  if (reached < half || performance.now() > until) return reached;
  return changeMany(context, asked, rows.slice(middle), all, until);
}

type Decided = {
  row: Changed;
  before: MembershipRow;
  after: MembershipRow;
  because: Permit['because'];
};

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
  const by = await writerOf(db, asked.id);
  const decided: Decided[] = [];
  const refused: { line: number; refusal: Refusal }[] = [];
  for (const row of rows) {
    let one: Decided | undefined;
    const refusal = refusalOf(() => {
      const { because } = requireMayChange(context, row, targets.get(row.membershipId));
      const before = there.get(row.membershipId);
      // Somebody changed them since the difference was shown.
      if (before?.version !== row.version) throw refuse('people-import.changed');
      if (before.state === 'ended' || before.endsAt <= context.at) throw refuse('membership.ended');
      const after = { ...before, version: before.version + 1 };
      record(row, after, nearest(definitions, before.path), by);
      one = { row, before, after, because };
    });
    if (refusal) refused.push({ line: row.line, refusal });
    else decided.push(one!);
  }
  const gaining = await whoGains(context, decided.filter(isRecorded));
  const allowed: Decided[] = [];
  for (const one of decided) {
    const refusal = gaining.has(one.before.id)
      ? await refusalOfAsync(() => requireMayRecord(context, one.before, one.after))
      : undefined;
    if (refusal) refused.push({ line: one.row.line, refusal });
    else allowed.push(one);
  }
  if (all && refused[0]) throw refused[0].refusal;
  await putProblems(context, asked.id, refused);
  await write(context, asked, allowed);
}

const isRecorded = ({ row: { changes } }: Decided): boolean =>
  changes.includes('title') || changes.includes('attributes');

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
  if (!changes.includes('attributes')) return;
  const applied = applyAttributes(fields, after.attributes, row.attributes ?? {}, by);
  if ('problems' in applied)
    throw refuse('input.invalid', { problem: applied.problems.join('; '), field: 'attributes' });
  after.attributes = applied.values;
}

async function write(context: Context, asked: PeopleImport, decided: readonly Decided[]): Promise<void> {
  const { db } = context;
  const recorded = decided.filter(isRecorded);
  if (recorded.length > 0) {
    const values = recorded.map(({ after: { id, title, attributes, version } }) => ({
      id,
      title,
      attributes,
      version,
    }));
    await sql`
      update membership m set title = r.title, attributes = r.attributes, version = r.version
      from jsonb_to_recordset(${JSON.stringify(values)}::jsonb) as r (id uuid, title text, attributes jsonb, version int)
      where m.id = r.id`.execute(db);
    const personal = ({ title, attributes }: MembershipRow) => ({ title, attributes });
    for (const { before, after, because } of recorded)
      recordMembership(context, before, after, {
        because,
        personal: { before: personal(before), after: personal(after) },
      });
  }
  await rename(
    context,
    decided.filter(({ row }) => row.changes.includes('name')).map(({ row }) => row),
  );
  const keys = decided
    .filter(({ row }) => row.changes.includes('key'))
    .map(({ row: { key, userId } }) => ({ key, id: userId }));
  if (keys.length > 0)
    await sql`insert into import_key (top_organization_id, kind, key, id)
      select ${asked.organizationId}::uuid, 'user', r.key, r.id from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as r (key text, id uuid)`.execute(
      db,
    );
}

type Named = { id: string; name: string; version: number; own: boolean; homeId: string; path: string };

/** @throws Refusal `people-import.changed` where one of them looks after their own name by now */
async function rename(context: Context, rows: readonly Changed[]): Promise<void> {
  if (rows.length === 0) return;
  const { db } = context;
  const { rows: users } = await sql<Named>`
    select u.id, u.display_name as name, u.version, o.id as "homeId", o.path,
      u.proved_email is not null or exists (select 1 from credential c where c.user_id = u.id) as own
    from app_user u join organization o on o.id = u.home_organization_id
    where u.id = any (${rows.map(({ userId }) => userId)}::uuid[]) order by u.id for no key update of u`.execute(
    db,
  );
  const before = new Map(users.map((one) => [one.id, one]));
  const values = rows.map(({ userId: id, name, givenName, familyName, userVersion }) => {
    const user = before.get(id);
    if (!user || user.own || user.version !== userVersion) throw refuse('people-import.changed');
    return { id, name, given: givenName ?? '', family: familyName ?? '', sort_name: sortName(name) };
  });
  const named = sql`jsonb_to_recordset(${JSON.stringify(values)}::jsonb) as r (id uuid, name text, given text, family text, sort_name text)`;
  await sql`update app_user u set display_name = r.name, given_name = r.given, family_name = r.family, version = u.version + 1
    from ${named} where u.id = r.id`.execute(db);
  await sql`update membership m set sort_name = r.sort_name from ${named} where m.user_id = r.id`.execute(db);
  for (const { userId, name } of rows) {
    const { version, homeId, path, name: was } = before.get(userId)!;
    context.record({
      type: 'user.updated',
      targetKind: 'user',
      targetId: userId,
      organizationId: homeId,
      path,
      subjectId: userId,
      before: { id: userId, version },
      after: { id: userId, version: version + 1 },
      personal: { before: { displayName: was }, after: { displayName: name } },
    });
  }
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
