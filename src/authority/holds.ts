import { type Kysely, type RawBuilder, sql } from 'kysely';
import { prepared } from '../platform/database.ts';
import type { DB } from '../platform/schema.gen.ts';
import { chainIn, whereRelated } from './chain.ts';
import {
  type Chain,
  chainOf,
  type EntitlementRef,
  hasEntitlement,
  type Link,
  type RelationKind,
  reachesTarget,
  type Stop,
  stopOf,
} from './delegation.ts';
import { alwaysAfter, type Facts, instant, type LinkRow, toLink } from './facts.ts';
import { linkColumns } from './facts-query.ts';
import { keptApart, setsOver } from './kept-apart.ts';
import { linkUseKey, loadHeldBy, loadLinkFacts } from './load-facts.ts';
import { isAtOrBelow } from './place.ts';
import type { SeparationSet } from './separation.ts';

// It is long because the statement, the ceiling over what it finds, and until when the answer stands are one reading of the
// same rows: whoever changes what decides sees beside it what has to say when that changes.

/** May this be given and held there? Or the link that says no; `outside` when no standing link lists it. */
export type CeilingAnswer =
  | { allowed: true }
  | { allowed: false; reason: 'stopped'; stop: Stop; standing: Link }
  | { allowed: false; reason: 'outside'; standing: Link };

/** Standing delegations by the organization that they bound. */
type Standings = readonly {
  path: string;
  chain: Chain;
  /** when what a relation in it reads may change by itself */
  changesAt?: Date | null;
}[];

/**
 * The ceilings of organizations: their standing delegations (design, section 2, point 3). An organization that never
 * had one stands under the nearest above; while its own is ended, paused, expired or not begun, nothing is held.
 */
export class Ceilings {
  readonly at: Date;
  readonly standing: Standings;
  readonly #changes = new Map<string, Date | null>();
  constructor(at: Date, standing: Standings) {
    this.at = at;
    this.standing = standing;
  }

  /** The standing links that bound `path` directly: those of the nearest organization that ever had one. */
  standingOf(path: string): Chain[] {
    return this.#nearestTo(path).map(({ chain }) => chain);
  }

  #nearestTo(path: string): Standings {
    let nearest = '';
    for (const { path: of } of this.standing)
      if (isAtOrBelow(path, of) && of.length > nearest.length) nearest = of;
    return this.standing.filter(({ path: of }) => of === nearest);
  }

  allows(path: string, entitlement: EntitlementRef, at: Date = this.at): CeilingAnswer {
    const chains = this.standingOf(path);
    if (chains.length === 0) return { allowed: true };
    let answer: CeilingAnswer | undefined;
    for (const chain of chains) {
      const stop = stopOf(chain, at);
      if (stop) {
        answer ??= { allowed: false, reason: 'stopped', stop, standing: chain[0]! };
        continue;
      }
      if (hasEntitlement(chain, entitlement) && reachesTarget(chain, { path, off: false }, true))
        return { allowed: true };
      answer = { allowed: false, reason: 'outside', standing: chain[0]! };
    }
    return answer!;
  }

  /** Before this instant time alone changes nothing of what may be held at `path`: a bound of any link above it. */
  changesAt(path: string): Date | null {
    const known = this.#changes.get(path);
    if (known !== undefined) return known;
    const found = soonest(
      this.at,
      this.#nearestTo(path).flatMap(({ chain, changesAt }) => [
        ...chain.flatMap(({ startsAt, endsAt }) => [startsAt, endsAt]),
        changesAt ?? null,
      ]),
    );
    this.#changes.set(path, found);
    return found;
  }

  /** What a rule gives stays within what the organization may hand out in which it stands, and the person's own. */
  ofRule(path: string, rulePath: string | null, entitlement: EntitlementRef): CeilingAnswer {
    const above = rulePath === null ? undefined : this.allows(rulePath, entitlement);
    return above?.allowed === false ? above : this.allows(path, entitlement);
  }
}

/** Loads the ceilings of these places by one statement. */
export async function loadCeilings(db: Kysely<DB>, paths: readonly string[]): Promise<Ceilings> {
  const { rows } = await sql<{ at: Date; links: StandingRow[] | null }>`${prepared}
    select remit_now() as at, (${standingLinks(sql`unnest(${paths}::text[])`)}) as links`.execute(db);
  return settledCeilings(db, rows[0]!.at, rows[0]!.links ?? []);
}

