import { spoken } from '../../platform/language.ts';
import type { ConnectorField } from './connector.ts';
import de from './i18n/de.json' with { type: 'json' };
import fr from './i18n/fr.json' with { type: 'json' };
import nl from './i18n/nl.json' with { type: 'json' };

/**
 * Connectors speak English: what they say may be kept, and is read by others later. It is put into the reader's language
 * where it is shown, by the English itself, with `{{name}}` for what is filled in. What no catalogue has stays English.
 */
type Pattern = { form: RegExp; said: string };

const read = (texts: Record<string, string>) => ({
  whole: new Map(Object.entries(texts)),
  // the longest first: it says most of what it stands for
  patterns: Object.entries(texts)
    .filter(([english]) => english.includes('{{'))
    .sort(([one], [other]) => other.length - one.length)
    .map(([english, said]): Pattern => ({ form: formOf(english), said })),
});

/** What an English sentence with gaps looks like once they are filled; a gap's name is the group's. */
const formOf = (english: string): RegExp =>
  new RegExp(
    `^${english
      .split(/(\{\{\w+\}\})/)
      .map((part) => {
        const gap = /^\{\{(\w+)\}\}$/.exec(part);
        return gap ? `(?<${gap[1]}>.+?)` : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
      })
      .join('')}$`,
    's',
  );

const known = { nl: read(nl), de: read(de), fr: read(fr) };

/** A connector's text in the language of whoever asked, and as it is where that language lacks it. */
export function inWords(english: string): string {
  const language = spoken();
  if (language === 'en') return english;
  const { whole, patterns } = known[language];
  const same = whole.get(english);
  if (same !== undefined) return same;
  for (const { form, said } of patterns) {
    const found = form.exec(english)?.groups;
    if (found)
      return said.replace(/\{\{(\w+)\}\}/g, (_, gap: string) =>
        // The name of a field, and what more is added to, are texts of the connector's own; anything else is a value.
        gap === 'label' || gap === 'text'
          ? (whole.get(found[gap] ?? '') ?? found[gap] ?? '')
          : (found[gap] ?? ''),
      );
  }
  return english;
}

/** How a field is called; what settings named (a column) is called so in every language. */
export const labelOf = ({ key, label }: Pick<ConnectorField, 'key' | 'label'>): string =>
  label === key ? label : inWords(label);
