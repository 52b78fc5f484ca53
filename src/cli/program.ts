import { Command, CommanderError } from 'commander';
import type { AnyOperation } from '../operation/operation.ts';
import { operationList } from '../server/operations.gen.ts';
import { addAudit } from './commands/audit.ts';
import { addConfig } from './commands/config.ts';
import { addExport } from './commands/export.ts';
import { addImport } from './commands/import.ts';
import { addMigrate } from './commands/migrate.ts';
import { addPeopleImport } from './commands/people-import.ts';
import { addStart } from './commands/start.ts';
import { addWhy } from './commands/why.ts';
import { CommandError, type Ending, exitCodes } from './exit-codes.ts';
import { addOperations, type Out } from './operation-commands.ts';

const intro =
  'Remit: delegated user management. Whoever looks after people and their access acts inside a boundary, for a time, and leaves a trace. Everything that the portal and the API do, this command does, with the same decisions.';

const closing = `
First steps:
  remit start                                       start everything (the same as npm start)
  remit config check                                look over the settings without starting
  remit organization list --as <your e-mail>        act as yourself, on this machine's database
  remit why user.invite --as <your e-mail>          ask why you may, or may not
  REMIT_API_KEY=… remit user list                   act over HTTP, with an API key
  remit <group> --help                              every command of a group, with examples

Exit codes: ${Object.values(exitCodes)
  .map(({ code, means }) => `${code} ${means.split(':')[0]}`)
  .join(', ')}.
`;

export type Streams = { out: Out; error: Out };

/** The whole command line, not yet run. */
export function makeProgram(streams: Streams, operations: readonly AnyOperation[] = operationList): Command {
  const program = new Command('remit').description(intro).addHelpText('after', closing);
  addStart(program);
  addMigrate(program, streams.out);
  addImport(program, streams);
  addExport(program, streams.out);
  addWhy(program, streams.out);
  addAudit(program, streams.out);
  addConfig(program, streams.out);
  addOperations(program, operations, streams.out);
  if (operations === operationList) addPeopleImport(program, streams);
  settle(program, streams);
  return program;
}

/** Commander would end the process itself; here the caller does, with the documented code. */
function settle(command: Command, streams: Streams): void {
  command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => streams.out.write(text),
      writeErr: (text) => streams.error.write(text),
    })
    .showHelpAfterError('(add --help to see how)')
    .showSuggestionAfterError();
  for (const child of command.commands) settle(child, streams);
}

/**
 * Runs one command.
 * @returns the exit code
 */
export async function runCommand(args: readonly string[], streams: Streams): Promise<number> {
  try {
    await makeProgram(streams).parseAsync([...args], { from: 'user' });
    return exitCodes.done.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage.code;
    return exitCodes[complain(error, args.includes('--json'), streams.error)].code;
  }
}

function complain(error: unknown, json: boolean, out: Out): Ending {
  if (!(error instanceof CommandError)) {
    out.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 'fault';
  }
  const { message, code, details } = error;
  out.write(json ? `${JSON.stringify({ ...details, code, message })}\n` : `${message} (${code})\n`);
  return error.ending;
}
