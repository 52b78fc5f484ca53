import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Test files by vitest project. */
export type Tests = Partial<
  Record<'unit' | 'operations' | 'probes' | 'races' | 'requests' | 'lifecycle', readonly string[]>
>;

export type Copy = {
  folder: string;
  /** Puts a change into a file, does something with it there, takes it back. */
  withChange: <Found>(
    file: string,
    change: (code: string) => string,
    look: () => Promise<Found>,
  ) => Promise<Found>;
  /** Is one of these tests red as the copy stands? */
  isRed: (tests: Tests) => Promise<boolean>;
  close: () => void;
};

/** A copy of the code to put mistakes into: an interrupted run leaves nothing wrong behind in the tree. */
export function openCopy(): Copy {
  const folder = mkdtempSync(join(tmpdir(), 'remit-bite-'));
  for (const part of ['src', 'sql', 'test', 'demo', 'scripts', 'portal', 'bench', 'docs'])
    cpSync(join(root, part), join(folder, part), {
      recursive: true,
      filter: (path) => !path.includes('node_modules') && !path.endsWith('/portal/dist'),
    });
  for (const file of ['package.json', 'tsconfig.json', 'vitest.config.ts', 'biome.json'])
    cpSync(join(root, file), join(folder, file));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return {
    folder,
    withChange: async (file, change, look) => {
      const path = join(folder, file);
      const right = readFileSync(path, 'utf8');
      writeFileSync(path, change(right));
      try {
        return await look();
      } finally {
        writeFileSync(path, right);
      }
    },
    isRed: async (tests) => {
      for (const [project, files] of Object.entries(tests))
        if ((await vitest(folder, project, files)) !== 0) return true;
      return false;
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function vitest(copy: string, project: string, files: readonly string[]): Promise<number> {
  const program = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [
    program,
    'run',
    '--project',
    project,
    '--bail=1',
    '--maxWorkers=1',
    '--reporter=dot',
    ...files,
  ];
  const child = spawn(process.execPath, args, { cwd: copy, stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
