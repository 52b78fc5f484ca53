import { sql } from 'kysely';
import { chainIn } from '../authority/chain.ts';
import { missingFrom } from '../authority/decide.ts';
import type { Target } from '../authority/delegation.ts';
import { inReach } from '../authority/reach.ts';
import { isSelf } from '../authority/self.ts';
import { describeMissing } from '../authority/words.ts';
import { definitionsAt } from '../directory/attribute-store.ts';
import { requireMayBringIn, withinLines } from '../directory/grants.ts';
import { isOwner, requireOtherManagers } from '../directory/last-manager.ts';
import { endingEvents, endMemberships } from '../directory/leaving.ts';
import { requireLineManager } from '../directory/line-manager.ts';
import { recordMembership } from '../directory/record-membership.ts';
import { changeMembership, lockMembership, type MembershipRow } from '../directory/store.ts';
import type { Context } from '../operation/operation.ts';
import { accountTarget, organizationTarget } from '../operation/targets.ts';
import { refuse } from '../platform/refusals.ts';
import { addMember } from './join.ts';
import { carryIdentity } from './scim/people/identity.ts';

/** What moving somebody records. */
export const movingEvents = [...endingEvents, 'membership.created', 'membership.updated'] as const;

export type Move = {
  membershipId: string;
  /** where they go */
  organizationId: string;
  /** the same as here when absent */
  title?: string | undefined;
  /** of their line manager there; none when absent */
  lineManagerId?: string | undefined;
  /** as here when absent, where it is still to come; whoever has begun joins now */
  firstDay?: string | null | undefined;
  /** the same as here when absent */
  lastDay?: string | null | undefined;
};

export type Moved = {
  before: MembershipRow;
  after: MembershipRow;
  ended: { assignments: number; requests: number; delegations: number };
};

/**
 * Moves a person to another organization: they leave here and join there at one instant, whether a person or a feed says
 * so (I10). Needs the lock of an ending.
 * @param context permitted to `membership.end` this membership
 * @throws Refusal of the first thing that stands in the way
 */
export async function moveMember(context: Context, input: Move): Promise<Moved> {
  const { db, at } = context;
  const there = await organizationTarget(db, input.organizationId);
  requireBoth(context, there);
  const before = await lockMembership(db, input.membershipId);
  if (isSelf(context.facts, before.userId)) throw refuse('user.self');
  if (before.state === 'ended' || before.endsAt <= at) throw refuse('membership.ended');
  // A suspension would be lifted by going elsewhere.
  if (before.state === 'suspended') throw refuse('membership.suspended');
  if (await isOwner(db, before.id)) throw refuse('membership.owner');
  context.checkVersion(before.version);
  await requireOtherManagers(context, [before.id]);

  const title = input.title ?? before.title;
  const lastDay = input.lastDay === undefined ? before.lastDay : input.lastDay;
  const attributes = await keptAttributes(context, before, there!.path!);
  const { home, displayName } = await personOf(context, before.userId);
  const withHome = home === before.organizationId && !(await gainsAccount(context, before.userId, there!));
  const ended = await countEnding(context, before);
  // First out, then in: where seats are counted above both, nobody takes two.
  await endMemberships(context, sql<boolean>`m.id = ${before.id}`);
  const made = await addMember(context, {
    userId: before.userId,
    displayName,
    organizationId: input.organizationId,
    title,
    firstDay: input.firstDay === undefined ? (before.startsAt > at ? before.firstDay : null) : input.firstDay,
    lastDay,
  });
  if (made.endsAt <= at) throw refuse('membership.ended');
  await requireMayBringIn(context, [made.path], { title, attributes, until: made.endsAt });
  await carryIdentity(db, before, made);
  const after = await settle(context, made, { attributes, lineManagerId: input.lineManagerId });
  if (withHome) await moveHome(context, after);
  return { before, after, ended };
}

/** Both acts by one delegation: taking out of here by one and bringing in there by another is no move (ruling 1). */
function requireBoth(context: Context, there: Target | undefined): void {
  const { facts, target } = context;
  context.require('organization.read', there, 'organization.read');
  if (there!.off) throw refuse('organization.off');
  // That somebody is a member there already is told only to whoever sees the people there (I06).
  context.require('user.read', there, 'organization.read');
  context.require('user.invite', there, 'organization.read');
  if (facts.actor.kind === 'operator' || facts.actor.kind === 'system') return;
  const one = facts.held.some((held) => {
    const chain = chainIn(facts, held);
    return (
      !missingFrom(chain, 'membership.end', target, facts) &&
      !missingFrom(chain, 'user.invite', there!, facts)
    );
  });
  if (!one)
    throw refuse('not-permitted', {
      permission: 'user.invite',
      missing: describeMissing({ piece: 'place', permission: 'user.invite' }),
    });
}

