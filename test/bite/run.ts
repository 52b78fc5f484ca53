/**
 * `npm run bite`: puts one small mistake after the other into a copy of the code, TypeScript or SQL, and runs the tests
 * that should find it. A mistake that no test finds fails the run: that check could be taken out, and nobody would know.
 *
 *   npm run bite                    all of them, one by one
 *   npm run bite -- --only <name>   those whose name holds this
 *   npm run bite -- --list          what there is
 */
import { parseArgs } from 'node:util';
import { openCopy } from './copy.ts';
import { mistakes } from './mistakes.ts';
import { mistakesOfLifecycle } from './mistakes-lifecycle.ts';
import { mistakesOfRequests } from './mistakes-requests.ts';
import { mistakesOfRules } from './mistakes-rules.ts';

const { values } = parseArgs({ options: { only: { type: 'string' }, list: { type: 'boolean' } } });
const chosen = [...mistakes, ...mistakesOfRequests, ...mistakesOfLifecycle, ...mistakesOfRules].filter(
  ({ name }) => !values.only || name.includes(values.only),
);

if (values.list) {
  for (const { name, rule, file } of chosen) console.log(`${rule.padEnd(10)} ${file.padEnd(44)} ${name}`);
  process.exit(0);
}
if (chosen.length === 0) {
  console.error(`No mistake has ${values.only} in its name; see them with --list.`);
  process.exit(2);
}

const copy = openCopy();
const unbitten: string[] = [];
const started = Date.now();
try {
  for (const { name, rule, file, find, replace, tests } of chosen) {
    const bitten = await copy.withChange(
      file,
      (code) => changed(code, name, find, replace),
      () => copy.isRed(tests),
    );
    console.log(`${bitten ? 'found' : 'NOT FOUND'}  ${rule.padEnd(10)} ${name}`);
    if (!bitten) unbitten.push(name);
  }
} finally {
  copy.close();
}
const seconds = Math.round((Date.now() - started) / 1000);
console.log(`\n${chosen.length - unbitten.length} of ${chosen.length} mistakes found, ${seconds} s`);
if (unbitten.length > 0) console.log(`Not found:\n${unbitten.join('\n')}`);
process.exitCode = unbitten.length > 0 ? 1 : 0;

function changed(code: string, name: string, find: string, replace: string): string {
  const parts = code.split(find);
  if (parts.length !== 2)
    throw new Error(
      `${name}: its text stands ${parts.length - 1} times in the file; it has to stand there once.`,
    );
  return parts.join(replace);
}
