import { CompiledQuery, type Kysely } from 'kysely';
import { databaseNow } from '../platform/clock.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Target } from './delegation.ts';
import {
  type Actor,
  byMembership,
  type Credential,
  type Facts,
  type FactsRow,
  factsOf,
  nothing,
  type Proof,
  type Stamped,
  type StanderRow,
  sharedOf,
  standingOf,
  toActor,
  toFacts,
} from './facts.ts';
import { loadQuickHolders } from './facts-holders.ts';
import { factsQuery } from './facts-query.ts';
import { loadQuick } from './facts-quick.ts';
import { ancestorsOf } from './place.ts';

/**
 * Loads an actor's facts in one statement: who it is, its standing, the links it holds and their chains.
 * `withEnded` adds its ended links, for answering "why not".
 *
 * Every request runs this, so it is built once, planned once a connection, and walks indexes only. What is off and
 * what admin roles hold is looked up once for all links together: asking for each of them took most of the time.
 */
export async function loadFacts(db: Kysely<DB>, credential: Credential, withEnded = false): Promise<Facts> {
  if (credential.kind === 'none') return anonymousFacts(db);
  if (!withEnded) return toFacts(await loadRow(db, credential, false), false);
  const text = factsQuery(db, credential.kind, withEnded);
  const { rows } = await db.executeQuery<FactsRow>(CompiledQuery.raw(text, [proofOf(credential)]));
  return toFacts(rows[0]!, withEnded);
}

/**
 * Most people hold links and nothing else: no relation, no deputy, no exception near. The quick statement is a third of
 * the whole one and says when it was not enough. Who needed the whole one is asked by it from then on.
 */
async function loadRow(db: Kysely<DB>, credential: Proof, stamped: boolean): Promise<FactsRow & Stamped> {
  const proof = proofOf(credential);
  const name = `${credential.kind} ${typeof proof === 'string' ? proof : proof.toString('base64')}`;
  let known = hints.get(name);
  if (known !== 'whole') {
    let quick = await loadQuick(db, credential.kind, proof, stamped, known?.keys);
    if (!quick) return nobody(db);
    // What was given or moved since has other places around it: then these are worked out there.
    if (known && known.ground !== quick.ground)
      quick = await loadQuick(db, credential.kind, proof, stamped, undefined);
    if (!quick) return nobody(db);
    if (!quick.more) {
      if (known?.ground !== quick.ground) remember(name, { ground: quick.ground, keys: quick.keys });
      return quick.row;
    }
    known = 'whole';
    remember(name, known);
  }
  const whole = CompiledQuery.raw(factsQuery(db, credential.kind, false, stamped), [proof]);
  const { rows } = await db.executeQuery<FactsRow & Stamped>(whole);
  const row = rows[0]!;
  if (
    !row.standers &&
    !row.exceptions &&
    !row.links?.some(({ relation, kind }) => relation || kind === 'approve')
  )
    hints.delete(name);
  return row;
}

/** How to ask for somebody's facts best, from the last time; never what the answer is. */
type Hint = 'whole' | { ground: string; keys: string[] };

/** Some 2 kB each; the one made longest ago goes first. */
const mostHints = 10_000;

const hints = new Map<string, Hint>();

function remember(name: string, hint: Hint): void {
  hints.set(name, hint);
  if (hints.size > mostHints) hints.delete(hints.keys().next().value!);
}

async function nobody(db: Kysely<DB>): Promise<FactsRow & Stamped> {
  const at = await databaseNow(db);
  return {
    at,
    me: null,
    links: null,
    roles: null,
    off: [],
    standers: null,
    exceptions: null,
    stampKeys: [],
    stamp: 0,
  };
}

/** The facts of a session as one row, together with the stamps of whatever could change them. */
export async function loadStampedFacts(db: Kysely<DB>, tokenHash: Buffer): Promise<FactsRow & Stamped> {
  return loadRow(db, { kind: 'session', tokenHash }, true);
}

/** A link under which something was given or offered, and the membership that used it where a relation held it. */
export type LinkUse = { linkId: string; membershipId: string | null };

export const linkUseKey = ({ linkId, membershipId }: LinkUse): string => `${linkId} ${membershipId ?? ''}`;

/**
 * What each link gives now to whoever used it then, by one statement for all, by `linkUseKey`: only the link counts, and whether its
 * holder is still there does not (a leaver's link is vacant; what was given from it stands).
 */
