import { CompiledQuery, type Kysely } from 'kysely';
import type { DB } from '../platform/schema.gen.ts';
import { type Credential, type Facts, type FactsRow, standingOf, toFacts } from './facts.ts';
import { loadFacts, loadStampedFacts } from './load-facts.ts';
import { isAtOrBelow } from './place.ts';

/**
 * Facts of sessions, kept in this process for reading, under the stamps that every change of authority raises in its own
 * transaction (sql/0009, 0016). Each use asks, by one statement, whether the session is live and what the stamps say now: a
 * change that committed before the statement began is seen by it, in whichever process it was made. Dates are compared
 * with the time of that statement.
 *
 * Whoever holds something through a relation, is a deputy, or gave below a relation depends on other people, too: their
 * stamps are among the keys, and the facts are made anew from the row, since who stands in what changes with the time.
 */
type Kept = {
  row: FactsRow & { me: NonNullable<FactsRow['me']> };
  /** where no more than the actor's own days decide */
  facts: Facts | undefined;
  keys: string[];
  stamp: number;
};

/** Sessions kept at most, the one used longest ago goes first; some 30 kB each with a chain of ten links. */
const mostKept = 2_000;
/** More keys than this are rare, and adding up their stamps costs more than it saves. */
const mostKeys = 24;

const keptOf = new WeakMap<Kysely<DB>, Map<string, Kept>>();

/** What deciding a reading operation needs; equal to `loadFacts` at every moment. Never for a change: those lock. */
export async function loadFactsForReading(db: Kysely<DB>, credential: Credential): Promise<Facts> {
  if (credential.kind !== 'session') return loadFacts(db, credential);
  let all = keptOf.get(db);
  if (!all) {
    all = new Map();
    keptOf.set(db, all);
  }
  const name = credential.tokenHash.toString('base64');
  const kept = all.get(name);
  // It stays while it is asked about: a page sends several requests at once.
  if (kept) {
    const now = await live(db, credential.tokenHash, kept.keys);
    if (now && now.membershipId === kept.row.me.membershipId && now.stamp === kept.stamp) {
      keep(all, name, kept);
      return factsAt(kept, now.at);
    }
    if (all.get(name) === kept) all.delete(name);
  }
  const { stampKeys: keys, stamp, ...row } = await loadStampedFacts(db, credential.tokenHash);
  const facts = toFacts(row, false);
  if (row.me && keys.length <= mostKeys) {
    const me = { ...row.me, off: isOffAt(row.me.path, row.off) };
    keep(all, name, { row: { ...row, me }, facts: restsOnOthers(facts) ? undefined : facts, keys, stamp });
  }
  return facts;
}

const isOffAt = (path: string | null, off: string[]): boolean =>
  path !== null && off.some((above) => isAtOrBelow(path, above));

function factsAt({ row, facts }: Kept, at: Date): Facts {
  return facts ? { ...facts, at, noStanding: standingOf(row.me, at) } : toFacts({ ...row, at }, false);
}

const restsOnOthers = ({ links, standers, deputyFor }: Facts): boolean =>
  standers.size > 0 ||
  deputyFor.length > 0 ||
  [...links.values()].some(({ relation, kind }) => relation || kind === 'approve');

function keep(all: Map<string, Kept>, name: string, kept: Kept): void {
  all.delete(name);
  all.set(name, kept);
  if (all.size > mostKept) all.delete(all.keys().next().value!);
}

const liveSession = `/* prepared */
  select n.at, s.membership_id as "membershipId",
    (select coalesce(sum(t.value), 0)::bigint from stamp t where t.key = any ($2::text[])) as stamp
  from (select remit_now() as at) n join session s
    on s.token_hash = $1 and s.ended_at is null and s.expires_at > n.at`;

type Live = { at: Date; membershipId: string | null; stamp: number };

/** The session if it is live, with the stamps of these keys; `undefined` when it is over. */
async function live(db: Kysely<DB>, tokenHash: Buffer, keys: string[]): Promise<Live | undefined> {
  const { rows } = await db.executeQuery<Live>(CompiledQuery.raw(liveSession, [tokenHash, keys]));
  return rows[0];
}
