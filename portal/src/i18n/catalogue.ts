import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import en from './en/person.json' with { type: 'json' };

type ManagersTexts = typeof import('./en/organizations.json', { with: { type: 'json' }}) &
  typeof import('./en/delegation.json', { with: { type: 'json' }}) &
  typeof import('./en/requests.json', { with: { type: 'json' }});

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en & ManagersTexts };
  }
}

export const languages: Record<string, string> = { en: 'English' };

await i18next.use(initReactI18next).init({
  resources: { en: { translation: en } },
  lng: 'en',
  fallbackLng: 'en',
  // React escapes what it writes
  interpolation: { escapeValue: false },
  returnNull: false,
});

export const catalogue = i18next;

/**
 * Every text a person reads stands in a file of its language: those of a person's pages come first; those of the
 * managers' pages, of delegating and of policies when somebody signed in.
 */
export async function loadManagersTexts(): Promise<void> {
  const files = await Promise.all([
    import('./en/organizations.json'),
    import('./en/delegation.json'),
    import('./en/requests.json'),
  ]);
  for (const { default: texts } of files) i18next.addResourceBundle('en', 'translation', texts, true);
}

// screen readers and hyphenation go by it
const mark = (language: string): void => {
  if (typeof document !== 'undefined') document.documentElement.lang = language;
};
mark(i18next.language);
i18next.on('languageChanged', mark);
