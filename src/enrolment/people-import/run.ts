import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Context } from '../../operation/operation.ts';
import { type Operation, operation } from '../../operation/operation.ts';
import { run, type Services } from '../../operation/pipeline.ts';
import type { Subscriber } from '../../operation/subscribers.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { sendJob } from '../../platform/jobs.ts';
import { type Language, speakingIn } from '../../platform/language.ts';
import { Refusal, refuse } from '../../platform/refusals.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { callOf } from '../import/run.ts';
import { checkNew, everyRow, givesOf, type Stretch } from './ceiling.ts';
import { changedRows, changePeople, checkChanged } from './change.ts';
import { compare, countRows } from './compare.ts';
import { References } from './places.ts';
import { stage } from './stage.ts';
import { lockPeopleImport, type PeopleImport, readPeopleImport, setState, stateOf } from './store.ts';
import { bringIn, newcomers, workName } from './write.ts';

/**
 * The work of an import, in parts, so that a process may be killed between any two statements of it.
 *
 * THE LOCK. Whoever changes something shares the order lock with others, and an ending waits for all who hold it (law 4).
 * Reading and comparing hold it never: they write rows that nobody else sees. The people come in parts, each a transaction
 * of its own that decides anew under the facts of then, and is so small that an ending waits some `aim` milliseconds for it; the place where
 * the next part begins is written with the part. All or nothing is one transaction, so it is for files that are that small.
 */
const aim = 50;
const smallest = 100;
const largest = 5000;
/** Changed people of one part, and those whose last day comes earlier: these hold the lock alone. */
const changedAtOnce = 50;
const daysAtOnce = 10;
/** People of a file that is wanted whole or not at all. */
export const mostAtOnce = 5000;
/** How long a process that reads and compares is believed to be there. */
const claimSeconds = 60;
/** Parts of work until another import gets its turn. */
const sliceMs = 15_000;

/** What part of the work a job did. */
export type Stepped = 'more' | 'nothing';

export type WorkServices = Pick<Services, 'db' | 'config'> & Partial<Pick<Services, 'subscribers'>>;

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

/** Carries an import on until there is nothing left to do, or for as long as one job may; then a new job follows. */
export async function carryOn(services: WorkServices, importId: string): Promise<void> {
  const pace = new Pace();
  const until = performance.now() + sliceMs;
  while ((await step(services, importId, pace)) === 'more')
    if (performance.now() > until) {
      await sendJob(services.db, 'import', { importId });
      return;
    }
}

/** The same where no worker may be running: to the end, however long that takes. */
export async function carryOnToTheEnd(services: WorkServices, importId: string): Promise<void> {
  const pace = new Pace();
  while ((await step(services, importId, pace)) === 'more');
}

