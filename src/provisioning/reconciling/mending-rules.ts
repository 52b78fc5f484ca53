import { createHash } from 'node:crypto';
import type { AccountValue } from '../connectors/connector.ts';

/** What is done about a difference by itself, by its kind; of two that are one person's only a person can say which. */
export const orphanWays = ['leave', 'adopt', 'disable', 'delete'] as const;
export const otherWays = ['leave', 'mend'] as const;

export type Mending = {
  orphan: (typeof orphanWays)[number];
  missing: (typeof otherWays)[number];
  drift: (typeof otherWays)[number];
  /** compared each night, two hours after midnight where the target's organization is */
  nightly: boolean;
  /** with `adopt`: the value there by which an account is known to be somebody's */
  match: string | null;
};

export const usualMending: Mending = {
  orphan: 'leave',
  missing: 'leave',
  drift: 'leave',
  nightly: false,
  match: null,
};

export const mendingOf = (said: Partial<Mending>): Mending => ({ ...usualMending, ...said });

/** How often within a week the same is put right by itself: whoever undoes it there means it, and a person has to look. */
export const mostOften = 2;

/** A digest of a value by which two are taken to be the same; of no value there is none. */
export function likenessOf(targetId: string, value: AccountValue | undefined): string | null {
  const one = Array.isArray(value) ? value[0] : value;
  if (typeof one !== 'string' || one.trim() === '') return null;
  return createHash('sha256').update(`${targetId} ${one.trim().toLowerCase()}`).digest('base64url');
}
