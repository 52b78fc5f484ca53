/** A mail as we write it: who it is for, what it says, and one link to a page, never to an effect. */
export type Letter = {
  to: { name: string; address: string };
  subject: string;
  /** plain sentences, in order */
  paragraphs: string[];
  /** a message that a person wrote to the reader, shown as theirs */
  quote?: { from: string; text: string } | undefined;
  /** several things under headings */
  lists?: { title: string; items: string[] }[];
  facts: { label: string; value: string }[];
  button: { label: string; url: string };
  /** why the reader got this, and from whom */
  footer: string;
};

export type Rendered = { to: Letter['to']; subject: string; text: string; html: string };

/** Ends of lines, other control characters, and the marks that turn the direction of writing. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]+/gu;

/**
 * Text of others, made fit for one line of a mail: no line can be added to a header or a body by a name, and
 * none pretends to be longer than a name is.
 */
export const oneLine = (text: string, longest = 200): string => {
  const clean = text.toWellFormed().replace(unprintable, ' ').replace(/ +/g, ' ').trim();
  return clean.length > longest ? `${clean.slice(0, longest - 1)}…` : clean;
};

/** A message of several lines, bounded, without control characters other than its line ends. */
export const someLines = (text: string): string =>
  text
    .split(/\r\n|[\n\r]/)
    .map((line) => oneLine(line, 1000))
    .slice(0, 40)
    .join('\n')
    .trim()
    .slice(0, 4000);

/** @param language which screen readers and translators go by */
export function render(letter: Letter, language = 'en'): Rendered {
  const { to, quote, button } = letter;
  const subject = oneLine(letter.subject);
  const paragraphs = letter.paragraphs.map((text) => oneLine(text, 1000));
  const facts = letter.facts.map(({ label, value }) => ({ label, value: oneLine(value) }));
  const lists = (letter.lists ?? []).map(({ title, items }) => ({
    title: oneLine(title),
    items: items.map((item) => oneLine(item)),
  }));
  const text = [
    ...paragraphs,
    ...lists.map(({ title, items }) => [`${title}:`, ...items.map((item) => `- ${item}`)].join('\n')),
    ...(quote ? [`${quote.from}:\n${quoted(someLines(quote.text))}`] : []),
    ...(facts.length > 0 ? [facts.map(({ label, value }) => `${label}: ${value}`).join('\n')] : []),
    `${button.label}:\n${button.url}`,
    `--\n${letter.footer}`,
  ].join('\n\n');
  const body = [
    ...paragraphs.map((paragraph) => `<p>${escaped(paragraph)}</p>`),
    ...lists.map(
      ({ title, items }) =>
        `<p><strong>${escaped(title)}</strong></p><ul>${items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`,
    ),
    ...(quote
      ? [
          `<p>${escaped(quote.from)}:</p><blockquote>${escaped(someLines(quote.text)).replaceAll('\n', '<br>')}</blockquote>`,
        ]
      : []),
    ...(facts.length > 0
      ? [`<p>${facts.map(({ label, value }) => `${escaped(label)}: ${escaped(value)}`).join('<br>')}</p>`]
      : []),
    `<p><a href="${escaped(button.url)}" style="display:inline-block;padding:12px 20px;border-radius:6px;background:#1256a3;color:#ffffff;text-decoration:none">${escaped(button.label)}</a></p>`,
    `<p style="color:#555555;font-size:13px">${escaped(letter.footer)}</p>`,
  ].join('\n');
  return {
    to: { name: oneLine(to.name, 100), address: to.address },
    subject,
    text: `${text}\n`,
    html: `<!doctype html><html lang="${escaped(language)}"><head><meta charset="utf-8"></head><body style="font-family:system-ui,sans-serif;line-height:1.5;max-width:36rem">\n${body}\n</body></html>\n`,
  };
}

const quoted = (text: string): string =>
  text
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!);
