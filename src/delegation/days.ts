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
