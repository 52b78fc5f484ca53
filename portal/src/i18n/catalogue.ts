import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import en from './en.json' with { type: 'json' };
import organizations from './en-organizations.json' with { type: 'json' };

/** Every text a person reads. One file for the pages of a person, one for those of an organization. */
const english = { ...en, ...organizations };

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof english };
  }
}

export const languages: Record<string, string> = { en: 'English' };

await i18next.use(initReactI18next).init({
  resources: { en: { translation: english } },
  lng: 'en',
  fallbackLng: 'en',
  // React escapes what it writes
  interpolation: { escapeValue: false },
  returnNull: false,
});

export const catalogue = i18next;

// screen readers and hyphenation go by it
const mark = (language: string): void => {
  if (typeof document !== 'undefined') document.documentElement.lang = language;
};
mark(i18next.language);
i18next.on('languageChanged', mark);
