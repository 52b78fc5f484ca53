import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { type Caller, callerFor } from '../caller.ts';
import { CommandError } from '../exit-codes.ts';
import { namedOperation } from '../named-operation.ts';
import { addCallerOptions, type CommonOptions, type Out, print } from '../operation-commands.ts';
import { organizationNamed } from '../organization-named.ts';
import type { Streams } from '../program.ts';

type Options = CommonOptions & {
  below: string;
  mapping?: string;
  column?: string[];
  dates?: string;
  dryRun?: boolean;
  all?: boolean;
};
type Reading = { columns: Record<string, string>; dates: string };
type State = {
  state: string;
  phase: string;
  done: number;
  total: number;
  counts: Record<string, number> | null;
  failure: { code: string; text: string } | null;
  rows: { line: number; problem: { text: string } | null; note: { text: string } | null }[];
};

const partBytes = 4 * 1024 * 1024;

/** `remit people-import file people.csv`: beside the commands of the group's operations, all of them in one. */
export function addPeopleImport(program: Command, { out, error }: Streams): void {
  const group = program.commands.find((command) => command.name() === 'people-import')!;
  const command = group
    .command('file')
    .description('Import people from one CSV file: send it, compare it, and do what differs.')
    .argument('<file>', 'a CSV file with a heading')
    .requiredOption('--below <organization>', 'where they belong: name or id')
    .option('--column <field=heading...>', 'which column holds which field; guessed when absent')
    .option('--mapping <name>', 'read it as was kept under this name')
    .option('--dates <order>', 'iso, day-first or month-first')
    .option('--all', 'everybody or nobody; otherwise row by row')
    .option('--dry-run', 'only compare')
    .addHelpText(
      'after',
      '\nExamples:\n  remit people-import file people.csv --below "Acme Solar" --dry-run --as mara@acme.example\n  remit people-import file people.csv --below <id> --column "key=Number" "name=Full name" --as mara@acme.example\n',
    );
  addCallerOptions(command).action(async (path: string, options: Options) => {
    if (!existsSync(path)) throw new CommandError('usage', `There is no file ${path}.`);
    const caller = await callerFor(options);
    try {
      const organizationId = await organizationNamed(caller, options.below);
      const importId = await send(caller, organizationId, path);
      const reading = await readingOf(caller, organizationId, importId, options);
      await caller.call(namedOperation('people-import.differ'), { importId, reading });
      let ended = await followed(caller, importId, ['compared'], error);
      if (!options.dryRun && ended.counts!.new! + ended.counts!.changed! > 0) {
        const mode = options.all ? 'all' : 'rows';
        await caller.call(namedOperation('people-import.apply'), { importId, mode });
        ended = await followed(caller, importId, ['done'], error);
      }
      const noted = ended.counts!.noted! > 0 ? (await rowsOf(caller, importId, 'noted')).rows : [];
      for (const { line, problem, note } of [...ended.rows, ...noted])
        if (problem ?? note) error.write(`line ${line}: ${(problem ?? note)!.text}\n`);
      print(out, { importId, state: ended.state, ...ended.counts }, options.json);
    } finally {
      await caller.close();
    }
  });
}

/** In parts: a file may be larger than this process should hold. */
async function send(caller: Caller, organizationId: string, path: string): Promise<string> {
  const { importId } = (await caller.call(namedOperation('people-import.create'), {
    organizationId,
    fileName: basename(path).slice(0, 200),
  })) as { importId: string };
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(partBytes);
    for (let n = 1; ; n += 1) {
      const { bytesRead } = await file.read(buffer, 0, partBytes);
      if (bytesRead === 0) return importId;
      const base64 = buffer.subarray(0, bytesRead).toString('base64');
      await caller.call(namedOperation('people-import.put-part'), { importId, n, base64 });
    }
  } finally {
    await file.close();
  }
}

async function readingOf(
  caller: Caller,
  organizationId: string,
  importId: string,
  { mapping, column, dates }: Options,
): Promise<Reading> {
  if (mapping !== undefined) {
    const { items } = (await caller.call(namedOperation('import-mapping.list'), { organizationId })) as {
      items: { name: string; reading: Reading }[];
    };
    const kept = items.find(({ name }) => name.toLowerCase() === mapping.toLowerCase());
    if (!kept) throw new CommandError('usage', `Nothing is kept under the name ${mapping}.`);
    return kept.reading;
  }
  const { guess, dates: guessed } = (await caller.call(namedOperation('people-import.check'), {
    importId,
  })) as {
    guess: Record<string, string>;
    dates: string;
  };
  const said = (column ?? []).map((pair): [string, string] => {
    const at = pair.indexOf('=');
    if (at < 1) throw new CommandError('usage', `Write ${pair} as field=heading.`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return { columns: { ...guess, ...Object.fromEntries(said) }, dates: dates ?? guessed };
}

const rowsOf = async (caller: Caller, importId: string, show: 'problem' | 'noted'): Promise<State> =>
  (await caller.call(namedOperation('people-import.read'), { importId, show, limit: 20 })) as State;

/** Follows the work to one of these states, saying how far it is. */
async function followed(caller: Caller, importId: string, ends: string[], error: Out): Promise<State> {
  for (let told = ''; ; await delay(200)) {
    caller.check();
    const now = await rowsOf(caller, importId, 'problem');
    const line = now.total > 0 ? `${now.phase}: ${now.done} of ${now.total}` : now.phase;
    if (line && line !== told) error.write(`${line}\n`);
    told = line;
    if (now.state === 'failed') throw new CommandError('refused', now.failure!.text, now.failure!.code);
    if (ends.includes(now.state)) return now;
  }
}