/**
 * The same where what a standing delegation hangs below may be a relation: its giver has to stand there still, and
 * "where the relation holds" is where it does for them. Asked by a statement more, and only then.
 */
export async function settledCeilings(db: Kysely<DB>, at: Date, rows: StandingRow[]): Promise<Ceilings> {
  const ceilings = ceilingsFrom(at, rows);
  if (!rows.some(({ relation }) => relation)) return ceilings;
  const ids = ceilings.standing.map(({ chain }) => chain[0]!.id);
  const facts = await loadLinkFacts(
    db,
    ids.map((linkId) => ({ linkId, membershipId: null })),
  );
  return new Ceilings(
    at,
    ceilings.standing.map(({ path, chain }) => {
      const found = facts.get(linkUseKey({ linkId: chain[0]!.id, membershipId: null }));
      return found
        ? { path, chain: chainIn(found, found.held[0]!), changesAt: relationChangesAt(found) }
        : { path, chain };
    }),
  );
}

/** The first of these ahead; the ends of time are no instants. */
const soonest = (at: Date, instants: readonly (Date | null)[]): Date | null =>
  instants.reduce<Date | null>(
    (first, one) => (one && one > at && one < alwaysAfter && (!first || one < first) ? one : first),
    null,
  );

/** Before this instant nothing that a relation reads of these facts changes by itself; it may well not change then either. */
function relationChangesAt({ at, links, standers }: Pick<Facts, 'at' | 'links' | 'standers'>): Date | null {
  const days = [...standers.values()].flatMap(({ read }) =>
    read
      ? [
          read.startsAt,
          read.endsAt,
          read.reportsUntil,
          ...(read.guardianships ?? []).flatMap((one) => [one.startsAt, one.endsAt]),
        ]
      : [],
  );
  return soonest(at, [
    ...[...links.values()].flatMap(({ startsAt, endsAt }) => [startsAt, endsAt]),
    ...days.map((one) => (one ? instant(one) : null)),
  ]);
}

/** The standing delegations of the organizations at and above these paths with their chains, as one JSON array. */
export const standingLinks = (paths: RawBuilder<unknown>): RawBuilder<unknown> => sql`
    with above as (select distinct a.path from ${paths} p (path), unnest(path_ancestors(p.path)) a (path)),
    standing as (
      select d.id, d.chain, o.path from above join organization o on o.path = above.path
      join delegation d on d.delegate_organization_id = o.id and d.delegate_kind = 'organization' and d.kind = 'administer'
    ),
    rows as (
      select ${linkColumns}, (select s.path from standing s where s.id = d.id) as "standingPath"
      from delegation d where d.id in (select unnest(array_append(s.chain, s.id)) from standing s)
    )
    select jsonb_agg(to_jsonb(rows)) from rows`;

export type StandingRow = LinkRow & { standingPath: string | null };

export function ceilingsFrom(at: Date, rows: StandingRow[]): Ceilings {
  const links = new Map<string, Link>();
  const tops: { path: string; link: Link }[] = [];
  for (const { standingPath, ...row } of rows) {
    const link = toLink(row);
    links.set(link.id, link);
    // A standing delegation over somebody else's organization (a further parent) is no ceiling for its delegate, not even
    // when that one comes to stand above it.
    if (
      standingPath !== null &&
      link.scope.some((box) => box.places?.some((place) => place.path === standingPath))
    )
      tops.push({ path: standingPath, link });
  }
  return new Ceilings(
    at,
    tops.map(({ path, link }) => ({ path, chain: chainOf(link, links) })),
  );
}

