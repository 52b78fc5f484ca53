import { sql } from 'kysely';
import { z } from 'zod';
import type { RiskClass } from '../access/risk.ts';
import type { Thing } from '../access/things.ts';
import type { Target } from '../authority/delegation.ts';
import type { Context } from '../operation/operation.ts';
import { type Approver, approverKinds, planOf } from './policy.ts';
import { askedBy, policiesAt } from './policy-store.ts';

/** Who would be asked, before anybody asks: levels, never names (ruling 9). */
export const outlook = {
  steps: z
    .array(z.object({ name: z.string(), who: z.array(z.enum(approverKinds)) }))
    .describe('Who would decide, one step after the other; none: it is approved at once.'),
};
export type Step = { name: string; who: Approver['kind'][] };

/** By id of the thing: as it would go if it were asked for now, without an end. */
export async function stepsAhead(
  { db, at }: Context,
  target: Target,
  things: readonly Thing[],
): Promise<Map<string, Step[]>> {
  const policies = await policiesAt(db, target.path);
  const asked = await askedBy(db, {
    kind: 'access',
    path: target.path,
    membershipId: null,
    entitlements: [],
    endsAt: null,
    createdAt: at,
  });
  const ids = things.flatMap(({ entitlements }) => entitlements.map(({ id }) => id));
  const { rows } = await sql<{ id: string; risk: RiskClass }>`
    select id, risk from entitlement where id = any (${ids}::uuid[])`.execute(db);
  const risks = new Map(rows.map(({ id, risk }) => [id, risk]));
  return new Map(
    things.map(({ id, entitlements, separated }) => {
      const plan = planOf(policies, {
        ...asked,
        separation: separated,
        entitlements: entitlements.map((one) => ({ ...one, risk: risks.get(one.id) ?? 'normal' })),
      });
      const steps = plan
        .filter(({ automatic }) => !automatic)
        .map(({ name, levels }) => ({ name, who: kindsOf(levels[0]!.approvers) }));
      return [id, steps] as const;
    }),
  );
}

const kindsOf = (approvers: readonly Approver[]): Approver['kind'][] => [
  ...new Set(approvers.map(({ kind }) => kind)),
];
