import { type Kysely, sql } from 'kysely';
import {
  allOf,
  anyOf,
  type Directory,
  equals,
  inChain,
  isPresent,
  type LdapFilter,
  resultCode,
} from '../../platform/ldap.ts';
import { LdapError } from '../../platform/ldap-wire.ts';
import type { DB } from '../../platform/schema.gen.ts';
import type { Gives } from './fields.ts';
import { RunFailure } from './problems.ts';
import { type DirectorySource, sameEntry } from './reading.ts';

/** Entries of one insert. */
const batch = 2000;
const pageSize = 500;
/** Names in one question. */
const atOnce = 100;
/** Entries within groups that are looked at because they may be groups themselves; more are no tree of groups. */
const mostLookedAt = 5000;

/**
 * Characters of names that are kept of one group: those of a million people. A directory that goes on and on is somebody's
 * who wants the memory of everybody here.
 */
const mostText = 128 * 1024 * 1024;
const mostPeople = 1_000_000;

/** @throws {RunFailure} once more was kept than there is room for */
type Keep = (text: string) => void;
function roomOf(): Keep {
  let left = mostText;
  return ({ length }) => {
    left -= length;
    if (left < 0) throw new RunFailure('too-many', { most: mostPeople });
  };
}

/**
 * Attributes by which directories say who is in a group: groupOfNames and Active Directory, groupOfUniqueNames (both name
 * entries), and posixGroup (RFC 2307, names of accounts).
 */
const attributes = ['member', 'uniqueMember', 'memberUid'];

/** Those of these names that are people of the source, so that nobody asks whether they are groups. */
export type KnownPeople = (names: readonly string[]) => Promise<ReadonlySet<string>>;

type Group = { members: Map<string, string>; accounts: string[] };

/**
 * Who is in a group of the directory, by the names of their entries: also by groups within it, however deep, each once. In
 * Active Directory the domain itself follows them (LDAP_MATCHING_RULE_IN_CHAIN, [MS-ADTS] 3.1.1.3.4.4.3).
 * @throws {RunFailure} where there is no such group, or too much in it to follow: nobody lost anything by that
 */
export async function membersOf(
  directory: Directory,
  source: Pick<DirectorySource, 'make' | 'base' | 'objectClass'>,
  group: string,
  known: KnownPeople,
): Promise<string[]> {
  const keep = roomOf();
  const top = await readGroup(directory, group, keep);
  if (!top) throw new RunFailure('no-group', { group });
  const found = new Set(top.members.keys());
  if (source.make === 'ad') {
    for (const name of await namesOf(directory, source, inChain('memberOf', group), keep)) found.add(name);
    return [...found];
  }
  const accounts = new Set(top.accounts);
  const seen = new Set([sameEntry(group)]);
  let looked = 0;
  let within = top.members;
  while (within.size > 0) {
    const people = await known([...within.keys()]);
    const next = new Map<string, string>();
    for (const [name, dn] of within) {
      if (people.has(name) || seen.has(name)) continue;
      seen.add(name);
      looked += 1;
      if (looked > mostLookedAt) throw new RunFailure('groups', { group, most: mostLookedAt });
      const inner = await readGroup(directory, dn, keep);
      if (!inner) continue;
      for (const account of inner.accounts) accounts.add(account);
      for (const [one, itsDn] of inner.members) {
        if (!found.has(one)) next.set(one, itsDn);
        found.add(one);
      }
    }
    within = next;
  }
  const uids = [...accounts];
  for (let start = 0; start < uids.length; start += atOnce)
    for (const name of await thoseCalled(directory, source, uids.slice(start, start + atOnce), keep))
      found.add(name);
  return [...found];
}

/**
 * People by the names of their accounts, as a group names them: that is told letter for letter (RFC 2307, section 3), while
 * a search takes ada and Ada for one. Where two are called the same nobody can say who is meant, and neither is.
 */
