import { z } from 'zod';
import { saying } from './problems.ts';

/**
 * Days and instants as people and programs write them. Both are bounded: PostgreSQL has no year 0, JavaScript and
 * PostgreSQL write years beyond 9999 differently, and whoever means "for ever" leaves the end out.
 */
const first = Date.UTC(1000, 0, 1);
/** milliseconds; what is reckoned from an instant ends here too */
export const lastInstant = Date.UTC(9999, 11, 31);
const bounds = saying('year-bounds');

export const calendarDay = z.iso.date().refine((text) => text >= '1000', bounds);

/** An instant with its offset from UTC (RFC 3339). */
export const instantText = z.iso.datetime({ offset: true }).refine((text) => {
  const at = Date.parse(text);
  return at >= first && at < lastInstant;
}, bounds);
