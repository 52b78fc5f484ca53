import { sql } from 'kysely';
import { gainedByRules, givenByRules, type Recorded, type RuleGift } from '../authority/access-rule-gains.ts';
import { chainIn } from '../authority/chain.ts';
import { decide } from '../authority/decide.ts';
import { type Chain, type EntitlementLimit, endOf, hasPermission } from '../authority/delegation.ts';
import { alwaysBefore, type Facts } from '../authority/facts.ts';
import { gainedByJoining, gainedByLine, mayPassOn } from '../authority/gains.ts';
import { loadHoldings } from '../authority/holds.ts';
import { loadHeldBy } from '../authority/load-facts.ts';
import { regionsOf, regionWithin } from '../authority/region.ts';
import type { ApplicationOf } from '../authority/within.ts';
import { permissionWords } from '../authority/words.ts';
import type { Context } from '../operation/operation.ts';
import { membershipTargets } from '../operation/targets.ts';
import { refuse } from '../platform/refusals.ts';

type Doer = Pick<Context, 'db'> & { facts: Facts };

/** The instance and its operator act without a delegation; nothing bounds them but what is recorded. */
const isBound = ({ facts }: Doer): boolean =>
  facts.actor.kind !== 'system' && facts.actor.kind !== 'operator';

/** What is recorded with a membership that rules read, and when it ends. */
type Joining = Partial<Omit<Recorded, 'path'>> & {
  /** of somebody who is there already: their groups count */
  id?: string;
  until?: Date | 'infinity' | undefined;
};

/**
 * Whoever brings people into these places, or keeps them there for longer, gives them what "members of" there have
 * (ruling 2): powers for as long as they will last. Access by a rule is asked for as it stands, for how long it lasts was
 * decided by whoever made the rule, and the organization's ceiling bounds it.
 * @throws Refusal `membership.gives-power` with the first thing that the doer could not pass on
 */
export async function requireMayBringIn(
  doer: Doer,
  paths: readonly string[],
  { title, attributes, id, until }: Joining = {},
): Promise<void> {
  if (!isBound(doer)) return;
  const places = [...new Set(paths)];
  const newcomers = places.map((path) => ({ path, title, attributes, membershipId: id }));
  requireMayGive(doer, await givenByRules(doer.db, newcomers, ['members']));
  const gained = await gainedByJoining(doer.db, places);
  if (gained.length === 0) return;
  const applicationOf = await applicationsOf(doer, gained);
  const end = until === 'infinity' ? undefined : until;
  for (const chain of gained)
    if (!mayPassOn(doer.facts, chain, undefined, applicationOf, end)) throw tooMuch(chain);
}

/**
 * Whoever records a title or other field gives what rules then give for it.
 * @throws Refusal `membership.gives-access`
 */
export async function requireMayRecord(
  doer: Doer,
  before: Recorded & { id?: string; userId: string },
  after: Recorded,
): Promise<void> {
  if (!isBound(doer)) return;
  const own = { membershipId: before.id };
  const given = await givenByRules(doer.db, [{ ...after, ...own }], anyRelation);
  if (given.length === 0) return;
  const had = await givenByRules(doer.db, [{ ...before, ...own }], anyRelation);
  requireMayGive(doer, gainedByRules(had, given), before.userId);
}

/** Whether they stand in the relation that a rule asks for may change by itself later. */
const anyRelation = ['members', 'managers', 'line-managers', 'guardians'] as const;

/**
 * Makes `change`, by which these people come to fit rules (a group that they join), and refuses when those give one of
 * them what the doer could not. The refusal abandons the transaction with the change in it.
 * @throws Refusal `membership.gives-access`
 */
export async function withinRules<Made>(
  doer: Doer,
  membershipIds: readonly string[],
  change: () => Promise<Made>,
): Promise<Made> {
  if (!isBound(doer) || membershipIds.length === 0) return change();
  const { rows: people } = await sql<Recorded & { userId: string; membershipId: string }>`
    select m.id as "membershipId", m.user_id as "userId", m.path, m.title, m.attributes
    from membership m where m.id = any (${membershipIds}::uuid[])`.execute(doer.db);
  const had = await givenByRules(doer.db, people, anyRelation);
  const made = await change();
  const gained = gainedByRules(had, await givenByRules(doer.db, people, anyRelation));
  const userOf = new Map(people.map(({ membershipId, userId }) => [membershipId, userId]));
  for (const gift of gained) requireMayGive(doer, [gift], userOf.get(gift.membershipId!));
  return made;
}

