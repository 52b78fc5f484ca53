import {
  allOf,
  atLeast,
  type Directory,
  type DirectoryEntry,
  equals,
  isPresent,
  type LdapFilter,
  resultCode,
} from '../../platform/ldap.ts';
import { isWithin } from '../../platform/ldap-names.ts';
import { LdapError } from '../../platform/ldap-wire.ts';
import {
  beforeTime,
  type Cursor,
  type DirectorySource,
  dayIn,
  oneOf,
  placeInMap,
  placeInTree,
  type ReadEnd,
  type SourcePerson,
  sameEntry,
} from './reading.ts';

const pageSize = 500;
const days = new Set(['firstDay', 'lastDay']);

/**
 * Reads people page by page; what was read before is not kept. With a cursor only those who have changed since: nobody
 * who has gone is seen by that, so everything is read from time to time, too.
 * @throws {LdapError} when the reading broke off; nothing follows from what came before
 */
export async function* readPeople(
  directory: Directory,
  source: DirectorySource,
  cursor?: Cursor,
): AsyncGenerator<SourcePerson[], ReadEnd> {
  const now = await placeOf(directory, source);
  // A number of one server says nothing on another.
  const since = cursor && cursor.server === now.server ? changedSince(source, cursor.after) : undefined;
  const incremental = since !== undefined;
  const keyOf = keysOf(directory, source);
  let newest = incremental ? cursor!.after : '';
  let from: string | undefined;
  do {
    const page = await directory.search({
      base: source.base,
      scope: 'sub',
      filter: allOf(
        equals('objectClass', source.objectClass),
        ...(since ? [since] : []),
        ...notMachines(source),
      ),
      attributes: attributesOf(source),
      binary: ['objectGUID'],
      page: { size: pageSize, from },
    });
    const people: SourcePerson[] = [];
    for (const entry of page.entries) {
      people.push(await personOf(entry, source, keyOf));
      const changed = entry.values.modifytimestamp?.[0] ?? '';
      if (changed > newest) newest = changed;
    }
    yield people;
    if (page.cut) return { whole: false, incremental };
    from = page.next;
  } while (from !== undefined);
  const after = now.after ?? newest;
  return { whole: true, incremental, ...(after === '' ? {} : { cursor: { server: now.server, after } }) };
}

/** Which server this is, and up to which change it had come before it was read. */
async function placeOf(
  directory: Directory,
  { make }: DirectorySource,
): Promise<{ server: string; after: string | undefined }> {
  if (make === 'ldap') return { server: '', after: undefined };
  const { values } = await directory.root();
  const [server, after] = [values.dsservicename?.[0], values.highestcommittedusn?.[0]];
  if (!server || !after || !/^\d+$/.test(after)) throw new LdapError('nonsense');
  return { server, after };
}

function changedSince({ make }: DirectorySource, after: string): LdapFilter | undefined {
  if (make === 'ad')
    return /^\d+$/.test(after) ? atLeast('uSNChanged', String(BigInt(after) + 1n)) : undefined;
  const since = beforeTime(after);
  return since === undefined ? undefined : atLeast('modifyTimestamp', since);
}

/** In Active Directory a computer is a user, too. */
const notMachines = ({ make }: DirectorySource): LdapFilter[] =>
  make === 'ad' ? [equals('objectCategory', 'person')] : [];

const idAttribute = ({ make }: DirectorySource): string => (make === 'ad' ? 'objectGUID' : 'entryUUID');

const attributesOf = (source: DirectorySource): string[] => [
  ...new Set([
    idAttribute(source),
    ...Object.values(source.columns),
    ...(source.places.from === 'attribute' ? [source.places.attribute] : []),
    ...(source.make === 'ad' ? ['userAccountControl'] : ['modifyTimestamp', 'pwdAccountLockedTime']),
  ]),
];

/** @throws {LdapError} for an entry without a name of its own: it could not be known again */
function idOf({ values, bytes }: DirectoryEntry, { make }: DirectorySource): string {
  const id = make === 'ad' ? bytes.objectguid?.[0]?.toString('hex') : values.entryuuid?.[0];
  if (!id) throw new LdapError('answered', { code: resultCode.insufficientAccessRights });
  return id;
}

const keyIn = (entry: DirectoryEntry, source: DirectorySource): string =>
  source.columns.key ? oneOf(entry.values[source.columns.key.toLowerCase()]) : idOf(entry, source);

const isOff = ({ values }: DirectoryEntry): boolean =>
  (Number(values.useraccountcontrol?.[0] ?? 0) & 2) !== 0 ||
  values.pwdaccountlockedtime?.[0] === '000001010000Z';

async function personOf(
  entry: DirectoryEntry,
  source: DirectorySource,
  keyOf: (dn: string) => Promise<string>,
): Promise<SourcePerson> {
  const cells: Record<string, string> = { key: keyIn(entry, source) };
  for (const [field, attribute] of Object.entries(source.columns)) {
    const value = oneOf(entry.values[attribute.toLowerCase()]);
    if (field === 'lineManager') cells[field] = value === '' ? '' : await keyOf(value);
    else if (field !== 'key') cells[field] = days.has(field) ? dayIn(value) : value;
  }
  const { places } = source;
  if (places.from === 'attribute') cells.organization = oneOf(entry.values[places.attribute.toLowerCase()]);
  if (places.from === 'tree')
    cells.organization = placeInTree(entry.dn, source.base) || source.organizationId;
  if (places.from === 'map') cells.organization = placeInMap(entry.dn, places.map) ?? source.organizationId;
  return { id: idOf(entry, source), dn: sameEntry(entry.dn), cells, off: isOff(entry) };
}

/** Line managers that are remembered: many people have the same one. */
const mostKept = 20_000;

/** The key of an entry that another one names; empty where it is not among the people of the source. */
function keysOf(directory: Directory, source: DirectorySource): (dn: string) => Promise<string> {
  const known = new Map<string, string>();
  return async (dn) => {
    const name = sameEntry(dn);
    const before = known.get(name);
    if (before !== undefined) return before;
    const key = isWithin(dn, source.base) ? await lookUp(directory, source, dn) : '';
    if (known.size > mostKept) known.clear();
    known.set(name, key);
    return key;
  };
}

async function lookUp(directory: Directory, source: DirectorySource, dn: string): Promise<string> {
  try {
    const { entries } = await directory.search({
      base: dn,
      scope: 'base',
      filter: isPresent('objectClass'),
      attributes: attributesOf(source),
      binary: ['objectGUID'],
    });
    return entries[0] ? keyIn(entries[0], source) : '';
  } catch (error) {
    if (error instanceof LdapError && error.code === resultCode.noSuchObject) return '';
    throw error;
  }
}