export async function loadLinkFacts(db: Kysely<DB>, uses: readonly LinkUse[]): Promise<Map<string, Facts>> {
  if (uses.length === 0) return new Map();
  const members = uses.flatMap(({ membershipId }) => membershipId ?? []);
  const text = factsQuery(db, 'links', true);
  const { rows } = await db.executeQuery<FactsRow>(
    CompiledQuery.raw(text, [[...new Set(members)], uses.map(({ linkId }) => linkId)]),
  );
  const shared = sharedOf(rows[0]!, true);
  const found = new Map<string, Facts>();
  for (const { linkId, membershipId } of uses) {
    const link = shared.links.get(linkId);
    if (!link) continue;
    const userId = link.delegateUserId ?? shared.standers.get(membershipId ?? '')?.userId ?? '';
    const actor: Actor = {
      kind: 'user',
      userId,
      membershipId: link.delegateMembershipId ?? membershipId,
      sessionId: null,
      displayName: '',
      organizationId: null,
      path: null,
      language: 'en',
    };
    const { withEnded: _, byDelegate: __, ...rest } = shared;
    found.set(linkUseKey({ linkId, membershipId }), {
      ...rest,
      actor,
      noStanding: undefined,
      held: [link],
      deputyFor: [],
    });
  }
  return found;
}

/**
 * What these memberships hold, in whatever state: paused, scheduled, and through relations that they stand in once
 * they are back from a suspension. One statement.
 */
export async function loadHeldBy(db: Kysely<DB>, membershipIds: readonly string[]): Promise<Facts[]> {
  const text = factsQuery(db, 'members', false);
  const { rows } = await db.executeQuery<FactsRow>(CompiledQuery.raw(text, [membershipIds]));
  const row = rows[0]!;
  const people = row.standers ?? [];
  const shared = sharedOf(row, false);
  const standers = new Map([...shared.standers].map(([id, one]) => [id, { ...one, stands: true }]));
  return people
    .filter(({ membershipId }) => membershipIds.includes(membershipId))
    .map((one) =>
      factsOf(
        toActor({ ...one, sessionId: null, clientId: null }),
        undefined,
        { ...shared, standers },
        byMembership(people),
        [],
      ),
    );
}

/** The facts of many members as they stand now, by one statement; members that do not exist are left out. */
export async function loadFactsOf(db: Kysely<DB>, membershipIds: readonly string[]): Promise<Facts[]> {
  if (membershipIds.length === 0) return [];
  const text = factsQuery(db, 'members', false);
  const { rows } = await db.executeQuery<FactsRow>(CompiledQuery.raw(text, [membershipIds]));
  const row = rows[0]!;
  const people = byMembership(row.standers ?? []);
  const shared = sharedOf(row, false);
  return membershipIds.flatMap((id) => {
    const one = people.get(id);
    if (!one) return [];
    const noStanding = standingOf({ ...one, clientId: null }, row.at);
    return [factsOf(toActor({ ...one, sessionId: null, clientId: null }), noStanding, shared, people, [])];
  });
}

/** Facts of everybody who might be able to act on a target, and whether they can sign in at all. */
export type Candidate = { facts: Facts; canSignIn: boolean };

/**
 * Facts of everybody whose delegations name the place of one of these targets or one above, of those who stand in a relation
 * that is given something there, and of their deputies. One statement, and the whole one where links are not all that has a
 * say; who of them may do what is then decided as ever.
 */
export async function loadCandidates(
  db: Kysely<DB>,
  targets: readonly Pick<Target, 'path' | 'line'>[],
  withDeputies: boolean,
): Promise<Candidate[]> {
  const places = [...new Set(targets.flatMap(({ path }) => ancestorsOf(path)))];
  const line = [...new Set(targets.flatMap((target) => target.line ?? []))];
  const quick = withDeputies ? undefined : await loadQuickHolders(db, places);
  const found = !quick || quick.more ? await loadAllCandidates(db, places, line, withDeputies) : quick;
  const shared = sharedOf(found.row, false);
  const people = byMembership(found.people);
  return [...people.values()].map((one) => ({
    facts: factsOf(
      toActor({ ...one, sessionId: null, clientId: null }),
      standingOf({ ...one, clientId: null }, found.row.at),
      shared,
      people,
      [],
    ),
    canSignIn: one.canSignIn,
  }));
}

async function loadAllCandidates(
  db: Kysely<DB>,
  places: string[],
  line: string[],
  withDeputies: boolean,
): Promise<{ row: FactsRow; people: StanderRow[] }> {
  const text = factsQuery(db, withDeputies ? 'deciders' : 'holders', false);
  const { rows } = await db.executeQuery<FactsRow>(CompiledQuery.raw(text, [places, line]));
  return { row: rows[0]!, people: rows[0]!.standers ?? [] };
}

const proofOf = (credential: Proof): Buffer | string =>
  credential.kind === 'session'
    ? credential.tokenHash
    : credential.kind === 'key'
      ? credential.keyHash
      : credential.membershipId;

async function anonymousFacts(db: Kysely<DB>): Promise<Facts> {
  return { at: await databaseNow(db), actor: { kind: 'anonymous' }, noStanding: 'anonymous', ...nothing };
}
