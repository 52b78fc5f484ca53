import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { newId } from '../../platform/ids.ts';
import { refuse } from '../../platform/refusals.ts';
import { planNight } from '../reconciling/nightly.ts';
import { sealedSettings } from '../store.ts';
import {
  checkMapping,
  checkMending,
  checkPassword,
  checkPolicy,
  checkSettings,
  requireAsked,
  requireConnector,
  requireRoles,
  secretsAfter,
  whoSavesTarget,
  writeRoles,
} from '../targets/target-edit.ts';
import { asMapping, targetDetail, targetFields } from '../targets/target-fields.ts';
import { detailOf, targetState } from '../targets/target-view.ts';

/** More than this to one organization is a mistake, and each is looked at for every change. */
const mostTargets = 50;

export const targetCreate = operation({
  name: 'target.create',
  summary: 'Connect a system in which accounts of people are kept; nothing is sent before it is switched on.',
  http: 'POST /targets',
  input: z.object({
    organizationId: z.uuid().describe('People of this organization and those below.'),
    connector: z.string().min(1).max(40).describe('How it is spoken to; see `connector.list`.'),
    ...targetFields,
    settings: targetFields.settings.default({}),
    secrets: targetFields.secrets.default({}),
    mapping: targetFields.mapping.default([]),
    roles: targetFields.roles.default([]),
    policy: targetFields.policy.prefault({}),
    limits: targetFields.limits.prefault({}),
    brake: targetFields.brake.prefault({}),
    mending: targetFields.mending.prefault({}),
    passwords: targetFields.passwords.default(null),
  }),
  output: targetDetail,
  needs: {
    permission: 'target.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['target.created'],
  run: async (context, input) => {
    const { db, at, config, target } = context;
    const connector = requireConnector(input.connector);
    checkSettings(connector, input.settings);
    await requireAsked(context, connector, {}, input.settings);
    checkMapping(connector, input.settings, asMapping(input.mapping));
    checkPolicy(connector, input.settings, input.policy);
    await checkMending(context, connector, input.settings, {
      mending: input.mending,
      mapping: asMapping(input.mapping),
    });
    checkPassword(context, connector, input.settings, input.passwords);
    const secrets = secretsAfter(connector, { settings: {}, secrets: {} }, input.settings, input.secrets);
    await requireRoles(context, input.roles);
    const { rows: count } = await sql<{ n: number }>`
      select count(*)::int as n from target where organization_id = ${input.organizationId} and state <> 'retired'`.execute(
      db,
    );
    if (count[0]!.n >= mostTargets) throw refuse('target.too-many', { most: mostTargets });
    const by = whoSavesTarget(context);
    const id = newId(at.getTime());
    const { rows } = await sql`
      insert into target (id, organization_id, name, connector, settings, sealed, mapping, policy, limits, brake, mending, password, saved_by, saved_in, saved_under)
      values (${id}, ${input.organizationId}, ${input.name}, ${input.connector}, ${JSON.stringify(input.settings)}::jsonb,
        ${sealedSettings(config, id, secrets)}, ${JSON.stringify(input.mapping)}::jsonb, ${JSON.stringify(input.policy)}::jsonb,
        ${JSON.stringify(input.limits)}::jsonb, ${JSON.stringify(input.brake)}::jsonb, ${JSON.stringify(input.mending)}::jsonb, ${input.passwords && JSON.stringify(input.passwords)}::jsonb, ${by.userId}, ${by.membershipId}, ${by.under})
      on conflict do nothing returning 1`.execute(db);
    if (rows.length === 0) throw refuse('name-taken');
    await writeRoles(context, id, input.roles);
    if (input.mending.nightly) await planNight(db, id);
    context.record({
      type: 'target.created',
      targetKind: 'target',
      targetId: id,
      organizationId: target.organizationId,
      path: target.path,
      after: await targetState(db, id),
      personal: { name: input.name },
    });
    return detailOf(context, id);
  },
});
