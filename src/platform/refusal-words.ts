import de from './i18n/refusals.de.json' with { type: 'json' };
import fr from './i18n/refusals.fr.json' with { type: 'json' };
import nl from './i18n/refusals.nl.json' with { type: 'json' };
import type { Language } from './language.ts';
import { type RefusalCode, textOf } from './refusals.ts';

const texts: Record<Exclude<Language, 'en'>, Partial<Record<RefusalCode, string>>> = { nl, de, fr };

/** What a client reads of this code, in its reader's language. */
export const textIn = (language: Language, code: RefusalCode): string =>
  (language === 'en' ? undefined : texts[language][code]) ?? textOf(code);
