import { CompiledQuery, type Kysely } from 'kysely';
import type { DB } from '../platform/schema.gen.ts';
import { type Credential, type Facts, type Standing, standingOf, toFacts } from './facts.ts';
import { loadFacts, loadStampedFacts } from './load-facts.ts';
import { isAtOrBelow } from './place.ts';

/**
 * Facts of sessions, kept in this process for reading, under the stamps that every change of authority raises in its own
 * transaction (sql/0009). Each use asks, by one statement, whether the session is live and what the stamps say now: a
 * change that committed before the statement began is seen by it, in whichever process it was made. Dates are compared
 * with the time of that statement.
 *
 * Kept only where nothing but the stamps' sources and dates decides: who holds something through a relation, or is a
 * deputy, or gave below a relation, depends on other people's memberships, and is loaded in full each time.
 */
type Kept = {
  facts: Facts;
  me: Standing;
  membershipId: string | null;
  keys: string[];
  stamp: number;
};

/** Sessions kept at most, the one used longest ago goes first; some 30 kB each with a chain of ten links. */
const mostKept = 2_000;
/** More branches than this are rare, and adding up their stamps costs more than it saves. */
const mostKeys = 12;

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
  if (kept) {
    all.delete(name);
    const now = await live(db, credential.tokenHash, kept.keys);
    if (now && now.membershipId === kept.membershipId && now.stamp === kept.stamp) {
      keep(all, name, kept);
      return { ...kept.facts, at: now.at, noStanding: standingOf(kept.me, now.at) };
    }
  }
  const row = await loadStampedFacts(db, credential.tokenHash);
  const facts = toFacts(row, false);
  if (row.me && mayKeep(facts) && row.stampKeys.length <= mostKeys)
    keep(all, name, {
      facts,
      me: {
        ...row.me,
        off: row.me.path !== null && row.off.some((above) => isAtOrBelow(row.me!.path!, above)),
      },
      membershipId: row.me.membershipId,
      keys: row.stampKeys,
      stamp: row.stamp,
    });
  return facts;
}

const mayKeep = ({ links, standers, deputyFor }: Facts): boolean =>
  standers.size === 0 && deputyFor.length === 0 && ![...links.values()].some(({ relation }) => relation);

function keep(all: Map<string, Kept>, name: string, kept: Kept): void {
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
