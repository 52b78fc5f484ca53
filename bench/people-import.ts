import { sql } from 'kysely';
import { peopleImportApply } from '../src/enrolment/operations/people-import.apply.ts';
import { peopleImportCreate } from '../src/enrolment/operations/people-import.create.ts';
import { peopleImportDiffer } from '../src/enrolment/operations/people-import.differ.ts';
import { peopleImportPutPart } from '../src/enrolment/operations/people-import.put-part.ts';
import { peopleImportRead } from '../src/enrolment/operations/people-import.read.ts';
import { carryOnToTheEnd } from '../src/enrolment/people-import/run.ts';
import { type Call, run, type Services } from '../src/operation/pipeline.ts';
import { readConfig } from '../src/platform/config.ts';
import { type Database, openDatabase } from '../src/platform/database.ts';
import { newId } from '../src/platform/ids.ts';
import { copyIn, copyOut, inTransaction } from './copy.ts';
import { mean, percentile } from './measure.ts';
import { sample, seeded } from './random.ts';
import { type Result, result, say } from './result.ts';
import type { World } from './world.ts';

const people = 100_000;
const places = 1_000;
const rounds = 2;
/** 0.35 x of COPY, and at L 0.85 x of S. */
const goal = 1 / 0.35;
const goalAtSize = 1 / 0.85;
/** milliseconds that an ending waits for a part of an import, at p95 */
const goalStandstill = 100;

/** The tables that an import of people writes, in an order in which COPY can. */
const tables = ['app_user', 'membership', 'import_key', 'event'] as const;

type Ground = Database & { world: World; services: Services; call: Call; organizationId: string };

/**
 * A file of 100,000 people, from its stored parts to the last commit (read, compared, decided, written, each row with its
 * event, in parts that hold the order lock for moments), against COPY of the very same rows into the same tables of the
 * same database, indexes, triggers and constraints included. And what somebody who ends a membership waits meanwhile.
 */
export async function benchPeopleImport(small: World, large: World): Promise<Result[]> {
  say(
    `An import of ${people.toLocaleString('en')} people from a file, against COPY of all the same rows, events included`,
  );
  const results: Result[] = [];
  const rates: number[] = [];
  for (const world of small === large ? [small] : [small, large]) {
    const here = await ground(world);
    try {
      const found = await measure(here);
      rates.push(found.perRow);
      results.push(
        result(`people-import: time, ${world.size}`, found.figure, goal, 'x COPY of the same rows (mean)'),
        result(`people-import: an ending waits, ${world.size}`, found.standstill, goalStandstill, 'ms (p95)'),
        result(`people-import: heap above start, ${world.size}`, found.heap, 96, 'MB at most'),
      );
    } finally {
      await here.close();
    }
  }
  const [atSmall, atLarge] = rates;
  if (atLarge !== undefined)
    results.push(
      result('people-import: time of a row, L', atLarge / atSmall!, goalAtSize, 'x the time at S'),
    );
  return results;
}

async function ground(world: World): Promise<Ground> {
  const database = openDatabase(world.url, { max: 4 });
  const { db } = database;
  const services: Services = {
    db,
    config: { ...readConfig({ REMIT_LOG_LEVEL: 'silent' }), databaseUrl: world.url },
    subscribers: [],
  };
  const organizationId = world.organizations[0]!.id;
  await sql`insert into attribute_definition (id, organization_id, key, label, kind)
    values (${newId()}, ${organizationId}, 'desk', 'Desk', 'text') on conflict do nothing`.execute(db);
  const credential = { kind: 'membership' as const, membershipId: world.managers[0]!.membershipId };
  return {
    ...database,
    world,
    services,
    organizationId,
    call: { credential, input: {}, requestId: 'bench' },
  };
}

