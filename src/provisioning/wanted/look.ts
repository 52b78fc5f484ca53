import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { DB } from '../../platform/schema.gen.ts';
import type { Abilities, AccountValues, Connector } from '../connectors/connector.ts';
import { type RoleRow, readRoles, type TargetRow } from '../store.ts';
import { declaredBy } from './declared.ts';
import {
  type Account,
  type Desired,
  desired,
  type Person,
  type Presence,
  type Stands,
  type Wish,
} from './desired.ts';
import { loadPeople } from './people.ts';
import { stoppedRoles, withStopped } from './stopped.ts';
import { wishOf } from './wish.ts';

/** A target with what it asks of people: looked at once for many. */
export type Seeing = {
  target: TargetRow;
  connector: Connector;
  can: Abilities;
  roles: RoleRow[];
  wish: Wish;
};

export async function seeingOf(db: Kysely<DB>, target: TargetRow, connector: Connector): Promise<Seeing> {
  const roles = await readRoles(db, target.id);
  const { can } = declaredBy(connector, target.settings);
  return { target, connector, can, roles, wish: wishOf(target, roles, connector) };
}

/** What is known of somebody's account when it is looked at. */
export type KnownAccount = Account & { userId: string; roles: readonly string[]; thereDigest: string };

export type Look = {
  desired: Desired;
  /** how it could stand at best, by what the target can do; `undefined`: nothing can be done about it */
  wanted: Presence | undefined;
  /** of the values as they are looked after once it is there */
  digest: string;
  /** of all that is wanted: whether it is what was tried in vain */
  whole: string;
  /** something there is not as it should be, as far as we know without reading it; values apart */
  differs: boolean;
  /** values there are to be others: of many at once they wait for a person (I49) */
  changes: boolean;
  /** the values that `digest` is of */
  values: AccountValues;
  /** something would be taken from what is there */
  takes: boolean;
  /** worth a row, though there is no account yet: by time alone one may come to be */
  concerned: boolean;
};

/** What should be, now, for these people at one target. */
export async function look(
  db: Kysely<DB>,
  { target, can, roles, wish }: Seeing,
  userIds: readonly string[],
  accounts: ReadonlyMap<string, KnownAccount>,
): Promise<{ at: Date; looks: Map<string, Look> }> {
  const { at, facts, people } = await loadPeople(db, target, userIds);
  const looks = new Map<string, Look>();
  // Asked at use: what whoever saved it may not hand out any more, nobody gets anew (ruling 16).
  const bounded = { ...wish, roles: withStopped(wish.roles, stoppedRoles(facts, target, roles)) };
  for (const userId of userIds) {
    const person = people.get(userId);
    if (person) looks.set(userId, lookAt(person, accounts.get(userId), bounded, roles, can, at));
  }
  return { at, looks };
}

function lookAt(
  person: Person,
  account: KnownAccount | undefined,
  wish: Wish,
  roles: readonly RoleRow[],
  can: Abilities,
  at: Date,
): Look {
  const had = account?.roles ?? [];
  const roleNames = roles.flatMap(({ name, externalId }) =>
    name !== null && externalId !== null && had.includes(externalId) ? [name] : [],
  );
  const should = desired(person, account && { ...account, roleNames }, wish, at);
  const stands = account?.stands ?? 'none';
  const there = stands !== 'none' && stands !== 'gone';
  const after = there || should.presence === 'none' ? should : valuesWhenThere(person, should, wish, at);
  const wanted = possible(should.presence, there, can);
  const refs = refsOf(should.roles, roles);
  const digest = digestOf(after.values);
  const mapped = new Set(wish.roles.flatMap(({ entitlementId }) => entitlementId ?? []));
  return {
    desired: should,
    wanted,
    digest,
    whole: hashOf([wanted ?? null, should.roles, digest]),
    differs:
      stands === 'unsure' ||
      (wanted !== undefined && rank[wanted] !== rank[stands]) ||
      (there &&
        can.roles &&
        (refs.some((ref) => ref === null || !had.includes(ref)) || had.some((ref) => !refs.includes(ref)))),
    changes: there && Object.keys(after.values).length > 0 && digest !== account!.thereDigest,
    values: after.values,
    takes:
      there &&
      ((wanted !== undefined && rank[wanted] < rank[stands]) ||
        (can.roles && had.some((ref) => !refs.includes(ref)))),
    concerned:
      person.holdings.some(({ entitlementId }) => mapped.has(entitlementId)) ||
      (person.mayBegin ?? []).some(({ entitlementId }) => mapped.has(entitlementId)),
  };
}

/** What stands only when an account is made is no part of what is compared later. */
const valuesWhenThere = (person: Person, { deleteAfter }: Desired, wish: Wish, at: Date): Desired =>
  desired(person, { stands: 'enabled', deleteAfter }, wish, at);

const rank: Record<Stands, number> = { none: 0, gone: 0, disabled: 1, enabled: 2, unsure: 2 };

/** What the target can do of it. Where it cannot switch off it deletes, and where it cannot delete it switches off. */
function possible(presence: Presence, there: boolean, can: Abilities): Presence | undefined {
  if (presence === 'enabled') return presence;
  if (!there) return presence === 'disabled' && can.disable ? 'disabled' : 'none';
  if (presence === 'disabled') return can.disable ? 'disabled' : can.delete ? 'none' : undefined;
  return can.delete ? 'none' : can.disable ? 'disabled' : undefined;
}

/** How the target calls these roles; null where it was not asked yet. */
export const refsOf = (names: readonly string[], roles: readonly RoleRow[]): (string | null)[] =>
  names.map((name) => roles.find((role) => role.name === name)?.externalId ?? null);

/** A digest says whether values differ, and nothing of them to who reads the row. */
export function digestOf(values: AccountValues): string {
  const sorted = Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1));
  return hashOf(sorted);
}

const hashOf = (what: unknown): string =>
  createHash('sha256').update(JSON.stringify(what)).digest('base64url');
