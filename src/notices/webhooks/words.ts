import type { RequestKind } from '../../requests/policy.ts';
import type { EventType, testType } from './rules.ts';
import de from './words/de.json' with { type: 'json' };
import en from './words/en.json' with { type: 'json' };
import fr from './words/fr.json' with { type: 'json' };
import nl from './words/nl.json' with { type: 'json' };

/** Messages for chats, one catalogue a language; all of them complete, or this does not compile. */
type Catalogue = {
  /** on the button that leads to Remit */
  open: string;
  /** for what may not be known, or is not there */
  unknown: { person: string; access: string; until: string };
  /** what is asked for, where it is more than the access itself */
  asked: Record<Exclude<RequestKind, 'access'>, string>;
  types: Record<EventType | typeof testType, string>;
};

const catalogues = { en, nl, de, fr } satisfies Record<string, Catalogue>;

export type Language = keyof typeof catalogues;
export const languages = Object.keys(catalogues) as [Language, ...Language[]];
export const wordsFor = (language: Language): Catalogue => catalogues[language];
