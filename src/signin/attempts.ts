import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Context } from '../operation/operation.ts';
import { normalAddress } from '../platform/email-address.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { hashSessionToken } from '../platform/sessions.ts';
import { type Named, perAccountAndSource, perSource, sourceOf, windowSeconds } from './rules.ts';
import { findNamed } from './store.ts';

type Caller = Context['caller'];
type Counted = { key: Buffer; limit: number };

/** A digest, so that neither names nor addresses of people stand in the table. */
const keyOf = (...parts: string[]): Buffer => createHash('sha256').update(JSON.stringify(parts)).digest();

const nameKey = (who: Named): string =>
  'email' in who
    ? normalAddress(who.email)
    : JSON.stringify([who.organization.trim().toLowerCase(), who.userName.trim().toLowerCase()]);

/**
 * What an attempt is counted under. Browsers that signed in as this person before are a source of their own, all of
 * them one: whoever guesses behind the same address does not use up the owner's attempts, and a namesake who signs
 * in over and over gets no more attempts by it.
 */
async function countersOf(db: Kysely<DB>, what: string, who: Named, caller: Caller): Promise<Counted[]> {
  const name = nameKey(who);
  const known = caller.sessionToken && (await whoseBrowser(db, who, caller.sessionToken));
  if (known) return [{ key: keyOf(what, name, 'browser', known), limit: perAccountAndSource }];
  const source = sourceOf(caller.address);
  return [
    { key: keyOf(what, name, 'source', source), limit: perAccountAndSource },
    { key: keyOf('source', source), limit: perSource },
  ];
}

/** The one of those named who signed in with this browser before, be the session over or not. */
async function whoseBrowser(db: Kysely<DB>, who: Named, token: string): Promise<string | undefined> {
  const named = (await findNamed(db, who)).map(({ userId }) => userId);
  const { rows } = await sql<{ userId: string }>`select user_id as "userId" from session
    where token_hash = ${hashSessionToken(token)} and user_id = any (${named}::uuid[])`.execute(db);
  return rows[0]?.userId;
}

/**
 * Counts an attempt to prove that one is `who`, before it is looked at: two at once are two.
 * @throws Refusal `auth.too-many`, the same for names that do not exist.
 */
export async function countAttempt(db: Kysely<DB>, what: string, who: Named, caller: Caller): Promise<void> {
  await count(db, await countersOf(db, what, who, caller));
}

/** Counts a call by its source alone, where nobody is named: guessing the secret of a link. */
export const countCall = (db: Kysely<DB>, what: string, caller: Caller): Promise<void> =>
  count(db, [{ key: keyOf(what, 'source', sourceOf(caller.address)), limit: perSource }]);

/** Counts a try of a signed-in person, by session: a stolen session is no place to guess the password. */
export const countTry = (db: Kysely<DB>, what: string, sessionToken: string): Promise<void> =>
  count(db, [{ key: keyOf(what, 'session', sessionToken), limit: perAccountAndSource }]);

async function count(db: Kysely<DB>, counters: Counted[]): Promise<void> {
  // One after the other, always in this order: rows locked in two orders would wait for each other.
  for (const { key, limit } of counters) {
    const { rows } = await sql<{ count: number; seconds: number }>`
      insert into attempt (key, window_ends_at, count)
      values (${key}, remit_now() + make_interval(secs => ${windowSeconds}), 1)
      on conflict (key) do update set
        count = case when attempt.window_ends_at <= remit_now() then 1 else attempt.count + 1 end,
        window_ends_at = case when attempt.window_ends_at <= remit_now() then excluded.window_ends_at else attempt.window_ends_at end
      returning count, ceil(extract(epoch from window_ends_at - remit_now()))::int as seconds`.execute(db);
    if (rows[0]!.count > limit) throw refuse('auth.too-many', { seconds: rows[0]!.seconds });
  }
}

/**
 * Takes a success back out of the count. When the words meant several people the tries at the others stay counted:
 * else a namesake's own sign-ins would wipe out their guesses at somebody else's password.
 */
export async function forgiveAttempt(
  db: Kysely<DB>,
  what: string,
  who: Named,
  caller: Caller,
): Promise<void> {
  const [own, ...shared] = await countersOf(db, what, who, caller);
  if ((await findNamed(db, who)).length === 1)
    await sql`delete from attempt where key = ${own!.key}`.execute(db);
  for (const { key } of shared)
    await sql`update attempt set count = greatest(count - 1, 0) where key = ${key}`.execute(db);
}
