import { AsyncLocalStorage } from 'node:async_hooks';

export const languages = ['en', 'nl', 'de', 'fr'] as const;
export type Language = (typeof languages)[number];

/**
 * How days and numbers are written in it: English puts the day before the month, as the other three do, so that one
 * date reads the same in every mail, message and page.
 */
export const localeOf = (language: string): string => (language === 'en' ? 'en-GB' : language);

const asked = new AsyncLocalStorage<Language>();

/** Everything that is said while this runs is said in this language: sentences are put together far below the request. */
export const speakingIn = <T>(language: Language, act: () => T): T => asked.run(language, act);

/** The language of the one who asked; English where nobody did. */
export const spoken = (): Language => asked.getStore() ?? 'en';

/**
 * The first language of an `Accept-Language` that we have, by its weights (RFC 9110, 12.5.4); English when there is
 * none.
 */
export function languageOf(accepted: string | undefined): Language {
  const wishes = (accepted ?? '')
    .slice(0, 200)
    .split(',')
    .map((wish) => {
      const [tag = '', weight] = wish.trim().split(/\s*;\s*q=/);
      return {
        tag: tag.split('-')[0]!.toLowerCase(),
        weight: weight === undefined ? 1 : Number(weight) || 0,
      };
    })
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight);
  for (const { tag } of wishes) {
    const language = languages.find((one) => one === tag);
    if (language) return language;
  }
  return 'en';
}
