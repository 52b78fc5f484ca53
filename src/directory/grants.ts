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
import { refusalOf, refusalOfAsync } from '../operation/raised.ts';
import { membershipTargets } from '../operation/targets.ts';
import { type Refusal, refuse } from '../platform/refusals.ts';

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
  await requireMayJoin(doer, places, until);
}

/** Powers that "members of" these places have, to people who come there or stay until then. */
async function requireMayJoin(doer: Doer, places: readonly string[], until: Joining['until']): Promise<void> {
  const gained = await gainedByJoining(doer.db, places);
  if (gained.length === 0) return;
  const applicationOf = await applicationsOf(doer, gained);
  requireMayPassOn(doer, gained, applicationOf, until === 'infinity' ? undefined : until);
}

/** @throws Refusal `membership.gives-power` with the first of these chains that the doer could not pass on until then */
function requireMayPassOn(
  { facts }: Doer,
  chains: readonly Chain[],
  applicationOf: ApplicationOf,
  until: Date | undefined,
): void {
  for (const chain of chains)
    if (!mayPassOn(facts, chain, undefined, applicationOf, until)) throw tooMuch(chain);
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

/** The same of those who become somebody's line manager, and were nobody's. */
async function requireMayMakeManagers(doer: Doer, membershipIds: readonly string[]): Promise<void> {
  const { rows } = await sql<Recorded & { userId: string; membershipId: string }>`
    select m.id as "membershipId", m.path, m.title, m.attributes, m.user_id as "userId" from membership m
    where m.id = any (${membershipIds}::uuid[]) and not exists (select 1 from membership r where r.line_manager_id = m.id
      and r.user_id <> m.user_id and r.state <> 'ended' and r.ends_at > remit_now())`.execute(doer.db);
  if (rows.length === 0) return;
  const userOf = new Map(rows.map(({ membershipId, userId }) => [membershipId, userId]));
  for (const gift of await givenByRules(doer.db, rows, ['line-managers']))
    requireMayGive(doer, [gift], userOf.get(gift.membershipId!));
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

/** Somebody, and who becomes their line manager. */
type Line = { membershipId: string; lineManagerId: string };

/**
 * Makes `change`, which writes line managers, and refuses when those above in the lines then have more over the people
 * and their reports than the doer could pass on. The refusal abandons the transaction with the change in it.
 */
export async function withinLines(
  doer: Doer,
  lines: readonly Line[],
  change: () => Promise<void>,
): Promise<void> {
  if (!isBound(doer) || lines.length === 0) return change();
  const moved = lines.map(({ membershipId }) => membershipId);
  const managers = [...new Set(lines.map(({ lineManagerId }) => lineManagerId))];
  await requireMayMakeManagers(doer, managers);
  const { db } = doer;
  const { rows } = await sql<{ above: string[]; reached: string[]; until: Date | null }>`
    with reached as (
      select m.id, m.ends_at from membership m
      where m.id = any (${moved}::uuid[]) or m.line && ${moved}::uuid[] and m.state <> 'ended'
    )
    select array(select distinct a.id from membership l, unnest(array_prepend(l.id, l.line)) a (id)
        where l.id = any (${managers}::uuid[])) as above,
      array(select id from reached) as reached, (select nullif(max(ends_at), 'infinity') from reached) as until`.execute(
    db,
  );
  const { above, reached, until } = rows[0]!;
  const people = async () => {
    const targets = await membershipTargets(db, reached);
    return reached.map((id) => targets.get(id)!);
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

/** Somebody who is kept for longer, with what is recorded of them. */
export type Kept = Recorded & { membershipId: string; userId: string; until: Date | 'infinity' };

/**
 * Whoever keeps people for longer lengthens what members have where they are, and what they have by a relation in which they
 * stand: access by rules, and powers that managers, line managers or guardians have.
 * @returns who may not be kept, and why: `membership.gives-access`, `membership.gives-power`
 */
export async function refusedToKeep(doer: Doer, people: readonly Kept[]): Promise<Map<string, Refusal>> {
  const refused = new Map<string, Refusal>();
  if (!isBound(doer) || people.length === 0) return refused;
  const decide = (membershipId: string, act: () => void): void => {
    const refusal = refused.has(membershipId) ? undefined : refusalOf(act);
    if (refusal) refused.set(membershipId, refusal);
  };
  const byPerson = Map.groupBy(
    await givenByRules(doer.db, people, ['members']),
    ({ membershipId }) => membershipId,
  );
  for (const { membershipId } of people)
    decide(membershipId, () => requireMayGive(doer, byPerson.get(membershipId) ?? []));
  const alike = [...Map.groupBy(people, ({ path, until }) => `${path} ${String(until)}`).values()];
  // Where members have nothing, which is asked once, nobody need be asked about apart.
  const paths = new Set(people.map(({ path }) => path));
  if (alike.length > 1 && (await gainedByJoining(doer.db, [...paths])).length === 0) alike.length = 0;
  for (const some of alike) {
    const { path, until } = some[0]!;
    const refusal = await refusalOfAsync(() => requireMayJoin(doer, [path], until));
    for (const { membershipId } of some)
      decide(membershipId, () => {
        if (refusal) throw refusal;
      });
  }
  await refuseStanding(doer, people, decide);
  return refused;
}

async function refuseStanding(
  doer: Doer,
  people: readonly Kept[],
  decide: (membershipId: string, act: () => void) => void,
): Promise<void> {
  const { db } = doer;
  const { rows } = await sql<{ links: boolean; rules: boolean }>`
    select exists (select 1 from delegation d where d.delegate_kind = 'relation' and d.relation <> 'members'
        and d.state <> 'ended' and d.ends_at > remit_now()) as links,
      exists (select 1 from access_rule r where r.relation <> 'members' and r.state = 'active' and r.ends_at > remit_now()) as rules`.execute(
    db,
  );
  const { links, rules } = rows[0]!;
  const membershipIds = people.map(({ membershipId }) => membershipId);
  if (rules) {
    const { holdings } = await loadHoldings(db, { membershipIds });
    const byRule = Map.groupBy(
      holdings.filter(({ ruleId, ceiling }) => ruleId !== null && ceiling.allowed),
      ({ membershipId }) => membershipId,
    );
    for (const { membershipId, userId } of people) {
      const gifts = (byRule.get(membershipId) ?? []).map(({ path, entitlementId: id, applicationId }) => ({
        path,
        entitlement: { id, applicationId },
      }));
      decide(membershipId, () => requireMayGive(doer, gifts, userId));
    }
  }
  if (!links) return;
  const standing = (await loadHeldBy(db, membershipIds)).map((held) => ({
    membershipId: held.actor.kind === 'user' ? held.actor.membershipId : null,
    chains: held.held
      .filter(({ relation }) => relation && relation !== 'members')
      .map((link) => chainIn(held, link)),
  }));
  const applicationOf = await applicationsOf(
    doer,
    standing.flatMap(({ chains }) => chains),
  );
  const chainsOf = new Map(standing.map(({ membershipId, chains }) => [membershipId, chains]));
  for (const { membershipId, until } of people)
    decide(membershipId, () =>
      requireMayPassOn(
        doer,
        chainsOf.get(membershipId) ?? [],
        applicationOf,
        until === 'infinity' ? undefined : until,
      ),
    );
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
