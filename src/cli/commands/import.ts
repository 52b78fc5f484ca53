import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { confirm, isCancel } from '@clack/prompts';
import type { Command } from 'commander';
import { type Caller, callerFor } from '../caller.ts';
import { CommandError } from '../exit-codes.ts';
import { namedOperation } from '../named-operation.ts';
import { addCallerOptions, type CommonOptions, type Out, print } from '../operation-commands.ts';
import { organizationNamed } from '../organization-named.ts';
import { forPeople } from '../print.ts';
import type { Streams } from '../program.ts';

type Options = CommonOptions & { below: string; dryRun?: boolean; yes?: boolean };
type Plan = { planHash?: string; errors?: { file: string; line: number | null; reason: string }[] } & Record<
  string,
  unknown
>;

export function addImport(program: Command, { out, error }: Streams): void {
  const command = program
    .command('import')
    .description('Take over a whole organization from CSV files: first the difference, then all or nothing.')
    .argument('<folder>', 'a folder with organizations.csv, users.csv, memberships.csv and the like')
    .requiredOption('--below <organization>', 'the organization it comes below: name or id')
    .option('--dry-run', 'only check, and show the difference')
    .option('--yes', 'do not ask before changing anything')
    .addHelpText(
      'after',
      '\nWithout --as this is done by the operator, and recorded as such.\n\nExamples:\n  remit import demo/import-example --below "Lumen Energy" --dry-run\n  remit import ./partner --below <id> --yes --as anna@lumen.example\n',
    );
  addCallerOptions(command).action(async (folder: string, options: Options) => {
    const files = filesIn(folder);
    const caller = await callerFor(options);
    try {
      const organizationId = await organizationNamed(caller, options.below);
      const plan = (await caller.call(namedOperation('import.plan'), { organizationId, files })) as Plan;
      if (plan.errors && plan.errors.length > 0) throw wrong(plan, options.json);
      const { planHash, ...difference } = plan;
      if (options.dryRun) return print(out, plan, options.json);
      if (!options.json) out.write(`${forPeople(difference)}\n`);
      if (!options.yes) await ask();
      const started = await caller.call(namedOperation('import.apply'), { organizationId, files, planHash });
      print(out, await finished(caller, started, error), options.json);
    } finally {
      await caller.close();
    }
  });
}

/** As bytes: what encoding they are in is found out where they are read, and a wrong byte gets its line. */
function filesIn(folder: string): Record<string, { base64: string }> {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new CommandError('usage', `${folder} is not a folder.`);
  const names = readdirSync(folder).filter((name) => name.endsWith('.csv'));
  if (names.length === 0) throw new CommandError('usage', `There is no .csv file in ${folder}.`);
  return Object.fromEntries(
    names.map((name) => [name, { base64: readFileSync(join(folder, name)).toString('base64') }]),
  );
}

function wrong(plan: Plan, json: boolean | undefined): CommandError {
  const errors = plan.errors!;
  const list = errors
    .map(({ file, line, reason }) => `${file}${line ? `:${line}` : ''}: ${reason}`)
    .join('\n');
  return new CommandError(
    'refused',
    json ? `${errors.length} errors` : `${list}\n${errors.length} errors; nothing was imported.`,
    'import.invalid',
    { errors },
  );
}

async function ask(): Promise<void> {
  if (!process.stdin.isTTY)
    throw new CommandError(
      'usage',
      'Nobody can be asked here: add --yes to go on, or --dry-run only to look.',
    );
  const answer = await confirm({ message: 'Import this?' });
  if (isCancel(answer) || !answer) throw new CommandError('interrupted', 'Nothing was imported.');
}

type Progress = { state?: string; done?: number; total?: number };

/** An import that goes on by itself is followed until it has ended. */
async function finished(caller: Caller, started: unknown, error: Out): Promise<unknown> {
  const { importId } = started as { importId?: string };
  if (!importId) return started;
  for (let said = ''; ; await delay(300)) {
    const now = (await caller.call(namedOperation('import.read'), { importId })) as Progress;
    const line = `${now.state ?? ''} ${now.done ?? ''}${now.total ? ` of ${now.total}` : ''}`.trim();
    if (line !== said) error.write(`${line}\n`);
    said = line;
    if (now.state !== 'running' && now.state !== 'waiting') return now;
  }
}