/** The same of whoever becomes somebody's line manager, and was nobody's. */
async function requireMayMakeManager(doer: Doer, lineManagerId: string): Promise<void> {
  const { rows } = await sql<Recorded & { userId: string; already: boolean }>`
    select m.path, m.title, m.attributes, m.user_id as "userId",
      exists (select 1 from membership r where r.line_manager_id = m.id and r.user_id <> m.user_id
        and r.state <> 'ended' and r.ends_at > remit_now()) as already
    from membership m where m.id = ${lineManagerId}`.execute(doer.db);
  const [manager] = rows;
  if (!manager || manager.already) return;
  const own = { ...manager, membershipId: lineManagerId };
  requireMayGive(doer, await givenByRules(doer.db, [own], ['line-managers']), manager.userId);
}

function requireMayGive({ facts }: Doer, gifts: readonly RuleGift[], userId?: string): void {
  for (const { path, entitlement } of gifts) {
    const target = {
      kind: 'membership',
      id: null,
      organizationId: '',
      path,
      off: false,
      userId,
      entitlement,
    };
    if (decide(facts, 'access.grant', target).effect === 'deny') throw refuse('membership.gives-access');
  }
}

/**
 * Makes `change`, which writes a line manager, and refuses when those above in the line then have more over the person
 * and their reports than the doer could pass on. The refusal abandons the transaction with the change in it.
 */
export async function withinLine(
  doer: Doer,
  membershipId: string,
  lineManagerId: string,
  change: () => Promise<void>,
): Promise<void> {
  if (!isBound(doer)) return change();
  await requireMayMakeManager(doer, lineManagerId);
  const { db } = doer;
  const { rows } = await sql<{ above: string[]; below: string[]; until: Date | null }>`
    select array_prepend(l.id, l.line) as above,
      array(select m.id from membership m where m.line @> array[${membershipId}]::uuid[] and m.state <> 'ended') as below,
      (select nullif(max(m.ends_at), 'infinity') from membership m
        where m.id = ${membershipId} or m.line @> array[${membershipId}]::uuid[] and m.state <> 'ended') as until
    from membership l where l.id = ${lineManagerId}`.execute(db);
  const { above, below, until } = rows[0]!;
  const people = async () => {
    const targets = await membershipTargets(db, [membershipId, ...below]);
    return [membershipId, ...below].map((id) => targets.get(id)!);
  };
  const [heldBefore, peopleBefore] = [await loadHeldBy(db, above), await people()];
  await change();
  const gained = gainedByLine(heldBefore, await loadHeldBy(db, above), peopleBefore, await people());
  if (gained.length === 0) return;
  const applicationOf = await applicationsOf(
    doer,
    gained.map(({ chain }) => chain),
  );
  for (const gain of gained)
    if (!mayPassOn(doer.facts, gain.chain, gain.people, applicationOf, until ?? undefined))
      throw tooMuch(gain.chain);
}

/**
 * Makes `change`, by which these members manage places, and refuses when "managers of" these, or rules for managers, then
 * give one of them more than the doer could pass on.
 * @param places paths of what they come to manage
 */
export async function withinManaging<Made>(
  doer: Doer,
  membershipIds: readonly string[],
  places: readonly string[],
  change: () => Promise<Made>,
): Promise<Made> {
  if (!isBound(doer) || !(await isManagingRead(doer, places))) return change();
  // One around the other: each is measured before the change and after it.
  const [first, ...others] = new Set(membershipIds);
  if (first === undefined) return change();
  return withinManagingOf(doer, first, () => withinManaging(doer, others, places, change));
}

async function withinManagingOf<Made>(
  doer: Doer,
  membershipId: string,
  change: () => Promise<Made>,
): Promise<Made> {
  const { db } = doer;
  const standing = async () => {
    const [held] = await loadHeldBy(db, [membershipId]);
    const chains = (held?.held ?? [])
      .filter(({ relation }) => relation === 'managers')
      .map((link) => chainIn(held!, link));
    const { holdings } = await loadHoldings(db, { membershipIds: [membershipId] });
    return { held, chains, given: holdings.filter(({ ruleId }) => ruleId !== null) };
  };
  const before = await standing();
  const made = await change();
  const after = await standing();
  const inForce = (chains: Chain[]): Chain[] => chains.filter((chain) => !chain[0]!.lapsed);
  const had = new Map(inForce(before.chains).map((chain) => [chain[0]!.id, regionsOf(chain)]));
  const gained = inForce(after.chains).filter((chain) => {
    const known = had.get(chain[0]!.id) ?? [];
    return !regionsOf(chain).every((one) => known.some((other) => regionWithin(one, other)));
  });
  const applicationOf = await applicationsOf(doer, gained);
  // They stand in the relation no longer than they manage something.
  const until = after.held && managesUntil(after.held);
  for (const chain of gained)
    if (!mayPassOn(doer.facts, chain, undefined, applicationOf, until)) throw tooMuch(chain);
  const known = new Set(before.given.map(({ ruleId, entitlementId }) => `${ruleId} ${entitlementId}`));
  const gifts = after.given.filter(
    ({ ruleId, entitlementId, ceiling }) => ceiling.allowed && !known.has(`${ruleId} ${entitlementId}`),
  );
  requireMayGive(
    doer,
    gifts.map(({ path, entitlementId: id, applicationId }) => ({ path, entitlement: { id, applicationId } })),
    gifts[0]?.userId,
  );
  return made;
}

