import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { DB } from '../platform/schema.gen.ts';
import { chainIn } from './chain.ts';
import { isCut } from './cut.ts';
import { missingFrom } from './decide.ts';
import { type Chain, chainOf, type EntitlementRef, hasPermission, type Link, stopOf } from './delegation.ts';
import { type Facts, type LinkRow, toLink } from './facts.ts';
import { linkColumns } from './facts-query.ts';
import { rulesThatFit } from './holds.ts';
import { loadFacts, loadHeldBy } from './load-facts.ts';
import { type Region, regionsOf, regionWithin } from './region.ts';
import { type ApplicationOf, limitWithin, passingOnLeft } from './within.ts';

/**
 * All that a person can or will do, of every kind: delegations active, paused, vacant and scheduled, in all
 * their organizations; and their access.
 */
export type Power = {
  /** whose power it is */
  userId: string;
  chains: Chain[];
  access: { path: string; entitlement: EntitlementRef }[];
  /** they act for somebody inside applications: nobody's authority in Remit holds that */
  represents: boolean;
  /** application of every entitlement that a limit names */
  applicationOf: ReadonlyMap<string, string>;
};

/**
 * Loads a person's whole power by one statement.
 * @param since only what was given to the person since then, by a role that was edited, too; of what comes with belonging to
 *   an organization, that of where they belong only since
 */
export async function loadPower(db: Kysely<DB>, userId: string, since?: Date): Promise<Power> {
  const { rows } = await sql<{
    links: (LinkRow & { own: boolean })[] | null;
    access: { path: string; id: string; applicationId: string }[] | null;
    apps: Record<string, string> | null;
    memberships: string[];
    represents: boolean;
    decidesLater: string[];
  }>`
    with own as (
      select d.id, d.chain from delegation d
      where d.delegate_user_id = ${userId} and d.delegate_kind = 'user' and d.kind = 'administer' and d.state <> 'ended' and d.ends_at > remit_now()
        ${since ? sql`and (d.created_at > ${since} or exists (select 1 from delegation u where u.id = any (array_append(d.chain, d.id)) and ${editedSince(sql`u.admin_role_id`, since)}))` : sql``}
    ),
    links as (
      select ${linkColumns}, exists (select 1 from own o where o.id = d.id) as own
      from delegation d where d.id in (select unnest(array_append(o.chain, o.id)) from own o)
    ),
    given as (
      select a.*, m.path from membership m join assignment a on a.membership_id = m.id where m.user_id = ${userId} and m.state <> 'ended' and a.state = 'active'
        ${since ? sql`and (a.created_at > ${since} or ${editedSince(sql`a.access_role_id`, since)})` : sql``}
      union all
      select a.*, m.path from membership m join organization o on o.path = any (path_ancestors(m.path)) join assignment a on a.organization_id = o.id
      where m.user_id = ${userId} and m.state <> 'ended' and a.state = 'active' ${since ? sql`and m.created_at > ${since}` : sql``}
    ),
    people as (select m.* from membership m where m.user_id = ${userId} and m.state <> 'ended' ${since ? sql`and m.created_at > ${since}` : sql``}),
    -- by rule, whether or not they stand in the relation that it asks for
    fitting as (${rulesThatFit}),
    source as (
      select g.path, g.access_role_id, g.entitlement_id, g.ends_at from given g
      union all
      select p.path, f.access_role_id, f.entitlement_id, f.ends_at from fitting f join people p on p.id = f.person
    ),
    access as (
      select distinct g.path, e.id, e.application_id as "applicationId" from source g
      left join access_role_entitlement re on re.access_role_id = g.access_role_id
      join entitlement e on e.id = coalesce(g.entitlement_id, re.entitlement_id)
      where g.ends_at > remit_now()
    )
    select array(select m.id from membership m where m.user_id = ${userId} and m.state <> 'ended') as memberships,
      exists (select 1 from delegation d where d.delegate_user_id = ${userId} and d.delegate_kind = 'user' and d.kind = 'represent'
        and d.state <> 'ended' and d.ends_at > remit_now()) as represents,
      array(select distinct d.giver_membership_id from delegation d where d.delegate_user_id = ${userId} and d.delegate_kind = 'user'
        and d.kind = 'approve' and d.state <> 'ended' and d.ends_at > remit_now() and (d.state <> 'active' or d.starts_at > remit_now())) as "decidesLater",
      (select jsonb_agg(to_jsonb(links)) from links) as links, (select jsonb_agg(to_jsonb(access)) from access) as access,
      (select jsonb_object_agg(e.id, e.application_id) from entitlement e where e.id::text in (
        select jsonb_array_elements_text(l.entitlements -> 'entitlements') from links l where l.entitlements ? 'entitlements')) as apps`.execute(
    db,
  );
  const [row] = rows;
  const links = new Map<string, Link>();
  const own: Link[] = [];
  const lists = new Map<string, string[]>();
  const shared = (list: string[]): string[] => {
    const name = list.join(' ');
    const known = lists.get(name) ?? list;
    lists.set(name, known);
    return known;
  };
  for (const { own: isOwn, ...linkRow } of row!.links ?? []) {
    const link = toLink({ ...linkRow, permissions: shared(linkRow.permissions) });
    links.set(link.id, link);
    if (isOwn) own.push(link);
  }
  const held = await loadHeldBy(db, row!.memberships);
  // Whose deputy they are only later, or again.
  const later = row!.decidesLater.length > 0 ? await loadHeldBy(db, row!.decidesLater) : [];
  return {
    userId,
    chains: [
      ...own.map((link) => settledChain(held, chainOf(link, links))),
      ...held.flatMap(throughOthers),
      ...later.flatMap(decidedBy),
    ],
    represents: row!.represents,
    access: (row!.access ?? []).map(({ path, id, applicationId }) => ({
      path,
      entitlement: { id, applicationId },
    })),
    applicationOf: new Map(Object.entries(row!.apps ?? {})),
  };
}

