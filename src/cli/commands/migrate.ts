import type { Command } from 'commander';
import { migrate } from '../../platform/migrate.ts';
import { settings } from '../caller.ts';
import { reachDatabase } from '../database.ts';
import { CommandError } from '../exit-codes.ts';
import type { Out } from '../operation-commands.ts';

export function addMigrate(program: Command, out: Out): void {
  program
    .command('migrate')
    .description(
      'Bring the database to this version’s schema. Starting does the same; safe to run beside it.',
    )
    .option('--json', 'print the applied files as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { url, close } = await reachDatabase(settings(), { make: true });
      try {
        const applied = await migrate(url);
        if (json) out.write(`${JSON.stringify({ applied })}\n`);
        else
          out.write(
            applied.length === 0 ? 'Nothing to do: up to date.\n' : `Applied ${applied.join(', ')}.\n`,
          );
      } catch (error) {
        throw new CommandError('unavailable', (error as Error).message, 'cli.migrate');
      } finally {
        await close();
      }
    });
}
