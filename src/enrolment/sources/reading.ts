import { isWithin, nameKey, partsOf } from '../../platform/ldap-names.ts';

/** How people are read from a directory, and where they belong with us. */
export type DirectorySource = {
  /** the organization of the source: everybody belongs there or below */
  organizationId: string;
  make: 'ldap' | 'ad';
  /** people are below it, at any depth */
  base: string;
  /** inetOrgPerson, user */
  objectClass: string;
  /**
   * field of an import (`key`, `name`, `email`, `attribute.<key>`, …) → attribute of the directory. Without `key` a person
   * is known by the server's own name of the entry, which stays through every renaming. `lineManager` is an attribute
   * that names an entry.
   */
  columns: Readonly<Record<string, string>>;
  places: PlacesOf;
};

/**
 * Which organization somebody belongs to: the source's own; what an attribute says; what the entry stands below, by the
 * names of these; or the organization that was said for the nearest of them, the source's own where none was.
 */
export type PlacesOf =
  | { from: 'source' }
  | { from: 'attribute'; attribute: string }
  | { from: 'tree' }
  | { from: 'map'; map: readonly { below: string; organizationId: string }[] };

/** Where the next reading goes on, told by the server that was read: another one counts otherwise. */
export type Cursor = { server: string; after: string };

export type SourcePerson = {
  /** the server's own name of the entry */
  id: string;
  /** where it stands there, always written alike */
  dn: string;
  /** by field of an import; each is text, and empty where the directory has nothing */
  cells: Readonly<Record<string, string>>;
  /** switched off there */
  off: boolean;
};

export type ReadEnd = {
  /** everything that is there was read; only then can somebody be missing (I48) */
  whole: boolean;
  /** what was changed since a cursor, and not everything */
  incremental: boolean;
  /** absent when the reading did not come to its end: the next one begins where this one did */
  cursor?: Cursor;
};

/**
 * The organization that an entry stands below, as a path of names from the base down: `Netherlands / Rotterdam`. Empty for
 * whoever stands directly at the base.
 */
export function placeInTree(dn: string, base: string): string | undefined {
  const [parts, above] = [partsOf(dn), partsOf(base)];
  if (!parts || !above || parts.length <= above.length || !isWithin(dn, base)) return undefined;
  return parts
    .slice(1, parts.length - above.length)
    .map(({ value }) => value.replaceAll('/', ' ').trim())
    .reverse()
    .join(' / ');
}

/** The organization that was said for the nearest part of the tree that an entry stands in. */
export function placeInMap(
  dn: string,
  map: readonly { below: string; organizationId: string }[],
): string | undefined {
  const fitting = map.filter(({ below }) => isWithin(dn, below));
  const deep = ({ below }: { below: string }): number => partsOf(below)?.length ?? 0;
  return fitting.sort((one, other) => deep(other) - deep(one))[0]?.organizationId;
}

/** Of several values always the same one: a directory keeps no order, and a person is not to change by that. */
export const oneOf = (values: readonly string[] | undefined): string => [...(values ?? [])].sort()[0] ?? '';

const never = new Set(['0', '9223372036854775807']);

/** A day of an attribute: generalized time (RFC 4517, section 3.3.13), or Microsoft's tenths of microseconds since 1601. */
export function dayIn(text: string): string {
  const general = /^(\d{4})(\d{2})(\d{2})(?:\d{2,6}(?:[.,]\d+)?(?:Z|[+-]\d{4}))?$/.exec(text);
  if (general) return `${general[1]}-${general[2]}-${general[3]}`;
  if (!/^\d{12,19}$/.test(text)) return never.has(text) ? '' : text;
  if (never.has(text)) return '';
  return new Date(Number(BigInt(text) / 10_000n) - 11_644_473_600_000).toISOString().slice(0, 10);
}

/** Changes that another server of the same directory took reach this one late. */
const lateness = 10 * 60 * 1000;

/** The time from which to read again, so that nothing is left out; undefined for what is no time. */
export function beforeTime(text: string): string | undefined {
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.\d+)?Z$/.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts.map(Number) as [number, ...number[]];
  const at = Date.UTC(year!, month! - 1, day, hour, minute, second) - lateness;
  return `${new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
}

/**
 * Who was known from this source and is not there any more. Nobody, unless everything was read: and nobody when nothing
 * was found at all, for a lost right looks like that more often than an empty company.
 */
export function missingFrom(
  known: Iterable<string>,
  found: ReadonlySet<string>,
  { whole, incremental }: Pick<ReadEnd, 'whole' | 'incremental'>,
): string[] {
  if (!whole || incremental || found.size === 0) return [];
  return [...known].filter((id) => !found.has(id));
}

/** How many may be proposed to leave without a person's word: a share of all, or so many, whichever is more (I49). */
export type SourceBrake = { atLeast: number; share: number };

export const mayPropose = (
  { missing, open, known }: { missing: number; open: number; known: number },
  { atLeast, share }: SourceBrake,
): boolean => missing + open <= Math.max(atLeast, Math.floor(share * known));

export const sameEntry = (dn: string): string => nameKey(dn) ?? dn;
