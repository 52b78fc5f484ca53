import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { type AnyOperation, rootOf } from '../operation/operation.ts';
import { type CallerOptions, callerFor, operatorMay } from './caller.ts';
import { examplesText, groups } from './examples.ts';
import { CommandError } from './exit-codes.ts';
import { addOptions, inputFrom } from './options.ts';
import { forPeople } from './print.ts';

export type Out = { write: (text: string) => void };

export type CommonOptions = CallerOptions & { json?: boolean; input?: string };

/** Who acts and how to print: the same on every command, after its own options. */
export function addCallerOptions(command: Command): Command {
  return command
    .option('--as <person>', 'who acts: proved e-mail address, user name, or membership id')
    .option('--in <organization>', 'with --as: in which of their organizations (name or id)')
    .option(
      '--api-key <key>',
      'act over HTTP with an API key; better in REMIT_API_KEY, where no process list shows it',
    )
    .option(
      '--server <address>',
      'with an API key: the server; REMIT_URL or http://localhost:4000 when absent',
    )
    .option('--json', 'print what came back as JSON, refusals too');
}

/** Option names that no operation's field may have. */
export const reserved = ['as', 'in', 'apiKey', 'server', 'json', 'input', 'help', 'version'];

/** One command for each operation, grouped by its noun: `organization.create` is `remit organization create`. */
export function addOperations(program: Command, operations: readonly AnyOperation[], out: Out): void {
  for (const declared of operations) {
    const [noun, ...verb] = declared.name.split('.') as [string, ...string[]];
    const group = groupOf(program, noun);
    const command = new Command(verb.join('-')).description(sentence(declared.summary));
    addOptions(command, declared.input);
    command.option(
      '--input <json>',
      'the whole input as JSON, @file or @- (standard input); other options go over it',
    );
    addCallerOptions(command);
    const operator = operatorMay(declared)
      ? '\nWithout --as this is done by the operator, and recorded as such.\n'
      : '';
    command.addHelpText(
      'after',
      `${operator}\nOver HTTP: ${declared.http.replace(' ', ` ${rootOf(declared)}`)}\n`,
    );
    command.action(async (options: CommonOptions & Record<string, unknown>) => {
      const input = { ...wholeInput(options.input), ...inputFrom(options, declared.input) };
      const caller = await callerFor(options);
      try {
        print(out, await caller.call(declared, input), options.json, declared.file !== undefined);
      } finally {
        await caller.close();
      }
    });
    group.addCommand(command);
  }
}

export function print(out: Out, output: unknown, json: boolean | undefined, file = false): void {
  if (file && !json) out.write(String(output));
  else out.write(`${json ? JSON.stringify(output, null, 2) : forPeople(output)}\n`);
}

function groupOf(program: Command, noun: string): Command {
  const known = program.commands.find((command) => command.name() === noun);
  if (known) return known;
  const { about, examples } = groups[noun] ?? {
    about: `operations on ${noun.replaceAll('-', ' ')}`,
    examples: [],
  };
  const group = new Command(noun).description(about).addHelpText('after', examplesText(examples));
  program.addCommand(group);
  return group;
}

const sentence = (text: string): string => (/[.?]$/.test(text) ? text : `${text}.`);

function wholeInput(given: string | undefined): Record<string, unknown> {
  if (given === undefined) return {};
  const text = given.startsWith('@') ? readFileSync(given === '@-' ? 0 : given.slice(1), 'utf8') : given;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // falls through
  }
  throw new CommandError('usage', '--input must be a JSON object, @file or @-.');
}
