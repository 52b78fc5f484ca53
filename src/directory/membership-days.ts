import { invalid } from '../platform/problems.ts';
import { spanOf } from './days.ts';
import { type MembershipRow, readable } from './store.ts';

/** Absent: stays as it is. */
export type ChangedDays = { firstDay?: string | null | undefined; lastDay?: string | null | undefined };

/**
 * A membership with other days, and the instants that they mean in its organization's zone.
 * @throws Refusal `input.invalid` where days are backwards, past, or later than somebody has begun already
 */
export function withDays(
  before: MembershipRow,
  { firstDay, lastDay }: ChangedDays,
  timeZone: string,
  at: Date,
): Pick<MembershipRow, 'firstDay' | 'lastDay' | 'startsAt' | 'endsAt'> {
  const days = {
    firstDay: firstDay === undefined ? before.firstDay : firstDay,
    lastDay: lastDay === undefined ? before.lastDay : lastDay,
  };
  const span = spanOf(days.firstDay, days.lastDay, timeZone);
  const startsAt = readable(span.startsAt);
  const endsAt = readable(span.endsAt);
  if (startsAt >= endsAt) throw invalid('lastDay', 'last-day-before-first');
  if (endsAt <= at) throw invalid('lastDay', 'last-day-past');
  // Later than today it would take from them as a suspension does, and nobody could give it back.
  if (startsAt > before.startsAt && before.startsAt <= at && startsAt > at)
    throw invalid('firstDay', 'begun-already');
  return { ...days, startsAt, endsAt };
}
