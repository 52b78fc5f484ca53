/**
 * `npm run mutate`: removes or inverts every condition of the pure files of `src/authority`, one at a time, and runs
 * first the laws, then the tests of boundaries on PostgreSQL. A mutant that lives has to stand in survivors.txt with a
 * reason, and one that stands there and is found has to be taken out: the list only shrinks.
 *
 *   npm run mutate                     all files; long (some seconds a mutant)
 *   npm run mutate -- --only decide    one file
 *   npm run mutate -- --part 1/4       every fourth mutant, from the first
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCopy, root, type Tests } from './copy.ts';
import { mutantsOf, nameOf } from './mutants.ts';

const files = [
  'decide',
  'delegation',
  'place',
  'within',
  'exception',
  'chain',
  'reach',
  'power',
  'gains',
  'self',
];
const stages: Tests[] = [
  { unit: ['src/authority', 'src/access/rules.test.ts', 'src/directory/rules.test.ts'] },
  {
    operations: [
      'boundaries',
      'delegation-forms',
      'exceptions',
      'facts-that-grant',
      'delegation',
      'deputies',
    ].map((name) => `test/operations/${name}.test.ts`),
  },
];

const { values } = parseArgs({
  options: { only: { type: 'string' }, part: { type: 'string', default: '1/1' } },
});
const [part, parts] = values.part.split('/').map(Number) as [number, number];
const known = new Map(
  readFileSync(join(root, 'test/bite/survivors.txt'), 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => line.split(' || ') as [string, string]),
);
const mutants = files
  .filter((name) => !values.only || name === values.only)
  .flatMap((name) => mutantsOf(`src/authority/${name}.ts`, join(root, `src/authority/${name}.ts`)))
  .filter((_, index) => index % parts === part - 1);

const copy = openCopy();
const unexpected: string[] = [];
const gone: string[] = [];
const started = Date.now();
let killed = 0;
try {
  for (const mutant of mutants) {
    const name = nameOf(mutant, join(root, mutant.file));
    const found = await copy.bites(
      mutant.file,
      (code) => code.slice(0, mutant.start) + mutant.text + code.slice(mutant.end),
      stages,
    );
    if (found) killed += 1;
    if (found && known.has(name)) gone.push(name);
    if (!found && !known.has(name)) unexpected.push(name);
    if (!found) console.log(`lives${known.has(name) ? ` (${known.get(name)})` : ''}: ${name}`);
  }
} finally {
  copy.close();
}
console.log(
  `\n${killed} of ${mutants.length} mutants found, ${unexpected.length} live without a reason, ${Math.round((Date.now() - started) / 1000)} s`,
);
if (gone.length > 0) console.log(`Found now; take them out of survivors.txt:\n${gone.join('\n')}`);
process.exitCode = unexpected.length + gone.length > 0 ? 1 : 0;
