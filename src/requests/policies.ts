import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { label } from '../access/fields.ts';
import type { Target } from '../authority/delegation.ts';
import { loadCeilings } from '../authority/holds.ts';
import { isAtOrBelow } from '../authority/place.ts';
import { inReach } from '../authority/reach.ts';
import type { Context } from '../operation/operation.ts';
import { organizationTargets } from '../operation/targets.ts';
import { invalid } from '../platform/problems.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { requireNamed, whoIsEligibleAt } from './eligible.ts';
import { type Hang, hangs } from './hang.ts';
import { type Conditions, conditions, type Step, step } from './policy.ts';
import type { PolicyRow } from './policy-store.ts';
import { say } from './say.ts';

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

export const hangView = z
  .object({
    number: z.number().int().describe('Of the step.'),
    escalation: z.number().int().describe('0: those asked at first.'),
    why: z.enum(['nobody', 'circle', 'too-few']),
    needed: z.number().int(),
  })
  .nullable()
  .describe('What would hang by now; those asked next, and time, meet it.');

export async function policyTarget(db: Kysely<DB>, policyId: string): Promise<Target | undefined> {
  const { rows } = await sql<Target>`
    select 'approval-policy' as kind, p.id, p.organization_id as "organizationId", o.path, place_is_off(o.path) as off
    from approval_policy p join organization o on o.id = p.organization_id where p.id = ${policyId}`.execute(
    db,
  );
  return rows[0];
}

/** A policy as its events say it: no names, neither of people nor what somebody calls a step. */
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
  steps: steps.map(({ name: _, ...step }) => step),
  savedBy,
  savedUnder,
  state,
  version,
});

/** So many places are looked at when a policy is saved for some places only; it may be about more. */
const mostPlaces = 20;

/**
 * Refuses steps that would hang at the places that the policy is about, or that name somebody whom the saver does not
 * see.
 * @throws Refusal `policy.hangs` with the step, how far it has escalated, and what is wrong with it
 */
export async function checkSteps(
  context: Context,
  { applies, steps }: { applies: Conditions; steps: readonly Step[] },
  before?: Conditions,
): Promise<void> {
  const first = await hangAt(
    context,
    await requireKnown(context, { applies, steps }, before),
    applies,
    steps,
  );
  if (first)
    throw refuse('policy.hangs', {
      number: first.step + 1,
      step: steps[first.step]!.name,
      level: first.level === 0 ? '' : say('hang.level', { level: first.level }),
      escalation: first.level,
      why: first.why,
      needed: first.needed,
      problem: first.problem,
    });
}

/** The first state that would hang at one of the places, as things are now. */
async function hangAt(
  context: Pick<Context, 'db'>,
  places: readonly Target[],
  applies: Conditions,
  steps: readonly Step[],
): Promise<Hang | undefined> {
  for (const place of places) {
    const [first] = hangs(steps, await whoIsEligibleAt(context, place, applies, steps));
    if (first) return first;
  }
  return undefined;
}

/** What a list shows of a saved policy that would hang by now: people have gone since. */
export async function hangNow(
  context: Pick<Context, 'db'>,
  policy: PolicyRow,
): Promise<z.infer<typeof hangView>> {
  const { applies, steps, organizationId, path } = policy;
  const places = applies.organizationIds
    ? await organizationTargets(context.db, applies.organizationIds.slice(0, 3))
    : new Map([
        [organizationId, { kind: 'organization', id: organizationId, organizationId, path, off: false }],
      ]);
  const first = await hangAt(context, [...places.values()], applies, steps);
  return first
    ? { number: first.step + 1, escalation: first.level, why: first.why, needed: first.needed }
    : null;
}

/**
 * Whom and what it names has to be known to whoever saves it.
 * @param before what it says already may stay, though the saver could not name it anew
 * @returns where requests come from that it is about: its own organization, or those below that its conditions name
 */
export async function requireKnown(
  context: Context,
  { applies, steps }: { applies: Conditions; steps: readonly Step[] },
  before: Conditions = {},
): Promise<Target[]> {
  const { db, target } = context;
  await requireNamed(context, steps);
  await requireOffered(context, {
    applications: without(applies.applications, before.applications),
    entitlements: without(applies.entitlements, before.entitlements),
  });
  const ids = applies.organizationIds;
  if (!ids) return [target];
  const places = await organizationTargets(db, ids);
  for (const id of ids) {
    const place = places.get(id);
    context.require('organization.read', place, 'organization.read');
    if (!isAtOrBelow(place!.path, target.path)) throw invalid('applies', 'places-outside-policy');
  }
  return [...places.values()].slice(0, mostPlaces);
}

const without = (ids: readonly string[] = [], known: readonly string[] = []): string[] =>
  ids.filter((id) => !known.includes(id));

type OfApplication = { id: string; applicationId: string; path: string };

/** Roles and applications that could be asked for there, or that the saver looks after: others do not exist (I08). */
async function requireOffered(
  { db, target, reach }: Context,
  named: { applications: readonly string[]; entitlements: readonly string[] },
): Promise<void> {
  if (named.applications.length + named.entitlements.length === 0) return;
  const { rows } = await sql<OfApplication & { looksAfter: boolean }>`
    select e.id, e.application_id as "applicationId", o.path, ${inReach(reach('application.read'), sql`o.path`)} as "looksAfter"
    from entitlement e join application a on a.id = e.application_id join organization o on o.id = a.organization_id
    where e.id = any (${named.entitlements}::uuid[]) or a.id = any (${named.applications}::uuid[])`.execute(
    db,
  );
  const ceilings = await loadCeilings(db, [target.path]);
  const offered = rows.filter(
    (one) =>
      one.looksAfter || (isAtOrBelow(target.path, one.path) && ceilings.allows(target.path, one).allowed),
  );
  const known = new Set(offered.flatMap(({ id, applicationId }) => [id, applicationId]));
  if ([...named.applications, ...named.entitlements].some((id) => !known.has(id))) throw refuse('not-found');
}

export const whoSaves = (
  context: Context,
): { userId: string; membershipId: string | null; under: string | null } => {
  const { userId, membershipId } = context.user();
  return { userId, membershipId, under: context.permit.because[0]?.id ?? null };
};
