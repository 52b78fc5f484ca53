import { sql } from 'kysely';
import { adminRoleId } from '../src/authority/permissions.ts';
import { appointOwner, createInstance } from '../src/delegation/instance.ts';
import { performImport } from '../src/enrolment/import/run.ts';
import { importApply } from '../src/enrolment/operations/import.apply.ts';
import { importPlan } from '../src/enrolment/operations/import.plan.ts';
import { type Call, run, type Services } from '../src/operation/pipeline.ts';
import { readConfig } from '../src/platform/config.ts';
import { type Database, openDatabase } from '../src/platform/database.ts';
import { newId } from '../src/platform/ids.ts';
import { migrate } from '../src/platform/migrate.ts';
import { copyIn, copyOut, inTransaction } from './copy.ts';
import { mean } from './measure.ts';
import { seeded } from './random.ts';
import { type Result, say } from './result.ts';

const goal = 3;
const rounds = 3;
const size = { organizations: 1_000, people: 10_000, applications: 50 };

/** What an import writes, parents before children: the same order serves COPY. */
const tables = [
  'organization',
  'app_user',
  'membership',
  'import_key',
  'application',
  'entitlement',
  'delegation',
  'assignment',
  'event',
] as const;

type Ground = Database & { services: Services; organizationId: string; call: Call };

/**
 * A take-over of 10,000 people, from the stored files to the commit (read, checked, compared, decided, written, each
 * row with its event), against COPY of the very same rows of the same tables, indexes and constraints included. Each
 * run has a fresh database of the same server.
 */
export async function benchImport(server: { url: (name: string) => Promise<string> }): Promise<Result> {
  say('The import of 10,000 people, against COPY of all the same rows, events included');
  const files = makeFiles();
  let databases = 0;
  const fresh = async (): Promise<Ground> => {
    databases += 1;
    return ground(await server.url(`import_${databases}`));
  };
  const first = await importOnce(await fresh(), files);
  const copied = await copyRows(first.ground);
  await first.ground.close();
  for (const { table, columns } of copied)
    say(`baseline: copy ${table} (${columns.split(', ').slice(0, 3).join(', ')}, …) from stdin`);

  const ours: number[] = [];
  const baseline: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const which of round % 2 === 0 ? ['ours', 'baseline'] : ['baseline', 'ours']) {
      const here = await fresh();
      if (which === 'ours') {
        const { took } = await importOnce(here, files);
        ours.push(took);
        await compare(here, first.counts);
      } else {
        baseline.push(await copyOnce(here, copied));
        await compare(here, first.counts);
      }
      await here.close();
    }
  }
  const rows = Object.values(first.counts).reduce((sum, count) => sum + count, 0);
  const seconds = (times: number[]): string =>
    `mean ${(mean(times) / 1000).toFixed(2)} s, ${Math.round(rows / (mean(times) / 1000)).toLocaleString('en')} rows a second`;
  say(`  ${rows.toLocaleString('en')} rows, the same in both`);
  say(`  ours:     ${seconds(ours)}`);
  say(`  baseline: ${seconds(baseline)}`);
  return {
    name: 'import',
    figure: mean(ours) / mean(baseline),
    goal,
    unit: 'x COPY of the same rows (mean)',
  };
}

/** An empty instance with an owner, whose import it is. */
async function ground(url: string): Promise<Ground> {
  await migrate(url);
  const database = openDatabase(url, { max: 2 });
  const { db } = database;
  const { organizationId } = (await createInstance(db, { name: 'Bench', timeZone: 'UTC' }))!;
  const owner = { userId: newId(), membershipId: newId() };
  await sql`insert into app_user (id, home_organization_id, display_name) values (${owner.userId}, ${organizationId}, 'Owner')`.execute(
    db,
  );
  await sql`insert into membership (id, user_id, organization_id, path, sort_name)
    select ${owner.membershipId}, ${owner.userId}, id, path, 'owner' from organization`.execute(db);
  await appointOwner(db, owner, adminRoleId('owner'));
  const services: Services = {
    db,
    config: { ...readConfig({ REMIT_LOG_LEVEL: 'silent' }), databaseUrl: url },
    subscribers: [],
  };
  const credential = { kind: 'membership' as const, membershipId: owner.membershipId };
  return { ...database, services, organizationId, call: { credential, input: {}, requestId: 'bench' } };
}

async function importOnce(
  here: Ground,
  files: Record<string, string>,
): Promise<{ ground: Ground; took: number; counts: Record<string, number> }> {
  const { services, organizationId, call } = here;
  const input = { organizationId, files };
  const { output: plan } = await run(services, importPlan, { ...call, input });
  if (!plan.ok) throw new Error(`The generated files are wrong: ${JSON.stringify(plan.errors[0])}`);
  const { output } = await run(services, importApply, {
    ...call,
    input: { ...input, planHash: plan.planHash! },
  });
  await sql`analyze`.execute(here.db);
  const before = await countRows(here);
  const start = performance.now();
  await performImport(services, output.importId!);
  const took = performance.now() - start;
  const after = await countRows(here);
  const counts = Object.fromEntries(tables.map((table) => [table, after[table]! - before[table]!]));
  return { ground: here, took, counts };
}

async function countRows({ db }: Ground): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of tables) {
    const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(
      db,
    );
    counts[table] = rows[0]!.count;
  }
  return counts;
}

type Copied = { table: string; columns: string; rows: Buffer };

