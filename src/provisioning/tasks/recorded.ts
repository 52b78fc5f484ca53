import { createHash } from 'node:crypto';
import type { AccountValue, AccountValues, Seen, Whole } from '../connectors/connector.ts';

/** An account as people say that it is, or as it should be. Empty values are left out, lists are in order. */
export type Recorded = { enabled: boolean; fields: AccountValues; roles: readonly string[] };

export type Task = 'create' | 'change' | 'enable' | 'disable' | 'delete' | 'check';

/**
 * How it should be, all of it: what is not looked after stays as it is.
 * @param lookedAfter roles that the target hands out; others are not touched
 */
export function shouldBe(
  { presence, values, roles }: Pick<Whole, 'presence' | 'values' | 'roles'>,
  there: Recorded | null,
  lookedAfter: readonly string[],
): Recorded | null {
  if (presence === 'none') return null;
  const others = (there?.roles ?? []).filter((role) => !lookedAfter.includes(role));
  return tidied({
    enabled: presence === 'enabled',
    fields: { ...there?.fields, ...values },
    roles: [...others, ...roles],
  });
}

export const tidied = ({ enabled, fields, roles }: Recorded): Recorded => ({
  enabled,
  fields: Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => !isEmpty(value))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, value]) => [key, Array.isArray(value) ? [...value].sort() : value]),
  ),
  roles: [...new Set(roles)].sort(),
});

const isEmpty = (value: AccountValue): boolean =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** In order first: the database keeps the keys of an object in one of its own. */
export function digestOf(one: Recorded | null): string {
  const { enabled, fields, roles } = tidied(one ?? { enabled: false, fields: {}, roles: [] });
  return createHash('sha256')
    .update(JSON.stringify(one && [enabled, Object.entries(fields), roles]))
    .digest('base64url');
}

export const isSame = (one: Recorded | null, other: Recorded | null): boolean =>
  digestOf(one) === digestOf(other);

/** Whoever did the one and not the other let somebody in further. */
export const givesMore = (one: Recorded | null, than: Recorded | null): boolean =>
  one !== null &&
  (than === null || (one.enabled && !than.enabled) || one.roles.some((role) => !than.roles.includes(role)));

/** What there is to do. `check`: nothing, unless what an earlier task asked for was done. */
export function taskFor(there: Recorded | null, wanted: Recorded | null): Task {
  if (isSame(there, wanted)) return 'check';
  if (!there) return 'create';
  if (!wanted) return 'delete';
  if (there.enabled === wanted.enabled) return 'change';
  return wanted.enabled ? 'enable' : 'disable';
}

export const asSeen = (
  externalId: string,
  correlation: string,
  { enabled, fields, roles }: Recorded,
): Seen => ({ id: externalId, correlation, enabled, values: fields, roles });