/** One way in which a person has an entitlement. */
export type Holding = {
  /** the assignment, or the rule, that gives it */
  assignmentId: string;
  membershipId: string;
  userId: string;
  organizationId: string;
  path: string;
  entitlementId: string;
  entitlementKey: string;
  entitlementName: string;
  applicationId: string;
  applicationKey: string;
  applicationName: string;
  accessRoleId: string | null;
  accessRoleName: string | null;
  /** the rule that gives it: `assignmentId` then names the rule too, for there is no assignment */
  ruleId: string | null;
  /** organization through which it comes, when it is not the membership's own assignment */
  throughOrganizationId: string | null;
  throughOrganizationName: string | null;
  /** of the organization through which it comes, or of the membership: its days are read in it */
  timeZone: string;
  why: 'direct' | 'rule' | 'request' | 'invitation' | 'import';
  startsAt: Date;
  endsAt: Date;
  /** when it begins and ends at the latest: its own days and those of the membership together, half-open */
  from: Date;
  until: Date;
  /** before this instant time alone changes nothing of it: the next bound of whatever it rests on; null when there is none */
  changesAt: Date | null;
  givenBy: string | null;
  /** held at the time of loading, or what stops it */
  held: boolean;
  stoppedBy:
    | 'membership'
    | 'person'
    | 'organization'
    | 'application'
    | 'not-begun'
    | 'ended'
    | 'ceiling'
    | 'separation'
    | undefined;
  ceiling: CeilingAnswer;
};

export type HoldingFilter = {
  membershipIds?: string[];
  userId?: string;
  userIds?: string[];
  applicationId?: string;
  entitlementId?: string;
};

/** What a rule of a relation may come to give by time alone, to somebody who does not stand in the relation yet. */
export type MayBegin = { userId: string; entitlementId: string; changesAt: Date };

export type Held = { at: Date; holdings: Holding[]; mayBegin: MayBegin[] };

/**
 * Everything that people have by assignments that were not ended, each with whether it is held now:
 * `holds(user, entitlement, organization, at)` is true when assignment, membership, application, role, every
 * organization above, and the standing delegation it stands under are all active and in date. One statement.
 */
export async function loadHoldings(db: Kysely<DB>, filter: HoldingFilter): Promise<Held> {
  const { rows } = await holdingsStatement(filter).execute(db);
  return readHoldings(db, rows[0]!);
}

/** The statement, for those that ask it together with something else. */
export const holdingsStatement = (filter: HoldingFilter): RawBuilder<HoldingsRow> => sql<HoldingsRow>`
    with people as (
      select m.id, m.user_id, m.organization_id, m.path, m.state, m.starts_at, m.ends_at, u.state as user_state, place_is_off(m.path) as off,
        m.title, m.attributes
      from membership m join app_user u on u.id = m.user_id
      where ${whoseHoldings(filter)}
        and m.state <> 'ended'
    ),
    given as (
      select a.*, p.id as person from people p join assignment a on a.membership_id = p.id where a.state = 'active'
      union all
      select a.*, p.id as person from people p
        join organization o on o.path = any (path_ancestors(p.path))
        join assignment a on a.organization_id = o.id where a.state = 'active'
    ),
    fitting as (${rulesThatFit}),
    sources as (
      select g.person, g.id as assignment, g.starts_at, g.ends_at, g.why, g.given_by, g.organization_id as through, g.access_role_id, g.entitlement_id,
        null::uuid as rule, null::text as rule_path, null::text as relation, null::uuid as related_id, null::text as related_path from given g
      union all
      select f.person, f.id, f.starts_at, f.ends_at, 'rule', f.given_by, null, f.access_role_id, f.entitlement_id,
        f.id, f.rule_path, f.relation, f.related_id, f.related_path from fitting f
    ),
    expanded as (
      select s.* from sources s where s.entitlement_id is not null
      union all
      select s.person, s.assignment, s.starts_at, s.ends_at, s.why, s.given_by, s.through, r.id, re.entitlement_id,
        s.rule, s.rule_path, s.relation, s.related_id, s.related_path
      from sources s join access_role r on r.id = s.access_role_id and r.state = 'active' join access_role_entitlement re on re.access_role_id = r.id
    ),
    holdings as (
      select x.assignment as "assignmentId", p.id as "membershipId", p.user_id as "userId", p.organization_id as "organizationId", p.path,
        e.id as "entitlementId", e.key as "entitlementKey", e.name as "entitlementName", ap.id as "applicationId", ap.key as "applicationKey",
        ap.name as "applicationName", x.access_role_id as "accessRoleId", r.name as "accessRoleName", x.through as "throughOrganizationId",
        o.name as "throughOrganizationName",
        coalesce(o.time_zone, (select z.time_zone from organization z where z.id = p.organization_id)) as "timeZone", x.why, x.starts_at as "startsAt", x.ends_at as "endsAt", x.given_by as "givenBy",
        p.state as "membershipState", p.starts_at as "memberFrom", p.ends_at as "memberUntil", p.user_state as "userState", p.off,
        (ap.state = 'active' and e.state = 'active') as live,
        x.rule as "ruleId", x.rule_path as "rulePath", x.relation, x.related_id as "relatedId", x.related_path as "relatedPath"
      from expanded x join people p on p.id = x.person join entitlement e on e.id = x.entitlement_id
      join application ap on ap.id = e.application_id left join access_role r on r.id = x.access_role_id left join organization o on o.id = x.through
      where true ${filter.applicationId ? sql`and ap.id = ${filter.applicationId}` : sql``}
        ${filter.entitlementId ? sql`and e.id = ${filter.entitlementId}` : sql``}
    )
    select remit_now() as at, (select jsonb_agg(to_jsonb(holdings)) from holdings) as holdings,
      (${standingLinks(sql`(select p.path from people p)`)}) as links, (${setsOver(filter.entitlementId)}) as sets`;

