import {
  allOf,
  type Directory,
  type DirectoryChange,
  type DirectoryEntry,
  equals,
  type LdapFilter,
  resultCode,
} from '../../platform/ldap.ts';
import { nameBelow, ownPart, partText } from '../../platform/ldap-names.ts';
import {
  type AccountValues,
  type Change,
  ConnectorError,
  type Finding,
  type Page,
  type PasswordForm,
  type Seen,
  type Session,
  type Wanted,
} from './connector.ts';
import { type GroupKind, groupsOf, hasBase } from './ldap-groups.ts';
import { freshValues, refused, seenValues, textsOf, type ValueFields, valueChanges } from './ldap-values.ts';
import { answeredWith, asConnectorError } from './ldap-words.ts';

/** What differs between one make of directory and another. */
export type Dialect = {
  /** where accounts stand, directly below; the second for those that a move has switched off */
  homes: readonly string[];
  /** where they are looked for */
  base: string;
  /** and where beside it */
  otherBases: readonly string[];
  fields: ValueFields;
  /** the attribute that names an entry: uid, cn */
  naming: string;
  /** what is wrong with a text that such a directory would take amiss */
  wrongWith?(key: string, text: string): string | undefined;
  /** the attribute that keeps our correlation */
  correlation: string;
  isAccount: LdapFilter;
  /** the server's own name of an entry, which a move does not change */
  id: {
    attribute: string;
    filter(id: string): LdapFilter | undefined;
    of(entry: DirectoryEntry): string | undefined;
    binary?: true;
  };
  /** further attributes that `isEnabled` looks at */
  reads: readonly string[];
  isEnabled(entry: DirectoryEntry): boolean;
  /** attributes of a new account beside its values, and where it stands */
  fresh(enabled: boolean): { attributes: Record<string, (string | Buffer)[]>; base: string };
  /** what switches an account on or off */
  switched(entry: DirectoryEntry, on: boolean): { changes: DirectoryChange[]; below?: string };
  setPassword(directory: Directory, entry: DirectoryEntry, form: PasswordForm, value: string): Promise<void>;
  groups: GroupKind | undefined;
  test(directory: Directory): Promise<Finding[]>;
};

const pageSize = 500;

