import { type Kysely, sql } from 'kysely';
import { type Directory, isPresent, resultCode } from '../../platform/ldap.ts';
import { LdapError } from '../../platform/ldap-wire.ts';
import type { DB } from '../../platform/schema.gen.ts';
import type { Gives } from './fields.ts';
import { RunFailure } from './problems.ts';
import { sameEntry } from './reading.ts';

/** Entries of one insert. */
const batch = 2000;

/** Attributes by which directories say who is in a group: groupOfNames and Active Directory, groupOfUniqueNames. */
const attributes = ['member', 'uniqueMember'];

/**
 * Who is in a group of the directory, by the names of their entries. Groups within groups are not looked into.
 * @throws {RunFailure} where there is no such group: nobody lost anything by that
 */
export async function membersOf(directory: Directory, group: string): Promise<string[]> {
  try {
    const { entries, cut } = await directory.search({
      base: group,
      scope: 'base',
      filter: isPresent('objectClass'),
      attributes,
    });
    if (!entries[0] || cut) throw new RunFailure('no-group', { group });
    const { values } = entries[0];
    return [...(values.member ?? []), ...(values.uniquemember ?? [])].map(sameEntry);
  } catch (error) {
    if (error instanceof LdapError && error.code === resultCode.noSuchObject)
      throw new RunFailure('no-group', { group });
    throw error;
  }
}

/** Reads the members of every group that gives something, each group once. */
export async function keepMembers(
  db: Kysely<DB>,
  directory: Directory,
  runId: string,
  gives: Gives,
): Promise<void> {
  const known = new Map<string, string[]>();
  for (const [n, { group }] of gives.entries()) {
    const members = known.get(group) ?? (await membersOf(directory, group));
    known.set(group, members);
    for (let start = 0; start < members.length; start += batch)
      await sql`insert into source_member (run_id, n, dn)
        select ${runId}, ${n}, unnest(${members.slice(start, start + batch)}::text[]) on conflict do nothing`.execute(
        db,
      );
  }
}
