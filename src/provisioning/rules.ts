/** Figures by which accounts are sent for. */

/** A batch is its process's for so long; who has it by then has died, and what it did is read before it is written again. */
export const leaseSeconds = 60;

/** No call is begun later than this after the claim; with the longest call it ends before the lease does. Seconds. */
export const beginWithin = 42;

/** The longest that one call may take, from the look-up to the end of the answer; seconds. */
export const callSeconds = 15;

/** Accounts that are claimed together. */
export const mostTogether = 100;

/** What a target bears, where its own limits say nothing. */
export const usualLimits = { atOnce: 8, perMinute: 6000 } as const;

export type Limits = { atOnce: number; perMinute: number };

export const limitsOf = (said: Partial<Limits>): Limits => ({ ...usualLimits, ...said });

/**
 * After an answer was lost the account is read once more so much later: a target that carries a request out long after it
 * came can undo what was sent since, and this mends it. Seconds.
 */
export const looksAgainAfter = 600;

/** Seconds to wait after each failed attempt at one account; then it is a dead letter, and a person's. */
export const waits = [5, 30, 120, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600] as const;

/** A target that fails is left in peace between attempts, longer each time, up to a minute; seconds. */
export const restAfter = (failures: number): number => Math.min(60, 5 * 2 ** Math.max(0, failures - 1));

/** Longest that a target may ask us to wait (Retry-After); seconds. */
export const longestAsked = 24 * 3600;

/** So many in a row fail within one batch, none between them good: the rest is not tried. */
export const givesUpAfter = 3;

/** A removal that is not done so long after it was due is an alarm (I17); seconds. */
export const overdueAfter = 300;

/** From how many on, of one day, taking away waits for a person (I49). */
export const usualBrake = { atLeast: 20, share: 0.1 } as const;

export type Brake = { atLeast: number; share: number };

export const brakeOf = (said: Partial<Brake>): Brake => ({ ...usualBrake, ...said });
