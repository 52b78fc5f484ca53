import { sql } from 'kysely';
import { chainIn } from '../authority/chain.ts';
import { type Chain, type Link, stopOf } from '../authority/delegation.ts';
import { loadFacts } from '../authority/load-facts.ts';
import { say } from '../authority/say.ts';
import { isSelf } from '../authority/self.ts';
import { excessOver, passingOnLeft } from '../authority/within.ts';
import { describeExcess } from '../authority/words.ts';
import type { Context } from '../operation/operation.ts';
import { isRefusal } from '../operation/raised.ts';
import { membershipTarget, organizationTargets } from '../operation/targets.ts';
import { refuse } from '../platform/refusals.ts';
import { type Appointment, appoint, prepare } from './appoint.ts';
import { stateOf } from './change-link.ts';
import { chainAbove, intersectLimits, limitOf } from './rules.ts';
import { limitsOf, loadApplicationOf, loadChain, loadChains, toInstant } from './store.ts';

/**
 * Re-gives what hangs below a vacant link under a link of the successor (design, section 2, point 1): one they hold that
 * covers all of it, or a new one of the same content that the actor can give. Then the vacant link ends. Nobody below
 * loses anything: what does not fit the successor's link refuses the whole hand-over.
 */
export async function handOver(
  context: Context,
  input: {
    delegationId: string;
    membershipId: string;
    /** The successor comes to hold all of it, too, and not only what was given from it. */
    whole?: boolean;
  },
): Promise<{ delegationId: string; moved: number; created: boolean }> {
  const vacant = (await loadChain(context.db, input.delegationId))!;
  await requireVacant(context, input.delegationId);
  // What is stopped stays stopped: under another link it would come to life again (ruling 4).
  if (stopOf(vacant, context.at)) throw refuse('delegation.not-in-force');
  const { rows: children } = await sql<{ id: string }>`
    select id from delegation where parent_id = ${input.delegationId} and state <> 'ended' order by id for update`.execute(
    context.db,
  );
  const chains = [
    ...(
      await loadChains(
        context.db,
        children.map(({ id }) => id),
      )
    ).values(),
  ];
  const successorTarget = await membershipTarget(context.db, input.membershipId);
  context.require('user.read', successorTarget, 'user.read');
  const found = await coveringLink(context, input.membershipId, vacant, [
    ...(input.whole ? [vacant] : []),
    ...chains,
  ]);
  const successor = found ?? (await giveAnew(context, vacant, input.membershipId, input.whole));
  for (const child of chains) await moveBelow(context, child, vacant, successor);
  const before = await stateOf(context, input.delegationId);
  const { rows } = await sql<{ state: Record<string, unknown> }>`
    update delegation set state = 'ended', ended_at = ${context.at}, ended_by = ${context.user().userId}, version = version + 1
    where id = ${input.delegationId} returning to_jsonb(delegation) - 'reason' as state`.execute(context.db);
  context.record({
    type: 'delegation.handed-over',
    targetKind: 'delegation',
    targetId: input.delegationId,
    organizationId: context.target.organizationId,
    path: context.target.path,
    subjectId: vacant[0]!.delegateUserId,
    before: { ...before, successor: null },
    after: { ...rows[0]!.state, successor: successor[0]!.id },
  });
  return { delegationId: successor[0]!.id, moved: chains.length, created: !found };
}

async function requireVacant(context: Context, delegationId: string): Promise<void> {
  const { rows } = await sql<{ vacant: boolean; state: string }>`
    select d.state, (m.state = 'ended' or m.ends_at <= ${context.at}) as vacant from delegation d join membership m on m.id = d.delegate_membership_id
    where d.id = ${delegationId}`.execute(context.db);
  if (!rows[0]?.vacant) throw refuse('delegation.not-vacant');
  if (rows[0].state === 'ended') throw refuse('delegation.ended');
}

/**
 * A link of the successor that holds as much as the vacant one did, and under which the actor may give: their own, or
 * one below theirs. Never a link that hangs below the vacant one (a circle).
 */
async function coveringLink(
  context: Context,
  membershipId: string,
  vacant: Chain,
  children: Chain[],
): Promise<Chain | undefined> {
  const facts = await loadFacts(context.db, { kind: 'membership', membershipId });
  if (facts.noStanding) throw refuse('membership.ended');
  const mine = new Set(context.facts.held.map(({ id }) => id));
  for (const held of facts.held) {
    if (held.id === vacant[0]!.id || held.chain.includes(vacant[0]!.id)) continue;
    if (!keepsThoseAbove(context, vacant, [held])) continue;
    if (!mine.has(held.id) && !held.chain.some((id) => mine.has(id))) continue;
    const chain = chainIn(facts, held);
    if (!stopOf(chain, context.at) && (await excessOf(context, chain, children)) === undefined) return chain;
  }
  return undefined;
}

/**
 * Who stands above the vacant link stands above what was given from it, and only they may change that: anybody else
 * finds a successor below the same ones, or it would slip away from under them (I14).
 */
const keepsThoseAbove = (context: Context, [vacant]: Chain, [successor]: Chain): boolean =>
  vacant!.chain.every((id) => successor!.chain.includes(id)) ||
  chainAbove(context.facts, vacant!.chain, context.target) !== undefined;

