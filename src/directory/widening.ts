import { sql } from 'kysely';
import { chainIn } from '../authority/chain.ts';
import { isCut } from '../authority/cut.ts';
import { type EntitlementRef, hasPermission } from '../authority/delegation.ts';
import { loadPower } from '../authority/power.ts';
import { type ApplicationOf, excessOver } from '../authority/within.ts';
import type { Context } from '../operation/operation.ts';
import { withEntitlement } from '../operation/targets.ts';
import { refuse } from '../platform/refusals.ts';
import { requireMayBringIn, requireMayKeepStanding } from './grants.ts';
import type { MembershipRow } from './store.ts';

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
  const longer = after.endsAt > before.endsAt;
  if (!longer && after.startsAt >= before.startsAt) return;
  for (const entitlement of await givenTo(context, before.id))
    if (context.decide('access.grant', withEntitlement(context.target, entitlement)).effect === 'deny')
      throw refuse('membership.too-long');

  // What members have there, they have for longer, too; or from earlier on.
  const until = longer ? after.endsAt : before.startsAt;
  await requireMayBringIn(context, [after.path], { ...after, until });
  await requireMayKeepStanding(context, { membershipId: before.id, userId: before.userId, until });

  const { facts, at } = context;
  if (facts.actor.kind === 'operator' || facts.actor.kind === 'system') return;
  // Most people look after nobody; a change of time zone asks this of everybody in an organization.
  if (!(await holdsLinks(context, before.id))) return;
  const power = await loadPower(context.db, before.userId);
  const mine = facts.held
    .map((link) => chainIn(facts, link))
    .filter((chain) => chain[0]!.kind === 'administer' && hasPermission(chain, 'delegation.create'));
  const applicationOf: ApplicationOf = (id) => power.applicationOf.get(id);
  for (const theirs of power.chains) {
    const [link] = theirs;
    if (!link || link.delegateMembershipId !== before.id) continue;
    const startsAt = longer ? before.endsAt : after.startsAt;
    const endsAt = link.endsAt < after.endsAt ? link.endsAt : after.endsAt;
    if (startsAt >= endsAt) continue;
    const proposal = { ...link, permissions: link.permissions as never[], startsAt, endsAt };
    const within = mine.some(
      (chain) =>
        !excessOver(chain, proposal, at, applicationOf) && !isCut(facts, theirs, chain, applicationOf),
    );
    if (!within) throw refuse('membership.too-long');
  }
}

async function holdsLinks(context: Context, membershipId: string): Promise<boolean> {
  const { rows } = await sql<{ any: boolean }>`
    select exists (select 1 from delegation d where d.delegate_kind = 'user' and d.delegate_membership_id = ${membershipId} and d.state <> 'ended') as any`.execute(
    context.db,
  );
  return rows[0]!.any;
}

async function givenTo(context: Context, membershipId: string): Promise<EntitlementRef[]> {
  const { rows } = await sql<EntitlementRef>`
    select distinct e.id, e.application_id as "applicationId"
    from assignment a
    left join access_role_entitlement re on re.access_role_id = a.access_role_id
    join entitlement e on e.id = coalesce(a.entitlement_id, re.entitlement_id)
    where a.membership_id = ${membershipId} and a.state = 'active'`.execute(context.db);
  return rows;
}
