/**
 * `npm run mutate`: removes or inverts every condition of the pure files of `src/authority`, one at a time, and runs
 * first the laws, then the tests of boundaries on a PostgreSQL that is kept running. A mutant that lives has to stand in
 * survivors.txt with a reason, and one that stands there and is found has to be taken out: the list only shrinks.
 *
 *   npm run mutate                        all files; long (seconds a mutant)
 *   npm run mutate -- --only decide       one file
 *   npm run mutate -- --part 1/4          every fourth mutant, from the first
 *   npm run mutate -- --state <file>      writes down what was found and goes on from there next time
 *   npm run mutate -- --state <file> --lives   asks again for those that lived
 *   npm run mutate -- --laws              the laws only
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCopy, root } from './copy.ts';
import { keepRunner } from './kept.ts';
import { mutantsOf } from './mutants.ts';
import { nearTests, pureTests } from './near.ts';
import { survivors } from './survivors.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    part: { type: 'string', default: '1/1' },
    state: { type: 'string' },
    lives: { type: 'boolean', default: false },
    laws: { type: 'boolean', default: false },
  },
});
const [part, parts] = values.part.split('/').map(Number) as [number, number];
const chosen = Object.keys(nearTests).filter((name) => !values.only || name === values.only);
if (chosen.length === 0) {
  console.error(`There is no file ${values.only}; choose one of ${Object.keys(nearTests).join(', ')}.`);
  process.exit(2);
}
const known = survivors();
/** By mutant: the test that found it, or that it lives. */
const asked = new Map<string, string>(
  values.state && existsSync(values.state)
    ? readFileSync(values.state, 'utf8')
        .split('\n')
        .flatMap((line) => (line ? [line.split('\t') as [string, string]] : []))
    : [],
);
const mutants = chosen
  .flatMap((name) => {
    // What found the last one finds the next one more often than not.
    const near = [...nearTests[name]!];
    const pure = pureTests(name);
    return mutantsOf(`src/authority/${name}.ts`, join(root, `src/authority/${name}.ts`)).map((mutant) => ({
      ...mutant,
      pure,
      near,
    }));
  })
  .filter((_, index) => index % parts === part - 1);

const copy = openCopy();
const runner = await keepRunner(copy.folder);
const started = Date.now();
const by = new Map<string, number>();
const unexpected: string[] = [];
const gone: string[] = [];
try {
  const red = await runner.firstRed([
    ...new Set(mutants.flatMap(({ pure, near }) => (values.laws ? pure : [...pure, ...near]))),
  ]);
  if (red) throw new Error(`${red} is red without any change; nothing can be learned from it.`);
  for (const { name, file, start, end, text, pure, near } of mutants) {
    const earlier = asked.get(name);
    const found =
      earlier && !(values.lives && earlier === 'lives')
        ? earlier
        : await copy.withChange(
            file,
            (code) => code.slice(0, start) + text + code.slice(end),
            async () => {
              runner.changed(file);
              return (await runner.firstRed(values.laws ? pure : [...pure, ...near])) ?? 'lives';
            },
          );
    runner.changed(file);
    if (values.state && found !== earlier) appendFileSync(values.state, `${name}\t${found}\n`);
    if (near.includes(found)) near.unshift(...near.splice(near.indexOf(found), 1));
    by.set(found, (by.get(found) ?? 0) + 1);
    if (found === 'lives') {
      console.log(`lives${known.has(name) ? ` (${known.get(name)})` : ''}: ${name}`);
      if (!known.has(name)) unexpected.push(name);
    } else if (known.has(name)) gone.push(name);
  }
} finally {
  await runner.close();
  copy.close();
}
const living = by.get('lives') ?? 0;
console.log(
  `\n${mutants.length - living} of ${mutants.length} mutants found, ${unexpected.length} live without a reason, ${Math.round((Date.now() - started) / 1000)} s`,
);
for (const [test, count] of [...by].sort((one, other) => other[1] - one[1]))
  console.log(`${String(count).padStart(5)}  ${test}`);
if (gone.length > 0) console.log(`Found now; take them out of survivors.txt:\n${gone.join('\n')}`);
process.exitCode = unexpected.length + gone.length > 0 ? 1 : 0;
