/**
 * What a day is, from `Intl.DateTimeFormat` alone: the product reckons with Temporal, and shares no code with this. A day
 * begins at its first instant; one that was skipped has none, and begins where the next does.
 */
const formats = new Map<string, Intl.DateTimeFormat>();

export function localDay(at: number, timeZone: string): string {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return format.format(at);
}

/** The first instant, in milliseconds, at which the calendar on the wall there shows this day or a later one. */
export function startOf(day: string, timeZone: string): number {
  const noon = Date.parse(`${day}T12:00:00Z`);
  let [before, after] = [noon - 3 * 86_400_000, noon + 3 * 86_400_000];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (localDay(middle, timeZone) >= day) after = middle;
    else before = middle;
  }
  return after;
}

export const plusDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** The first instant after a day. */
export const endOf = (day: string, timeZone: string): number => startOf(plusDays(day, 1), timeZone);

/** The days of this time on which clocks change there: those of 23 or 25 hours, or of another odd length. */
export function oddDays(from: string, days: number, timeZone: string): string[] {
  const dayMs = 86_400_000;
  const found: string[] = [];
  for (let n = 0; n < days; n += 7) {
    const week = plusDays(from, n);
    if (startOf(plusDays(week, 7), timeZone) - startOf(week, timeZone) === 7 * dayMs) continue;
    for (let day = 0; day < 7; day += 1) {
      const one = plusDays(week, day);
      if (endOf(one, timeZone) - startOf(one, timeZone) !== dayMs) found.push(one);
    }
  }
  return found;
}

/** From Samoa to Midway, with halves and quarters of hours, and with each kind of change of clocks. */
export const zones = [
  'Pacific/Apia',
  'Pacific/Chatham',
  'Pacific/Auckland',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'Asia/Tokyo',
  'Asia/Shanghai',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Tehran',
  'Asia/Beirut',
  'Africa/Cairo',
  'Europe/Amsterdam',
  'Europe/London',
  'Africa/Casablanca',
  'Atlantic/Azores',
  'America/Sao_Paulo',
  'America/St_Johns',
  'America/Havana',
  'America/Santiago',
  'America/New_York',
  'America/Phoenix',
  'Pacific/Marquesas',
  'Pacific/Midway',
] as const;
