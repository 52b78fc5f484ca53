import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { AnyOperation } from '../src/operation/operation.ts';

/**
 * Writes the registry of operations from the files `src/<folder>/operations/<noun.verb>.ts`, so that nobody can
 * forget to add one: the server's list and types, and the routes that the portal's client calls.
 */
const root = fileURLToPath(new URL('../', import.meta.url));

/** Generated files by path below the project, and the operation files that could not be read. */
export type Registry = { files: Map<string, string>; broken: { file: string; problem: string }[] };

export async function makeRegistry(): Promise<Registry> {
  const found: { name: string; exported: string; file: string; declared: AnyOperation }[] = [];
  const broken: Registry['broken'] = [];
  for (const file of operationFiles()) {
    const name = file.split('/').at(-1)!.replace(/\.ts$/, '');
    const exported = camelCase(name);
    try {
      const module: Record<string, AnyOperation> = await import(pathToFileURL(join(root, file)).href);
      const declared = module[exported];
      if (!declared) throw new Error(`it must export ${exported}`);
      if (declared.name !== name)
        throw new Error(`it declares the name ${declared.name}, its file says ${name}`);
      const twin = found.find((other) => other.name === name || other.declared.http === declared.http);
      if (twin) throw new Error(`its name or address is that of ${twin.file}`);
      found.push({ name, exported, file, declared });
    } catch (error) {
      broken.push({ file, problem: (error as Error).message });
    }
  }
  found.sort((one, other) => (one.name < other.name ? -1 : 1));
  const head = '// Generated from src/*/operations by `npm run generate`; a test holds them together.';
  const server = [
    head,
    "import type { z } from 'zod';",
    "import type { AnyOperation } from '../operation/operation.ts';",
    ...found.map(({ exported, file }) => `import { ${exported} } from '${file.replace(/^src\//, '../')}';`),
    '',
    '/** Every operation, by its name. */',
    'export const operations = {',
    ...found.map(({ name, exported }) => `  '${name}': ${exported},`),
    '} as const;',
    '',
    'export type OperationName = keyof typeof operations;',
    '/** What a caller sends. */',
    "export type Input<N extends OperationName> = z.input<(typeof operations)[N]['input']>;",
    '/** What a caller gets, as JSON: instants are texts. */',
    "export type Output<N extends OperationName> = z.output<(typeof operations)[N]['output']>;",
    'export const operationNames = Object.keys(operations) as OperationName[];',
    'export const operationList: readonly AnyOperation[] = Object.values(operations);',
    '',
  ];
  const portal = [
    head,
    '/** How each operation is called, below `/api`. */',
    'export const routes = {',
    ...found.map(({ name, declared }) => {
      const [method, path] = declared.http.split(' ');
      return `  '${name}': { method: '${method}', path: '${path}' },`;
    }),
    '} as const;',
    '',
  ];
  return {
    files: new Map([
      ['src/server/operations.gen.ts', server.join('\n')],
      ['portal/src/api/routes.gen.ts', portal.join('\n')],
    ]),
    broken,
  };
}

function operationFiles(): string[] {
  return readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((folder) => {
      const rooms = `src/${folder.name}/operations`;
      return filesIn(join(root, rooms)).map((file) => `${rooms}/${file}`);
    })
    .sort();
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** `access-role.create` -> `accessRoleCreate` */
const camelCase = (name: string): string =>
  name.replace(/[.-]([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** What stands in the tree now; undefined when the file is not there. */
export function standing(file: string): string | undefined {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files, broken } = await makeRegistry();
  for (const [file, text] of files) {
    if (standing(file) === text) continue;
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
    console.log(`wrote ${file}`);
  }
  for (const { file, problem } of broken) console.error(`left out ${file}: ${problem}`);
  if (broken.length > 0) process.exitCode = 1;
}
