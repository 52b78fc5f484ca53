import { type Language, spoken } from '../platform/language.ts';
import de from './i18n/de.json' with { type: 'json' };
import en from './i18n/en.json' with { type: 'json' };
import fr from './i18n/fr.json' with { type: 'json' };
import nl from './i18n/nl.json' with { type: 'json' };
import { type Permission, permissions } from './permissions.ts';

export type Sentence = keyof typeof en;

const texts: Record<Language, Record<Sentence, string>> = { en, nl, de, fr };

/** One of the engine's sentences, or a part of one, in the language of whoever asked. */
export const say = (key: Sentence, values: Record<string, string> = {}): string =>
  texts[spoken()][key].replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '');

/** An administrative act in the words of whoever asked, as it follows "may". */
export const sayPermission = (name: Permission): string =>
  (texts[spoken()] as Record<string, string>)[`permission.${name}`] ?? permissions[name].text;
