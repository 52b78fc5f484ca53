import type { Command } from 'commander';
import { callerFor } from '../caller.ts';
import { namedOperation } from '../named-operation.ts';
import { addCallerOptions, type CommonOptions, type Out, print } from '../operation-commands.ts';
import { organizationNamed } from '../organization-named.ts';

type Options = CommonOptions & {
  organization?: string;
  subject?: string;
  actor?: string;
  type?: string;
  limit?: string;
  cursor?: string;
};
type Event = { at: string; type: string; sentence?: string };

export function addAudit(program: Command, out: Out): void {
  const command = program
    .command('audit')
    .description('Read the trail: who did what, for whom, under which delegations. Newest first.')
    .option('--organization <organization>', 'only there: name or id')
    .option('--subject <id>', 'only what concerns this person')
    .option('--actor <id>', 'only what this person or key did')
    .option('--type <type>', 'only this kind of change, such as delegation.ended')
    .option('--limit <number>', 'how many')
    .option('--cursor <cursor>', 'where to go on')
    .addHelpText(
      'after',
      '\nWithout --as this is done by the operator.\n\nExamples:\n  remit audit --limit 20\n  remit audit --organization North --type membership.ended --as anna@lumen.example\n  remit audit --json > trail.json\n',
    );
  addCallerOptions(command).action(async (options: Options) => {
    const caller = await callerFor(options);
    try {
      const page = (await caller.call(namedOperation('event.list'), {
        organizationId: options.organization && (await organizationNamed(caller, options.organization)),
        subjectId: options.subject,
        actorId: options.actor,
        type: options.type,
        limit: options.limit === undefined ? undefined : Number(options.limit),
        cursor: options.cursor,
      })) as { items: Event[]; next?: string };
      if (options.json) return print(out, page, true);
      for (const event of page.items) out.write(`${event.at}  ${event.sentence ?? event.type}\n`);
      if (page.items.length === 0) out.write('(none)\n');
      if (page.next) out.write(`(more: --cursor ${page.next})\n`);
    } finally {
      await caller.close();
    }
  });
}
