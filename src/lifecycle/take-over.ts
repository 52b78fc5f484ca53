import { sql } from 'kysely';
import type { z } from 'zod';
import type { RiskClass } from '../access/risk.ts';
import { handOver } from '../delegation/hand-over.ts';
import { delegationTarget } from '../delegation/store.ts';
import { updateMembership } from '../directory/update-membership.ts';
import type { Context } from '../operation/operation.ts';
import { membershipTarget } from '../operation/targets.ts';
import { refuse } from '../platform/refusals.ts';
import { recordRequest } from '../requests/decision.ts';
import { approvalPolicyUpdate } from '../requests/operations/approval-policy.update.ts';
import { deputyCreate } from '../requests/operations/deputy.create.ts';
import { policyTarget } from '../requests/policies.ts';
import type { Approver, Level, Quorum } from '../requests/policy.ts';
import { readPolicy } from '../requests/policy-store.ts';
import { readRequest } from '../requests/store.ts';
import { type Behind, type BehindKind, type leftBehind, staying } from './behind.ts';
import { actingOn } from './in-their-right.ts';

/** What handing over may record, beside the ending itself. */
export const takeOverEvents = [
  'delegation.created',
  'delegation.handed-over',
  'delegation.moved',
  'membership.updated',
  'approval-policy.updated',
  'request.passed',
  'deputy.named',
] as const;

type Follow = {
  leaver: { membershipId: string; lineManagerId: string | null };
  /** with those above them in the reporting line */
  successor: { membershipId: string; userId: string; line: readonly string[] };
};
type Part = (doer: Context, item: Behind, follow: Follow) => Promise<unknown>;

/**
 * Hands each thing to the successor, as the act that it is: whoever does it needs the right to do exactly that, gives no
 * more than they could themselves (I01), and what is refused stays as it is, vacant. The place has ended before.
 * @param doer whose rights count
 */
export async function takeOver(
  doer: Context,
  behind: readonly Behind[],
  follow: Follow,
): Promise<z.infer<typeof leftBehind>> {
  const items = [];
  for (const item of behind.filter(({ seen }) => seen)) {
    const part = parts[item.kind];
    const done = part && (await doer.attempt(() => part(doer, item, follow)));
    const { seen: _, ...what } = item;
    const why = done && !done.ok ? done.refusal.message : null;
    items.push({ ...what, handed: done?.ok === true, why });
  }
  return { items, elsewhere: staying(behind).elsewhere };
}

