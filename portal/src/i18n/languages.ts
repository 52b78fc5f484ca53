/** The languages there are texts in, each by its own name. */
export const languages = { en: 'English', nl: 'Nederlands', de: 'Deutsch', fr: 'Français' } as const;

export type Language = keyof typeof languages;

const isLanguage = (tag: string): tag is Language => Object.hasOwn(languages, tag);

/** The first of these wishes (`de-AT`, `nl`) that there are texts in; English when there is none. */
export function languageFor(wishes: readonly (string | null | undefined)[]): Language {
  for (const wish of wishes) {
    const tag = wish?.split(/[-_]/)[0]?.toLowerCase() ?? '';
    if (isLanguage(tag)) return tag;
  }
  return 'en';
}

const key = 'remit-language';

/** What was chosen in this browser; null when nothing was, or nothing may be stored here. */
export function choiceOfBrowser(): string | null {
  return stored(() => localStorage.getItem(key));
}

export function keepInBrowser(language: Language): void {
  stored(() => localStorage.setItem(key, language));
}

/** Chosen before signing in, in this tab: it goes with whoever signs in next, as they read that page in it. */
export function keepForAccount(language: Language): void {
  stored(() => sessionStorage.setItem(key, language));
}

/** What was kept for the account, once. */
export function takeForAccount(): Language | null {
  const language = stored(() => sessionStorage.getItem(key)) ?? null;
  stored(() => sessionStorage.removeItem(key));
  return language !== null && isLanguage(language) ? language : null;
}

/** Browsers that store nothing throw. */
function stored<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null;
  }
}
