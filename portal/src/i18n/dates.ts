import { catalogue } from './catalogue.ts';

/**
 * Days as mails write them: the day first, the month as a word, in English too, whatever a browser calls its language.
 * A date that is read in a mail is then found again on its page.
 */
export const localeFor = (shown: string): string => (shown === 'en' ? 'en-GB' : shown);

const language = (): string => localeFor(catalogue.language);

const aDay = { day: 'numeric', month: 'short', year: 'numeric' } as const;

/** A moment in the reader's way and time zone: "22 Nov 2026, 14:05". */
export function moment(iso: string | null | undefined): string {
  if (!iso) return '';
  return new Intl.DateTimeFormat(language(), { ...aDay, hour: '2-digit', minute: '2-digit' }).format(
    new Date(iso),
  );
}

/** A day without a time zone (`2026-11-22`), or the day of a moment. */
export function day(iso: string | null | undefined): string {
  if (!iso) return '';
  const dateOnly = /^\d{4}-\d\d-\d\d$/.test(iso);
  return new Intl.DateTimeFormat(language(), {
    ...aDay,
    ...(dateOnly ? { timeZone: 'UTC' } : {}),
  }).format(new Date(iso));
}

/** A time of day, `22:00`, in the reader's way. */
export function hourOfDay(time: string): string {
  return new Intl.DateTimeFormat(language(), { timeStyle: 'short', timeZone: 'UTC' }).format(
    new Date(`2000-01-01T${time}:00Z`),
  );
}

/** Today and later days as `YYYY-MM-DD` for date fields, in the reader's time zone. */
export function isoDay(daysFromToday = 0): string {
  const date = new Date();
  date.setDate(date.getDate() + daysFromToday);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export const number = (value: number): string => new Intl.NumberFormat(language()).format(value);
