import { sql } from 'kysely';
import { chainIn } from '../authority/chain.ts';
import { isCut } from '../authority/cut.ts';
import { type EntitlementRef, hasPermission, type Target } from '../authority/delegation.ts';
import { loadPower } from '../authority/power.ts';
import { type ApplicationOf, excessOver } from '../authority/within.ts';
import type { Context } from '../operation/operation.ts';
import { withEntitlement } from '../operation/targets.ts';
import { type Refusal, refuse } from '../platform/refusals.ts';
import { refusedToKeep } from './grants.ts';
import type { MembershipRow } from './store.ts';

/** Days of somebody as they were and will be, and whoever it is as a target. */
export type Lengthened = { before: MembershipRow; after: MembershipRow; target: Target };

/**
 * Longer dates give the person everything they hold for longer: a grant (ruling 4). The actor must be able to give
 * each piece of it: access that stands on this membership, and links held through it, each within one chain.
 * @throws Refusal `membership.too-long`, or what bringing in somebody new throws
 */
export async function requireMayLengthen(
  context: Context,
  before: MembershipRow,
  after: MembershipRow,
): Promise<void> {
  const refused = await refusedToLengthen(context, [{ before, after, target: context.target }]);
  for (const refusal of refused.values()) throw refusal;
}

/** The same of many people, by the same few statements: whose days may not be these, and why. */
export async function refusedToLengthen(
  context: Context,
  changes: readonly Lengthened[],
): Promise<Map<string, Refusal>> {
  const longer = changes.filter(
    ({ before, after }) => isLonger(before, after) || after.startsAt < before.startsAt,
  );
  const refused = new Map<string, Refusal>();
  if (longer.length === 0) return refused;
  const ids = longer.map(({ before }) => before.id);
  const given = await givenTo(context, ids);
  for (const { before, target } of longer)
    for (const entitlement of given.get(before.id) ?? [])
      if (context.decide('access.grant', withEntitlement(target, entitlement)).effect === 'deny')
        refused.set(before.id, refuse('membership.too-long'));

  // What members have there, they have for longer, too; or from earlier on.
  const kept = await refusedToKeep(
    context,
    longer.map(({ before, after }) => ({
      membershipId: before.id,
      userId: before.userId,
      path: after.path,
      title: after.title,
      attributes: after.attributes,
      until: isLonger(before, after) ? after.endsAt : before.startsAt,
    })),
  );
  for (const [id, refusal] of kept) if (!refused.has(id)) refused.set(id, refusal);

  const { actor } = context.facts;
  if (actor.kind === 'operator' || actor.kind === 'system') return refused;
  for (const { membershipId, permission, ...place } of await saysOf(context, ids))
    if (
      !refused.has(membershipId) &&
      context.decide(permission, { kind: 'organization', ...place }).effect === 'deny'
    )
      refused.set(membershipId, refuse('membership.too-long'));
  // Most people look after nobody; a change of time zone asks this of everybody in an organization.
  const holding = await holdingLinks(context, ids);
  for (const one of longer)
    if (holding.has(one.before.id) && !refused.has(one.before.id) && !(await mayKeepLinks(context, one)))
      refused.set(one.before.id, refuse('membership.too-long'));
  return refused;
}

const isLonger = (before: MembershipRow, after: MembershipRow): boolean => after.endsAt > before.endsAt;

/** Could the actor give each link that is held through the membership for as long as it lasts then? */
async function mayKeepLinks(context: Context, { before, after }: Lengthened): Promise<boolean> {
  const { facts, at } = context;
  const power = await loadPower(context.db, before.userId);
  const mine = facts.held
    .map((link) => chainIn(facts, link))
    .filter((chain) => chain[0]!.kind === 'administer' && hasPermission(chain, 'delegation.create'));
  const applicationOf: ApplicationOf = (id) => power.applicationOf.get(id);
  return power.chains.every((theirs) => {
    const [link] = theirs;
    if (!link || link.delegateMembershipId !== before.id) return true;
    const startsAt = isLonger(before, after) ? before.endsAt : after.startsAt;
    const endsAt = link.endsAt < after.endsAt ? link.endsAt : after.endsAt;
    if (startsAt >= endsAt) return true;
    const proposal = { ...link, permissions: link.permissions as never[], startsAt, endsAt };
    return mine.some(
      (chain) =>
        !excessOver(chain, proposal, at, applicationOf) && !isCut(facts, theirs, chain, applicationOf),
    );
  });
}

type Say = {
  membershipId: string;
  permission: 'approval-policy.configure' | 'delegation.create';
  id: string;
  organizationId: string;
  path: string;
  off: boolean;
};

/**
 * What these people decide as long as they are there, though nothing was given to them for it: by policies that name them,
 * and for households that they look after. It lasts longer with them, so it takes whoever could say so there.
 */
async function saysOf({ db }: Pick<Context, 'db'>, membershipIds: readonly string[]): Promise<Say[]> {
  const { rows } = await sql<Say>`
    select n.id as "membershipId", 'approval-policy.configure' as permission, o.id, o.id as "organizationId", o.path, place_is_off(o.path) as off
    from (select distinct p.organization_id, (x #>> '{}')::uuid as id
        from approval_policy p cross join lateral jsonb_path_query(p.steps, '$.**.membershipIds[*]') x
        where p.state = 'active') n
      join organization o on o.id = n.organization_id
    where n.id = any (${membershipIds}::uuid[])
    union
    select g.membership_id, 'delegation.create', o.id, o.id, o.path, place_is_off(o.path)
    from guardian g join organization o on o.id = g.organization_id
    where g.membership_id = any (${membershipIds}::uuid[]) and g.state = 'active' and g.ends_at > remit_now()`.execute(
    db,
  );
  return rows;
}

/** Those of them through whom somebody manages something, or will again. */
export async function holdingLinks(
  { db }: Pick<Context, 'db'>,
  membershipIds: readonly string[],
): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select distinct d.delegate_membership_id as id from delegation d
    where d.delegate_kind = 'user' and d.delegate_membership_id = any (${membershipIds}::uuid[]) and d.state <> 'ended'`.execute(
    db,
  );
  return new Set(rows.map(({ id }) => id));
}

async function givenTo(
  { db }: Context,
  membershipIds: readonly string[],
): Promise<Map<string, EntitlementRef[]>> {
  const { rows } = await sql<EntitlementRef & { membershipId: string }>`
    select distinct a.membership_id as "membershipId", e.id, e.application_id as "applicationId"
    from assignment a
    left join access_role_entitlement re on re.access_role_id = a.access_role_id
    join entitlement e on e.id = coalesce(a.entitlement_id, re.entitlement_id)
    where a.membership_id = any (${membershipIds}::uuid[]) and a.state = 'active'`.execute(db);
  return Map.groupBy(rows, ({ membershipId }) => membershipId);
}