/** When the last of somebody's own links ends by which they manage people. */
const managesUntil = (facts: Facts): Date =>
  facts.held
    .map((link) => chainIn(facts, link))
    .filter((chain) => chain[0]!.delegateKind === 'user' && hasPermission(chain, 'user.invite'))
    .map(endOf)
    .reduce((last, end) => (end > last ? end : last), alwaysBefore);

/**
 * Whoever keeps somebody for longer lengthens what they have by a relation in which they stand: access by rules, and powers
 * that managers, line managers or guardians have. What members have is asked for by `requireMayBringIn`.
 * @throws Refusal `membership.gives-access`, `membership.gives-power`
 */
export async function requireMayKeepStanding(
  doer: Doer,
  { membershipId, userId, until }: { membershipId: string; userId: string; until: Date | 'infinity' },
): Promise<void> {
  if (!isBound(doer)) return;
  const { db } = doer;
  const { rows } = await sql<{ links: boolean; rules: boolean }>`
    select exists (select 1 from delegation d where d.delegate_kind = 'relation' and d.relation <> 'members'
        and d.state <> 'ended' and d.ends_at > remit_now()) as links,
      exists (select 1 from access_rule r where r.relation <> 'members' and r.state = 'active' and r.ends_at > remit_now()) as rules`.execute(
    db,
  );
  const { links, rules } = rows[0]!;
  if (rules) {
    const { holdings } = await loadHoldings(db, { membershipIds: [membershipId] });
    const byRule = holdings.filter(({ ruleId, ceiling }) => ruleId !== null && ceiling.allowed);
    requireMayGive(
      doer,
      byRule.map(({ path, entitlementId: id, applicationId }) => ({
        path,
        entitlement: { id, applicationId },
      })),
      userId,
    );
  }
  if (!links) return;
  const [held] = await loadHeldBy(db, [membershipId]);
  const chains = (held?.held ?? [])
    .filter(({ relation }) => relation && relation !== 'members')
    .map((link) => chainIn(held!, link));
  const applicationOf = await applicationsOf(doer, chains);
  const end = until === 'infinity' ? undefined : until;
  for (const chain of chains)
    if (!mayPassOn(doer.facts, chain, undefined, applicationOf, end)) throw tooMuch(chain);
}

/** Is anything given to whoever manages one of these places? Mostly not: then nothing more is asked. */
async function isManagingRead({ db }: Doer, places: readonly string[]): Promise<boolean> {
  const { rows } = await sql<{ read: boolean }>`
    select exists (
      select 1 from unnest(${places}::text[]) p (path), unnest(path_ancestors(p.path)) a (path)
      join delegation d on d.delegate_kind = 'relation' and d.relation_path = a.path collate "C"
      where d.relation = 'managers' and d.state <> 'ended' and d.ends_at > remit_now()
    ) or exists (
      select 1 from access_rule r where r.relation = 'managers' and r.state = 'active' and r.ends_at > remit_now()
    ) as read`.execute(db);
  return rows[0]!.read;
}

const tooMuch = (chain: Chain) =>
  refuse('membership.gives-power', {
    what: chain[0]!.permissions.slice(0, 3).map(permissionWords).join(', '),
  });

async function applicationsOf({ db, facts }: Doer, gained: readonly Chain[]): Promise<ApplicationOf> {
  const limits: EntitlementLimit[] = [...facts.links.values(), ...gained.flat()].map(
    (link) => link.entitlements,
  );
  const ids = limits.flatMap((limit) => (limit.all ? [] : limit.entitlements));
  const { rows } = await sql<{ id: string; applicationId: string }>`
    select id, application_id as "applicationId" from entitlement where id = any (${ids}::uuid[])`.execute(
    db,
  );
  const known = new Map(rows.map((row) => [row.id, row.applicationId]));
  return (id) => known.get(id);
}
