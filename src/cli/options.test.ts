import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { operationList } from '../server/operations.gen.ts';
import { groups } from './examples.ts';
import { reserved } from './operation-commands.ts';
import { addOptions, inputFrom, optionName, wholeOnly } from './options.ts';
import { makeProgram } from './program.ts';

const input = z.object({
  parentId: z.uuid(),
  name: z.string().default('x'),
  limit: z.number().int().optional(),
  page: z.coerce.number().default(5),
  below: z.union([z.boolean(), z.stringbool()]).default(true),
  lastDay: z.iso.date().nullable().optional(),
  title: z.string().nullable().optional(),
  ids: z.array(z.uuid()).optional(),
  people: z.array(z.object({ email: z.string() })).optional(),
  fields: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  much: z.union([z.literal('same'), z.number()]).optional(),
  kind: z.enum(['one', 'two']).optional(),
});

const id = '01890000-0000-7000-8000-000000000001';
const other = '01890000-0000-7000-8000-000000000002';

async function read(...args: string[]): Promise<Record<string, unknown>> {
  let given: Record<string, unknown> = {};
  const command = new Command('test').exitOverride().configureOutput({ writeErr: () => {} });
  addOptions(command, input);
  command.action((options) => {
    given = options;
  });
  await command.parseAsync(args, { from: 'user' });
  return inputFrom(given, input);
}

describe('an operation’s input as options', () => {
  it.each([
    [[], {}],
    [['--parent-id', id], { parentId: id }],
    [['--limit', '7', '--page', '3'], { limit: 7, page: '3' }],
    [['--below'], { below: true }],
    [['--below', 'false'], { below: 'false' }],
    [['--last-day', '2026-01-31'], { lastDay: '2026-01-31' }],
    [['--last-day', 'null'], { lastDay: null }],
    [['--title', 'null'], { title: 'null' }],
    [['--title', '-odd'], { title: '-odd' }],
    [['--ids', id, '--ids', other], { ids: [id, other] }],
    [['--ids', `["${id}"]`], { ids: [id] }],
    [
      ['--people', '{"email":"a"}', '--people', '{"email":"b"}'],
      { people: [{ email: 'a' }, { email: 'b' }] },
    ],
    [['--fields', '{"desk":7}'], { fields: { desk: 7 } }],
    [['--much', 'same'], { much: 'same' }],
    [['--much', '4'], { much: 4 }],
    // what fits no reading goes to the schema as it is, which says what is wrong
    [['--limit', 'many', '--kind', 'three'], { limit: 'many', kind: 'three' }],
  ])('%j', async (args, expected) => expect(await read(...args)).toEqual(expected));
});

const program = makeProgram({ out: { write: () => {} }, error: { write: () => {} } });
const commandOf = (name: string) => {
  const [noun, verb] = name.split('.');
  return program.commands.find((one) => one.name() === noun)?.commands.find((one) => one.name() === verb);
};

it.each(operationList.map((declared) => [declared.name, declared] as const))(
  '%s is a command',
  (name, declared) => {
    const command = commandOf(name);
    expect(command).toBeDefined();
    for (const field of Object.keys(declared.input.shape)) {
      // It stands within the whole input, whose option has the same name.
      if (field === wholeOnly) continue;
      expect(reserved).not.toContain(field);
      expect(command!.options.map(({ long }) => long)).toContain(`--${optionName(field)}`);
    }
  },
);

it('explains every group', () => {
  const nouns = new Set(operationList.map(({ name }) => name.split('.')[0]!));
  expect([...nouns].filter((noun) => noun !== 'import' && !groups[noun])).toEqual([]);
});

it.each(Object.values(groups).flatMap(({ examples }) => examples))('the example works: %s', (example) => {
  const [, noun, verb, ...rest] = example.split(' ');
  const command = commandOf(`${noun}.${verb}`);
  expect(command, example).toBeDefined();
  const known = command!.options.map(({ long }) => long);
  for (const word of rest.filter((part) => part.startsWith('--'))) expect(known).toContain(word);
  for (const option of command!.options.filter(({ description }) => description.includes('(required)')))
    expect(rest).toContain(option.long);
});
