import { sayer } from '../platform/say.ts';
import de from './i18n/de.json' with { type: 'json' };
import en from './i18n/en.json' with { type: 'json' };
import fr from './i18n/fr.json' with { type: 'json' };
import nl from './i18n/nl.json' with { type: 'json' };

export type Text = keyof typeof en;

/** One of the texts on arrangements and files that are taken over, in the language of whoever asked. */
export const say = sayer<Text>({ en, nl, de, fr });