const editedSince = (roleId: RawBuilder<unknown>, since: Date): RawBuilder<boolean> =>
  sql<boolean>`exists (select 1 from event e where e.target_id = ${roleId} and e.at > ${since} and e.type in ('admin-role.updated', 'access-role.updated'))`;

/** "The delegate's own reports" are those of the membership that holds the link. */
function settledChain(held: Facts[], raw: Chain): Chain {
  const facts = held.find(
    ({ actor }) => actor.kind === 'user' && actor.membershipId === raw[0]!.delegateMembershipId,
  );
  return facts?.links.has(raw[0]!.id) ? chainIn(facts, raw[0]!) : raw;
}

/** What somebody has by standing in a relation, and what they decide for those whose deputy they are. */
function throughOthers(facts: Facts): Chain[] {
  const related = facts.held.filter(({ relation }) => relation).map((link) => chainIn(facts, link));
  return [...related, ...facts.deputyFor.flatMap(({ giver }) => decidedBy(giver))];
}

/** What somebody may decide, of their own and for those whose deputy they are in turn. */
const decidedBy = (giver: Facts): Chain[] => [
  ...giver.held
    .map((link) => chainIn(giver, link))
    .filter((chain) => hasPermission(chain, 'request.decide'))
    .map(([first, ...above]) => [{ ...first!, permissions: ['request.decide'] }, ...above]),
  ...giver.deputyFor.flatMap((one) => decidedBy(one.giver)),
];

/**
 * May this actor take control of an account whose owner has `power` (I12)? Only when each piece of it lies within a
 * single one of the actor's delegations, and the actor's authority is more than it: equal or incomparable means no.
 */
export function dominates(facts: Facts, power: Power): boolean {
  if (facts.noStanding || facts.actor.kind === 'client' || power.represents) return false;
  const mine = facts.held
    .map((link) => chainIn(facts, link))
    .filter((chain) => chain[0]!.kind === 'administer' && !stopOf(chain, facts.at));
  const applicationOf: ApplicationOf = (id) => power.applicationOf.get(id);
  const sumOf = summing();
  const mySums = mine.map(sumOf);
  const pieces = power.chains.map(sumOf);
  const within = (inner: Sum, outer: Sum): boolean =>
    chainWithin(inner, outer, applicationOf) && !isCut(facts, inner.chain, outer.chain, applicationOf);
  if (!pieces.every((piece) => mySums.some((outer) => within(piece, outer)))) return false;
  const mayGive = ({ path, entitlement }: Power['access'][number]): boolean =>
    mine.some(
      (chain) =>
        !missingFrom(
          chain,
          'access.grant',
          {
            kind: 'membership',
            id: null,
            organizationId: '',
            path,
            off: false,
            userId: power.userId,
            entitlement,
          },
          facts,
        ),
    );
  if (!power.access.every(mayGive)) return false;
  return mySums.some((own) => !pieces.some((piece) => within(own, piece)));
}

/** Everything that `inner` gives, `outer` gives too. Time is left out: power counts what is paused or to come. */
function chainWithin(inner: Sum, outer: Sum, applicationOf: ApplicationOf): boolean {
  if (!inner.regions.every((region) => outer.regions.some((other) => regionWithin(region, other))))
    return false;
  if (inner.given !== outer.given) for (const name of inner.given) if (!outer.given.has(name)) return false;
  const limited = outer.chain.every((link) =>
    inner.chain.some((own) => limitWithin(own.entitlements, link.entitlements, applicationOf)),
  );
  return limited && passingOnLeft(inner.chain) <= passingOnLeft(outer.chain);
}

/** What a chain gives, worked out once: two people with 200 links each are compared 40,000 times. */
type Sum = { chain: Chain; given: ReadonlySet<string>; regions: Region[] };

const summing = (): ((chain: Chain) => Sum) => {
  const known: KnownNames = { lists: new Map(), common: new Map() };
  return (chain) => ({ chain, given: givenBy(chain, known), regions: regionsOf(chain) });
};

type NameSet = ReadonlySet<string>;

/** Names that every link gives. Links share their lists of names, by the roles that they carry. */
function givenBy(chain: Chain, known: KnownNames): NameSet {
  let given: NameSet | undefined;
  for (const { permissions } of chain) {
    let names = known.lists.get(permissions);
    if (!names) {
      names = new Set(permissions);
      known.lists.set(permissions, names);
    }
    if (given === undefined || given === names) {
      given = names;
      continue;
    }
    let common = known.common.get(given);
    if (!common) {
      common = new Map();
      known.common.set(given, common);
    }
    let both = common.get(names);
    if (!both) {
      const other = names;
      both = new Set([...given].filter((name) => other.has(name)));
      common.set(names, both);
    }
    given = both;
  }
  return given!;
}

type KnownNames = { lists: Map<readonly string[], NameSet>; common: Map<NameSet, Map<NameSet, NameSet>> };

/**
 * Has this person been given more since `since` than the member who then made a way into the account could take over
 * now (I12)? A code or link that was kept must not open an account that has grown beyond its maker.
 */
export async function grewBeyond(
  db: Kysely<DB>,
  userId: string,
  since: Date,
  makerMembershipId: string | null,
): Promise<boolean> {
  const gained = await loadPower(db, userId, since);
  if (gained.chains.length === 0 && gained.access.length === 0) return false;
  if (makerMembershipId === null) return true;
  return !dominates(await loadFacts(db, { kind: 'membership', membershipId: makerMembershipId }), gained);
}