/** What both places define alike goes along; what the old one alone recorded stays behind. */
async function keptAttributes(
  { db }: Context,
  { path, attributes }: MembershipRow,
  to: string,
): Promise<MembershipRow['attributes']> {
  if (Object.keys(attributes).length === 0) return {};
  const [here, there] = [await definitionsAt(db, path), await definitionsAt(db, to)];
  const shared = new Set(there.filter(({ id }) => here.some((one) => one.id === id)).map(({ key }) => key));
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => shared.has(key)));
}

async function personOf({ db }: Context, userId: string): Promise<{ home: string; displayName: string }> {
  const { rows } = await sql<{ home: string; displayName: string }>`
    select home_organization_id as home, display_name as "displayName" from app_user where id = ${userId} for no key update`.execute(
    db,
  );
  return rows[0]!;
}

/** As far as the actor may know of it (I06). */
async function countEnding({ db, at, reach }: Context, { id }: MembershipRow): Promise<Moved['ended']> {
  const { rows } = await sql<Moved['ended']>`
    select (select count(*)::int from assignment a where a.membership_id = m.id and a.state = 'active' and v.access) as assignments,
      (select count(*)::int from request r where r.membership_id = m.id and r.state = 'open' and v.access) as requests,
      (select count(*)::int from delegation d where d.delegate_membership_id = m.id and d.delegate_kind = 'user'
        and d.state <> 'ended' and d.ends_at > ${at} and ${inReach(reach('delegation.read'), sql`d.place_paths[1]`)}) as delegations
    from membership m cross join lateral (select ${inReach(reach('access.read'), sql`m.path`, sql`m.user_id`, sql`m.line`)} as access) v
    where m.id = ${id}`.execute(db);
  return rows[0]!;
}

/** What is done to an account where its home is. */
const accountActs = ['credential.recover', 'credential.reset', 'membership.update'] as const;

/**
 * Whoever moves somebody would come to look after their account by it, which they may not do where it has its home. Then
 * the account stays at home there, as with whoever leaves: nobody gains power over it by an act of their own (I02, I12).
 */
async function gainsAccount(
  context: Context,
  userId: string,
  { path, organizationId, off }: Target,
): Promise<boolean> {
  const account = (await accountTarget(context.db, userId))!;
  const moved: Target = { ...account, path, organizationId, off };
  return accountActs.some(
    (act) => context.decide(act, moved).effect === 'permit' && context.decide(act, account).effect === 'deny',
  );
}

async function settle(
  context: Context,
  made: MembershipRow,
  {
    attributes,
    lineManagerId,
  }: { attributes: MembershipRow['attributes']; lineManagerId: string | undefined },
): Promise<MembershipRow> {
  if (!lineManagerId && Object.keys(attributes).length === 0) return made;
  const after = { ...made, attributes, lineManagerId: lineManagerId ?? null, version: made.version + 1 };
  const change = () => changeMembership(context.db, after);
  if (lineManagerId) {
    await requireLineManager(context, made, lineManagerId);
    await withinLines(context, [{ membershipId: made.id, lineManagerId }], change);
  } else await change();
  recordMembership(context, made, after, { personal: { before: { attributes: {} }, after: { attributes } } });
  return after;
}

/** Who moves from home is at home where they go, whatever other places they have. */
async function moveHome(
  context: Context,
  { userId, organizationId: to, path }: MembershipRow,
): Promise<void> {
  const { rows } = await sql<{ from: string }>`
    update app_user u set home_organization_id = ${to}, version = u.version + 1,
      user_name = case when exists (select 1 from app_user o where o.home_organization_id = ${to}
        and lower(o.user_name) = lower(u.user_name)) then null else u.user_name end
    from app_user b where b.id = u.id and u.id = ${userId} and u.home_organization_id <> ${to}
    returning b.home_organization_id as "from"`.execute(context.db);
  for (const { from } of rows)
    context.record({
      type: 'user.home-changed',
      targetKind: 'user',
      targetId: userId,
      organizationId: to,
      path,
      subjectId: userId,
      before: { homeOrganizationId: from },
      after: { id: userId, homeOrganizationId: to },
    });
}
