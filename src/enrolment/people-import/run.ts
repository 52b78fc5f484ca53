import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { selvesOf } from '../../authority/self.ts';
import type { Context } from '../../operation/operation.ts';
import { type Operation, operation } from '../../operation/operation.ts';
import { type Call, run, type Services } from '../../operation/pipeline.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { sendJob } from '../../platform/jobs.ts';
import { type Language, speakingIn } from '../../platform/language.ts';
import { Refusal, refuse } from '../../platform/refusals.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { callOf } from '../import/run.ts';
import { applyAll, applyPart, Pace, type Stepped } from './apply-parts.ts';
import { checkNew, everyRow, givesOf } from './ceiling.ts';
import { checkChanged } from './change.ts';
import { compare, countRows } from './compare.ts';
import { References } from './places.ts';
import { stage } from './stage.ts';
import { lockPeopleImport, type PeopleImport, readPeopleImport } from './store.ts';
import { workName } from './write.ts';

/**
 * The work of an import, in parts, so that a process may be killed between any two statements of it.
 *
 * THE LOCK. Whoever changes something shares the order lock with others, and an ending waits for all who hold it (law 4).
 * Reading and comparing hold it never: they write rows that nobody else sees. The people come in parts, each a transaction
 * of its own that decides anew under the facts of then, and is so small that an ending waits some `aim` milliseconds for it;
 * the place where the next part begins is written with the part.
 *
 * ALL OR NOTHING is one transaction, so it is for files that are that small: 100,000 people would have every ending, and all
 * who queue behind it, wait for half a minute. A larger file is checked as a whole first; then its parts follow, none of which
 * should fail, and the first that does (a right that ended meanwhile, a seat that somebody else took) stops all that is left.
 *
 * NOT ONE WITH THE TAKE-OVER (`import/`), which brings a tree: organizations, managers, applications and what organizations have
 * refer to each other across six files, nothing of it may be there by half, and the plan that was seen is the plan that is done,
 * by its hash. So its rows stand in memory and its work is one transaction; here neither may be. How a file becomes rows and cells
 * is shared (`files/`), and who asked.
 */

/** People of a file that is wanted whole or not at all, in one transaction; and in parts after a check of the whole. */
export const mostAtOnce = 5000;
export const mostAsked = 100_000;
/** How long a process that reads and compares is believed to be there. */
const claimSeconds = 60;
/** Parts of work until another import gets its turn. */
const sliceMs = 15_000;

export type WorkServices = Pick<Services, 'db' | 'config'> & Partial<Pick<Services, 'subscribers'>>;

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

async function fail(db: Kysely<DB>, asked: PeopleImport, refused: Refusal): Promise<void> {
  const { id, state, mode, done, total } = asked;
  // Of what was wanted whole a part may be there already.
  const { code, message, details } =
    state === 'applying' && mode === 'all' && done > 0
      ? refuse('people-import.stopped', { done, total, reason: refused.message })
      : refused;
  const failure = { code, text: message, details };
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
  'group.member-added',
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
      const references = new References(
        db,
        top,
        context.reach('organization.read'),
        context.reach('user.read'),
      );
      const total = await stage(db, asked.id, reading, references, (done) =>
        tell(db, asked.id, 'reading', done),
      );
      await tell(db, asked.id, 'comparing', total);
      const compared = {
        db,
        asked,
        reading,
        people: context.reach('user.read'),
        changing: context.reach('membership.update'),
        access: context.reach('access.read'),
        selves: selvesOf(context.facts),
      };
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
  if (asked.phase === 'checking') return checkAgain(quiet, call, asked);
  let stepped: Stepped = 'nothing';
  const alone = asked.phase === 'days' || (isWhole(asked) && (await takesDays(services.db, asked.id)));
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
      stepped = isWhole(now)
        ? await applyAll(context, now, quiet)
        : await applyPart(context, now, pace, quiet);
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

/** In one transaction? */
const isWhole = ({ mode, total }: PeopleImport): boolean => mode === 'all' && total <= mostAtOnce;

/** The whole of what was compared, as of now, before its first part: what would be refused later should be refused here. */
async function checkAgain(services: WorkServices, call: Call, asked: PeopleImport): Promise<Stepped> {
  const { db } = services;
  await run(
    { ...services, subscribers: [] },
    work('reading', async (context) => {
      const whole = { importId: asked.id, depth: -1, from: 0, to: everyRow, ...givesOf(asked.reading!) };
      await checkNew(context, whole, false);
      await checkChanged(context, asked.id);
      const { rows } = await sql<{ bad: boolean }>`
        select exists (select 1 from people_import_row r left join membership m on m.id = r.membership_id
          left join people_import i on i.id = r.import_id
          left join import_key k on k.top_organization_id = i.organization_id and k.kind = 'user' and k.key = r.key and r.verdict = 'new'
          where r.import_id = ${asked.id} and (r.problem is not null or k.key is not null
            or r.verdict = 'changed' and m.version is distinct from r.version)) as bad`.execute(db);
      if (rows[0]!.bad) throw refuse('import.changed');
      await sql`update people_import set phase = 'people', worked_at = remit_now()
        where id = ${asked.id} and state = 'applying' and phase = 'checking'`.execute(db);
    }),
    call,
  );
  return 'more';
}

async function takesDays(db: Kysely<DB>, importId: string): Promise<boolean> {
  const { rows } = await sql<{ takes: boolean }>`
    select exists (select 1 from people_import_row where import_id = ${importId} and problem is null and 'lastDay' = any (changes)) as takes`.execute(
    db,
  );
  return rows[0]!.takes;
}
