import type { AccountValue, AccountValues } from '../connectors/connector.ts';

/** Of each value some bits, by its name. */
export type Marks = Readonly<Record<string, number>>;

/**
 * Twelve bits of each value (FNV-1a, folded): which of an account's values differs is told by them nearly always, and what
 * one was cannot be guessed from them. Whether anything differs is said by the digest of all.
 */
export const marksOf = (values: AccountValues): Marks =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, markOf(value)]));

/** Names of the values that are other than those that the marks are of; none where nothing is known of those. */
export const changingOf = (values: AccountValues, marks: Marks): string[] =>
  Object.keys(marks).length === 0
    ? []
    : Object.entries(values)
        .filter(([name, value]) => marks[name] !== markOf(value))
        .map(([name]) => name)
        .sort();

function markOf(value: AccountValue): number {
  let hash = 0x811c9dc5;
  const text = Array.isArray(value) ? [...value].sort().join('\n') : String(value ?? '');
  for (let n = 0; n < text.length; n += 1) hash = Math.imul(hash ^ text.charCodeAt(n), 0x01000193);
  return ((hash >>> 12) ^ (hash >>> 24) ^ hash) & 0xfff;
}
