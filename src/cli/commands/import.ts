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
type Problem = { file: string; line?: number; column?: string; reason: string; advice: string };
type Plan = {
  errorCount: number;
  errors: Problem[];
  changes: Record<string, unknown>[];
  nothingToDo: boolean;
  planHash?: string;
};

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
      if (plan.errorCount > 0) throw wrong(plan, options.json);
      if (options.dryRun || plan.nothingToDo)
        return print(out, options.json ? plan : sayPlan(plan), options.json);
      if (!options.json) out.write(`${sayPlan(plan)}\n`);
      if (!options.yes) await ask();
      const asked = { organizationId, files, planHash: plan.planHash };
      const { importId } = (await caller.call(namedOperation('import.apply'), asked)) as {
        importId: string | null;
      };
      const ended = importId === null ? undefined : await followed(caller, importId, error);
      print(out, options.json ? (ended ?? { importId }) : 'Imported.', options.json);
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

function wrong({ errors, errorCount }: Plan, json: boolean | undefined): CommandError {
  const where = ({ file, line, column }: Problem) =>
    `${file}${line === undefined ? '' : `:${line}`}${column ? ` (${column})` : ''}`;
  const list = errors.map((problem) => `${where(problem)}: ${problem.reason} ${problem.advice}`.trim());
  if (errorCount > errors.length) list.push(`… and ${errorCount - errors.length} more`);
  const sum = `${errorCount} ${errorCount === 1 ? 'error' : 'errors'}; nothing was imported.`;
  return new CommandError('refused', json ? sum : [...list, sum].join('\n'), 'import.invalid', { errors });
}

function sayPlan({ changes, nothingToDo }: Plan): string {
  if (nothingToDo) return 'Nothing to do: everything in the files is there already.';
  return forPeople({ items: changes.map(({ examples: _, ...counted }) => counted) });
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

type Progress = {
  state: 'waiting' | 'running' | 'done' | 'failed';
  phase: string;
  done: number;
  total: number;
  failure?: { code: string; text: string };
};

/** Follows a take-over to its end, saying how far it is. */
async function followed(caller: Caller, importId: string, error: Out): Promise<Progress> {
  for (let said = ''; ; await delay(200)) {
    caller.check();
    const now = (await caller.call(namedOperation('import.read'), { importId })) as Progress;
    const line = now.total > 0 ? `${now.phase}: ${now.done} of ${now.total}` : now.phase;
    if (line && line !== said) error.write(`${line}\n`);
    said = line;
    if (now.state === 'failed') throw new CommandError('refused', now.failure!.text, now.failure!.code);
    if (now.state === 'done') return now;
  }
}
