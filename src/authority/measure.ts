import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { DB } from '../platform/schema.gen.ts';
import { type Affected, type Focus, mostAffected } from './affected.ts';
import { chainIn } from './chain.ts';
import { hasPermission, stopOf } from './delegation.ts';
import { Comparison, type Ground, type Shifts } from './difference.ts';
import { alwaysAfter, alwaysBefore, type Facts } from './facts.ts';
import { type Holding, loadHoldings } from './holds.ts';
import { linkUseKey, loadFactsOf, loadLinkFacts } from './load-facts.ts';
import { type Powers, powersOf } from './pieces.ts';
import { ancestorsOf } from './place.ts';
import { passingOnLeft } from './within.ts';

/** `m:<membership>` or `c:<client>`: rights of two memberships do not mix. */
export type HolderId = `m:${string}` | `c:${string}`;

/** When a link of somebody begins and ends, as its chain gives it; and how far it may be passed on. */
export type Period = {
  from: string | null;
  until: string | null;
  /** path of its first place, in whose time zone its days are said */
  place: string | null;
  effective: boolean;
  passOn: number;
};

/** Who may do what and who has which access, among those who are looked at. */
export type Measured = {
  powers: Map<HolderId, Powers>;
  periods: Map<HolderId, Map<string, Period>>;
  /** held access, by membership and entitlement */
  access: Map<string, Holding>;
  ground: Ground;
  applicationOf: ReadonlyMap<string, string>;
};

/** Facts and holdings are loaded for so many at once: bounded memory, and plans that fit. */
const atOnce = 2000;

/** True when there are more than are compared. */
export const tooMany = ({ members, clients, people }: Affected): boolean =>
  members.size > mostAffected || clients.size > mostAffected || people.size > mostAffected;

/**
 * Measures the state that `db` sees now.
 * @param places whose own standing may differ between the states that are compared
 */
export async function measure(
  db: Kysely<DB>,
  affected: Affected,
  places: readonly string[],
): Promise<Measured> {
  const facts = new Map<HolderId, Facts>();
  for (const ids of inParts([...affected.members]))
    for (const one of await loadFactsOf(db, ids))
      if (one.actor.kind === 'user' && (one.held.length > 0 || one.deputyFor.length > 0))
        facts.set(`m:${one.actor.membershipId!}`, one);
  for (const [id, one] of await factsOfClients(db, [...affected.clients])) facts.set(id, one);
  const applicationOf = await applicationsIn(db, facts.values());
  const powers = new Map<HolderId, Powers>();
  const periods = new Map<HolderId, Map<string, Period>>();
  for (const [id, one] of facts) {
    powers.set(
      id,
      powersOf(one, (entitlement) => applicationOf.get(entitlement)),
    );
    periods.set(id, periodsOf(one));
  }
  const access = new Map<string, Holding>();
  for (const membershipIds of inParts([...affected.people]))
    for (const holding of (await loadHoldings(db, { membershipIds })).holdings)
      if (holding.held) access.set(`${holding.membershipId} ${holding.entitlementId}`, holding);
  return { powers, periods, access, ground: await groundOf(db, powers, places), applicationOf };
}

function* inParts(ids: string[]): Generator<string[]> {
  for (let start = 0; start < ids.length; start += atOnce) yield ids.slice(start, start + atOnce);
}

/** A machine is told apart by what it holds: its links, its own days, and its organization's standing. */
async function factsOfClients(db: Kysely<DB>, ids: readonly string[]): Promise<Map<HolderId, Facts>> {
  const found = new Map<HolderId, Facts>();
  if (ids.length === 0) return found;
  const { rows } = await sql<{
    id: string;
    name: string;
    organizationId: string;
    path: string;
    links: string[];
  }>`
    select c.id, c.name, o.id as "organizationId", o.path, array(select d.id from delegation d
      where d.delegate_kind = 'client' and d.delegate_client_id = c.id and d.state <> 'ended') as links
    from client c join organization o on o.id = c.organization_id
    where c.id = any (${ids}::uuid[]) and c.state = 'active' and c.starts_at <= remit_now() and c.ends_at > remit_now()
      and not place_is_off(o.path)`.execute(db);
  const uses = rows.flatMap(({ links }) => links.map((linkId) => ({ linkId, membershipId: null })));
  const facts = await loadLinkFacts(db, uses);
  for (const { id: clientId, name, organizationId, path, links } of rows) {
    const theirs = links.flatMap((linkId) => facts.get(linkUseKey({ linkId, membershipId: null })) ?? []);
    const [first] = theirs;
    if (!first) continue;
    found.set(`c:${clientId}`, {
      ...first,
      actor: { kind: 'client', clientId, name, organizationId, path },
      held: theirs.flatMap(({ held }) => held),
    });
  }
  return found;
}

async function applicationsIn(db: Kysely<DB>, all: Iterable<Facts>): Promise<Map<string, string>> {
  const ids = new Set<string>();
  const loaded = [...all];
  for (const links of new Set(loaded.map((one) => one.links)))
    for (const { entitlements } of links.values())
      if (!entitlements.all) for (const id of entitlements.entitlements) ids.add(id);
  for (const exceptions of new Set(loaded.map((one) => one.exceptions)))
    for (const { entitlementId } of exceptions) if (entitlementId) ids.add(entitlementId);
  const { rows } = await sql<{ id: string; application: string }>`
    select id, application_id as application from entitlement where id = any (${[...ids]}::uuid[])`.execute(
    db,
  );
  return new Map(rows.map(({ id, application }) => [id, application]));
}

