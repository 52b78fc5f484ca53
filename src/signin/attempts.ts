import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Context } from '../operation/operation.ts';
import { normalAddress } from '../platform/email-address.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { hashSessionToken } from '../platform/sessions.ts';
import { type Named, perAccountAndSource, perSource, sourceOf, windowSeconds } from './rules.ts';

type Caller = Context['caller'];
type Counted = { key: Buffer; limit: number };

/** A digest, so that neither names nor addresses of people stand in the table. */
const keyOf = (...parts: string[]): Buffer => createHash('sha256').update(JSON.stringify(parts)).digest();

const nameKey = (who: Named): string =>
  'email' in who
    ? normalAddress(who.email)
    : JSON.stringify([who.organization.trim().toLowerCase(), who.userName.trim().toLowerCase()]);

/**
 * What an attempt is counted under. A browser that signed in as this person before is a source of its own: whoever
 * guesses behind the same address does not use up its attempts.
 */
async function countersOf(db: Kysely<DB>, what: string, who: Named, caller: Caller): Promise<Counted[]> {
  const name = nameKey(who);
  if (caller.sessionToken !== undefined && (await knowsBrowser(db, who, caller.sessionToken)))
    return [{ key: keyOf(what, name, 'browser', caller.sessionToken), limit: perAccountAndSource }];
  const source = sourceOf(caller.address);
  return [
    { key: keyOf(what, name, 'source', source), limit: perAccountAndSource },
    { key: keyOf('source', source), limit: perSource },
  ];
}

async function knowsBrowser(db: Kysely<DB>, who: Named, token: string): Promise<boolean> {
  const { rows } = await sql`select 1 from session s join app_user u on u.id = s.user_id
    where s.token_hash = ${hashSessionToken(token)}
      and ${'email' in who ? sql`u.proved_email = ${normalAddress(who.email)}` : sql`lower(u.user_name) = lower(${who.userName.trim()})`}`.execute(
    db,
  );
  return rows.length > 0;
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

/** Takes a success back out of the count. */
export async function forgiveAttempt(
  db: Kysely<DB>,
  what: string,
  who: Named,
  caller: Caller,
): Promise<void> {
  const [own, ...shared] = await countersOf(db, what, who, caller);
  await sql`delete from attempt where key = ${own!.key}`.execute(db);
  for (const { key } of shared)
    await sql`update attempt set count = greatest(count - 1, 0) where key = ${key}`.execute(db);
}