async function measure(
  here: Ground,
): Promise<{ figure: number; perRow: number; standstill: number; heap: number }> {
  const ours: number[] = [];
  const baseline: number[] = [];
  const waits: number[] = [];
  let heap = 0;
  let rows = 0;
  for (let round = 0; round < rounds; round += 1) {
    const parts = makeFile(here, round);
    const since = await lastEvent(here);
    const importId = await upload(here, parts);
    global.gc?.();
    const before = process.memoryUsage().heapUsed;
    const watch = watching(here);
    const top = setInterval(() => {
      heap = Math.max(heap, (process.memoryUsage().heapUsed - before) / 1024 / 1024);
    }, 20);
    const start = performance.now();
    await perform(here, importId);
    ours.push(performance.now() - start);
    clearInterval(top);
    waits.push(...(await watch()));
    const copied = await copyRows(here, importId, since);
    rows = copied.rows;
    await removeRows(here, importId, since);
    baseline.push(await copyOnce(here, copied.tables));
    await removeRows(here, importId, since);
  }
  const seconds = (times: number[]): string =>
    `mean ${(mean(times) / 1000).toFixed(2)} s, ${Math.round(rows / (mean(times) / 1000)).toLocaleString('en')} rows a second`;
  say(`  ${here.world.size}: ${rows.toLocaleString('en')} rows, the same in both`);
  say(`  ours:     ${seconds(ours)}`);
  say(`  baseline: ${seconds(baseline)}`);
  say(
    `  an ending waited p50 ${percentile(waits, 0.5).toFixed(0)}, p95 ${percentile(waits, 0.95).toFixed(0)}, at most ${Math.max(...waits).toFixed(0)} ms (${waits.length} times)`,
  );
  say(`  heap ${heap.toFixed(0)} MB above the start at most`);
  return {
    figure: mean(ours) / mean(baseline),
    perRow: mean(ours) / rows,
    standstill: percentile(waits, 0.95),
    heap,
  };
}

/** Takes the order lock as an ending does, now and then, and notes how long that took. */
function watching({ pool }: Ground): () => Promise<number[]> {
  const waits: number[] = [];
  let on = true;
  const watch = (async () => {
    const client = await pool.connect();
    try {
      while (on) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        // By the database's clock: this process is the one that imports, and answers late.
        const { rows } = await client.query<{ ms: number }>(
          `select pg_advisory_lock(1382378857) as got,
             extract(epoch from clock_timestamp() - statement_timestamp())::float8 * 1000 as ms`,
        );
        await client.query('select pg_advisory_unlock(1382378857)');
        waits.push(rows[0]!.ms);
      }
    } finally {
      client.release();
    }
  })();
  return async () => {
    on = false;
    await watch;
    return waits;
  };
}

async function perform({ services, call, db }: Ground, importId: string): Promise<void> {
  const reading = {
    columns: {
      key: 'Number',
      name: 'Name',
      email: 'Mail',
      organization: 'Unit',
      title: 'Function',
      lineManager: 'Manager',
      firstDay: 'Start',
      'attribute.desk': 'Desk',
    },
    dates: 'iso' as const,
  };
  await run(services, peopleImportDiffer, { ...call, input: { importId, reading } });
  await carryOnToTheEnd(services, importId);
  await run(services, peopleImportApply, { ...call, input: { importId, mode: 'rows' } });
  await carryOnToTheEnd(services, importId);
  const input = { importId, show: 'problem' };
  const { output } = await run(services, peopleImportRead, { ...call, input });
  if (output.state !== 'done' || output.counts?.problem !== 0 || output.done !== people)
    throw new Error(
      `The import came to ${output.state}: ${JSON.stringify(output.failure ?? output.rows[0] ?? output.counts)}`,
    );
  await sql`delete from pgboss.job where name = 'import'`.execute(db);
}

async function upload({ services, call, organizationId }: Ground, parts: Buffer[]): Promise<string> {
  const { output } = await run(services, peopleImportCreate, {
    ...call,
    input: { organizationId, fileName: 'bench.csv' },
  });
  for (const [index, bytes] of parts.entries())
    await run(services, peopleImportPutPart, {
      ...call,
      input: { importId: output.importId, n: index + 1, base64: bytes.toString('base64') },
    });
  return output.importId;
}

