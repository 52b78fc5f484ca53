import type { Brake } from '../rules.ts';

/** What is to be taken or written over, and what there is. */
export type Going = {
  /** accounts from which something would be taken, or whose values would be others; not let through yet */
  waiting: number;
  /** those of which it was done within the last day, or since a person last agreed */
  lately: number;
  /** accounts that are there, those of `lately` too */
  standing: number;
};

/**
 * May what waits go out without a person's word (I49)? It is counted before the first is sent, and with what went before:
 * ten feeds, each just below the limit, are one feed far above it.
 */
export function mayGoOut({ waiting, lately, standing }: Going, { atLeast, share }: Brake): boolean {
  return waiting + lately <= Math.max(atLeast, Math.floor(share * standing));
}
