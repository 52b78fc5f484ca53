import { sql } from 'kysely';
import { z } from 'zod';
import { type Permission, permissionNames } from '../../authority/permissions.ts';
import { adminRoleName, permissionWords } from '../../authority/words.ts';
import { appoint, prepare, rolePermissions, toLimit } from '../../delegation/appoint.ts';
import {
  type NewDelegationInput,
  newDelegationInput,
  readDelegate,
  readScope,
} from '../../delegation/new-delegation.ts';
import { timeZoneOf } from '../../directory/by-day.ts';
import type { Context } from '../../operation/operation.ts';
import { invalid } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { endAsked } from '../end-asked.ts';
import { whomFor } from '../for-whom.ts';
import { say } from '../say.ts';
import type { RequestRow } from '../store.ts';
import type { Kind, Wanted } from './kind.ts';
import { placeAsked } from './place-asked.ts';

const payload = z
  .object({
    name: z.string().describe('Of the admin role; empty for single permissions.'),
    adminRoleId: z.uuid().nullable(),
    permissions: z.array(z.enum(permissionNames)).describe('What it lets do, as it was asked for.'),
    below: z.boolean(),
    lastDay: z.string().optional().describe('The day that it was asked until.'),
  })
  .strict();
type Payload = z.infer<typeof payload>;

/** Looking after a place until a date: an admin role, or single permissions. */
export const delegation: Kind<Payload> = {
  payload,
  words: (row, { name, adminRoleId, permissions, below }) =>
    say(below ? 'kind.delegation-below' : 'kind.delegation', {
      name: row.displayName,
      organization: row.organizationName,
      what: adminRoleId ? adminRoleName(adminRoleId, name) : permissions.map(permissionWords).join(', '),
    }),
  details: ({ permissions, below }) => ({ mayDo: permissions.map(permissionWords), below }),
  apply: async (giver, row, asked) => {
    const input = await inputFor(giver, row, asked);
    const { delegate, delegateTarget } = await readDelegate(giver, input);
    const prepared = await prepare(giver, {
      target: giver.target,
      below: input.below,
      ...(await readScope(giver, input)),
      delegate,
      delegateTarget,
      adminRoleId: input.adminRoleId ?? null,
      permissions: input.permissions,
      entitlements: toLimit(input.entitlements),
      endsAt: row.endsAt!,
      ...(asked.lastDay
        ? { days: { lastDay: asked.lastDay, timeZone: await timeZoneOf(giver.db, row.organizationId) } }
        : {}),
      mayPassOn: 0,
      reason: row.reason,
    });
    return (await appoint(giver, prepared)).id;
  },
  takeBack: async ({ context, because }, row) => {
    const { rows } = await sql<{ before: Record<string, unknown>; after: Record<string, unknown> }>`
      with ended as (
        update delegation d set state = 'ended', ended_at = ${context.at}, ended_by = ${context.user().userId}, version = version + 1
        where d.id = ${row.made} and d.state <> 'ended' returning d.*)
      select to_jsonb(b) - 'reason' as before, to_jsonb(e) - 'reason' as after from ended e join delegation b on b.id = e.id`.execute(
      context.db,
    );
    const [ended] = rows;
    if (!ended) throw refuse('undo.too-late');
    context.record({
      type: 'delegation.ended',
      targetKind: 'delegation',
      targetId: row.made,
      organizationId: row.organizationId,
      path: row.path,
      subjectId: row.userId,
      ...ended,
      because,
    });
  },
};

/**
 * The role, where it still lets do just what was asked for; changed meanwhile, what was asked for singly, so that nothing
 * comes in that nobody approved (I34).
 */
async function inputFor(giver: Context, row: RequestRow, asked: Payload): Promise<NewDelegationInput> {
  const now = await rolePermissions(giver, asked.adminRoleId, row.path);
  const same = sameSet(now, asked.permissions);
  return newDelegationInput.parse({
    organizationId: row.organizationId,
    below: asked.below,
    delegate: { membershipId: row.membershipId },
    ...(asked.adminRoleId && same ? { adminRoleId: asked.adminRoleId } : { permissions: asked.permissions }),
    until: row.endsAt!.toISOString(),
    reason: row.reason,
  });
}

const sameSet = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((name) => other.includes(name));

export async function wantedDelegation(
  context: Context,
  asked: {
    membershipId: string | undefined;
    organizationId: string;
    below: boolean;
    adminRoleId: string | undefined;
    permissions: readonly Permission[];
    until: string | undefined;
    lastDay: string | undefined;
    reason: string;
  },
): Promise<Wanted> {
  const { target } = await whomFor(context, asked.membershipId);
  const { path } = await placeAsked(context, asked.organizationId);
  const end = await endAsked(context, asked, asked.organizationId);
  const adminRoleId = asked.adminRoleId ?? null;
  const permissions = [
    ...new Set(adminRoleId ? await rolePermissions(context, adminRoleId, path) : asked.permissions),
  ];
  if (permissions.length === 0 || (adminRoleId && asked.permissions.length > 0))
    throw invalid(undefined, 'ask-one-of', { fields: 'adminRoleId, permissions' });
  return {
    kind: 'delegation',
    payload: {
      name: await roleName(context, adminRoleId),
      adminRoleId,
      permissions,
      below: asked.below,
      ...(end.lastDay ? { lastDay: end.lastDay } : {}),
    },
    gives: [...new Set<Permission>(['request.decide', 'delegation.create', ...permissions])],
    organizationId: asked.organizationId,
    path,
    membershipId: target.id,
    subjectId: target.userId ?? null,
    entitlementId: null,
    accessRoleId: null,
    entitlementIds: [],
    reason: asked.reason,
    endsAt: end.endsAt,
    same: `${asked.organizationId} ${target.id} ${adminRoleId ?? [...permissions].sort().join(' ')}`,
  };
}

async function roleName({ db }: Context, adminRoleId: string | null): Promise<string> {
  const { rows } = await sql<{ name: string }>`select name from admin_role where id = ${adminRoleId}`.execute(
    db,
  );
  return rows[0]?.name ?? '';
}
