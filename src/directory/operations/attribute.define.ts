import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { writtenName } from '../../platform/names.ts';
import { invalid, saying } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { definitionsAt, lockDefinition, putDefinition } from '../attribute-store.ts';
import { attributeKinds, changedBys, seenBys } from '../attributes.ts';
import { organizationId } from '../fields.ts';

export const attributeDefine = operation({
  name: 'attribute.define',
  summary: 'Define a field for the people of an organization and those below, or change it.',
  http: 'POST /organizations/{organizationId}/attributes',
  input: z.object({
    organizationId,
    key: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, saying('attribute.key')),
    label: writtenName.min(1).max(100),
    kind: z.enum(attributeKinds).describe('Stays as it is once defined.'),
    choices: z.array(writtenName.min(1).max(100)).max(200).default([]),
    required: z.boolean().default(false),
    seenBy: z
      .enum(seenBys)
      .optional()
      .describe('Who sees it: those who may change the person; the person, too; or all who see the person.'),
    changedBy: z
      .enum(changedBys)
      .optional()
      .describe(
        'Who fills it in: those who may change the person; the person, too; or only imports and feeds.',
      ),
    claim: z.boolean().optional().describe('Applications that ask for it are told it when people sign in.'),
  }),
  output: z.object({ key: z.string(), version: z.number().int() }),
  needs: {
    permission: 'attribute.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['attribute.defined'],
  run: async (context, { organizationId, ...definition }) => {
    if ((definition.kind === 'choice') !== definition.choices.length > 0) throw invalid('choices', 'choices');
    const before = await lockDefinition(context.db, organizationId, definition.key);
    if (before) {
      context.checkVersion(before.version);
      // Values of another kind stand in people's records already.
      if (before.kind !== definition.kind) throw refuse('name-taken', { key: definition.key });
    }
    const { seenBy = before?.seenBy ?? 'everybody', changedBy = before?.changedBy ?? 'managers' } =
      definition;
    if (changedBy === 'self') {
      if (seenBy === 'managers') throw invalid('seenBy', 'attribute.own-unseen');
      // Else a partner's people would write what is read above. That a rule reads it, from above, is not to be told.
      const { key, label } = definition;
      const above = await definitionsAt(context.db, context.target.path, 'above');
      if (above.some((one) => one.key === key)) throw refuse('attribute.defined-above', { field: label });
    }
    const claim = definition.claim ?? before?.claim ?? false;
    // Whoever signs in hands it to the application, and could read it there.
    if (claim && seenBy === 'managers') throw invalid('claim', 'attribute.claim-unseen');
    const after = await putDefinition(context.db, organizationId, {
      ...definition,
      seenBy,
      changedBy,
      claim,
    });
    context.record({
      type: 'attribute.defined',
      targetKind: 'attribute',
      targetId: after.id,
      organizationId,
      path: context.target.path,
      before: before ?? null,
      after,
    });
    return after;
  },
});