const whoseHoldings = ({ membershipIds, userIds, userId }: HoldingFilter): RawBuilder<unknown> =>
  membershipIds
    ? sql`m.id = any (${membershipIds}::uuid[])`
    : userIds
      ? sql`m.user_id = any (${userIds}::uuid[])`
      : sql`m.user_id = ${userId ?? null}`;

export type HoldingsRow = {
  at: Date;
  holdings: HoldingRow[] | null;
  links: StandingRow[] | null;
  sets: SeparationSet[] | null;
};

export async function readHoldings(db: Kysely<DB>, row: HoldingsRow): Promise<Held> {
  const { holdings: found, mayBegin } = await withoutSeparation(db, row);
  const holdings = await keptApart(row.sets ?? [], found, async (userIds) => {
    const whole = (await holdingsStatement({ userIds }).execute(db)).rows[0]!;
    return { sets: whole.sets ?? [], holdings: (await withoutSeparation(db, whole)).holdings };
  });
  return { at: row.at, holdings, mayBegin };
}

async function withoutSeparation(db: Kysely<DB>, row: HoldingsRow): Promise<Omit<Held, 'at'>> {
  const ceilings = await settledCeilings(db, row.at, row.links ?? []);
  const standing = await standingInRelations(db, row.holdings ?? []);
  const holdings: Holding[] = [];
  const mayBegin: MayBegin[] = [];
  for (const one of row.holdings ?? []) {
    const { stands, changesAt } = standing(one);
    if (stands) {
      const holding = toHolding(one, ceilings, row.at);
      holdings.push(
        changesAt ? { ...holding, changesAt: soonest(row.at, [holding.changesAt, changesAt]) } : holding,
      );
    } else if (changesAt) mayBegin.push({ userId: one.userId, entitlementId: one.entitlementId, changesAt });
  }
  return { holdings, mayBegin };
}

/**
 * Rules of the organizations at and above the people, which fit what is recorded of them: nothing that a person writes
 * about themselves (ruling 2). Where no rule stands anywhere, nobody's organizations are looked through. Over `people p`,
 * which are memberships.
 */
export const rulesThatFit = sql`
  select p.id as person, p.path as person_path, r.id, r.starts_at, r.ends_at, r.given_by, r.entitlement_id, r.access_role_id, o.path as rule_path,
    r.relation, coalesce(w.id, o.id) as related_id, coalesce(w.path, o.path) as related_path
  from people p join organization o on o.path = any (path_ancestors(p.path))
  join access_rule r on r.organization_id = o.id and r.state = 'active'
  left join organization w on w.id = r.in_organization_id
  where (select exists (select 1 from access_rule x where x.state = 'active'))
    and (p.path = coalesce(w.path, o.path) or r.below and p.path >= coalesce(w.path, o.path) and p.path < coalesce(w.path, o.path) || '/')
    and (r.title is null or lower(btrim(p.title)) = lower(btrim(r.title)))
    and p.attributes @> r.attributes
    and (r.any_of = '[]' or fields_fit(r.any_of, p.attributes))
    and (r.group_id is null or in_group(p.id, p.path, r.group_id))
    and (r.except_ids = '{}' or p.id is null or p.id <> all (r.except_ids))`;

