import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { label } from '../access/fields.ts';
import type { Target } from '../authority/delegation.ts';
import type { Context } from '../operation/operation.ts';
import { membershipTargets, organizationTargets } from '../operation/targets.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { hangs, type Named } from './hang.ts';
import { conditions, type Step, step } from './policy.ts';
import type { PolicyRow } from './policy-store.ts';

/** Approval policies as operations take and show them. */
export const policyFields = {
  name: label,
  applies: conditions.describe('Which requests it is about; all of them there when empty.'),
  steps: z
    .array(step)
    .max(8)
    .describe('One after the other. None: it is approved at once, within what you may give yourself.'),
};

export const policyView = z.object({
  id: z.uuid(),
  organizationId: z.uuid(),
  organizationName: z.string(),
  ...policyFields,
  state: z.enum(['active', 'retired']),
  version: z.number().int(),
});

export async function policyTarget(db: Kysely<DB>, policyId: string): Promise<Target | undefined> {
  const { rows } = await sql<Target>`
    select 'approval-policy' as kind, p.id, p.organization_id as "organizationId", o.path, place_is_off(o.path) as off
    from approval_policy p join organization o on o.id = p.organization_id where p.id = ${policyId}`.execute(
    db,
  );
  return rows[0];
}

/** A policy as its events say it: no names of people, only their ids. */
export const policyState = ({
  id,
  organizationId,
  applies,
  steps,
  savedBy,
  savedUnder,
  state,
  version,
}: PolicyRow) => ({
  id,
  organizationId,
  applies,
  steps,
  savedBy,
  savedUnder,
  state,
  version,
});

/**
 * Refuses steps that would hang, or that name somebody whom the saver does not see.
 * @throws Refusal `policy.hangs` with the step and what is wrong with it
 */
export async function checkSteps(context: Context, steps: readonly Step[]): Promise<void> {
  const approvers = steps.flatMap(({ approvers, escalation }) => [
    ...approvers,
    ...escalation.flatMap((level) => level.approvers),
  ]);
  const memberships = approvers.flatMap((one) => (one.kind === 'people' ? one.membershipIds : []));
  const organizations = approvers.flatMap((one) => (one.kind === 'members' ? one.organizationId : []));
  const people = await membershipTargets(context.db, memberships);
  for (const id of memberships) context.require('user.read', people.get(id), 'user.read');
  const places = await organizationTargets(context.db, organizations);
  for (const id of organizations) context.require('user.read', places.get(id), 'organization.read');
  const [first] = hangs(steps, await whoIsNamed(context, memberships, organizations));
  if (first)
    throw refuse('policy.hangs', {
      step: steps[first.step]!.name,
      level: first.level === 0 ? '' : ` after escalation ${first.level}`,
      problem: first.problem,
    });
}

/** User ids of those who stand in the memberships and organizations named. */
async function whoIsNamed(
  { db }: Context,
  memberships: readonly string[],
  organizations: readonly string[],
): Promise<Named> {
  const { rows } = await sql<{ id: string; userId: string }>`
    select x.id, m.user_id as "userId" from unnest(${memberships}::uuid[]) x (id) join membership m on m.id = x.id
      join app_user u on u.id = m.user_id where m.state = 'active' and u.state = 'active' and m.ends_at > remit_now()
    union all
    select x.id, m.user_id from unnest(${organizations}::uuid[]) x (id) join membership m on m.organization_id = x.id
      join app_user u on u.id = m.user_id where m.state = 'active' and u.state = 'active' and m.ends_at > remit_now()`.execute(
    db,
  );
  const named = new Map<string, string[]>();
  for (const { id, userId } of rows) named.set(id, [...(named.get(id) ?? []), userId]);
  return named;
}

export const whoSaves = (
  context: Context,
): { userId: string; membershipId: string | null; under: string | null } => {
  const { userId, membershipId } = context.user();
  return { userId, membershipId, under: context.permit.because[0]?.id ?? null };
};