const parts: Record<BehindKind, Part | undefined> = {
  delegation: async (doer, { id }, { successor }) => {
    const target = await delegationTarget(doer.db, id);
    const acting = actingOn(doer, 'delegation.create', target, 'delegation.read');
    await handOver(acting, { delegationId: id, membershipId: successor.membershipId, whole: true });
  },

  report: async (doer, { id }, { leaver, successor }) => {
    const target = await membershipTarget(doer.db, id);
    const acting = actingOn(doer, 'membership.update', target, 'user.read');
    // Nobody is their own line manager, nor that of somebody above them: they come below the leaver's own.
    const isAbove = target!.userId === successor.userId || successor.line.includes(id);
    const lineManagerId = isAbove ? leaver.lineManagerId : successor.membershipId;
    await updateMembership(acting, { membershipId: id, lineManagerId });
  },

  policy: async (doer, { id }, { leaver, successor }) => {
    const acting = actingOn(
      doer,
      'approval-policy.configure',
      await policyTarget(doer.db, id),
      'organization.read',
    );
    const { steps } = (await readPolicy(doer.db, id))!;
    await approvalPolicyUpdate.run(acting, {
      policyId: id,
      steps: steps.map((step) => {
        const [first, ...escalation] = renamed(
          [step, ...step.escalation],
          step.quorum,
          leaver.membershipId,
          successor.membershipId,
        );
        return { ...step, approvers: first!.approvers, escalation: escalation as Level[] };
      }),
    });
  },

  request: async (doer, { id }, { leaver, successor }) => {
    const row = (await readRequest(doer.db, id, { lock: true }))!;
    const me = doer.user();
    // Nobody has a say in who decides what they asked for, and nobody decides that themselves (I32).
    if ([row.requesterId, row.userId].some((one) => one === me.userId || one === successor.userId))
      throw refuse('request.own');
    let acting: Context | undefined;
    const plan = [];
    for (const step of row.plan) {
      if (!names(step.levels, leaver.membershipId)) {
        plan.push(step);
        continue;
      }
      const target = step.policyId ? await policyTarget(doer.db, step.policyId) : undefined;
      acting = actingOn(doer, 'approval-policy.configure', target, 'organization.read');
      // Only after the policy itself: what it gives is then within what the doer may give (ruling 8).
      if ((await readPolicy(doer.db, step.policyId!))?.savedBy !== me.userId)
        throw refuse('succession.policy-first');
      const levels = renamed(step.levels, step.quorum, leaver.membershipId, successor.membershipId);
      plan.push({ ...step, levels });
    }
    if (!acting) throw refuse('request.changed');
    await sql`
      update request set plan = ${JSON.stringify(plan)}::jsonb, passed_to = ${successor.membershipId}, version = version + 1,
        asks_members = array_replace(asks_members, ${leaver.membershipId}::uuid, ${successor.membershipId}::uuid)
      where id = ${id}`.execute(doer.db);
    const after = (await readRequest(doer.db, id))!;
    recordRequest(acting, 'request.passed', row, after, acting.permit.because);
  },

  // Who decides for somebody is theirs to say, and nobody else's (I29).
  'decides-for': async (doer, { id }, { successor }) => {
    const { rows } = await sql<Deputyship>`
      select d.giver_membership_id as giver, d.ends_at as until, greatest(d.starts_at, ${doer.at}) as "from",
        (select o.id from organization o where o.path = d.place_paths[1] collate "C" and o.parent_id is not null) as place,
        d.entitlements ->> 'all' is null as few, array(select jsonb_array_elements_text(d.entitlements -> 'applications')) as applications,
        d.entitlements -> 'risk' as risk, d.may_pass_on as "mayPassOn"
      from delegation d where d.id = ${id}`.execute(doer.db);
    const { giver, until, from, place, few, applications, risk, mayPassOn } = rows[0]!;
    if (giver !== doer.user().membershipId) throw refuse('succession.theirs');
    await deputyCreate.run(doer, {
      membershipId: successor.membershipId,
      from: from.toISOString(),
      until: until.toISOString(),
      ...(place ? { organizationId: place } : {}),
      ...(few ? { applicationIds: applications } : {}),
      ...(risk ? { risk } : {}),
      mayPassOn,
      reason: '',
    });
  },

  // Their deputy decided what they decided, and nothing of the successor's.
  deputy: undefined,

  // Who looks after a child is not to be had by managing a place (I28).
  guardian: undefined,
};

type Deputyship = {
  giver: string;
  until: Date;
  from: Date;
  place: string | null;
  few: boolean;
  applications: string[];
  risk: RiskClass[] | null;
  mayPassOn: number;
};

type Levels = readonly { approvers: readonly Approver[] }[];

const isNaming = (one: Approver, membershipId: string): boolean =>
  one.kind === 'people' && one.membershipIds.includes(membershipId);

const names = (levels: Levels, membershipId: string): boolean =>
  levels.some(({ approvers }) => approvers.some((one) => isNaming(one, membershipId)));

/**
 * The successor in the leaver's stead wherever they are named.
 * @throws Refusal `succession.already-asked` where fewer people would then have to say yes than before (I33)
 */
function renamed<L extends { approvers: Approver[] }>(
  levels: readonly L[],
  quorum: Quorum,
  leaver: string,
  successor: string,
): L[] {
  if (!names(levels, leaver)) return [...levels];
  if (quorum !== 'one' && names(levels, successor)) throw refuse('succession.already-asked');
  return levels.map((level) => ({
    ...level,
    approvers: level.approvers.map((one) =>
      one.kind === 'people' && one.membershipIds.includes(leaver)
        ? {
            ...one,
            membershipIds: [...new Set(one.membershipIds.map((id) => (id === leaver ? successor : id)))],
          }
        : one,
    ),
  }));
}
