import { sql } from 'kysely';
import { z } from 'zod';
import { permissionNames, traitsOf } from '../../authority/permissions.ts';
import { say } from '../../authority/say.ts';
import { endSaid, lastDay } from '../../directory/by-day.ts';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { instantText, lastInstant } from '../../platform/dates.ts';
import { newId } from '../../platform/ids.ts';
import { writtenName } from '../../platform/names.ts';
import { refuse } from '../../platform/refusals.ts';
import { appoint, entitlementsInput, prepare, toLimit } from '../appoint.ts';
import { clientView, newKey, readClients } from '../clients.ts';
import { toInstant } from '../store.ts';

/** A key that nobody remembers should not work for ever. */
const yearSeconds = 365 * 86_400;

export const clientCreate = operation({
  name: 'client.create',
  summary: 'Make an API key: a machine that acts inside a boundary, until a day',
  http: 'POST /organizations/{organizationId}/clients',
  input: z.object({
    organizationId: z.uuid().describe('Where it stands and what it reaches, with those below.'),
    name: writtenName.min(1).max(100),
    permissions: z
      .array(z.enum(permissionNames))
      .min(1)
      .max(permissionNames.length)
      .describe('What it may do; within what you may.'),
    entitlements: entitlementsInput.default({ applicationIds: [], entitlementIds: [] }),
    below: z.boolean().default(true),
    feed: z.boolean().default(false).describe('It feeds people in by SCIM, and has a page as a connection.'),
    from: instantText.optional(),
    until: instantText.optional().describe('Absent, as `lastDay`: one year from its start.'),
    lastDay: lastDay.optional(),
  }),
  output: clientView.extend({ key: z.string().describe('Shown this once.') }),
  needs: {
    permission: 'client.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['client.created', 'delegation.created'],
  secretOutput: true,
  run: async (context, input) => {
    const forbidden = input.permissions.find((name) => traitsOf(name).protectedAct);
    if (forbidden)
      throw refuse('delegation.outside', { missing: say('excess.protectedAct', { name: forbidden }) });
    const clientId = newId();
    const { key, hash, hint } = newKey();
    const startsAt = input.from ? new Date(input.from) : undefined;
    const said = await endSaid(context.db, input, input.organizationId);
    const until =
      said ??
      new Date(
        Math.min(Math.max(context.at.getTime(), startsAt?.getTime() ?? 0) + yearSeconds * 1000, lastInstant),
      );
    const prepared = await prepare(context, {
      target: context.target,
      below: input.below,
      delegate: { kind: 'client', clientId },
      delegateTarget: undefined,
      adminRoleId: null,
      permissions: input.permissions,
      entitlements: toLimit(input.entitlements),
      startsAt,
      endsAt: said,
      mayPassOn: 0,
    });
    const endsAt = prepared.proposal.endsAt < until ? prepared.proposal.endsAt : until;
    const { rows } = await sql<{
      state: Record<string, unknown>;
    }>`insert into client as c (id, organization_id, name, key_hash, key_hint, starts_at, ends_at, feed, created_by)
      values (${clientId}, ${input.organizationId}, ${input.name}, ${hash}, ${hint}, ${toInstant(prepared.proposal.startsAt)}, ${toInstant(endsAt)}, ${input.feed},
        ${context.actor.kind === 'user' ? context.actor.userId : null})
      returning to_jsonb(c) - '{key_hash,key_hint,name}'::text[] as state`.execute(context.db);
    await appoint(context, { ...prepared, proposal: { ...prepared.proposal, endsAt } });
    context.record({
      type: 'client.created',
      targetKind: 'client',
      targetId: clientId,
      organizationId: context.target.organizationId,
      path: context.target.path,
      after: rows[0]!.state,
      personal: { name: input.name },
      because: prepared.because,
    });
    const [made] = await readClients(context.db, input.organizationId, clientId);
    return { ...made!, key };
  },
});
