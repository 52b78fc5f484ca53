import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { CommandError } from '../exit-codes.ts';

const main = fileURLToPath(new URL('../../main.ts', import.meta.url));

/** The server is a process of its own: this one only waits, and hands signals on. */
export function addStart(program: Command): void {
  program
    .command('start')
    .description('Start the database (when embedded), the server, the worker and the portal.')
    .action(async () => {
      const server = spawn(process.execPath, [main], { stdio: 'inherit' });
      // Ctrl-C reaches both; the server stops in order, and only then does this.
      const wait = () => {};
      const pass = () => server.kill('SIGTERM');
      process.on('SIGINT', wait).on('SIGTERM', pass);
      const code = await new Promise<number | null>((resolve, reject) => {
        server.once('exit', resolve).once('error', reject);
      });
      process.off('SIGINT', wait).off('SIGTERM', pass);
      if (code !== 0)
        throw new CommandError('unavailable', 'Remit did not stay up; it said why above.', 'cli.start');
    });
}
