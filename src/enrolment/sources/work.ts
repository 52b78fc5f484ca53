import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { giveEvents } from '../../access/give.ts';
import { type Context, type Operation, operation } from '../../operation/operation.ts';
import { run as perform } from '../../operation/pipeline.ts';
import { isRefusal } from '../../operation/raised.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { newId } from '../../platform/ids.ts';
import { LdapError } from '../../platform/ldap-wire.ts';
import { refuse } from '../../platform/refusals.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { SealingError } from '../../platform/sealing.ts';
import { callOf } from '../import/run.ts';
import { partBytes } from '../people-import/parts.ts';
import { carryOnToTheEnd, type WorkServices } from '../people-import/run.ts';
import { readPeopleImport } from '../people-import/store.ts';
import { headingText, readingOf, rowsText } from './as-file.ts';
import { openSource } from './connect.ts';
import { known } from './entries.ts';
import type { RunCounts } from './fields.ts';
import { type Gift, giftsAtOnce, give, type Note, take, toGive, toTake } from './gifts.ts';
import { keepMembers } from './members.ts';
import { problemOf, RunFailure, type RunProblem, refused } from './problems.ts';
import { propose, standing, toPropose } from './proposals.ts';
import { readPeople } from './read-directory.ts';
import { mayPropose } from './reading.ts';
import { claimRun, failRun, finishRun, holdRun, keep, leaseSeconds, type Run } from './runs.ts';
import { directorySource, readSource, type SourceRow } from './store.ts';
import { tellOfTrouble } from './trouble.ts';

/**
 * One reading of a source, from its first page to what came of it. Everybody comes in as by a file of people, in the name
 * of who answers for the source and refused as for them; nobody is ended. A process may be killed between any two
 * statements: what was read is read anew, what was being written goes on.
 */
type Db = Kysely<DB>;

/** The longest that reading a directory may take; seconds. */
const longest = 1800;
/** People of a directory at most; as many as a file has rows. */
const mostPeople = 1_000_000;
/** Bytes that are gathered before they are put away. */
const gathered = partBytes / 2;
const mostNotes = 50;

const nothing: RunCounts = { new: 0, changed: 0, same: 0, problem: 0, proposed: 0, given: 0, taken: 0 };

export async function workRun(services: WorkServices, runId: string): Promise<void> {
  const { db } = services;
  const run = await claimRun(db, runId);
  if (!run) return;
  const source = await readSource(db, run.sourceId);
  if (!source) return;
  // Comparing and bringing in take as long as they take: whoever is at it says so meanwhile.
  const beating = setInterval(() => void keep(db, run).catch(() => {}), (leaseSeconds / 3) * 1000);
  beating.unref();
  try {
    if (run.state === 'reading' && !(await readAll(services, source, run))) return;
    await writeAll(services, source, run);
  } catch (error) {
    if (error instanceof GivenUp) return;
    const problem = whatWentWrong(error);
    if (await failRun(db, run, problem ?? { code: 'fault' })) await tellOfTrouble(services);
    if (!problem) throw error;
  } finally {
    clearInterval(beating);
  }
}

/** Somebody paused the source, or another process took the reading over. */
class GivenUp extends Error {
  override name = 'GivenUp';
}

function whatWentWrong(error: unknown): RunProblem | undefined {
  if (error instanceof RunFailure) return error.problem;
  if (error instanceof LdapError) return problemOf(error);
  if (error instanceof SealingError) return { code: 'sealed' };
  return isRefusal(error) ? refused(error) : undefined;
}

const events = [
  ...giveEvents,
  'group.member-added',
  'group.member-removed',
  'proposal.made',
  'source.applied',
] as const;

/** What a reading does, decided at the time of each part of it: whoever answers for it must still be able to. */
const work = (effect: Operation['effect'], act: (context: Context) => Promise<void>): Operation =>
  operation({
    name: 'source.read-now',
    summary: 'Do the work of a source.',
    http: 'POST /sources',
    input: z.object({ organizationId: z.uuid() }),
    output: z.object({}),
    needs: {
      permission: 'source.configure',
      target: (db, input) => organizationTarget(db, input.organizationId),
      visibleBy: 'organization.read',
    },
    effect,
    events,
    run: async (context) => {
      if (context.target.off) throw refuse('organization.off');
      await act(context);
      return {};
    },
  }) as unknown as Operation;

async function asSaver(
  services: WorkServices,
  source: SourceRow,
  run: Run,
  effect: Operation['effect'],
  act: (context: Context) => Promise<void>,
): Promise<void> {
  const call = await callOf(services.db, { ...source, id: run.id });
  await perform({ ...services, subscribers: services.subscribers ?? [] }, work(effect, act), call);
}

