import type { Recipient } from './deliver.ts';
import type { Letter } from './letter.ts';
import { type Sentences, type WordKey, type Words, wordsIn } from './words.ts';

/** A letter of one sentence in the catalogue (`subject`, `what`, `button`), with the facts that belong to it. */
export function plainLetter(
  url: string,
  letter: Sentences,
  { name, address, language, timeZone }: Recipient,
  {
    names = {},
    facts = () => [],
    lists = () => [],
    page,
    footer = 'footer.person',
  }: {
    /** what fills the sentence, beside the reader's own name */
    names?: Record<string, string>;
    facts?: (language: string, timeZone: string) => readonly { label: WordKey; value: string }[];
    lists?: (t: Words) => NonNullable<Letter['lists']>;
    page: string;
    footer?: WordKey;
  },
): Letter {
  const t = wordsIn(language);
  const values = { name, ...names };
  return {
    to: { name, address },
    subject: t(`${letter}.subject`, values),
    paragraphs: [t('greeting', values), t(`${letter}.what`, values)],
    lists: lists(t),
    facts: facts(language, timeZone).map(({ label, value }) => ({ label: t(label), value })),
    button: { label: t(`${letter}.button`), url: page },
    footer: t(footer, { url }),
  };
}
