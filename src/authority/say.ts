import { spoken } from '../platform/language.ts';
import { sayer } from '../platform/say.ts';
import de from './i18n/de.json' with { type: 'json' };
import en from './i18n/en.json' with { type: 'json' };
import fr from './i18n/fr.json' with { type: 'json' };
import nl from './i18n/nl.json' with { type: 'json' };
import { type Permission, permissions } from './permissions.ts';

export type Sentence = keyof typeof en;

/** One of the sentences on who may do what and who has what, or a part of one. */
export const say = sayer<Sentence>({ en, nl, de, fr });

type Counted = { [K in Sentence]: `${K}One` extends Sentence ? K : never }[Sentence];

/** One that counts, in the form for one or for several. */
export const sayCounted = (key: Counted, count: number): string =>
  count === 1 ? say(`${key}One` as Sentence) : say(key, { count });

/** An administrative act in the words of whoever asked, as it follows "may". */
export const sayPermission = (name: Permission): string =>
  (({ en, nl, de, fr })[spoken()] as Record<string, string>)[`permission.${name}`] ?? permissions[name].text;