/** @param lookedAfter roles that are told of an account; what else it is in is nobody's business here */
export function ldapSession(directory: Directory, dialect: Dialect, lookedAfter: readonly string[]): Session {
  const { base, otherBases, fields, naming, correlation, id } = dialect;
  const bases = [base, ...otherBases];
  const groups = dialect.groups && groupsOf(directory, dialect.groups);
  const attributes = [
    ...new Set([
      id.attribute,
      correlation,
      ...dialect.reads,
      ...fields.map(({ key }) => key),
      ...(dialect.groups?.memberOf ? [dialect.groups.memberOf] : []),
      'modifyTimestamp',
    ]),
  ];
  const binary = id.binary ? [id.attribute] : [];

  async function entriesWith(filter: LdapFilter): Promise<DirectoryEntry[]> {
    const all: DirectoryEntry[] = [];
    for (const base of bases) {
      const whole = allOf(dialect.isAccount, filter);
      const { entries, cut } = await directory.search({
        base,
        scope: 'sub',
        filter: whole,
        attributes,
        binary,
      });
      if (cut) throw new ConnectorError('failing', 'The directory did not answer a look-up in full.');
      all.push(...entries.filter(({ dn }) => !all.some((other) => other.dn === dn)));
    }
    return all;
  }
  async function entryOf(identifier: string): Promise<DirectoryEntry | undefined> {
    const filter = id.filter(identifier);
    return filter && (await entriesWith(filter)).find((entry) => id.of(entry) === identifier);
  }
  async function required(identifier: string): Promise<DirectoryEntry> {
    const entry = await entryOf(identifier);
    if (!entry) throw new ConnectorError('absent', 'The directory has no such account below the base.');
    return entry;
  }
  async function correlated(value: string): Promise<DirectoryEntry | undefined> {
    // A server also finds what only looks the same.
    const found = (await entriesWith(equals(correlation, value))).filter((entry) =>
      entry.values[correlation.toLowerCase()]?.includes(value),
    );
    if (found.length > 1)
      throw refused(
        `${found.length} accounts of the directory have the same ${correlation}, which is to be ours alone.`,
      );
    return found[0];
  }
  async function asSeen(entries: readonly DirectoryEntry[]): Promise<Seen[]> {
    const roles = await groups?.told(entries);
    return entries.flatMap((entry) => {
      const own = id.of(entry);
      // Without the server's own name of it nothing could be done with it.
      if (own === undefined)
        throw new ConnectorError('no-permission', `Our account may not read ${id.attribute}.`);
      return {
        id: own,
        correlation: entry.values[correlation.toLowerCase()]?.[0],
        enabled: dialect.isEnabled(entry),
        values: seenValues(fields, entry),
        roles: roles?.get(entry.dn)?.filter((role) => lookedAfter.includes(role)),
        version: entry.values.modifytimestamp?.[0],
      };
    });
  }

  /** Gives an entry another name or place, and its groups the new name: before, so that nothing is lost in between. */
  async function move(entry: DirectoryEntry, part: string, below: string): Promise<DirectoryEntry> {
    const dn = `${part},${below}`;
    const roles = !groups || groups.linked ? [] : (await groups.of([entry.dn])).get(entry.dn)!;
    for (const role of roles) await groups!.add(role, dn);
    try {
      await directory.rename(entry.dn, part, below);
    } catch (error) {
      if (answeredWith(error, resultCode.entryAlreadyExists))
        for (const role of roles) await groups!.remove(role, dn);
      throw error;
    }
    for (const role of roles) await groups!.remove(role, entry.dn);
    return { ...entry, dn };
  }
  const parentOf = (dn: string): string | undefined => dialect.homes.find((home) => ownPart(dn, home));

  function checked(values: AccountValues): void {
    for (const [key, value] of Object.entries(values))
      for (const text of [value].flat()) {
        const wrong = typeof text === 'string' && text !== '' && dialect.wrongWith?.(key, text);
        if (wrong) throw refused(wrong);
      }
  }

  async function create({ correlation: value, enabled, values, roles }: Wanted): Promise<Seen> {
    checked(values);
    const fresh = freshValues(fields, values);
    const own = namePart(fresh[naming]);
    const { attributes, base } = dialect.fresh(enabled);
    const dn = nameBelow(base, own);
    if (await correlated(value))
      throw new ConnectorError('exists', 'An account of that correlation is there already.');
    if (dialect.homes.length > 1 && (await entriesWith(equals(naming, own.value))).length > 0)
      throw new ConnectorError('exists', `An account of that ${naming} is there already.`);
    // Somebody of that name may have gone and left it in groups: whoever comes next is not to have them.
    await groups?.leave(dn);
    await directory.add(dn, { ...attributes, ...fresh, [correlation]: [value] });
    try {
      for (const role of roles) await groups?.add(role, dn);
      const made = await correlated(value);
      if (!made) throw new ConnectorError('failing', 'The directory does not show what it has just taken.');
      return (await asSeen([made]))[0]!;
    } catch (error) {
      const { problem, message, status } = asConnectorError(error);
      throw new ConnectorError(problem, message, { status, cause: error, mayHaveHappened: true });
    }
  }

  const namePart = (texts: readonly string[] | undefined) => {
    if (texts?.length !== 1) throw refused(`An account needs one ${naming}: it is called by that.`);
    return { attribute: naming, value: texts[0]! };
  };

  async function update(identifier: string, { values, rolesAdded, rolesRemoved }: Change): Promise<void> {
    checked(values);
    let entry = await required(identifier);
    const key = Object.keys(values).find((key) => key.toLowerCase() === naming.toLowerCase());
    const changes = valueChanges(fields, values).filter(({ attribute }) => attribute !== key);
    if (key !== undefined) {
      const own = namePart(textsOf(fields, key, values[key]!));
      const parent = parentOf(entry.dn);
      if (!parent) throw refused('This account stands deeper below the base, and is not renamed.');
      if (ownPart(entry.dn, parent)!.value !== own.value) entry = await move(entry, partText(own), parent);
    }
    if (changes.length > 0) await directory.modify(entry.dn, changes);
    if (!groups) return;
    for (const role of rolesRemoved) await groups.remove(role, entry.dn);
    for (const role of rolesAdded) await groups.add(role, entry.dn);
  }

  async function switchTo(identifier: string, on: boolean): Promise<void> {
    const entry = await required(identifier);
    if (dialect.isEnabled(entry) === on) return;
    const { changes, below } = dialect.switched(entry, on);
    if (changes.length > 0) await directory.modify(entry.dn, changes);
    if (below === undefined) return;
    const own = parentOf(entry.dn);
    if (!own) throw refused('This account stands deeper below the base, and is not moved.');
    await move(entry, partText(ownPart(entry.dn, own)!), below);
  }

  /** Two bases are read one after the other: `0:` and `1:` before what the server calls the next page. */
  async function list(from = '0:'): Promise<Page> {
    const at = Number(from.slice(0, from.indexOf(':')));
    const page = await directory.search({
      base: bases[at]!,
      scope: 'sub',
      filter: dialect.isAccount,
      attributes,
      binary,
      page: { size: pageSize, from: from.slice(from.indexOf(':') + 1) },
    });
    const seen = await asSeen(page.entries);
    if (page.cut) return { seen, whole: false };
    if (page.next !== undefined) return { seen, whole: false, next: `${at}:${page.next}` };
    return at + 1 < bases.length ? { seen, whole: false, next: `${at + 1}:` } : { seen, whole: true };
  }

  async function remove(identifier: string): Promise<void> {
    const entry = await entryOf(identifier);
    if (!entry) return;
    await groups?.leave(entry.dn);
    try {
      await directory.remove(entry.dn);
    } catch (error) {
      if (!answeredWith(error, resultCode.noSuchObject)) throw error;
    }
  }

  const session: Session = {
    test: async () => [...(await testBases(directory, dialect)), ...(await dialect.test(directory))],
    list,
    async read(identifier) {
      const entry = await entryOf(identifier);
      return entry && (await asSeen([entry]))[0];
    },
    async find(value) {
      const entry = await correlated(value);
      return entry && (await asSeen([entry]))[0];
    },
    create,
    update,
    enable: (identifier) => switchTo(identifier, true),
    disable: (identifier) => switchTo(identifier, false),
    delete: remove,
    async ensureRole(name) {
      if (!groups) throw new ConnectorError('bad-settings', 'This target has no base for groups.');
      return await groups.ensure(name);
    },
    async setPassword(identifier, form, value) {
      await dialect.setPassword(directory, await required(identifier), form, value);
    },
    async close() {
      directory.close();
    },
  };
  return inTheirWords(session);
}

/** Every error leaves as one that a connector may throw. */
function inTheirWords(session: Session): Session {
  return Object.fromEntries(
    Object.entries(session).map(([name, act]) => [
      name,
      async (...given: never[]) => {
        try {
          return await (act as (...given: never[]) => Promise<unknown>)(...given);
        } catch (error) {
          throw asConnectorError(error);
        }
      },
    ]),
  ) as Session;
}

async function testBases(directory: Directory, { base, otherBases, groups }: Dialect): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of [base, ...otherBases, ...(groups ? [groups.base] : [])])
    findings.push(
      (await hasBase(directory, name))
        ? { level: 'good', text: `${name} is there.` }
        : { level: 'bad', text: `${name} is not there, or our account may not see it.` },
    );
  const root = await directory.root();
  if (!root.values.supportedcontrol?.includes('1.2.840.113556.1.4.319'))
    findings.push({ level: 'doubt', text: 'The directory does not give long lists page by page.' });
  findings.push(
    directory.encrypted
      ? { level: 'good', text: 'The connection is encrypted.' }
      : { level: 'doubt', text: 'The connection is not encrypted, so passwords of people are not sent.' },
  );
  return findings;
}