/** The rows that the import wrote, as COPY writes them; those of the empty instance stay out. */
async function copyRows({ pool }: Ground): Promise<Copied[]> {
  return inTransaction(pool, async (client) => {
    const made: Record<(typeof tables)[number], string> = {
      organization: `path like 'r.%'`,
      app_user: `user_name is not null`,
      membership: `path like 'r.%'`,
      import_key: 'true',
      application: 'true',
      entitlement: 'true',
      delegation: `reason = 'import'`,
      assignment: 'true',
      event: `operation = 'import.apply' and type <> 'import.started'`,
    };
    const order: Partial<Record<(typeof tables)[number], string>> = {
      organization: 'length(path), path',
      delegation: 'cardinality(chain)',
      event: 'position',
    };
    const copied: Copied[] = [];
    for (const table of tables) {
      const { rows } = await client.query<{ columns: string }>(
        `select string_agg(quote_ident(column_name), ', ' order by ordinal_position) as columns from information_schema.columns
         where table_schema = 'public' and table_name = $1 and is_identity = 'NO'`,
        [table],
      );
      const { columns } = rows[0]!;
      const query = `select ${columns} from ${table} where ${made[table]} order by ${order[table] ?? '1'}`;
      copied.push({ table, columns, rows: await copyOut(client, query) });
    }
    return copied;
  });
}

/** The rows refer to the root, the owner and the owner's link of the instance they were written in. */
async function copyOnce(here: Ground, copied: Copied[]): Promise<number> {
  // Before the clock starts: the rows take the names of this instance.
  const renamed = await rename(here, copied);
  const start = performance.now();
  await inTransaction(here.pool, async (client) => {
    for (const { table, columns, rows } of renamed) await copyIn(client, table, columns, rows);
  });
  return performance.now() - start;
}

async function rename(here: Ground, copied: Copied[]): Promise<Copied[]> {
  const { rows } = await here.pool.query<{
    root: string;
    owner: string;
    member: string;
    link: string;
    row: string;
  }>(`
    select o.id as root, m.user_id as owner, m.id as member, d.id as link, p.id as row
    from organization o, membership m, delegation d join delegation p on p.id = d.parent_id
    where o.parent_id is null and m.sort_name = 'owner' and d.delegate_kind = 'user'`);
  const now = rows[0]!;
  const then = namesIn(copied);
  return copied.map((one) => {
    let text = one.rows.toString('utf8');
    for (const key of ['root', 'owner', 'member', 'link', 'row'] as const)
      text = text.replaceAll(then[key], now[key]);
    return { ...one, rows: Buffer.from(text) };
  });
}

let names: { root: string; owner: string; member: string; link: string; row: string } | undefined;

function namesIn(copied: Copied[]): NonNullable<typeof names> {
  if (names) return names;
  const line = (table: string): string[] =>
    copied
      .find((one) => one.table === table)!
      .rows.toString('utf8')
      .split('\n')[0]!
      .split('\t');
  const columnsOf = (table: string): string[] =>
    copied.find((one) => one.table === table)!.columns.split(', ');
  const cell = (table: string, column: string): string => line(table)[columnsOf(table).indexOf(column)]!;
  const chain = cell('delegation', 'chain').replace(/[{}]/g, '').split(',');
  names = {
    root: cell('organization', 'parent_id'),
    owner: cell('event', 'actor_id'),
    member: cell('event', 'actor_membership_id'),
    link: chain[0]!,
    row: chain[1]!,
  };
  return names;
}

async function compare(here: Ground, expected: Record<string, number>): Promise<void> {
  const base: Record<string, number> = { organization: 1, app_user: 1, membership: 1, delegation: 2 };
  const counts = await countRows(here);
  const { rows } = await sql<{
    count: number;
  }>`select count(*) as count from event where type = 'import.started'`.execute(here.db);
  for (const table of tables) {
    const own = table === 'event' ? rows[0]!.count : (base[table] ?? 0);
    if (counts[table]! - own !== expected[table])
      throw new Error(`${table} has ${counts[table]! - own} rows, not ${expected[table]}.`);
  }
}

/** Six files: a tree of some five levels, one or two memberships each, and managers all over it. */
function makeFiles(): Record<string, string> {
  const random = seeded(7);
  const pick = (count: number): number => Math.floor(random() * count);
  const organizations = ['id,parent,name,description', 'o0,,Partner,The whole of it'];
  for (let n = 1; n < size.organizations; n += 1)
    organizations.push(`o${n},o${Math.floor((n - 1) / 6)},Unit ${n},`);
  const users = ['username,displayName,email'];
  const memberships = ['user,organization'];
  const managers = ['user,organization,role,mayPassOn'];
  for (let n = 0; n < size.people; n += 1) {
    users.push(`u${n},Person ${n} Surname${pick(500)},u${n}@people.example`);
    const home = pick(size.organizations);
    memberships.push(`u${n},o${home}`);
    if (n % 3 === 0)
      memberships.push(`u${n},o${(home + 1 + pick(size.organizations - 1)) % size.organizations}`);
    if (n < size.organizations / 2) managers.push(`u${n},o${n},delegated-manager,${n % 2 === 0}`);
  }
  const applications = ['application,role'];
  const assignments = ['organization,application,role'];
  for (let n = 0; n < size.applications; n += 1)
    for (const role of ['viewer', 'editor', 'admin']) applications.push(`app${n},${role}`);
  for (let n = 0; n < size.organizations; n += 1)
    assignments.push(`o${n},app${pick(size.applications)},${['viewer', 'editor', 'admin'][pick(3)]}`);
  const text = (rows: string[]): string => `${rows.join('\n')}\n`;
  return {
    'organizations.csv': text(organizations),
    'users.csv': text(users),
    'memberships.csv': text(memberships),
    'managers.csv': text(managers),
    'applications.csv': text(applications),
    'assignments.csv': text(assignments),
  };
}
