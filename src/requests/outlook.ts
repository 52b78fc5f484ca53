import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { RiskClass } from '../access/risk.ts';
import type { Thing } from '../access/things.ts';
import { whoBroughtActors } from '../authority/brought.ts';
import type { Target } from '../authority/delegation.ts';
import type { Candidate } from '../authority/load-facts.ts';
import type { Context } from '../operation/operation.ts';
import type { DB } from '../platform/schema.gen.ts';
import { candidatesFor } from './deciders.ts';
import { type Approver, approverKinds, type PlannedStep, planOf } from './policy.ts';
import { askedBy, inOrder, policiesAt } from './policy-store.ts';
import { type Asking, type BroughtBy, mayDecide } from './rules.ts';

/** Who would be asked, before anybody asks: levels, never names (ruling 9). */
export const outlook = {
  steps: z
    .array(
      z.object({
        name: z.string(),
        who: z
          .array(z.enum(approverKinds))
          .describe('Who could decide it today, of those who come to be asked first; none: nobody could.'),
      }),
    )
    .describe('Who would decide, one step after the other; none: it is approved at once.'),
  wantsAttachment: z
    .boolean()
    .describe('It is not approved without a file; added with the asking, no approval has to be given again.'),
};
export type Step = { name: string; who: Approver['kind'][] };
export type Ahead = { steps: Step[]; wantsAttachment: boolean };

/**
 * By id of the thing: as it would go if the actor asked for it now, without an end. That a file is wanted is said of
 * all steps together: who wants it, the asker need not know.
 */
export async function stepsAhead(
  context: Context,
  target: Target & { id: string },
  things: readonly Thing[],
): Promise<Map<string, Ahead>> {
  const { db, at } = context;
  const policies = inOrder(await policiesAt(db, target.path));
  const asked = await askedBy(db, {
    kind: 'access',
    path: target.path,
    membershipId: null,
    entitlements: [],
    endsAt: null,
    createdAt: at,
  });
  const roles = await rolesOf(db, things);
  const requesterId = context.user().userId;
  const common = {
    requesterId,
    subjectId: target.userId ?? null,
    target,
    gives: ['request.decide', 'access.grant'] as const,
    lineManager: await lineManagerOf(db, target, requesterId),
  };
  const ahead = things.map(({ id, entitlements, separated }) => {
    const known = entitlements.flatMap((one) => roles.get(one.id) ?? []);
    const plan = planOf(policies, { ...asked, separation: separated, entitlements: known }).filter(
      ({ automatic }) => !automatic,
    );
    const applications = [...new Map(known.map(({ stands }) => [stands.id, stands])).values()];
    return { id, plan, asking: { ...common, entitlements: known, applications, approvers: [] } };
  });
  const people = await everybodyAsked(db, ahead);
  return new Map(
    ahead.map(({ id, plan, asking }) => [
      id,
      {
        steps: plan.map((step) => ({ name: step.name, who: whoDecides(step, asking, people) })),
        wantsAttachment: plan.some(({ attachment }) => attachment === 'required'),
      },
    ]),
  );
}

type People = { candidates: Candidate[]; brought: BroughtBy };

/** All who could come to be asked, looked up once for the page; those of the organization itself first. */
async function everybodyAsked(
  db: Kysely<DB>,
  ahead: readonly { plan: readonly PlannedStep[]; asking: Asking }[],
): Promise<People> {
  const first = ahead[0]?.asking;
  if (!first) return { candidates: [], brought: new Map() };
  const candidates = await candidatesFor(
    db,
    ahead.map(({ plan, asking }) => ({
      ...asking,
      approvers: plan.flatMap(({ levels }) => levels.flatMap((one) => one.approvers)),
    })),
  );
  return {
    candidates: candidates.sort((one, other) => Number(isHere(other, first)) - Number(isHere(one, first))),
    brought: await whoBroughtActors(
      db,
      candidates.map(({ facts }) => facts),
    ),
  };
}

const isHere = ({ facts: { actor } }: Candidate, { target }: Asking): boolean =>
  actor.kind === 'user' && actor.organizationId === target.organizationId;

/** A level of which nobody can decide is passed over at once, as in the course of a request. */
function whoDecides({ levels }: PlannedStep, asking: Asking, people: People): Approver['kind'][] {
  for (const { approvers } of levels) {
    const kinds = approvers.flatMap((one) => kindOf(one, asking, people));
    if (kinds.length > 0) return [...new Set(kinds)];
  }
  return [];
}

/** Managers who are all above the organization are said to be: the asker looks for them in vain next door. */
function kindOf(approver: Approver, asking: Asking, { candidates, brought }: People): Approver['kind'] | [] {
  const nearest = candidates.find(
    ({ facts }) => mayDecide(facts, { ...asking, approvers: [approver] }, brought).may,
  );
  if (!nearest) return [];
  return approver.kind === 'managers' && !isHere(nearest, asking) ? 'level-above' : approver.kind;
}

type Role = {
  id: string;
  applicationId: string;
  risk: RiskClass;
  stands: Asking['applications'][number];
};

async function rolesOf(db: Kysely<DB>, things: readonly Thing[]): Promise<Map<string, Role>> {
  const ids = things.flatMap(({ entitlements }) => entitlements.map(({ id }) => id));
  const { rows } = await sql<Role>`
    select e.id, e.application_id as "applicationId", e.risk,
      jsonb_build_object('id', a.id, 'organizationId', o.id, 'path', o.path) as stands
    from entitlement e join application a on a.id = e.application_id join organization o on o.id = a.organization_id
    where e.id = any (${ids}::uuid[])`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

/** The nearest one who is there and not concerned. */
async function lineManagerOf(
  db: Kysely<DB>,
  { line, userId }: Target,
  requesterId: string,
): Promise<string | null> {
  if (!line || line.length === 0) return null;
  const { rows } = await sql<{ id: string }>`
    select l.id from unnest(${line}::uuid[]) with ordinality as t (id, n) join membership l on l.id = t.id
      join app_user u on u.id = l.user_id
    where l.state = 'active' and l.starts_at <= remit_now() and l.ends_at > remit_now() and u.state = 'active'
      and not place_is_off(l.path) and l.user_id <> ${userId ?? requesterId} and l.user_id <> ${requesterId}
    order by t.n limit 1`.execute(db);
  return rows[0]?.id ?? null;
}
