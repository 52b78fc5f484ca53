import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { planNight } from '../reconciling/nightly.ts';
import { mark } from '../sending/marks.ts';
import { readRoles, readTarget, sealedSettings, secretsOf } from '../store.ts';
import {
  checkMapping,
  checkMending,
  checkPassword,
  checkPolicy,
  checkSettings,
  requireAsked,
  requireConnector,
  requireReady,
  requireRoles,
  secretsAfter,
  whoSavesTarget,
  writeRoles,
} from '../targets/target-edit.ts';
import { asMapping, provisioningTargetId, targetDetail, targetFields } from '../targets/target-fields.ts';
import { detailOf, provisioningTarget, targetState } from '../targets/target-view.ts';

export const targetUpdate = operation({
  name: 'target.update',
  summary: 'Change a connected system: how it is reached, who has accounts there, and what is sent.',
  http: 'PATCH /targets/{provisioningTargetId}',
  input: z.object({
    provisioningTargetId,
    name: targetFields.name.optional(),
    settings: targetFields.settings.optional(),
    secrets: targetFields.secrets.optional(),
    mapping: targetFields.mapping.optional(),
    roles: targetFields.roles.optional(),
    policy: targetFields.policy.optional(),
    limits: targetFields.limits.optional(),
    brake: targetFields.brake.optional(),
    mending: targetFields.mending.optional(),
    passwords: targetFields.passwords.optional(),
  }),
  output: targetDetail,
  needs: {
    permission: 'target.configure',
    target: (db, input) => provisioningTarget(db, input.provisioningTargetId),
    visibleBy: 'target.read',
  },
  effect: 'changing',
  events: ['target.updated'],
  run: async (context, { provisioningTargetId: id, ...input }) => {
    const { db, at, config, target } = context;
    const row = (await readTarget(db, id, { lock: true }))!;
    context.checkVersion(row.version);
    const connector = requireConnector(row.connector);
    const after = {
      ...row,
      ...input,
      mapping: input.mapping ? asMapping(input.mapping) : row.mapping,
      policy: input.policy ?? row.policy,
      mending: input.mending ?? row.mending,
      password: input.passwords === undefined ? row.password : input.passwords,
    };
    checkSettings(connector, after.settings);
    await requireAsked(context, connector, row.settings, after.settings);
    checkMapping(connector, after.settings, after.mapping);
    checkPolicy(connector, after.settings, after.policy);
    if (input.mending || input.mapping) await checkMending(context, connector, after.settings, after);
    checkPassword(context, connector, after.settings, after.password);
    const secrets =
      input.secrets || input.settings
        ? secretsAfter(
            connector,
            { settings: row.settings, secrets: secretsOf(config, row) },
            after.settings,
            input.secrets ?? {},
          )
        : undefined;
    if (input.roles) await requireRoles(context, input.roles);
    // Who saves it stands behind what is sent: also behind the roles that were there before.
    else
      await requireRoles(
        context,
        (await readRoles(db, id)).map(({ name, ...one }) => ({
          name,
          entitlementId: one.entitlementId ?? undefined,
          organizationId: one.organizationId ?? undefined,
          groupId: one.groupId ?? undefined,
        })),
      );
    const before = await targetState(db, id);
    // Whoever calls it something else, or slows it down, does not vouch for where it leads and what it is told: what
    // another chose goes on by that one's right, not by more.
    const asBefore = Object.keys(input).every((key) => ['name', 'limits', 'brake'].includes(key));
    const by = asBefore
      ? { userId: row.savedBy, membershipId: row.savedIn, under: row.savedUnder }
      : whoSavesTarget(context);
    const { rows } = await sql`
      update target t set name = ${after.name}, settings = ${JSON.stringify(after.settings)}::jsonb,
        sealed = ${secrets ? sealedSettings(config, id, secrets) : row.sealed}, mapping = ${JSON.stringify(after.mapping)}::jsonb,
        policy = ${JSON.stringify(after.policy)}::jsonb, limits = ${JSON.stringify(after.limits)}::jsonb,
        brake = ${JSON.stringify(after.brake)}::jsonb, mending = ${JSON.stringify(after.mending)}::jsonb, password = ${after.password && JSON.stringify(after.password)}::jsonb, saved_by = ${by.userId}, saved_in = ${by.membershipId},
        saved_under = ${by.under}, changed_at = ${at}, version = version + 1
      where t.id = ${id} and not exists (select 1 from target other where other.organization_id = t.organization_id
        and lower(other.name) = lower(${after.name}) and other.id <> t.id and other.state <> 'retired')
      returning 1`.execute(db);
    if (rows.length === 0) throw refuse('name-taken');
    if (input.roles) await writeRoles(context, id, input.roles);
    if (input.mending) await planNight(db, id);
    if (row.state !== 'draft') {
      const now = (await readTarget(db, id))!;
      await requireReady(context, now, secretsOf(config, now));
      await mark(db, { everybody: true, targetId: id });
    }
    context.record({
      type: 'target.updated',
      targetKind: 'target',
      targetId: id,
      organizationId: target.organizationId,
      path: target.path,
      before,
      after: await targetState(db, id),
      personal: { name: after.name },
    });
    return detailOf(context, id);
  },
});
