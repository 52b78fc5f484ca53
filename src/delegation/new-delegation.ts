import { sql } from 'kysely';
import { z } from 'zod';
import type { Target } from '../authority/delegation.ts';
import { adminRoleId, permissionNames } from '../authority/permissions.ts';
import { isSelf } from '../authority/self.ts';
import type { Context } from '../operation/operation.ts';
import { membershipTarget } from '../operation/targets.ts';
import { instantText } from '../platform/dates.ts';
import { refuse } from '../platform/refusals.ts';
import { entitlementsInput, mayPassOnInput } from './appoint.ts';
import type { Delegate } from './store.ts';

/** What one says to make a delegation: who, what, where, which access, from and until, may it be passed on. */
export const newDelegationInput = z.object({
  organizationId: z.uuid().describe('Where: this organization'),
  below: z.boolean().default(true).describe('and those below it'),
  delegate: z
    .union([z.object({ membershipId: z.uuid() }).strict(), z.literal('organization')])
    .describe(
      'Who: a person by their membership; or `organization`, its standing delegation: what may be handed out and held there.',
    ),
  adminRoleId: z.uuid().optional().describe('What: an admin role, and'),
  permissions: z.array(z.enum(permissionNames)).default([]).describe('single permissions.'),
  entitlements: entitlementsInput.default('same'),
  from: instantText.optional(),
  until: instantText.optional().describe('Absent: as long as your own.'),
  mayPassOn: mayPassOnInput
    .optional()
    .describe(
      'How many levels of managers may follow; `same`: as many as you may. Absent: none for a person, `same` for an organization.',
    ),
  reason: z.string().max(500).default(''),
});

export type NewDelegationInput = z.infer<typeof newDelegationInput>;

/** What the managers of an organization can be let do at most, unless its standing delegation says otherwise. */
export const standingRoleId = adminRoleId('delegated-manager');

export const chosenRole = (input: NewDelegationInput): string | null =>
  input.adminRoleId ??
  (input.delegate === 'organization' && input.permissions.length === 0 ? standingRoleId : null);

/**
 * The delegate, found once. A person must be seen by the actor, and no administrative act targets its actor.
 */
export async function readDelegate(
  context: Context,
  input: NewDelegationInput,
): Promise<{ delegate: Delegate; delegateTarget: Target | undefined }> {
  if (input.delegate === 'organization') {
    await refuseSecondStanding(context, input.organizationId);
    return {
      delegate: { kind: 'organization', organizationId: input.organizationId },
      delegateTarget: undefined,
    };
  }
  const { membershipId } = input.delegate;
  const delegateTarget = await membershipTarget(context.db, membershipId);
  context.require('user.read', delegateTarget, 'user.read');
  const userId = delegateTarget!.userId!;
  if (isSelf(context.facts, userId)) throw refuse('user.self');
  const { rows } = await sql<{ ended: boolean }>`
    select m.state = 'ended' or m.ends_at <= remit_now() as ended from membership m where m.id = ${membershipId}`.execute(
    context.db,
  );
  if (rows[0]?.ended) throw refuse('membership.ended');
  return { delegate: { kind: 'user', userId, membershipId }, delegateTarget };
}

/** One organization has one standing delegation in force or to come: narrow that one, or end it first. */
async function refuseSecondStanding(context: Context, organizationId: string): Promise<void> {
  // In a statement of its own: of two at once the second finds what the first made.
  await sql`select 1 from organization where id = ${organizationId} for no key update`.execute(context.db);
  const { rows } = await sql`
    select 1 from delegation where delegate_organization_id = ${organizationId} and delegate_kind = 'organization' and kind = 'administer'
      and state <> 'ended' and ends_at > remit_now()
      and exists (select 1 from organization o where o.id = ${organizationId} and o.path = any (place_paths))`.execute(
    context.db,
  );
  if (rows.length > 0) throw refuse('delegation.standing-exists');
}
