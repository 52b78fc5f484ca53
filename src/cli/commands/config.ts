import type { Command } from 'commander';
import { requireSecretKeys } from '../../platform/config.ts';
import { settings as table } from '../../platform/settings.ts';
import { settings } from '../caller.ts';
import type { Out } from '../operation-commands.ts';

export function addConfig(program: Command, out: Out): void {
  const group = program.command('config').description('the settings of this machine');
  group
    .command('check')
    .description('Check every setting, as starting would, and print what is in force; secrets stay hidden.')
    .option('--json', 'print them as JSON')
    .action(({ json }: { json?: boolean }) => {
      const config = settings(requireSecretKeys);
      const { databaseUrl, smtpUrl, secretKeys, ...open } = config;
      const hidden = (value: string | undefined, absent: string) => (value === undefined ? absent : '(set)');
      const shown = {
        ...open,
        databaseUrl: hidden(databaseUrl, '(embedded)'),
        smtpUrl: hidden(smtpUrl, '(none)'),
        secretKeys: secretKeys.map(({ id }) => id).join(', ') || '(in the data directory)',
      };
      if (json) out.write(`${JSON.stringify(shown, null, 2)}\n`);
      else {
        for (const [name, value] of Object.entries(shown)) out.write(`${name.padEnd(16)}${String(value)}\n`);
        out.write(
          `\nThe settings are right. There are ${table.length}: ${table.map(({ name }) => name).join(', ')}.\n`,
        );
      }
    });
}
