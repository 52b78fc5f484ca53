import { type Kysely, sql } from 'kysely';
import type { DB } from '../platform/schema.gen.ts';
import { chainIn } from './chain.ts';
import { isCut } from './cut.ts';
import { type Chain, endOf, hasPermission, reachesTarget, type Spot, stopOf } from './delegation.ts';
import { type Actor, alwaysAfter, type Facts } from './facts.ts';
import { linkUseKey, loadLinkFacts } from './load-facts.ts';
import { regionsOf, regionWithin } from './region.ts';
import { type ApplicationOf, limitWithin, mayHangBelow, passingOnLeft } from './within.ts';

/**
 * Writing a fact that a relation reads is a grant of what it newly gives (I01, ruling 2): a membership gives what
 * "members of" there have, a line manager what line managers have over their reports. Whoever writes it has to be able
 * to pass all of that on.
 */

/** What one chain gives: the permissions that every link of it has. */
const givenBy = (chain: Chain): string[] =>
  chain[0]!.permissions.filter((name) => chain.every((link) => link.permissions.includes(name)));

/**
 * Could this actor pass on what `gained` gives, over these people (or, where none are named, over all that it
 * reaches)? One chain of theirs has to hold all of it: for as long as it will last, free of exceptions that would bind
 * them and not whoever gains it, and with the right to pass it on as far as it may be.
 * @param until when it ends for whoever gains it, where that is earlier than `gained` ends
 */
export function mayPassOn(
  facts: Facts,
  gained: Chain,
  people: readonly Spot[] | undefined,
  applicationOf: ApplicationOf,
  until: Date = alwaysAfter,
): boolean {
  const given = givenBy(gained);
  const end = endOf(gained) < until ? endOf(gained) : until;
  // What is switched off now comes back to whoever gains it, and to the doer.
  const whole = openAgain(gained);
  const reached = regionsOf(whole);
  return facts.held.some((held) => {
    const own = chainIn(facts, held);
    if (own[0]!.kind !== 'administer' || stopOf(own, facts.at) || !mayHangBelow(own)) return false;
    if (!hasPermission(own, 'delegation.create')) return false;
    if (!given.every((name) => own.every((link) => link.permissions.includes(name)))) return false;
    const limited = own.every((link) =>
      gained.some((one) => limitWithin(one.entitlements, link.entitlements, applicationOf)),
    );
    if (!limited || endOf(own) < end || linksBelow(gained) > passingOnLeft(own)) return false;
    if (isCut(facts, whole, own, applicationOf, people)) return false;
    if (people) return people.every((person) => reachesTarget(own, person, true));
    const wide = regionsOf(openAgain(own));
    return reached.every((region) => wide.some((outer) => regionWithin(region, outer)));
  });
}

/** How many links may hang below this chain: n below need n <= mayPassOn, at every link above. */
const linksBelow = (chain: Chain): number =>
  Math.min(...chain.map((link, above) => (link.delegateKind === 'root' ? 1000 : link.mayPassOn) - above));

const openAgain = (chain: Chain): Chain => chain.map((link) => ({ ...link, offPlaces: [] }));

/** What people who come to belong to these places are given by "members of" there, also what is paused or to come. */
export async function gainedByJoining(db: Kysely<DB>, paths: readonly string[]): Promise<Chain[]> {
  const { rows } = await sql<{ id: string; path: string }>`
    select distinct d.id, p.path from unnest(${paths}::text[]) p (path), unnest(path_ancestors(p.path)) a (path)
    join delegation d on d.delegate_kind = 'relation' and d.relation_path = a.path collate "C"
    where d.relation = 'members' and d.state <> 'ended' and d.ends_at > remit_now()`.execute(db);
  if (rows.length === 0) return [];
  const uses = rows.map(({ id }) => ({ linkId: id, membershipId: null }));
  const found = await loadLinkFacts(db, uses);
  return rows.flatMap(({ id, path }) => {
    const facts = found.get(linkUseKey({ linkId: id, membershipId: null }));
    return facts ? [chainIn(asNewcomer(facts, path), facts.held[0]!)] : [];
  });
}

/** Somebody who does not belong there yet, as if they did. */
function asNewcomer(facts: Facts, path: string): Facts {
  const membershipId = `new in ${path}`;
  const actor: Actor = {
    kind: 'user',
    userId: '',
    membershipId,
    sessionId: null,
    displayName: '',
    organizationId: null,
    path,
    language: 'en',
  };
  const stander = { membershipId, userId: '', path, stands: true, hasReports: false, guardianOf: [] };
  return { ...facts, actor, standers: new Map([...facts.standers, [membershipId, stander]]) };
}

/** The chains by which somebody above in a reporting line reaches people, and those newly held by having reports at all. */
export type LineGain = { chain: Chain; people: Spot[] | undefined };

/**
 * What line managers have now that they had not before, over these people.
 * @param before what each of them held, and whom of these people it reached
 */
export function gainedByLine(
  before: readonly Facts[],
  after: readonly Facts[],
  peopleBefore: readonly Spot[],
  peopleAfter: readonly Spot[],
): LineGain[] {
  return after.flatMap((now) => {
    const earlier = before.find(
      ({ actor }) =>
        actor.kind === 'user' && now.actor.kind === 'user' && actor.membershipId === now.actor.membershipId,
    );
    return now.held.flatMap((held): LineGain[] => {
      const chain = chainIn(now, held);
      const known = earlier?.held.find(({ id }) => id === held.id);
      const had = known && chainIn(earlier!, known);
      if (chain.some((link) => link.scope.some((box) => box.reports))) {
        const people = peopleAfter.filter(
          (person, index) =>
            reachesTarget(chain, person, true) && !(had && reachesTarget(had, peopleBefore[index]!, true)),
        );
        return people.length > 0 ? [{ chain, people }] : [];
      }
      return had ? [] : [{ chain, people: undefined }];
    });
  });
}
