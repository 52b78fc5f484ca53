import type { Command } from 'commander';
import { permissionNames } from '../../authority/permissions.ts';
import { operations } from '../../server/operations.gen.ts';
import { callerFor } from '../caller.ts';
import { addCallerOptions, type CommonOptions, type Out, print } from '../operation-commands.ts';
import { organizationNamed } from '../organization-named.ts';

type Options = CommonOptions & { organization?: string; membership?: string; entitlement?: string };

export function addWhy(program: Command, out: Out): void {
  const command = program
    .command('why')
    .description('Ask why somebody may do something, or what is missing.')
    .argument('<permission>', `one of ${permissionNames.join(', ')}`)
    .option('--organization <organization>', 'where: name or id; their own when absent')
    .option('--membership <id>', 'to whom')
    .option('--entitlement <id>', 'with which access')
    .addHelpText(
      'after',
      '\nExamples:\n  remit why user.invite --organization North --as anna@lumen.example\n  remit why access.grant --membership <id> --entitlement <id> --as anna@lumen.example\n',
    );
  addCallerOptions(command).action(async (permission: string, options: Options) => {
    const caller = await callerFor(options);
    try {
      const answer = await caller.call(operations['decision.explain'], {
        permission,
        organizationId: options.organization && (await organizationNamed(caller, options.organization)),
        membershipId: options.membership,
        entitlementId: options.entitlement,
      });
      if (options.json) return print(out, answer, true);
      const { effect, sentence, askFrom } = answer as {
        effect: string;
        sentence: string;
        askFrom: { name: string }[];
      };
      out.write(`${effect === 'permit' ? 'Yes' : 'No'}. ${sentence}\n`);
      if (askFrom.length > 0)
        out.write(`Who could give it: ${askFrom.map(({ name }) => name).join(', ')}.\n`);
    } finally {
      await caller.close();
    }
  });
}
