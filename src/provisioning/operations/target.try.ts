import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { readTarget, secretsOf } from '../store.ts';
import { dryRun, wouldBe } from '../targets/dry-run.ts';
import { requireConnector } from '../targets/target-edit.ts';
import { provisioningTargetId } from '../targets/target-fields.ts';
import { provisioningTarget } from '../targets/target-view.ts';
import { testConnection } from '../targets/test-connection.ts';
import { handsOf } from '../tasks/by-hand.ts';

export const targetTry = operation({
  name: 'target.try',
  summary:
    'Try a connected system: whether it can be reached, and what would be made, changed and taken. Nothing is.',
  http: 'POST /targets/{provisioningTargetId}/try',
  input: z.object({ provisioningTargetId }),
  output: z.object({
    findings: z
      .array(z.object({ level: z.enum(['good', 'doubt', 'bad']), text: z.string() }))
      .describe('What the system answered.'),
    people: z.number().int().describe('People who were looked at.'),
    more: z.boolean().describe('There are more than were looked at.'),
    counts: z.record(z.enum(wouldBe), z.number().int()),
    empty: z
      .array(z.object({ label: z.string(), count: z.number().int() }))
      .describe('Values that would stay empty, and of how many people.'),
    first: z.array(
      z.object({
        userId: z.uuid(),
        displayName: z.string(),
        would: z.enum(wouldBe),
        roles: z.array(z.string()),
        empty: z.array(z.string()).describe('Values that nothing is known for.'),
      }),
    ),
  }),
  needs: {
    permission: 'target.configure',
    target: (db, input) => provisioningTarget(db, input.provisioningTargetId),
    visibleBy: 'target.read',
  },
  effect: 'reading',
  run: async ({ db, config, reach }, { provisioningTargetId: id }) => {
    const row = (await readTarget(db, id))!;
    const connector = requireConnector(row.connector);
    const hands = handsOf(db, row);
    const findings = await testConnection(config, connector, row.settings, secretsOf(config, row), hands);
    return { findings, ...(await dryRun(db, row, connector, reach('user.read'))) };
  },
});
