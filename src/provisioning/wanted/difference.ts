import type {
  Abilities,
  AccountValue,
  AccountValues,
  Change,
  Seen,
  Wanted,
} from '../connectors/connector.ts';
import type { Desired } from './desired.ts';

/** One call to a target. */
export type Step =
  | { do: 'create'; wanted: Wanted }
  | { do: 'disable' }
  | { do: 'update'; change: Change }
  | { do: 'enable' }
  | { do: 'delete' };

/**
 * What is to be done, in this order, so that what should be is there; nothing when it is. What takes away comes first,
 * and what lets in comes last: nobody is let in with roles of before. Pure.
 * @param seen what is there now; undefined when nothing is
 * @param lookedAfter roles, as the target calls them, that this target hands out: others are not touched
 */
export function stepsTo(
  { presence, roles, values }: Pick<Desired, 'presence' | 'roles' | 'values'>,
  seen: Seen | undefined,
  { correlation, can, lookedAfter }: { correlation: string; can: Abilities; lookedAfter: readonly string[] },
): Step[] {
  if (!seen) {
    if (presence === 'none' || (presence === 'disabled' && !can.disable)) return [];
    const enabled = presence === 'enabled';
    return [{ do: 'create', wanted: { correlation, enabled, values, roles: can.roles ? roles : [] } }];
  }
  if (presence === 'none') return can.delete ? [{ do: 'delete' }] : off(seen, can);
  if (presence === 'disabled' && !can.disable) return can.delete ? [{ do: 'delete' }] : [];
  const change = changeOf({ roles, values }, seen, can, lookedAfter);
  const enabled = presence === 'enabled';
  return [
    ...(!enabled ? off(seen, can) : []),
    ...(change ? [{ do: 'update' as const, change }] : []),
    ...(enabled && !seen.enabled && can.disable ? [{ do: 'enable' as const }] : []),
  ];
}

const off = (seen: Seen, can: Abilities): Step[] => (seen.enabled && can.disable ? [{ do: 'disable' }] : []);

/** Values and roles that differ; undefined when none does. Roles that were not read are all written: twice is no error. */
export function changeOf(
  { roles, values }: Pick<Desired, 'roles' | 'values'>,
  seen: Pick<Seen, 'values' | 'roles'>,
  can: Pick<Abilities, 'roles'>,
  lookedAfter: readonly string[],
): Change | undefined {
  const changed: Record<string, AccountValue> = {};
  for (const [key, value] of Object.entries(values)) {
    const there = Object.hasOwn(seen.values, key) ? seen.values[key]! : null;
    if (!sameValue(value, there)) changed[key] = value;
  }
  const rolesAdded = can.roles ? roles.filter((role) => !seen.roles?.includes(role)) : [];
  const rolesRemoved = can.roles
    ? lookedAfter.filter((role) => !roles.includes(role) && (!seen.roles || seen.roles.includes(role)))
    : [];
  return Object.keys(changed).length + rolesAdded.length + rolesRemoved.length > 0
    ? { values: changed, rolesAdded, rolesRemoved }
    : undefined;
}

/** Nothing, an empty text and an empty list are the same (RFC 7643, section 2.5); lists have no order. */
export function sameValue(one: AccountValue, other: AccountValue): boolean {
  const [mine, theirs] = [asList(one), asList(other)];
  return mine.length === theirs.length && mine.every((value, n) => value === theirs[n]);
}

function asList(value: AccountValue): string[] {
  if (value === null || value === '') return [];
  if (typeof value === 'boolean') return [String(value)];
  return typeof value === 'string' ? [value] : [...new Set(value)].filter((one) => one !== '').sort();
}

/** What a comparison of everything found of one account; `same` is nothing to do. */
export type DifferenceKind = 'same' | 'missing' | 'orphan' | 'drift' | 'double';

/**
 * How what is there differs from what should be.
 * @param known the account as it should be; undefined when Remit made none of that correlation
 * @param seen everything there of one correlation, or the one without
 */
export function differenceOf(
  known: Pick<Desired, 'presence' | 'roles' | 'values'> | undefined,
  seen: readonly Seen[],
  about: { correlation: string; can: Abilities; lookedAfter: readonly string[] },
): { kind: DifferenceKind; steps: Step[]; fields: string[] } {
  const [first, ...others] = seen;
  if (others.length > 0) return { kind: 'double', steps: [], fields: [] };
  // What Remit did not make may be anybody's: it is shown, and never changed by itself.
  if (!known) return { kind: first ? 'orphan' : 'same', steps: [], fields: [] };
  const steps = stepsTo(known, first, about);
  if (steps.length === 0) return { kind: 'same', steps, fields: [] };
  return { kind: first ? 'drift' : 'missing', steps, fields: steps.flatMap(fieldsOf) };
}

/** What of an account a step touches: for people, and without any value. */
export const fieldsOf = (step: Step): string[] =>
  step.do === 'update'
    ? [
        ...Object.keys(step.change.values),
        ...(step.change.rolesAdded.length + step.change.rolesRemoved.length > 0 ? ['roles'] : []),
      ]
    : [step.do];

/** Values by their names in order, for comparing what was wanted last with what is wanted now. */
export const inOrder = (values: AccountValues): [string, AccountValue][] =>
  Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1));
