import { createHash, randomBytes, randomInt } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { DB } from './schema.gen.ts';

/** What a secret is for. One made for a purpose opens nothing else (I44). */
export type Purpose = 'invitation' | 'recovery' | 'enrolment-code' | 'setup' | 'email-proof' | 'registration';

/**
 * The purpose and, where it is known beforehand, the subject are hashed in: a secret of another kind or person
 * is simply another secret. No salt or slow hash: what we make has 60 bits and more and lives for days.
 */
const hashOf = (purpose: Purpose, secret: string, subjectId = ''): Buffer =>
  createHash('sha256').update(`${purpose}\n${subjectId}\n${secret}`).digest();

/**
 * Makes a link's secret of 256 bits. Call it where the link is delivered: it stands nowhere else.
 * @param seconds how long it works
 */
export async function makeLinkSecret(
  db: Kysely<DB>,
  purpose: Purpose,
  subjectId: string | null,
  seconds: number,
): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  await keep(db, hashOf(purpose, secret), purpose, subjectId, seconds);
  return secret;
}

/** Letters and digits that are told apart on paper and by telephone (Crockford's base 32). */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Makes a code to be printed, such as `K7QF-2M9X-TB4R`: 60 bits, for one user. Codes made before end. */
export async function makePrintedCode(
  db: Kysely<DB>,
  userId: string,
  seconds: number,
  /** membership of whoever prints it, who may have kept a copy */
  madeBy: string | null,
): Promise<string> {
  await endSecrets(db, 'enrolment-code', userId);
  const code = Array.from({ length: 12 }, () => alphabet[randomInt(alphabet.length)]).join('');
  await keep(db, hashOf('enrolment-code', code, userId), 'enrolment-code', userId, seconds, madeBy);
  return code.replace(/^(.{4})(.{4})/, '$1-$2-');
}

/** As it was printed: without dashes, in capitals, with the look-alikes put right. */
const readCode = (typed: string): string =>
  typed
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');

async function keep(
  db: Kysely<DB>,
  hash: Buffer,
  purpose: Purpose,
  subjectId: string | null,
  seconds: number,
  madeBy: string | null = null,
): Promise<void> {
  await sql`insert into one_time_secret (hash, purpose, subject_id, expires_at, created_at, made_by)
    values (${hash}, ${purpose}, ${subjectId}, remit_now() + make_interval(secs => ${seconds}), remit_now(), ${madeBy})`.execute(
    db,
  );
}

/** Whom a link's secret is for, when it still works; looking changes nothing (mail scanners follow links). */
export async function lookUpLinkSecret(
  db: Kysely<DB>,
  purpose: Purpose,
  secret: string,
): Promise<{ subjectId: string | null } | undefined> {
  const { rows } = await sql<{
    subjectId: string | null;
  }>`select subject_id as "subjectId" from one_time_secret
    where hash = ${hashOf(purpose, secret)} and used_at is null and expires_at > remit_now()`.execute(db);
  return rows[0];
}

/** Whom a link's secret was for, used or past its day too: so that its page can say what to do next. */
export async function subjectOfLinkSecret(
  db: Kysely<DB>,
  purpose: Purpose,
  secret: string,
): Promise<string | undefined> {
  const { rows } = await sql<{ subjectId: string | null }>`
    select subject_id as "subjectId" from one_time_secret where hash = ${hashOf(purpose, secret)}`.execute(
    db,
  );
  return rows[0]?.subjectId ?? undefined;
}

/** Uses a link's secret up. One of two that come at once wins, because the row is locked by the update (I43). */
export const redeemLinkSecret = (
  db: Kysely<DB>,
  purpose: Purpose,
  secret: string,
): Promise<{ subjectId: string | null } | undefined> => useUp(db, hashOf(purpose, secret));

/** When a printed code was made, and by which member: for asking what its owner has gained since. */
export type PrintedCode = { madeAt: Date; madeBy: string | null };

/** Uses a printed code up; undefined when it was not this user's or no longer worked. */
export const redeemPrintedCode = (
  db: Kysely<DB>,
  userId: string,
  typed: string,
): Promise<PrintedCode | undefined> => useUp(db, hashOf('enrolment-code', readCode(typed), userId));

async function useUp(
  db: Kysely<DB>,
  hash: Buffer,
): Promise<({ subjectId: string | null } & PrintedCode) | undefined> {
  const { rows } = await sql<
    { subjectId: string | null } & PrintedCode
  >`update one_time_secret set used_at = remit_now()
    where hash = ${hash} and used_at is null and expires_at > remit_now() returning subject_id as "subjectId",
      created_at as "madeAt", made_by as "madeBy"`.execute(db);
  return rows[0];
}

/** Ends every secret of this purpose and subject that is still out there. */
export async function endSecrets(db: Kysely<DB>, purpose: Purpose, subjectId: string): Promise<void> {
  await sql`update one_time_secret set used_at = remit_now()
    where subject_id = ${subjectId} and purpose = ${purpose} and used_at is null`.execute(db);
}
