import {
  allOf,
  anyOf,
  type Directory,
  type DirectoryEntry,
  equals,
  isPresent,
  resultCode,
} from '../../platform/ldap.ts';
import { isSameName, nameBelow, nameKey, ownPart } from '../../platform/ldap-names.ts';
import { refused } from './ldap-values.ts';
import { answeredWith } from './ldap-words.ts';

/** How a directory keeps groups. A role is called as its group is, directly below the groups' base. */
export type GroupKind = {
  base: string;
  objectClass: string;
  /** member, uniqueMember */
  member: string;
  /** further attributes of a new group */
  fresh: (name: string) => Record<string, string[]>;
  /** somebody who is in every group, for a kind that may not be empty (groupOfNames) */
  placeholder?: string | undefined;
  /**
   * the attribute of an account that names its groups, where the server keeps both ends of a membership: a renamed
   * account keeps its groups, a deleted one leaves them
   */
  memberOf?: string;
};

export type Groups = {
  /** of accounts as they were read, with `memberOf` if there is one */
  told(entries: readonly DirectoryEntry[]): Promise<Map<string, string[]>>;
  /** whether the server keeps both ends of a membership */
  linked: boolean;
  /** of several accounts at once, by their names */
  of(accounts: readonly string[]): Promise<Map<string, string[]>>;
  ensure(name: string): Promise<string>;
  add(role: string, account: string): Promise<void>;
  remove(role: string, account: string): Promise<void>;
  /** Takes an account out of every group. */
  leave(account: string): Promise<void>;
};

export function groupsOf(directory: Directory, kind: GroupKind): Groups {
  const { base, objectClass, member, memberOf } = kind;
  const nameOf = (role: string): string => {
    if (role === '' || !role.isWellFormed() || role.includes('\0'))
      throw refused('This cannot be the name of a group.');
    return nameBelow(base, { attribute: 'cn', value: role });
  };
  const roleOf = (dn: string): string | undefined => {
    const part = ownPart(dn, base);
    return part?.attribute.toLowerCase() === 'cn' ? part.value : undefined;
  };

  const rolesIn = ({ values }: DirectoryEntry, memberOf: string): string[] =>
    (values[memberOf.toLowerCase()] ?? [])
      .map(roleOf)
      .filter((role) => role !== undefined)
      .sort();

  async function of(accounts: readonly string[]): Promise<Map<string, string[]>> {
    const found = new Map<string, string[]>(accounts.map((account) => [account, []]));
    if (accounts.length === 0) return found;
    const byKey = new Map(accounts.map((account) => [nameKey(account), account]));
    const theirs = accounts.map((account) => equals(member, account));
    // Not by pages: OpenLDAP has one paged read at a time on a connection, and that may be the list of accounts.
    const page = await directory.search({
      base,
      scope: 'one',
      filter: allOf(equals('objectClass', objectClass), anyOf(...theirs)),
      attributes: [member],
      onlyValues: theirs,
    });
    if (page.cut) return await inHalves(accounts);
    for (const { dn, values } of page.entries) {
      const role = roleOf(dn);
      if (role === undefined) continue;
      for (const value of values[member.toLowerCase()] ?? []) {
        const account = byKey.get(nameKey(value));
        if (account !== undefined) found.get(account)!.push(role);
      }
    }
    for (const roles of found.values()) roles.sort();
    return found;
  }

  /** More groups than the server gives at once: fewer accounts have fewer of them. */
  async function inHalves(accounts: readonly string[]): Promise<Map<string, string[]>> {
    // Half of somebody's groups would look like a loss of the others.
    if (accounts.length === 1)
      throw refused('The directory does not let us read all groups: raise the size limit of our account.');
    const middle = accounts.length >> 1;
    return new Map([...(await of(accounts.slice(0, middle))), ...(await of(accounts.slice(middle)))]);
  }

  async function existing(name: string): Promise<string | undefined> {
    const { entries } = await directory.search({
      base,
      scope: 'one',
      filter: allOf(equals('objectClass', objectClass), equals('cn', name)),
      attributes: ['cn'],
    });
    const roles = entries.map(({ dn }) => roleOf(dn)).filter((role) => role !== undefined);
    if (roles.length === 0) return undefined;
    const same = roles.find((role) => role.toLowerCase() === name.toLowerCase());
    // A server takes look-alikes for the same name, and so would give another group's rights.
    if (same === undefined) throw refused('The directory has a group whose name only looks the same.');
    return same;
  }

  async function remove(role: string, account: string): Promise<void> {
    const dn = nameOf(role);
    try {
      await directory.modify(dn, [{ how: 'delete', attribute: member, values: [account] }]);
    } catch (error) {
      if (
        answeredWith(
          error,
          resultCode.noSuchAttribute,
          resultCode.noSuchObject,
          resultCode.unwillingToPerform,
        )
      ) {
        if (!answeredWith(error, resultCode.unwillingToPerform)) return;
        // Microsoft's word for somebody who is not in the group, and for more than that.
        if (!(await of([account])).get(account)!.includes(role)) return;
      }
      if (!kind.placeholder || !answeredWith(error, resultCode.objectClassViolation)) throw error;
      // A group that somebody else made, and this was its last member.
      await directory.modify(dn, [
        { how: 'add', attribute: member, values: [kind.placeholder] },
        { how: 'delete', attribute: member, values: [account] },
      ]);
    }
  }

  return {
    of,
    remove,
    linked: memberOf !== undefined,
    told: async (entries) =>
      memberOf === undefined
        ? await of(entries.map(({ dn }) => dn))
        : new Map(entries.map((entry) => [entry.dn, rolesIn(entry, memberOf)])),
    async ensure(name) {
      const dn = nameOf(name);
      const there = await existing(name);
      if (there !== undefined) return there;
      try {
        await directory.add(dn, {
          objectClass: [objectClass],
          cn: [name],
          ...(kind.placeholder ? { [member]: [kind.placeholder] } : {}),
          ...kind.fresh(name),
        });
        return name;
      } catch (error) {
        if (!answeredWith(error, resultCode.entryAlreadyExists)) throw error;
        const made = await existing(name);
        if (made === undefined)
          throw refused('The directory has something else of that name where the group would be.');
        return made;
      }
    },
    async add(role, account) {
      try {
        await directory.modify(nameOf(role), [{ how: 'add', attribute: member, values: [account] }]);
      } catch (error) {
        if (answeredWith(error, resultCode.noSuchObject)) throw refused('The directory has no such group.');
        if (answeredWith(error, resultCode.attributeOrValueExists)) return;
        // Microsoft's word for somebody who is in the group already.
        if (!answeredWith(error, resultCode.entryAlreadyExists)) throw error;
      }
    },
    async leave(account) {
      if (memberOf !== undefined) return;
      const roles = (await of([account])).get(account)!;
      for (const role of roles) await remove(role, account);
    },
  };
}

/** Whether the groups' base is there. */
export async function hasBase(directory: Directory, base: string): Promise<boolean> {
  try {
    const { entries } = await directory.search({
      base,
      scope: 'base',
      filter: isPresent('objectClass'),
      attributes: ['objectClass'],
    });
    return entries.some(({ dn }) => isSameName(dn, base));
  } catch (error) {
    if (answeredWith(error, resultCode.noSuchObject, resultCode.invalidDnSyntax, resultCode.referral))
      return false;
    throw error;
  }
}