async function thoseCalled(
  directory: Directory,
  source: Pick<DirectorySource, 'base' | 'objectClass'>,
  uids: readonly string[],
  keep: Keep,
): Promise<string[]> {
  const called = anyOf(...uids.map((uid) => equals('uid', uid)));
  const entries = await peopleBy(directory, source, called, 'uid', keep);
  return uids.flatMap((uid) => {
    const so = entries.filter(({ said }) => said.includes(uid));
    const alike = so.length > 0 ? so : entries.filter(({ said }) => said.some((one) => isLike(one, uid)));
    return alike.length === 1 ? alike[0]!.name : [];
  });
}

const isLike = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** What stands in an entry as in a group; undefined where there is no entry. */
async function readGroup(directory: Directory, dn: string, keep: Keep): Promise<Group | undefined> {
  try {
    const { entries, cut } = await directory.search({
      base: dn,
      scope: 'base',
      filter: isPresent('objectClass'),
      attributes,
    });
    if (!entries[0] || cut) return undefined;
    const { member = [], uniquemember = [], memberuid = [] } = entries[0].values;
    for (const name of [...member, ...uniquemember, ...memberuid]) keep(name);
    return {
      members: new Map([...member, ...uniquemember].map((name) => [sameEntry(name), name])),
      accounts: [...memberuid],
    };
  } catch (error) {
    // Somebody who is gone, or another name than one of an entry: nobody is in there.
    const gone: (number | undefined)[] = [resultCode.noSuchObject, resultCode.invalidDnSyntax];
    if (error instanceof LdapError && gone.includes(error.code)) return undefined;
    throw error;
  }
}

async function namesOf(
  directory: Directory,
  source: Pick<DirectorySource, 'base' | 'objectClass'>,
  filter: LdapFilter,
  keep: Keep,
): Promise<string[]> {
  return (await peopleBy(directory, source, filter, 'objectClass', keep)).map(({ name }) => name);
}

/**
 * People of the source that this is true of.
 * @param attribute of which each says what it has, where it is `uid`
 * @throws {RunFailure} where not all of them were said
 */
async function peopleBy(
  directory: Directory,
  { base, objectClass }: Pick<DirectorySource, 'base' | 'objectClass'>,
  filter: LdapFilter,
  attribute: 'uid' | 'objectClass',
  keep: Keep,
): Promise<{ name: string; said: readonly string[] }[]> {
  const names: { name: string; said: readonly string[] }[] = [];
  let from: string | undefined;
  do {
    const page = await directory.search({
      base,
      scope: 'sub',
      filter: allOf(equals('objectClass', objectClass), filter),
      attributes: [attribute],
      page: { size: pageSize, from },
    });
    if (page.cut) throw new RunFailure('cut', { read: names.length });
    for (const { dn, values } of page.entries) {
      const said = attribute === 'uid' ? (values.uid ?? []) : [];
      for (const text of [dn, ...said]) keep(text);
      names.push({ name: sameEntry(dn), said });
    }
    from = page.next;
  } while (from !== undefined);
  return names;
}

/** Reads the members of every group that gives something, each group once. */
export async function keepMembers(
  db: Kysely<DB>,
  directory: Directory,
  source: DirectorySource,
  { runId, sourceId, gives }: { runId: string; sourceId: string; gives: Gives },
): Promise<void> {
  const people: KnownPeople = async (names) => {
    const { rows } = await sql<{ dn: string }>`
      select dn from source_entry where source_id = ${sourceId} and dn = any (${[...names]}::text[])`.execute(
      db,
    );
    return new Set(rows.map(({ dn }) => dn));
  };
  // One group after the other, so that no more than one of them is kept.
  const groups = Map.groupBy(gives.entries(), ([, { group }]) => group);
  for (const [group, given] of groups) {
    const members = await membersOf(directory, source, group, people);
    const numbers = given.map(([n]) => n);
    for (let start = 0; start < members.length; start += batch)
      await sql`insert into source_member (run_id, n, dn)
        select ${runId}, n, dn from unnest(${numbers}::int[]) n, unnest(${members.slice(start, start + batch)}::text[]) dn
        on conflict do nothing`.execute(db);
  }
}
