import type { Brake } from '../rules.ts';

/** What is to be taken, and what there is to take it from. */
export type Taking = {
  /** accounts from which something would be taken, not let through yet */
  waiting: number;
  /** those from which something was taken within the last day, or since a person last agreed */
  lately: number;
  /** accounts that are there, those of `lately` too */
  standing: number;
};

/**
 * May what waits be taken without a person's word (I49)? It is counted before the first is sent, and with what went before:
 * ten feeds, each just below the limit, are one feed far above it.
 */
export function mayTake({ waiting, lately, standing }: Taking, { atLeast, share }: Brake): boolean {
  return waiting + lately <= Math.max(atLeast, Math.floor(share * standing));
}
