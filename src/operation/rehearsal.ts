import { createHash, randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { type Affected, affectedBy, type Focus, mostAffected } from '../authority/affected.ts';
import { type Difference, differenceOf, measure, tokenOf, tooMany } from '../authority/measure.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Change } from './operation.ts';

/** What a change would do to people's powers and access, what it would answer, and the token by which exactly that is done. */
export type Rehearsal = { difference: Difference; token: string; output: unknown };

/**
 * The token of a preview: a digest under a salt of its own, so that two previews of the same change cannot be told to
 * be the same, and nobody sees from them that something beyond their boundary changed (I06).
 */
const saltedToken = (digest: string, salt = randomBytes(16).toString('base64url')): string =>
  `${salt}.${createHash('sha256').update(`${salt}.${digest}`).digest('base64url')}`;

/** Was this token given for the same difference? */
export const isTokenOf = (digest: string, token: string): boolean =>
  saltedToken(digest, token.split('.', 1)[0]) === token;

/**
 * Runs a change twice: once to learn from its events whom to look at, undone; then again between two measurements.
 * The second run stands; the caller undoes it, or commits.
 * @throws Refusal `preview.too-large`
 */
export async function measured<Done extends { changes: Change[] }>(
  trx: Kysely<DB>,
  attempt: () => Promise<Done>,
): Promise<Omit<Rehearsal, 'output'> & { done: Done; digest: string }> {
  await sql`savepoint rehearsed`.execute(trx);
  const focus = focusOf((await attempt()).changes);
  const later = await affectedBy(trx, focus);
  await sql`rollback to savepoint rehearsed`.execute(trx);
  const affected = union(later, await affectedBy(trx, focus));
  if (tooMany(affected)) throw refuse('preview.too-large', { most: mostAffected });
  const before = await measure(trx, affected, focus.places);
  const done = await attempt();
  const made = placesOfMovers(done.changes);
  const after = { ...affected, people: new Set([...affected.people, ...made]) };
  const difference = differenceOf(before, await measure(trx, after, focus.places), focusOf(done.changes));
  const digest = tokenOf(difference, rowsOf(done.changes), made);
  return { done, difference, digest, token: saltedToken(digest) };
}

/**
 * The places that a change makes for people who lose another by it: what they have there is not gone. Each run makes them
 * anew, under ids of its own.
 */
function placesOfMovers(changes: readonly Change[]): Set<string> {
  const ofMembers = changes.filter(({ targetKind }) => targetKind === 'membership');
  const made = ofMembers.filter(({ type }) => type === 'membership.created');
  const ids = new Set(made.flatMap(({ targetId }) => targetId ?? []));
  const others = ofMembers.filter(({ targetId }) => targetId && !ids.has(targetId));
  const hadAnother = new Set(others.flatMap(({ subjectId }) => subjectId ?? []));
  return new Set(
    made.flatMap(({ targetId, subjectId }) =>
      targetId && subjectId && hadAnother.has(subjectId) ? targetId : [],
    ),
  );
}

const union = (one: Affected, other: Affected): Affected => ({
  members: new Set([...one.members, ...other.members]),
  clients: new Set([...one.clients, ...other.clients]),
  people: new Set([...one.people, ...other.people]),
});

/**
 * The rows as they were that the change works on: with their versions, where they have one. A row that the change itself
 * wrote before says nothing about the world, and its instants would make each run another.
 */
function rowsOf(changes: readonly Change[]): unknown[] {
  const written = new Set<string>();
  return changes.flatMap(({ targetKind, targetId, before, after }) => {
    const isOurs = before && written.has(JSON.stringify([targetKind, targetId, before]));
    written.add(JSON.stringify([targetKind, targetId, after]));
    return before && !isOurs ? [[targetKind, targetId, before]] : [];
  });
}

/** Whom to look at, from what a change records: so no operation can forget to say it. */
export function focusOf(changes: readonly Change[]): Focus {
  const ids = (...kinds: string[]): string[] =>
    changes.flatMap(({ targetKind, targetId }) => (kinds.includes(targetKind) && targetId ? [targetId] : []));
  const paths = (...kinds: string[]): string[] =>
    changes.flatMap(({ targetKind, path }) => (kinds.includes(targetKind) && path ? [path] : []));
  const moves = changes.flatMap(({ targetKind, before, after }) => {
    const [from, to] = [before?.path, after?.path];
    const moved =
      targetKind === 'organization' && typeof from === 'string' && typeof to === 'string' && from !== to;
    return moved ? [{ from, to }] : [];
  });
  // A set keeps from people what they have of its roles; an exception is for one person.
  const apart = changes.flatMap(({ targetKind, before, after }) =>
    targetKind === 'separation'
      ? [before, after].flatMap((state) => (state?.entitlementIds as string[] | undefined) ?? [])
      : [],
  );
  const excepted = changes.flatMap(({ targetKind, subjectId }) =>
    targetKind === 'separation-exception' && subjectId ? [subjectId] : [],
  );
  return {
    delegations: ids('delegation'),
    adminRoles: ids('admin-role'),
    clients: ids('client'),
    memberships: ids('membership'),
    users: [...ids('user'), ...excepted],
    places: [...new Set([...paths('organization'), ...moves.flatMap(({ from, to }) => [from, to])])],
    moves,
    forbidden: paths('exception'),
    accessPlaces: paths('access-rule', 'group'),
    assignments: ids('assignment'),
    accessRoles: ids('access-role'),
    entitlements: [...ids('entitlement'), ...apart],
    applications: ids('application'),
  };
}

/** Thrown to undo a transaction that did its work. */
class Undone<T> extends Error {
  readonly value: T;
  constructor(value: T) {
    super('undone');
    this.value = value;
  }
}

/** Does the work on one snapshot, in a transaction that is always undone. */
export async function undone<T>(db: Kysely<DB>, work: (trx: Kysely<DB>) => Promise<T>): Promise<T> {
  try {
    return await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (trx) => {
        // Shorter than the database waits before it looks for a deadlock: the real change goes on, this one gives up.
        await sql`set local lock_timeout = '500ms'`.execute(trx);
        throw new Undone(await work(trx));
      });
  } catch (error) {
    if (error instanceof Undone) return error.value as T;
    throw error;
  }
}

/** A row that somebody else is changing, or has changed since the snapshot: later it is not. */
export const isInTheWay = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['40001', '40P01', '55P03'].includes(String((error as { code: unknown }).code));
