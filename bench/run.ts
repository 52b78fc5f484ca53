/**
 * `npm run bench`: what Remit costs, each figure against a plain baseline measured beside it, in the same process,
 * on the same pool, driver and database. Answers are compared before anything is timed; the baselines' SQL is printed.
 *
 *   npm run bench                            everything
 *   npm run bench -- check people            some of it
 *   npm run bench -- people --size S         at size S only
 */

import { openDatabase } from '../src/platform/database.ts';
import { startEphemeralPostgres } from '../src/platform/embedded-postgres.ts';
import { migrate } from '../src/platform/migrate.ts';
import { benchAppoint, benchMove, benchPreview, benchReads, benchReceipt, benchStamp } from './acts.ts';
import { benchCheck } from './check.ts';
import { benchDecide } from './decide.ts';
import { generate, type SizeName, sizes } from './generate.ts';
import { benchImport } from './import.ts';
import { benchPeople } from './people.ts';
import { benchPeopleImport } from './people-import.ts';
import { benchProvision } from './provision.ts';
import { benchCount, benchExplain, benchHolders, benchPower } from './questions.ts';
import { benchReconcile } from './reconcile.ts';
import { benchRequests } from './requests.ts';
import { met, type Result, say } from './result.ts';
import { benchSeparation } from './separation.ts';
import { type World, worldOf } from './world.ts';

type Benches = Record<string, (worlds: { small: World; large: World }) => Promise<Result[]>>;

/** In this order: the last ones change the world that they are given. */
const benches: Benches = {
  check: ({ small, large }) => benchCheck(small, large),
  decide: ({ large }) => benchDecide(large),
  people: ({ small, large }) => benchPeople(small, large),
  count: ({ large }) => benchCount(large),
  holders: ({ large }) => benchHolders(large),
  explain: ({ large }) => benchExplain(large),
  requests: ({ small, large }) => benchRequests(small, large),
  separation: ({ large }) => benchSeparation(large),
  reads: ({ large }) => benchReads(large),
  stamp: ({ large }) => benchStamp(large),
  appoint: ({ large }) => benchAppoint(large),
  move: ({ large }) => benchMove(large),
  preview: ({ large }) => benchPreview(large),
  receipt: ({ large }) => benchReceipt(large),
  power: ({ large }) => benchPower(large),
  'people-import': ({ small, large }) => benchPeopleImport(small, large),
  provision: ({ large }) => benchProvision(large),
};

const words = process.argv.slice(2);
const sizeAt = words.indexOf('--size');
const [, only] = sizeAt < 0 ? [] : words.splice(sizeAt, 2);
/** Those that have databases of their own. */
const alone: Record<string, () => Promise<Result[]>> = {
  import: async () => [await benchImport(server)],
  reconcile: () => benchReconcile(server),
};
const names = [...Object.keys(benches), ...Object.keys(alone)];
const unknown = words.filter((name) => !names.includes(name));
if (unknown.length > 0 || (only && !(only in sizes))) {
  console.error(`Choose from ${names.join(', ')}; and --size S or --size L.`);
  process.exit(2);
}
const wanted = words.length === 0 ? names : names.filter((name) => words.includes(name));

// As in production: a commit waits for the disk, in ours and in the baselines.
const server = await startEphemeralPostgres({ flushed: true });
const results: Result[] = [];
const close: (() => Promise<void>)[] = [];

async function makeWorld(size: SizeName): Promise<World> {
  const url = await server.url(`bench_${size.toLowerCase()}`);
  await migrate(url);
  const database = openDatabase(url, { max: 1 });
  close.push(database.close);
  const started = Date.now();
  const generated = await generate(database.db, sizes[size]);
  const { people, organizations, depth } = sizes[size];
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  say(
    `Generated ${size}: ${people} people in ${organizations} organizations, ${depth} levels deep, in ${seconds} s`,
  );
  return await worldOf(database.db, url, size, generated);
}

/** One that fails says so at the end and keeps none of the others from being measured. */
async function measured(name: string, bench: () => Promise<Result[]>): Promise<void> {
  say();
  results.push(
    ...(await bench().catch((error: unknown): Result[] => {
      say(`  FAILED: ${error instanceof Error ? error.stack : String(error)}`);
      return [{ name: `${name} (failed)`, figure: Number.POSITIVE_INFINITY, goal: 0, unit: '' }];
    })),
  );
}

try {
  if (wanted.some((name) => name in benches)) {
    const small = await makeWorld('S');
    const large = only === 'S' ? small : await makeWorld('L');
    for (const name of wanted.filter((one) => one in benches))
      await measured(name, () => benches[name]!({ small: only === 'L' ? large : small, large }));
  }
  for (const name of wanted.filter((one) => one in alone)) await measured(name, alone[name]!);
} finally {
  for (const one of close) await one();
  await server.stop();
}

say();
for (const result of results) {
  const { name, figure, goal, unit } = result;
  say(`${met(result) ? 'met ' : 'OVER'}  ${name.padEnd(52)} ${figure.toFixed(2)} ${unit}, goal <= ${goal}`);
}
if (!results.every(met)) process.exitCode = 1;
