import { localeOf, spoken } from '../platform/language.ts';

/** Days stand in the reader's way on screen; in sentences of the server they are unambiguous. */
export const dayOf = (at: Date): string =>
  at.toLocaleDateString(localeOf(spoken()), {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });

/** A day of a list (`2026-03-31`) in a sentence. */
export const spokenDay = (day: string): string => dayOf(new Date(`${day}T00:00:00Z`));

const quarter = 15 * 60_000;
const farthestWest = 10 * 3_600_000;

/**
 * The last day that is in, for something that ends at this instant. A last day is chosen on a screen and ends at
 * midnight there, which is any quarter of an hour here: midnights from Honolulu to Greenwich fall on the day after,
 * those east of it on the last day itself. Any other instant ends on the day it falls on.
 */
export const lastDayOf = (endsAt: Date): string =>
  dayOf(new Date(endsAt.getTime() - 1 - (endsAt.getTime() % quarter === 0 ? farthestWest : 0)));