/** Finds imports whose process is gone. Nothing else depends on it: pg-boss tries again too, later. */
export async function wakeLostImports(db: Kysely<DB>): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    update people_import set worked_at = remit_now()
    where state in ('comparing', 'applying') and worked_at < remit_now() - interval '90 seconds' returning id`.execute(
    db,
  );
  for (const { id } of rows) await sendJob(db, 'import', { importId: id });
}

/** Files and rows of people are kept until they were mended, a month at most; given up ones are not. */
export async function tidyPeopleImports(db: Kysely<DB>): Promise<void> {
  const old = sql`select id from people_import where state = 'canceled' or created_at < remit_now() - interval '30 days' and state <> 'applying'`;
  await sql`delete from people_import_row where import_id in (${old})`.execute(db);
  await sql`delete from people_import_part where import_id in (${old})`.execute(db);
}

/** One part of the work. May be called again and by several at once: of each part one does it. */
export async function step(services: WorkServices, importId: string, pace: Pace): Promise<Stepped> {
  const asked = await readPeopleImport(services.db, importId);
  if (!asked || (asked.state !== 'comparing' && asked.state !== 'applying')) return 'nothing';
  const language = await languageOf(services.db, asked);
  return speakingIn(language, async () => {
    try {
      if (asked.state === 'comparing') return await compareAll(services, asked);
      return await applySome(services, asked, pace);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await fail(services.db, asked, error);
      return 'nothing';
    }
  });
}

async function languageOf(db: Kysely<DB>, { actor }: PeopleImport): Promise<Language> {
  if (actor.kind !== 'membership') return 'en';
  const { rows } = await sql<{ language: Language }>`
    select u.language from membership m join app_user u on u.id = m.user_id where m.id = ${actor.membershipId}`.execute(
    db,
  );
  return rows[0]?.language ?? 'en';
}

async function fail(db: Kysely<DB>, { id, state }: PeopleImport, refused: Refusal): Promise<void> {
  const failure = { code: refused.code, text: refused.message, details: refused.details };
  await sql`update people_import set state = 'failed', failure = ${JSON.stringify(failure)}::jsonb, version = version + 1,
      finished_at = remit_now() where id = ${id} and state = ${state}`.execute(db);
}

/** The second half of the operations that asked for it: the same permission, decided at the time of the work. */
const work = (effect: Operation['effect'], act: (context: Context) => Promise<void>): Operation =>
  operation({
    name: workName,
    summary: 'Do the work of an import of people.',
    http: 'POST /people-imports',
    input: z.object({ organizationId: z.uuid() }),
    output: z.object({}),
    needs: {
      permission: 'user.enrol',
      target: (db, input) => organizationTarget(db, input.organizationId),
      visibleBy: 'organization.read',
    },
    effect,
    events: workEvents,
    run: async (context) => {
      if (context.target.off) throw refuse('organization.off');
      await act(context);
      return {};
    },
  }) as unknown as Operation;

/** Events of one person's row, besides those that the statements over many write. */
export const workEvents = [
  'people-import.applied',
  'user.updated',
  'user.created',
  'membership.created',
  'membership.updated',
  'invitation.revoked',
  'assignment.given',
  'assignment.ended',
] as const;

/** Reads the file and says what would change. Nothing but the import's own rows is written. */
async function compareAll(services: WorkServices, asked: PeopleImport): Promise<Stepped> {
  const { db } = services;
  if (!(await claim(db, asked.id))) return 'nothing';
  const call = await callOf(db, asked);
  const services_ = { ...services, subscribers: [] };
  const reading = asked.reading!;
  await run(
    services_,
    work('reading', async (context) => {
      const { rows } = await sql<{ timeZone: string }>`
        select time_zone as "timeZone" from organization where id = ${asked.organizationId}`.execute(db);
      const top = { id: asked.organizationId, path: asked.path, timeZone: rows[0]!.timeZone };
      const references = new References(db, top, context.reach('organization.read'));
      const total = await stage(db, asked.id, reading, references, (done) =>
        tell(db, asked.id, 'reading', done),
      );
      await tell(db, asked.id, 'comparing', total);
      const people = context.reach('user.read');
      const compared = { db, asked, reading, people };
      await compare(compared);
      await tell(db, asked.id, 'checking', total);
      await checkNew(
        context,
        { importId: asked.id, depth: -1, from: 0, to: everyRow, ...givesOf(reading) },
        false,
      );
      await checkChanged(context, asked.id);
      const counts = await countRows(compared);
      await sql`update people_import set state = 'compared', phase = '', counts = ${JSON.stringify(counts)}::jsonb, done = 0, total = 0,
          next_depth = 0, next_line = 0, claimed_until = null, version = version + 1
        where id = ${asked.id} and state = 'comparing'`.execute(db);
    }),
    call,
  );
  return 'nothing';
}

/** One process at a time; whoever finds another at work leaves it to that one. */
async function claim(db: Kysely<DB>, importId: string): Promise<boolean> {
  const { rows } = await sql`
    update people_import set claimed_until = remit_now() + ${claimSeconds} * interval '1 second', worked_at = remit_now()
    where id = ${importId} and state = 'comparing' and (claimed_until is null or claimed_until < remit_now()) returning 1`.execute(
    db,
  );
  return rows.length > 0;
}

/** @throws Refusal `people-import.canceled` where it was given up meanwhile */
async function tell(db: Kysely<DB>, importId: string, phase: string, done: number): Promise<void> {
  const { rows } = await sql`
    update people_import set phase = ${phase}, done = ${done}, worked_at = remit_now(),
      claimed_until = remit_now() + ${claimSeconds} * interval '1 second' where id = ${importId} and state = 'comparing' returning 1`.execute(
    db,
  );
  if (rows.length === 0) throw refuse('people-import.state', { state: 'canceled' });
}

async function applySome(services: WorkServices, asked: PeopleImport, pace: Pace): Promise<Stepped> {
  // Nobody was told of these people yet: their own invitations come later, so no mail follows from these events. What
  // minds an import as a whole does.
  const quiet = { ...services, subscribers: (services.subscribers ?? []).filter(({ once }) => once) };
  const call = await callOf(services.db, asked);
  let stepped: Stepped = 'nothing';
  const alone = asked.phase === 'days' || (asked.mode === 'all' && (await takesDays(services.db, asked.id)));
  await run(
    quiet,
    work(alone ? 'ending' : 'changing', async (context) => {
      // Everybody waits for whoever holds the order lock, so a part does not wait for the disk. What a power failure takes
      // is done again, since its place went with it; and the last commit, which waits, carries all before it.
      await sql`set local synchronous_commit = off`.execute(context.db);
      const now = await lockPeopleImport(context.db, asked.id);
      // Its events are written by the statements that write its rows, or recorded one by one.
      context.nothingChanged();
      if (now.state !== 'applying' || (now.phase === 'days' && !alone)) {
        stepped = now.state === 'applying' ? 'more' : 'nothing';
        return;
      }
      stepped =
        now.mode === 'all' ? await applyAll(context, now, quiet) : await applyPart(context, now, pace, quiet);
    }),
    call,
  );
  if (stepped === 'nothing') await countAnew(services.db, asked);
  return stepped;
}

/** People of an import that the database plans as if they were not there, until it counts by itself. */
const fewPeople = 1000;

/**
 * Lists, connected systems and the next import are planned for as many people as the database believes there are: five
 * times as slow where an import made a small instance a large one. It counts by itself, too, but within a minute or so.
 */
async function countAnew(db: Kysely<DB>, { total }: PeopleImport): Promise<void> {
  if (total < fewPeople) return;
  const { rows } = await sql<{ believed: number }>`
    select reltuples::float8 as believed from pg_class where oid = 'membership'::regclass`.execute(db);
  if (rows[0]!.believed < total * 10)
    await sql`analyze app_user, membership, import_key, assignment, group_member`.execute(db);
}

async function takesDays(db: Kysely<DB>, importId: string): Promise<boolean> {
  const { rows } = await sql<{ takes: boolean }>`
    select exists (select 1 from people_import_row where import_id = ${importId} and problem is null and 'lastDay' = any (changes)) as takes`.execute(
    db,
  );
  return rows[0]!.takes;
}

type Minding = { subscribers: readonly Subscriber[] };

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
async function applyAll(context: Context, asked: PeopleImport, minding: Minding): Promise<Stepped> {
  const { id } = asked;
  const gives = givesOf(asked.reading!);
  for (let depth = 0; ; depth += 1) {
    const next = await nextStretch(context, id, depth, 0, everyRow);
    if (!next) break;
    const stretch = { ...next, ...gives, to: everyRow };
    await bringIn(context, stretch, true);
    await tellOf(context, stretch, minding);
  }
  const { rows } = await sql<{ bad: number }>`
    select count(*) as bad from people_import_row where import_id = ${id} and problem is not null`.execute(
    context.db,
  );
  if (rows[0]!.bad > 0) throw refuse('import.changed');
  for (const days of [false, true])
    for (let from = 0; ; ) {
      const changed = await changedRows(context, { importId: id, from, most: 500, days });
      if (changed.length === 0) break;
      from = changed.at(-1)!.line;
      await changePeople(context, id, changed, true);
    }
  await finish(context, asked);
  return 'nothing';
}

/** The next few rows, and where those after them begin, in one transaction. */
async function applyPart(
  context: Context,
  asked: PeopleImport,
  pace: Pace,
  minding: Minding,
): Promise<Stepped> {
  const { id } = asked;
  const began = performance.now();
  if (asked.phase === 'people') {
    const next = await nextStretch(context, id, asked.nextDepth, asked.nextLine, pace.rows);
    if (!next) {
      await put(context, id, { phase: 'changes', depth: 0, line: 0, more: 0 });
      return 'more';
    }
    const stretch = { ...next, ...givesOf(asked.reading!) };
    await bringIn(context, stretch, false);
    await tellOf(context, stretch, minding);
    await put(context, id, { phase: 'people', depth: next.depth, line: next.to, more: next.count });
    pace.took(next.count, performance.now() - began);
    return 'more';
  }
  const days = asked.phase === 'days';
  const most = days ? daysAtOnce : changedAtOnce;
  const changed = await changedRows(context, { importId: id, from: asked.nextLine, most, days });
  await changePeople(context, id, changed, false);
  if (changed.length > 0)
    await put(context, id, {
      phase: asked.phase,
      depth: 0,
      line: changed.at(-1)!.line,
      more: changed.length,
    });
  else if (days) {
    await finish(context, asked);
    return 'nothing';
  } else await put(context, id, { phase: 'days', depth: 0, line: 0, more: 0 });
  return 'more';
}

/** New people between two lines, those first whose line managers are there already. */
async function nextStretch(
  { db }: Context,
  importId: string,
  depth: number,
  from: number,
  most: number,
): Promise<(Omit<Stretch, 'managers' | 'roles'> & { count: number }) | undefined> {
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