/** @returns false when it waits for a person */
async function readAll(services: WorkServices, source: SourceRow, run: Run): Promise<boolean> {
  const { db } = services;
  const importId = newId();
  let rows = 0;
  await asSaver(services, source, run, 'reading', async () => {
    rows = await readDirectory(services, source, run, importId);
  });
  const counts = rows > 0 ? await compareAll(services, run, importId) : nothing;
  const proposed = await toPropose(db, source, run);
  const taken = await toTake(db, source, run, null);
  const { open, known: people } = await standing(db, source.id);
  const changing = counts.changed + taken.length;
  const planned = { ...counts, proposed: proposed.length, taken: taken.length };
  const missing = proposed.length + changing + (await changedToday(db, source.id));
  if (!mayPropose({ missing, open, known: people }, source.brake)) {
    if (await holdRun(db, run, planned)) await tellOfTrouble(services);
    return false;
  }
  const { rows: mine } = await sql`
    update source_run set state = 'writing', counts = ${JSON.stringify(planned)}::jsonb
    where id = ${run.id} and lease = ${run.lease} and state = 'reading' returning 1`.execute(db);
  if (mine.length === 0) throw new GivenUp();
  run.state = 'writing';
  run.counts = planned;
  return true;
}

/** What was changed within a day without a person's word: many small steps are one big one. */
async function changedToday(db: Db, sourceId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select coalesce(sum((counts ->> 'changed')::int + (counts ->> 'taken')::int), 0)::int as n from source_run
    where source_id = ${sourceId} and state = 'done' and agreed_at is null and finished_at > remit_now() - interval '1 day'`.execute(
    db,
  );
  return rows[0]!.n;
}

/** @returns rows that are to be brought in */
async function readDirectory(
  services: WorkServices,
  source: SourceRow,
  run: Run,
  importId: string,
): Promise<number> {
  const { db } = services;
  const settings = directorySource(source);
  const directory = await openSource(services.config, source, AbortSignal.timeout(longest * 1000));
  try {
    const file = await beginFile(db, source, run, importId);
    const reading = readPeople(
      directory,
      settings,
      run.incremental ? (source.cursor ?? undefined) : undefined,
    );
    let read = 0;
    let rows = 0;
    for (;;) {
      const next = await reading.next();
      if (next.done) {
        const { whole, incremental, cursor } = next.value;
        if (!whole) throw new RunFailure('cut', { read });
        if (!incremental && read === 0) throw new RunFailure('nobody');
        // Where the server cannot say what changed, everything was read.
        run.incremental = incremental;
        await sql`update source_run set incremental = ${incremental}, cursor = ${cursor ? JSON.stringify(cursor) : null}::jsonb
          where id = ${run.id}`.execute(db);
        break;
      }
      const people = await known(db, { sourceId: source.id, runId: run.id }, next.value);
      const here = people.filter(({ off }) => !off);
      read += people.length;
      rows += here.length;
      if (read > mostPeople) throw new RunFailure('too-many', { most: mostPeople });
      if (here.length > 0) await file.write(rowsText(settings, here));
      if (!(await keep(db, run, people.length, people.length - here.length))) throw new GivenUp();
    }
    await file.end();
    // Nobody of it is to be brought in: there is no file then.
    if (rows === 0) await dropFile(db, run, importId);
    await keepMembers(db, directory, settings, {
      runId: run.id,
      sourceId: source.id,
      gives: source.gives,
    });
    return rows;
  } finally {
    directory.close();
  }
}

async function beginFile(db: Db, source: SourceRow, run: Run, importId: string) {
  const settings = directorySource(source);
  await sql`insert into people_import (id, organization_id, actor, file_name, reading, source_id)
    values (${importId}, ${source.organizationId}, ${JSON.stringify(source.actor)}::jsonb, ${source.name},
      ${JSON.stringify(readingOf(settings))}::jsonb, ${source.id})`.execute(db);
  await sql`update source_run set import_id = ${importId} where id = ${run.id} and lease = ${run.lease}`.execute(
    db,
  );
  let text = headingText(settings);
  let part = 0;
  const put = async (): Promise<void> => {
    if (text === '') return;
    part += 1;
    await sql`insert into people_import_part (import_id, n, bytes) values (${importId}, ${part}, ${Buffer.from(text)})`.execute(
      db,
    );
    text = '';
  };
  return {
    async write(more: string): Promise<void> {
      text += more;
      if (text.length > gathered) await put();
    },
    end: put,
  };
}

async function dropFile(db: Db, run: Run, importId: string): Promise<void> {
  await sql`update source_run set import_id = null where id = ${run.id}`.execute(db);
  await sql`delete from people_import where id = ${importId}`.execute(db);
}

/** @throws Refusal of whoever answers for it */
async function compareAll(services: WorkServices, run: Run, importId: string): Promise<RunCounts> {
  const { db } = services;
  await sql`update people_import set state = 'comparing', phase = 'reading', worked_at = remit_now(), version = version + 1
    where id = ${importId} and state = 'uploading'`.execute(db);
  await carryOnToTheEnd(services, importId);
  const asked = await readPeopleImport(db, importId);
  if (asked?.failure) throw new ImportRefused(asked.failure);
  if (asked?.state !== 'compared' || !(await keep(db, run))) throw new GivenUp();
  const { missing: _, ...counts } = asked.counts!;
  return { ...nothing, ...counts };
}

/** What the import was refused for, as it was kept. */
class ImportRefused extends RunFailure {
  constructor({ code, details }: { code: string; details?: unknown }) {
    super('fault');
    Object.assign(this, { problem: { refusal: code, details: details ?? {} } });
  }
}

async function writeAll(services: WorkServices, source: SourceRow, run: Run): Promise<void> {
  const { db } = services;
  const counts: RunCounts = { ...nothing, ...run.counts, proposed: 0, given: 0, taken: 0 };
  if (run.importId || (await importOf(db, run))) counts.problem = await bringIn(services, run, counts);
  const notes: Note[] = [];
  counts.taken = await gifts(services, source, run, 'ending', notes);
  counts.given = await gifts(services, source, run, 'changing', notes);
  await sql`update source_run set notes = ${JSON.stringify(notes.slice(0, mostNotes))}::jsonb where id = ${run.id}`.execute(
    db,
  );
  counts.problem += notes.length;
  await asSaver(services, source, run, 'changing', async (context) => {
    counts.proposed = await propose(context, source, run);
    if (!(await finishRun(context.db, run, counts))) throw new GivenUp();
    const { same: _, problem: __, ...did } = counts;
    if (Object.values(did).some((n) => n > 0))
      context.record({
        type: 'source.applied',
        targetKind: 'source',
        targetId: source.id,
        organizationId: source.organizationId,
        path: source.path,
        after: { id: source.id, runId: run.id, incremental: run.incremental, ...counts },
        personal: { name: source.name },
      });
    else context.nothingChanged();
  });
}

async function importOf(db: Db, run: Run): Promise<boolean> {
  const { rows } = await sql<{ importId: string | null }>`
    select import_id as "importId" from source_run where id = ${run.id}`.execute(db);
  run.importId = rows[0]?.importId ?? null;
  return run.importId !== null;
}

/** @returns rows that stayed out */
async function bringIn(services: WorkServices, run: Run, counts: RunCounts): Promise<number> {
  const { db } = services;
  const importId = run.importId!;
  const total = counts.new + counts.changed;
  await sql`update people_import set mode = 'rows', state = 'applying', phase = 'people', next_depth = 0, next_line = 0, done = 0,
      total = ${total}, worked_at = remit_now(), version = version + 1 where id = ${importId} and state = 'compared'`.execute(
    db,
  );
  await carryOnToTheEnd(services, importId);
  if (!(await keep(db, run))) throw new GivenUp();
  const asked = await readPeopleImport(db, importId);
  if (asked?.failure) throw new ImportRefused(asked.failure);
  if (asked?.state !== 'done') throw new GivenUp();
  return asked.counts?.problem ?? 0;
}

/** Gives, or takes, what groups of the directory say; some people at a time, each time under the facts of then. */
async function gifts(
  services: WorkServices,
  source: SourceRow,
  run: Run,
  effect: 'changing' | 'ending',
  notes: Note[],
): Promise<number> {
  const { db } = services;
  let done = 0;
  let after = '';
  for (;;) {
    const some: (Gift & { place: string })[] =
      effect === 'ending'
        ? await toTake(db, source, run, giftsAtOnce, after)
        : await toGive(db, source, run, after);
    const last = some.at(-1);
    if (!last) return done;
    after = last.place;
    await asSaver(services, source, run, effect, async (context) => {
      context.nothingChanged();
      const answer =
        effect === 'ending' ? await take(context, source, some) : await give(context, source, some);
      done += answer.done;
      notes.push(...answer.notes);
    });
    if (!(await keep(db, run))) throw new GivenUp();
  }
}
