import i18next from 'i18next';
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
  interpolation: { escapeValue: false },
});

export type Words = (key: string, values?: Record<string, string>) => string;

/** The trail's words in the reader's language; English for who reads one that we do not have. */
export function wordsIn(language: string): Words {
  const t = catalogue.getFixedT(language) as unknown as Words;
  return (key, values) => t(key, values);
}

/** True when the catalogue has a sentence for this type of event. */
export const hasSentence = (type: string): boolean => catalogue.exists(type);