/** Who stands in the relation that a rule names; asked by a second statement, and only where a rule names one. */
async function standingInRelations(
  db: Kysely<DB>,
  rows: readonly HoldingRow[],
): Promise<(row: HoldingRow) => { stands: boolean; changesAt: Date | null }> {
  const members = rows.flatMap(({ relation, membershipId }) => (relation ? [membershipId] : []));
  const always = { stands: true, changesAt: null };
  if (members.length === 0) return () => always;
  const facts = new Map(
    (await loadHeldBy(db, [...new Set(members)])).map((one) => [
      one.actor.kind === 'user' ? one.actor.membershipId : null,
      one,
    ]),
  );
  return ({ relation, relatedId, relatedPath, membershipId }) => {
    if (!relation) return always;
    const theirs = facts.get(membershipId);
    const of = { relation, delegateOrganizationId: relatedId!, relationPath: relatedPath! };
    return {
      stands: theirs !== undefined && (whereRelated(theirs, of, membershipId) ?? []).length > 0,
      changesAt: theirs ? relationChangesAt(theirs) : null,
    };
  };
}

export type HoldingRow = Omit<
  Holding,
  | 'startsAt'
  | 'endsAt'
  | 'from'
  | 'until'
  | 'changesAt'
  | 'held'
  | 'stoppedBy'
  | 'ceiling'
  | 'ruleId'
  | 'timeZone'
> & {
  /** absent where nobody asks for its days */
  timeZone?: string;
  startsAt: string;
  endsAt: string;
  membershipState: string;
  memberFrom: string;
  memberUntil: string;
  userState: string;
  off: boolean;
  live: boolean;
  /** the rule, where it stands, whose ceiling bounds it too, and the relation it asks for, of which organization */
  ruleId?: string | null;
  rulePath?: string | null;
  relation?: RelationKind | null;
  relatedId?: string | null;
  relatedPath?: string | null;
};

export function toHolding(row: HoldingRow, ceilings: Ceilings, at: Date): Holding {
  const { membershipState, memberFrom, memberUntil, userState, off, live, ...named } = row;
  const { rulePath, relation: _, relatedId: __, relatedPath: ___, ...rest } = named;
  const startsAt = instant(row.startsAt);
  const endsAt = instant(row.endsAt);
  const ceiling = ceilings.ofRule(row.path, rulePath ?? null, {
    id: row.entitlementId,
    applicationId: row.applicationId,
  });
  const memberSince = instant(memberFrom);
  const memberTill = instant(memberUntil);
  const inside = membershipState === 'active' && at >= memberSince && at < memberTill;
  const from = startsAt > memberSince ? startsAt : memberSince;
  const until = endsAt < memberTill ? endsAt : memberTill;
  const stoppedBy: Holding['stoppedBy'] =
    userState !== 'active'
      ? 'person'
      : !inside
        ? 'membership'
        : off
          ? 'organization'
          : !live
            ? 'application'
            : at < startsAt
              ? 'not-begun'
              : at >= endsAt
                ? 'ended'
                : !ceiling.allowed
                  ? 'ceiling'
                  : undefined;
  return {
    ...rest,
    ruleId: row.ruleId ?? null,
    timeZone: row.timeZone ?? 'UTC',
    startsAt,
    endsAt,
    from,
    until,
    changesAt:
      // What is switched off waits for somebody, and what is over stays so.
      userState !== 'active' || membershipState !== 'active' || off || !live || at >= until || from >= until
        ? null
        : at < from
          ? soonest(at, [from])
          : soonest(at, [
              until,
              ceilings.changesAt(row.path),
              rulePath ? ceilings.changesAt(rulePath) : null,
            ]),
    ceiling,
    stoppedBy,
    held: stoppedBy === undefined,
  };
}

/** May this person do this in an application, in this membership's organization, now? */
export async function holds(db: Kysely<DB>, membershipId: string, entitlementId: string): Promise<boolean> {
  const { holdings } = await loadHoldings(db, { membershipIds: [membershipId], entitlementId });
  return holdings.some((holding) => holding.held);
}
