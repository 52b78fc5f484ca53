import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Test files by vitest project. */
export type Tests = Partial<Record<'unit' | 'operations' | 'probes' | 'races', readonly string[]>>;

export type Copy = {
  /** Puts a change into a file, runs tests until one is red, takes it back. True when one was. */
  bites: (file: string, change: (code: string) => string, tests: readonly Tests[]) => Promise<boolean>;
  close: () => void;
};

/** A copy of the code to put mistakes into: an interrupted run leaves nothing wrong behind in the tree. */
export function openCopy(): Copy {
  const copy = mkdtempSync(join(tmpdir(), 'remit-bite-'));
  for (const part of ['src', 'sql', 'test', 'demo', 'scripts', 'portal', 'bench', 'docs'])
    cpSync(join(root, part), join(copy, part), {
      recursive: true,
      filter: (path) => !path.includes('node_modules') && !path.endsWith('/portal/dist'),
    });
  for (const file of ['package.json', 'tsconfig.json', 'vitest.config.ts', 'biome.json'])
    cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return {
    bites: async (file, change, tests) => {
      const path = join(copy, file);
      const right = readFileSync(path, 'utf8');
      writeFileSync(path, change(right));
      try {
        for (const some of tests)
          for (const [project, files] of Object.entries(some))
            if ((await vitest(copy, project, files)) !== 0) return true;
        return false;
      } finally {
        writeFileSync(path, right);
      }
    },
    close: () => rmSync(copy, { recursive: true, force: true }),
  };
}

function vitest(copy: string, project: string, files: readonly string[]): Promise<number> {
  const program = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [program, 'run', '--project', project, '--bail=1', '--reporter=dot', ...files];
  const child = spawn(process.execPath, args, { cwd: copy, stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
