/**
 * `npm run mutate`: removes or inverts every condition of the heart of `src/authority`, one at a time, and runs first the
 * laws, then the nearest tests on a PostgreSQL that is kept running. A mutant that lives has to stand in survivors.txt
 * with a reason, and one that stands there and is found has to be taken out: the list only shrinks.
 *
 *   npm run mutate                             all files, from the first; minutes to an hour
 *   npm run mutate -- --only decide            one file
 *   npm run mutate -- --laws                   the laws only, without a database
 *   npm run mutate -- --state <file>           writes down what was found, and goes on from there next time
 *   npm run mutate -- --state <file> --lives   asks again for those that lived
 *   npm run mutate -- --budget <seconds>       of tests that one mutant may cost on PostgreSQL (120)
 */
import { fork } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startEphemeralPostgres } from '../../src/platform/embedded-postgres.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { root } from './copy.ts';
import type { Job, Word } from './in-process.ts';
import { mutantsOf } from './mutants.ts';
import { heart, laws, nearTests } from './near.ts';
import { survivors } from './survivors.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    laws: { type: 'boolean', default: false },
    state: { type: 'string' },
    lives: { type: 'boolean', default: false },
    budget: { type: 'string', default: '120' },
  },
});
const chosen = heart.filter((name) => !values.only || name === values.only);
if (chosen.length === 0) {
  console.error(`There is no file ${values.only}; choose one of ${heart.join(', ')}.`);
  process.exit(2);
}
const fileOf = (name: string): string => `src/authority/${name}.ts`;
const started = Date.now();
const known = survivors();
/** By mutant: the test that found it, or that it lives. */
const asked = new Map<string, string>(
  values.state && existsSync(values.state)
    ? readFileSync(values.state, 'utf8')
        .split('\n')
        .flatMap((line) => (line ? [line.split('\t') as [string, string]] : []))
    : [],
);
const names = chosen.flatMap((name) =>
  mutantsOf(fileOf(name), readFileSync(`${root}/${fileOf(name)}`, 'utf8')).mutants.map((one) => one.name),
);
const isFound = (name: string): boolean => asked.has(name) && asked.get(name) !== 'lives';
const isSettled = (name: string): boolean => isFound(name) || (asked.has(name) && !values.lives);
/** What was asked in this run, of the laws or of the database. */
const askedNow = new Set<string>();
const wasSettled = new Set(names.filter(isSettled));

await ask(chosen, laws, undefined, (name) => wasSettled.has(name));
if (!values.laws) {
  const server = await startEphemeralPostgres();
  try {
    const database = await server.url('remit_template');
    await migrate(database);
    // All files at once: what a test needs before it begins is done once.
    const open = chosen.filter((name) =>
      names.some((one) => one.startsWith(`${fileOf(name)} |`) && !wasSettled.has(one) && !isFound(one)),
    );
    const tests = [...new Set(open.flatMap(nearTests))];
    await ask(open, tests, database, (one) => wasSettled.has(one) || isFound(one));
  } finally {
    await server.stop();
  }
}

const living = names.filter((name) => !isFound(name));
const unexpected = living.filter((name) => !known.get(name));
const gone = [...known.keys()].filter((name) => names.includes(name) && isFound(name));
const byLaws = names.filter((name) => isFound(name) && laws.includes(asked.get(name)!.split(' > ')[0]!));
console.log(
  `\n${names.length - living.length} of ${names.length} mutants found (${byLaws.length} by the laws), ${living.length} live, ` +
    `${unexpected.length} of them without a reason, ${Math.round((Date.now() - started) / 1000)} s`,
);
if (unexpected.length > 0) console.log(`Live without a reason:\n${unexpected.join('\n')}`);
if (gone.length > 0) console.log(`Found now; take them out of survivors.txt:\n${gone.join('\n')}`);
process.exitCode = unexpected.length + gone.length > 0 ? 1 : 0;

function note(name: string, found: string): void {
  if (asked.get(name) === found) return;
  asked.set(name, found);
  if (values.state) appendFileSync(values.state, `${name}\t${found}\n`);
}

/** Asks these tests for every mutant of the files that is not settled. One that makes a loop endless is found. */
async function ask(
  files: readonly string[],
  tests: readonly string[],
  database: string | undefined,
  settled: (name: string) => boolean,
): Promise<void> {
  for (;;) {
    const own = files.flatMap((name) => names.filter((one) => one.startsWith(`${fileOf(name)} |`)));
    if (own.every(settled)) return;
    const job: Job = {
      root,
      files: files.map(fileOf),
      tests: [...tests],
      database,
      skip: own.filter((name) => settled(name) || askedNow.has(`${database} ${name}`)),
      budget: Number(values.budget),
    };
    if (await oneProcess(job, (name) => askedNow.add(`${database} ${name}`))) return;
  }
}

/** False when the process hung at a mutant: that one is noted as found, and the rest is asked anew. */
function oneProcess(job: Job, isAsked: (name: string) => void): Promise<boolean> {
  const child = fork(new URL('in-process.ts', import.meta.url), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return new Promise((resolve) => {
    let at: string | undefined;
    let timer: NodeJS.Timeout | undefined;
    const end = (whole: boolean): void => {
      clearTimeout(timer);
      child.removeAllListeners();
      child.kill('SIGKILL');
      resolve(whole);
    };
    child.on('message', (word: Word) => {
      clearTimeout(timer);
      if (word.say === 'red') console.log(`red without any change, left out: ${word.test} ${word.why}`);
      if (word.say === 'begin') {
        at = word.name;
        timer = setTimeout(() => {
          note(at!, 'endless');
          isAsked(at!);
          end(false);
        }, 600_000);
      }
      if (word.say === 'found') note(word.name, word.by);
      if (word.say === 'lives') note(word.name, 'lives');
      if (word.say === 'found' || word.say === 'lives') isAsked(word.name);
      if (word.say === 'end') end(true);
    });
    child.once('exit', () => {
      if (at) note(at, 'endless');
      if (at) isAsked(at);
      end(at === undefined);
    });
    child.send(job);
  });
}
