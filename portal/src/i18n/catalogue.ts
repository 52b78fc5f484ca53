import i18next, { type ResourceLanguage } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { choiceOfBrowser, type Language, languageFor } from './languages.ts';
import type { Say } from './say.ts';

const wished = languageFor([choiceOfBrowser(), ...navigator.languages]);

await i18next.use(initReactI18next).init({
  resources: {},
  lng: wished,
  fallbackLng: 'en',
  // React escapes what it writes
  interpolation: { escapeValue: false },
  returnNull: false,
});

export const catalogue = i18next as unknown as Pick<typeof i18next, 'language'> & { t: Say };

/** Nobody waits for a language that they do not read, nor a stranger for texts of pages that need a session. */
const files = import.meta.glob<ResourceLanguage>('./*/*.json', { import: 'default' });
const filesOfPages = [
  'person',
  'organizations',
  'delegation',
  'requests',
  'asking',
  'rules',
  'targets',
  'feeds',
  'sources',
];
const wanted = new Set(['public']);
const loaded = new Map<string, Promise<void>>();

/** French counts whole millions in a form of its own (`_many`); our texts read the same in it. */
function withMillions(texts: ResourceLanguage): ResourceLanguage {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([key, text]): [string, ResourceLanguage[string]][] => {
      if (typeof text !== 'string') return [[key, withMillions(text as ResourceLanguage)]];
      return key.endsWith('_other')
        ? [
            [key, text],
            [key.replace(/_other$/, '_many'), text],
          ]
        : [[key, text]];
    }),
  );
}

function load(language: string, file: string): Promise<void> {
  const path = `./${language}/${file}.json`;
  let loading = loaded.get(path);
  if (!loading) {
    loading = files[path]!()
      .then((texts) => void i18next.addResourceBundle(language, 'translation', withMillions(texts), true))
      .catch((error: unknown) => {
        // the next who needs it asks again
        loaded.delete(path);
        throw error;
      });
    loaded.set(path, loading);
  }
  return loading;
}

const loadWanted = async (language: string): Promise<void> => {
  await Promise.all([...wanted].map((file) => load(language, file)));
};

/**
 * Every text a person reads stands in a file of its language: those of strangers' pages (sign-in, invitations) come
 * first; all others when somebody signed in.
 */
export async function loadTextsOfPages(): Promise<void> {
  for (const file of filesOfPages) wanted.add(file);
  await loadWanted(i18next.language);
}

/** Shows everything in this language, once its texts are here. */
export async function speak(language: Language): Promise<void> {
  if (language === i18next.language) return;
  await loadWanted(language);
  await i18next.changeLanguage(language);
}

// screen readers and hyphenation go by it
const mark = (language: string): void => {
  if (typeof document !== 'undefined') document.documentElement.lang = language;
};
mark(wished);
i18next.on('languageChanged', mark);

// a language that cannot be loaded leaves English
await loadWanted(wished).catch(() => speak('en'));