function periodsOf(facts: Facts): Map<string, Period> {
  const periods = new Map<string, Period>();
  for (const held of facts.held) {
    const chain = chainIn(facts, held);
    const stop = stopOf(chain, facts.at);
    if (facts.noStanding || (stop && stop.reason !== 'not-begun')) continue;
    const from = new Date(Math.max(...chain.map(({ startsAt }) => startsAt.getTime())));
    const until = new Date(Math.min(...chain.map(({ endsAt }) => endsAt.getTime())));
    periods.set(held.id, {
      from: outward(from),
      until: outward(until),
      place: held.scope.flatMap((box) => box.places ?? [])[0]?.path ?? null,
      effective: stop === undefined,
      passOn: hasPermission(chain, 'delegation.create') ? passingOnLeft(chain) : 0,
    });
  }
  return periods;
}

const outward = (at: Date): string | null =>
  at >= alwaysAfter || at <= alwaysBefore ? null : at.toISOString();

/** What is off at or above the places that these powers name. */
async function groundOf(
  db: Kysely<DB>,
  powers: Map<HolderId, Powers>,
  places: readonly string[],
): Promise<Ground> {
  const paths = new Set<string>(places);
  const seen = new Set<string>();
  for (const held of powers.values())
    for (const bundles of held.values())
      for (const { text, pieces } of bundles) {
        // Thousands of people have the same.
        if (seen.has(text)) continue;
        seen.add(text);
        for (const { place, holes } of pieces)
          for (const { path } of [place, ...holes]) for (const above of ancestorsOf(path)) paths.add(above);
      }
  const { rows } = await sql<{ path: string }>`
    select o.path from organization o where o.state <> 'active' and o.path = any (${[...paths]}::text[])`.execute(
    db,
  );
  return { off: rows.map(({ path }) => path) };
}

/** A date or a depth that changes without any power coming or going now. */
export type Later = { holder: HolderId; before: Period | undefined; after: Period | undefined };

/** What a change did to those who were looked at. */
export type Difference = {
  /** by holder and act */
  powers: Map<HolderId, Map<string, Shifts>>;
  gained: Holding[];
  lost: Holding[];
  later: Later[];
};

/** Compares two states, measured over the same people. Pure. */
export function differenceOf(before: Measured, after: Measured, focus: Focus): Difference {
  const applicationOf = new Map([...before.applicationOf, ...after.applicationOf]);
  const comparison = new Comparison(before.ground, after.ground, focus.moves, (id) => applicationOf.get(id));
  const powers: Difference['powers'] = new Map();
  const later: Later[] = [];
  const nothing: Powers = new Map();
  for (const holder of new Set([...before.powers.keys(), ...after.powers.keys()])) {
    const shifts = comparison.of(before.powers.get(holder) ?? nothing, after.powers.get(holder) ?? nothing);
    if (shifts.size > 0) powers.set(holder, shifts);
    later.push(...laterOf(holder, before.periods.get(holder), after.periods.get(holder)));
  }
  const only = (one: Measured, other: Measured): Holding[] =>
    [...one.access].flatMap(([key, holding]) => (other.access.has(key) ? [] : [holding]));
  return { powers, gained: only(after, before), lost: only(before, after), later };
}

/** Links in force on one side only are gains and losses; here stands what stays, or is still to come. */
function laterOf(
  holder: HolderId,
  before: Map<string, Period> | undefined,
  after: Map<string, Period> | undefined,
): Later[] {
  const later: Later[] = [];
  for (const id of new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])) {
    const [had, has] = [before?.get(id), after?.get(id)];
    if ((had?.effective ?? false) !== (has?.effective ?? false)) continue;
    if (had && has && had.from === has.from && had.until === has.until && had.passOn === has.passOn) continue;
    later.push({ holder, before: had, after: has });
  }
  return later;
}

/**
 * A digest over the whole difference and the rows it rests on. It names no row that the change itself makes: those have
 * other ids, and begin at another instant, each time it is made.
 * @param made memberships that the change makes, which are known by whose they are and where
 */
export function tokenOf(
  difference: Difference,
  rows: readonly unknown[],
  made: ReadonlySet<string> = new Set(),
): string {
  const powers = [...difference.powers].map(([holder, shifts]) => [
    holder,
    [...shifts].sort(([one], [other]) => (one < other ? -1 : 1)),
  ]);
  const access = (holdings: Holding[]): string[] =>
    holdings
      .map((one) => {
        const whose = made.has(one.membershipId) ? `${one.userId} ${one.organizationId}` : one.membershipId;
        return `${whose} ${one.entitlementId}`;
      })
      .sort();
  const text = JSON.stringify([
    powers.map((one) => JSON.stringify(one)).sort(),
    access(difference.gained),
    access(difference.lost),
    difference.later
      .map((one) => JSON.stringify([one.holder, one.before, one.after?.until, one.after?.passOn]))
      .sort(),
    rows.map((row) => JSON.stringify(row)).sort(),
  ]);
  return createHash('sha256').update(text).digest('base64url');
}
