import i18next from 'i18next';
import { Temporal } from 'temporal-polyfill';
import { localeOf } from '../platform/language.ts';
import de from './i18n/de.json' with { type: 'json' };
import en from './i18n/en.json' with { type: 'json' };
import fr from './i18n/fr.json' with { type: 'json' };
import nl from './i18n/nl.json' with { type: 'json' };

const catalogue = i18next.createInstance();
await catalogue.init({
  fallbackLng: 'en',
  resources: {
    en: { translation: en },
    nl: { translation: nl },
    de: { translation: de },
    fr: { translation: fr },
  },
  // Letters are plain text; what becomes markup is escaped where it does.
  interpolation: { escapeValue: false },
  returnEmptyString: false,
});

type Dotted<T, Prefix extends string = ''> = {
  [K in keyof T & string]: T[K] extends string ? `${Prefix}${K}` : Dotted<T[K], `${Prefix}${K}.`>;
}[keyof T & string];

/** A text of the catalogue; one that is not there does not compile. */
export type WordKey = Dotted<typeof en>;
/** Letters that say one thing: a subject, a sentence, and where to go from there. */
export type Sentences = {
  [K in keyof typeof en]: (typeof en)[K] extends { subject: string; what: string; button: string }
    ? K
    : never;
}[keyof typeof en];
export type Words = (key: WordKey, values?: Record<string, string>) => string;

/** Words in the reader's language; English for who reads one that we do not have. */
export function wordsIn(language: string): Words {
  const t = catalogue.getFixedT(language) as unknown as Words;
  return (key, values) => t(key, values);
}

const aDay = { day: 'numeric', month: 'long', year: 'numeric' } as const;

/** An instant as its reader writes it, in this time zone and with its name: "22 November 2026 at 17:41 CET". */
export function whenIn(language: string, at: Date, timeZone: string): string {
  const time = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short', timeZone } as const;
  return new Intl.DateTimeFormat(localeOf(language), { ...aDay, ...time }).format(at);
}

/** Until when something lasts: the last day that is in, where it ends with a day there; otherwise the instant. */
export function untilIn(language: string, end: Date, timeZone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(end.getTime()).toZonedDateTimeISO(timeZone);
  if (!local.equals(local.startOfDay())) return whenIn(language, end, timeZone);
  return dayIn(language, local.toPlainDate().subtract({ days: 1 }).toString());
}

/** A day, `YYYY-MM-DD`, as its reader writes it. */
export function dayIn(language: string, day: string): string {
  return new Intl.DateTimeFormat(localeOf(language), { ...aDay, timeZone: 'UTC' }).format(
    new Date(`${day}T00:00:00Z`),
  );
}