async function excessOf(context: Context, parent: Chain, children: Chain[]): Promise<string | undefined> {
  const applicationOf = await loadApplicationOf(context.db, [
    ...limitsOf(parent),
    ...children.flatMap(limitsOf),
  ]);
  for (const child of children) {
    const { permissions, scope, entitlements, startsAt, mayPassOn } = child[0]!;
    const proposal = {
      permissions: permissions as never,
      scope,
      entitlements,
      startsAt,
      endsAt: child[0]!.endsAt,
      mayPassOn,
    };
    const excess = excessOver(parent, proposal, context.at, applicationOf);
    if (excess) return describeExcess(excess);
  }
  return undefined;
}

/** The same content, given to the successor by the actor: refused when the actor cannot give it. */
async function giveAnew(
  context: Context,
  vacant: Chain,
  membershipId: string,
  whole = false,
): Promise<Chain> {
  const link = vacant[0]!;
  const place = link.scope[0]?.places?.[0];
  const delegateTarget = await membershipTarget(context.db, membershipId);
  if (!place || link.scope.length > 1)
    throw refuse('delegation.outside', {
      missing: say('excess.nobodyHolds'),
    });
  if (isSelf(context.facts, delegateTarget!.userId)) throw refuse('user.self');
  const appointment: Appointment = {
    target: { ...context.target, organizationId: place.id, path: place.path, userId: undefined },
    below: place.below,
    scope: link.scope,
    morePlaces: [
      ...(
        await organizationTargets(
          context.db,
          link.scope[0]!.places!.slice(1).map(({ id }) => id),
        )
      ).values(),
    ],
    delegate: { kind: 'user', userId: delegateTarget!.userId!, membershipId },
    delegateTarget,
    adminRoleId: link.adminRoleId,
    permissions: link.adminRoleId ? [] : link.permissions,
    entitlements: link.entitlements,
    endsAt: link.endsAt,
    mayPassOn: link.mayPassOn,
  };
  const prepared = await prepare(context, appointment).catch((refusal) => {
    // A successor who may pass on less than the leaver could is better than none; who hangs below needs to fit all the same.
    if (!whole || !isRefusal(refusal) || refusal.code !== 'delegation.outside') throw refusal;
    return prepare(context, { ...appointment, mayPassOn: 'same' });
  });
  const state = await appoint(context, prepared);
  const made = (await loadChain(context.db, state.id))!;
  if (!keepsThoseAbove(context, vacant, made)) throw refuse('delegation.not-above');
  return made;
}

/**
 * Hangs a link below the successor's: its own chain and that of everything below it change. What somebody above had
 * taken from the leaver's link stays taken: the child keeps only what it had through that one (ruling 4).
 */
async function moveBelow(context: Context, child: Chain, vacant: Chain, successor: Chain): Promise<void> {
  const above = successor.map(({ id }) => id);
  const excess = await excessOf(context, successor, [child]);
  if (excess) throw refuse('delegation.outside', { missing: excess });
  const id = child[0]!.id;
  const place = child[0]!.scope[0]?.places?.[0];
  const before = await stateOf(context, id);
  await keepNarrowed(context, child[0]!, vacant);
  // What stands from this link down stays; what stood above it is replaced.
  await sql`
    update delegation set chain = chain[1:coalesce(array_position(chain, ${id}::uuid), 0)] || ${above}::uuid[],
      parent_id = case when id = ${id} then ${above[0]}::uuid else parent_id end, version = version + 1
    where id = ${id} or chain @> array[${id}]::uuid[]`.execute(context.db);
  const { rows } = await sql<{ state: Record<string, unknown> }>`
    select to_jsonb(d) - 'reason' as state from delegation d where d.id = ${id}`.execute(context.db);
  context.record({
    type: 'delegation.moved',
    targetKind: 'delegation',
    targetId: id,
    organizationId: place?.id ?? context.target.organizationId,
    path: place?.path ?? context.target.path,
    subjectId: child[0]!.delegateUserId,
    before,
    after: rows[0]!.state,
  });
}

async function keepNarrowed(context: Context, child: Link, vacant: Chain): Promise<void> {
  const applicationOf = await loadApplicationOf(context.db, limitsOf([child, ...vacant]));
  const permissions = child.permissions.filter((name) =>
    vacant.every((link) => link.permissions.includes(name)),
  );
  const entitlements = intersectLimits(child.entitlements, limitOf(vacant, applicationOf), applicationOf);
  const endsAt = vacant.reduce((end, link) => (link.endsAt < end ? link.endsAt : end), child.endsAt);
  await sql`
    update delegation set entitlements = ${JSON.stringify(entitlements)}::jsonb, ends_at = ${toInstant(endsAt)},
      last_day = case when ends_at = ${toInstant(endsAt)} then last_day end,
      may_pass_on = ${Math.min(child.mayPassOn, passingOnLeft(vacant))}
    where id = ${child.id}`.execute(context.db);
  if (permissions.length < child.permissions.length)
    await sql`update delegation set permissions = ${permissions}, admin_role_id = null where id = ${child.id}`.execute(
      context.db,
    );
}
