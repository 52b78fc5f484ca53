/** The first day of a date field as the instant it begins at, in the reader's time zone; undefined for none. */
export function startOfDay(day: string | undefined): string | undefined {
  if (!day) return undefined;
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  return new Date(year, month - 1, date).toISOString();
}

/** The last day of a date field (`2026-03-31`) as the instant it ends at, in the reader's time zone; undefined for none. */
export function endOfDay(day: string | undefined): string | undefined {
  if (!day) return undefined;
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  return new Date(year, month - 1, date + 1).toISOString();
}
