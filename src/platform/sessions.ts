import { createHash, randomBytes } from 'node:crypto';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { newId } from './ids.ts';
import type { DB } from './schema.gen.ts';

export const sessionCookie = 'remit_session';

/** Under https the browser itself sees to it that no neighbour (another sub-domain, another path) sets this cookie. */
export const sessionCookieAt = (url: string): string =>
  url.startsWith('https:') ? `__Host-${sessionCookie}` : sessionCookie;

/**
 * The token in a Cookie header. A doubled cookie is none: we cannot tell which one the browser owns, and which one a
 * neighbour planted to have the person act in another account.
 */
export function sessionTokenIn(cookieHeader: string | undefined, url: string): string | undefined {
  const wanted = sessionCookieAt(url);
  const values = (cookieHeader ?? '')
    .split(';')
    .map((pair) => pair.trim().split('='))
    .filter(([name, value]) => name === wanted && value)
    .map(([, value]) => value);
  return values.length === 1 ? values[0] : undefined;
}

/** A session ends this long after its last use, and this long after sign-in at the latest; seconds. */
export const idleSeconds = 12 * 3600;
export const longestSeconds = 14 * 86_400;

/**
 * The cookie stays longer than the session: a dead token still tells that this browser once signed in as this
 * person, so that a stranger behind the same address cannot use up the person's attempts (I39).
 */
const cookieSeconds = 90 * 86_400;

export type Cookie = { name: string; value: string; maxAgeSeconds: number | undefined };

export const clearedSessionCookie: Cookie = { name: sessionCookie, value: '', maxAgeSeconds: 0 };

/** Only this hash is stored: whoever reads the database cannot sign in with what stands there. */
export const hashSessionToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/**
 * Starts a session, in the transaction of whatever proved the person. The session that this browser had before
 * ends, so that a token planted beforehand never becomes the person's own (session fixation).
 */
export async function startSession(
  db: Kysely<DB>,
  {
    userId,
    membershipId,
    caller,
  }: {
    userId: string;
    membershipId: string | null;
    caller: { address: string; userAgent: string; sessionToken: string | undefined };
  },
): Promise<{ sessionId: string; cookie: Cookie; ended: EndedSession | undefined }> {
  const ended =
    caller.sessionToken === undefined
      ? []
      : await endWhere(db, sql`token_hash = ${hashSessionToken(caller.sessionToken)}`);
  const token = randomBytes(32).toString('base64url');
  const sessionId = newId();
  await sql`
    insert into session (id, token_hash, user_id, membership_id, created_at, last_seen_at, expires_at, ends_at, user_agent, address)
    values (${sessionId}, ${hashSessionToken(token)}, ${userId}, ${membershipId}, remit_now(), remit_now(),
      remit_now() + make_interval(secs => ${idleSeconds}), remit_now() + make_interval(secs => ${longestSeconds}),
      ${caller.userAgent.slice(0, 300)}, ${caller.address})`.execute(db);
  const cookie = { name: sessionCookie, value: token, maxAgeSeconds: cookieSeconds };
  return { sessionId, cookie, ended: ended[0] };
}

/** Pushes the idle end of a session on, written at most once a minute; the absolute end stays. */
export async function touchSession(db: Kysely<DB>, token: string): Promise<void> {
  await sql`
    update session set last_seen_at = remit_now(),
      expires_at = least(ends_at, remit_now() + make_interval(secs => ${idleSeconds}))
    where token_hash = ${hashSessionToken(token)} and ended_at is null and expires_at > remit_now()
      and last_seen_at < remit_now() - interval '1 minute'`.execute(db);
}

export type EndedSession = { sessionId: string; userId: string };

/** Ends a person's live sessions, all or all but one. */
export const endSessions = (
  db: Kysely<DB>,
  userId: string,
  exceptSessionId: string | null = null,
): Promise<EndedSession[]> =>
  endWhere(db, sql`user_id = ${userId} and id is distinct from ${exceptSessionId}::uuid`);

/** Only what is live ends: a session that is over already has no second ending in the trail. */
export async function endWhere(db: Kysely<DB>, condition: RawBuilder<unknown>): Promise<EndedSession[]> {
  const { rows } = await sql<EndedSession>`update session set ended_at = remit_now()
    where ${condition} and ended_at is null and expires_at > remit_now()
    returning id as "sessionId", user_id as "userId"`.execute(db);
  return rows;
}
