import i18next, { type TFunction } from 'i18next';
import en from './i18n/en.json' with { type: 'json' };

const catalogue = i18next.createInstance();
await catalogue.init({
  fallbackLng: 'en',
  resources: { en: { translation: en } },
  // Letters are plain text; what becomes markup is escaped where it does.
  interpolation: { escapeValue: false },
  returnEmptyString: false,
});

/** Words in the reader's language, English where there is none yet. */
export const wordsIn = (language: string): TFunction => catalogue.getFixedT(language);

/** An instant as its reader writes it, in the time zone of the place it is about. */
export function whenIn(language: string, at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone }).format(at);
}

/** A day, `YYYY-MM-DD`, as its reader writes it. */
export function dayIn(language: string, day: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(`${day}T00:00:00Z`),
  );
}
