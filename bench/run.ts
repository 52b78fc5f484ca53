/**
 * `npm run bench`: what Remit costs, each figure against a plain baseline measured beside it, in the same process,
 * on the same pool, driver and database. Answers are compared before anything is timed; the baselines' SQL is printed.
 *
 *   npm run bench                     everything
 *   npm run bench -- check people     some of it (check, people, import)
 */
import { openDatabase } from '../src/platform/database.ts';
import { startEphemeralPostgres } from '../src/platform/embedded-postgres.ts';
import { migrate } from '../src/platform/migrate.ts';
import { benchCheck } from './check.ts';
import { generate, sizes } from './generate.ts';
import { benchImport } from './import.ts';
import { benchPeople } from './people.ts';
import { met, type Result, say } from './result.ts';

const all = ['check', 'people', 'import'] as const;
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(all as readonly string[]).includes(name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}; choose from ${all.join(', ')}.`);
  process.exit(2);
}
const wanted = (name: (typeof all)[number]): boolean => chosen.length === 0 || chosen.includes(name);

const server = await startEphemeralPostgres();
const results: Result[] = [];
try {
  if (wanted('check') || wanted('people')) {
    const url = await server.url('bench');
    await migrate(url);
    const { db, close } = openDatabase(url, { max: 1 });
    const started = Date.now();
    const generated = await generate(db, sizes.S);
    say(
      `Generated ${sizes.S.people} people in ${sizes.S.organizations} organizations, ${sizes.S.depth} levels deep, in ${((Date.now() - started) / 1000).toFixed(1)} s\n`,
    );
    if (wanted('check')) results.push(await benchCheck(db, generated));
    if (wanted('people')) {
      say();
      results.push(await benchPeople(db, generated));
    }
    await close();
  }
  if (wanted('import')) {
    say();
    results.push(await benchImport(server));
  }
} finally {
  await server.stop();
}

say();
for (const result of results) {
  const { name, figure, goal, unit } = result;
  say(`${met(result) ? 'met ' : 'OVER'}  ${name}: ${figure.toFixed(2)} ${unit}, goal <= ${goal}`);
}
if (!results.every(met)) process.exitCode = 1;
