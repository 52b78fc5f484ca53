/** Years of four digits: PostgreSQL and JavaScript mean the same by them. */
const instantForm =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(\.\d{1,9})?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?$/;

/**
 * An xsd:dateTime (RFC 7643, section 2.3.5) as RFC 3339 in UTC with milliseconds, which is what we show; without a zone
 * it is taken as UTC. Undefined when it is none.
 */
export function instantOf(text: string): string | undefined {
  const found = instantForm.exec(text);
  if (!found) return undefined;
  const [, year, month, day, , , , fraction = '', zone = 'Z'] = found;
  if (Number(year) < 1 || !isDay(`${year}-${month}-${day}`)) return undefined;
  const at = new Date(`${text.slice(0, 19)}${fraction.slice(0, 4)}${zone}`);
  if (Number.isNaN(at.getTime())) return undefined;
  const utc = at.toISOString();
  return utc.length === 24 ? utc : undefined;
}

/** A day that there is, YYYY-MM-DD. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
