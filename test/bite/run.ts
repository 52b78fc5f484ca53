/**
 * `npm run bite`: puts one small mistake after the other into a copy of the code, TypeScript or SQL, and runs the tests
 * that should find it. A mistake that no test finds fails the run: that check could be taken out, and nobody would know.
 *
 *   npm run bite                    all of them, one by one
 *   npm run bite -- --only <name>   those whose name holds this
 *   npm run bite -- --list          what there is
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Mistake, mistakes } from './mistakes.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({ options: { only: { type: 'string' }, list: { type: 'boolean' } } });
const chosen = mistakes.filter(({ name }) => !values.only || name.includes(values.only));

if (values.list) {
  for (const { name, rule, file } of chosen) console.log(`${rule.padEnd(10)} ${file.padEnd(44)} ${name}`);
  process.exit(0);
}
if (chosen.length === 0) {
  console.error(`No mistake has ${values.only} in its name; see them with --list.`);
  process.exit(2);
}

// A copy, so that an interrupted run leaves nothing wrong behind in the tree.
const copy = mkdtempSync(join(tmpdir(), 'remit-bite-'));
for (const part of ['src', 'sql', 'test', 'demo', 'scripts', 'portal', 'bench', 'docs'])
  cpSync(join(root, part), join(copy, part), {
    recursive: true,
    filter: (path) => !path.includes('node_modules') && !path.endsWith('/portal/dist'),
  });
for (const file of ['package.json', 'tsconfig.json', 'vitest.config.ts', 'biome.json'])
  cpSync(join(root, file), join(copy, file));
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

const unbitten: string[] = [];
const started = Date.now();
try {
  for (const mistake of chosen) {
    const bitten = await bite(mistake);
    console.log(`${bitten ? 'found' : 'NOT FOUND'}  ${mistake.rule.padEnd(10)} ${mistake.name}`);
    if (!bitten) unbitten.push(mistake.name);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
const seconds = Math.round((Date.now() - started) / 1000);
console.log(`\n${chosen.length - unbitten.length} of ${chosen.length} mistakes found, ${seconds} s`);
if (unbitten.length > 0) console.log(`Not found:\n${unbitten.join('\n')}`);
process.exitCode = unbitten.length > 0 ? 1 : 0;

/** Applies a mistake, runs its tests, takes it back. True when they turned red. */
async function bite({ name, file, find, replace, tests }: Mistake): Promise<boolean> {
  const path = join(copy, file);
  const right = readFileSync(path, 'utf8');
  const parts = right.split(find);
  if (parts.length !== 2)
    throw new Error(
      `${name}: its text stands ${parts.length - 1} times in ${file}; it has to stand there once.`,
    );
  writeFileSync(path, parts.join(replace));
  try {
    for (const [project, files] of Object.entries(tests))
      if ((await vitest(project, files)) !== 0) return true;
    return false;
  } finally {
    writeFileSync(path, right);
  }
}

function vitest(project: string, files: readonly string[]): Promise<number> {
  const program = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [program, 'run', '--project', project, '--bail=1', '--reporter=dot', ...files];
  const child = spawn(process.execPath, args, { cwd: copy, stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