/** Every tenth is the line manager of the nine after them. */
function makeFile({ world }: Ground, round: number): Buffer[] {
  const random = seeded(11 + round);
  const units = sample(world.organizations, places, random);
  const lines = ['Number;Name;Mail;Unit;Function;Manager;Start;Desk'];
  for (let n = 0; n < people; n += 1) {
    const unit = units[Math.floor(n / 10) % units.length]!;
    const key = `b${round}-${n}`;
    const manager = n % 10 === 0 ? '' : `b${round}-${n - (n % 10)}`;
    const day = `202${n % 6}-0${1 + (n % 9)}-1${n % 9}`;
    lines.push(
      `${key};Person ${n} Surname${Math.floor(random() * 500)};${key}@people.example;${unit.id};Function ${n % 40};${manager};${day};D${n % 300}`,
    );
  }
  const bytes = Buffer.from(`${lines.join('\r\n')}\r\n`);
  const size = 4 * 1024 * 1024;
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  );
}

async function lastEvent({ db }: Ground): Promise<number> {
  const { rows } = await sql<{
    last: number;
  }>`select coalesce(max(position), 0)::bigint as last from event`.execute(db);
  return rows[0]!.last;
}

const made = (importId: string, since: number): Record<(typeof tables)[number], string> => {
  const ids = (what: string): string =>
    `(select ${what} from people_import_row where import_id = '${importId}')`;
  return {
    app_user: `id in ${ids('user_id')}`,
    membership: `id in ${ids('membership_id')}`,
    import_key: `kind = 'user' and id in ${ids('user_id')}`,
    event: `position > ${since} and type in ('user.created', 'membership.created')`,
  };
};

type Copied = { table: string; columns: string; rows: Buffer };

async function copyRows(
  { pool }: Ground,
  importId: string,
  since: number,
): Promise<{ tables: Copied[]; rows: number }> {
  const which = made(importId, since);
  return inTransaction(pool, async (client) => {
    const copied: Copied[] = [];
    let rows = 0;
    for (const table of tables) {
      const { rows: named } = await client.query<{ columns: string }>(
        `select string_agg(quote_ident(column_name), ', ' order by ordinal_position) as columns from information_schema.columns
         where table_schema = 'public' and table_name = $1 and is_identity = 'NO' and is_generated = 'NEVER'`,
        [table],
      );
      const { columns } = named[0]!;
      const { rows: counted } = await client.query<{ count: number }>(
        `select count(*) as count from ${table} where ${which[table]}`,
      );
      rows += counted[0]!.count;
      // In the order in which they came in, line managers before their people.
      const order = table === 'event' ? 'position' : table === 'membership' ? 'cardinality(line), id' : '1';
      copied.push({
        table,
        columns,
        rows: await copyOut(
          client,
          `select ${columns} from ${table} where ${which[table]} order by ${order}`,
        ),
      });
    }
    if (rows !== people * 5) throw new Error(`${rows} rows came in, not ${people * 5}.`);
    return { tables: copied, rows };
  });
}

/** As if nobody had come: without triggers, and tidied, so that the next finds the tables as they were. */
async function removeRows({ pool }: Ground, importId: string, since: number): Promise<void> {
  const which = made(importId, since);
  await inTransaction(pool, async (client) => {
    await client.query('set local session_replication_role = replica');
    await client.query('set local statement_timeout = 0');
    for (const table of [...tables].reverse())
      await client.query(`delete from ${table} where ${which[table]}`);
    await client.query('delete from people_delta');
  });
  const client = await pool.connect();
  try {
    await client.query('set statement_timeout = 0');
    for (const table of tables) await client.query(`vacuum ${table}`);
    await client.query('reset statement_timeout');
  } finally {
    client.release();
  }
}

async function copyOnce({ pool }: Ground, copied: Copied[]): Promise<number> {
  const start = performance.now();
  await inTransaction(pool, async (client) => {
    await client.query('set local statement_timeout = 0');
    for (const { table, columns, rows } of copied) await copyIn(client, table, columns, rows);
  });
  return performance.now() - start;
}
