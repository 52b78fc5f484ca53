import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { callerFor } from '../caller.ts';
import { CommandError } from '../exit-codes.ts';
import { namedOperation } from '../named-operation.ts';
import { addCallerOptions, type CommonOptions, type Out, print } from '../operation-commands.ts';
import { organizationNamed } from '../organization-named.ts';

export function addExport(program: Command, out: Out): void {
  const command = program
    .command('export')
    .description('Write an organization and those below it as CSV files that import takes.')
    .argument('<organization>', 'name or id')
    .argument('<folder>', 'a new or empty folder')
    .addHelpText('after', '\nExamples:\n  remit export North ./north --as anna@lumen.example\n');
  addCallerOptions(command).action(async (organization: string, folder: string, options: CommonOptions) => {
    const caller = await callerFor(options);
    try {
      const organizationId = await organizationNamed(caller, organization);
      const { files } = (await caller.call(namedOperation('organization.export'), { organizationId })) as {
        files: Record<string, string>;
      };
      mkdirSync(folder, { recursive: true });
      // What stands there is somebody's work, perhaps an older export to compare with.
      if (readdirSync(folder).length > 0)
        throw new CommandError('usage', `${folder} is not empty; choose a new folder.`);
      // People's names and addresses: for whoever ran this, nobody else on the machine.
      for (const [name, content] of Object.entries(files))
        writeFileSync(join(folder, basename(name)), content, { mode: 0o600 });
      print(
        out,
        options.json
          ? { folder, files: Object.keys(files) }
          : `Wrote ${Object.keys(files).join(', ')} to ${folder}.`,
        options.json,
      );
    } finally {
      await caller.close();
    }
  });
}
