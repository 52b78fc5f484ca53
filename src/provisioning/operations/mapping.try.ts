import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { requireConnector } from '../targets/target-edit.ts';
import { asMapping, targetFields } from '../targets/target-fields.ts';
import { declaredBy } from '../wanted/declared.ts';
import { mapped } from '../wanted/mapping.ts';
import { knownOfMembership } from '../wanted/people.ts';

export const mappingTry = operation({
  name: 'mapping.try',
  summary: 'Show what would be sent of one person, by a mapping that need not be saved yet.',
  http: 'POST /mappings/try',
  input: z.object({
    membershipId: z.uuid(),
    connector: z.string().min(1).max(40),
    settings: targetFields.settings.default({}),
    mapping: targetFields.mapping,
  }),
  output: z.object({
    displayName: z.string(),
    values: z.array(
      z.object({
        to: z.string(),
        value: z.union([z.string(), z.array(z.string()), z.boolean()]).nullable(),
        problem: z.string().nullable(),
      }),
    ),
  }),
  needs: {
    permission: 'user.read',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  effect: 'reading',
  run: async ({ db, facts }, { membershipId, connector, settings, mapping }) => {
    const { values: fields } = declaredBy(requireConnector(connector), settings);
    const known = await knownOfMembership(db, facts, membershipId);
    return {
      displayName: known.displayName ?? '',
      values: mapped(asMapping(mapping), known, fields).map(({ to, value, problem }) => ({
        to,
        value: Array.isArray(value) ? [...value] : (value as string | boolean | null),
        problem: problem ?? null,
      })),
    };
  },
});
