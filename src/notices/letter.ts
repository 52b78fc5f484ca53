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
    ...paragraphs.map((paragraph) => `<p style="margin:0 0 14px">${escaped(paragraph)}</p>`),
    ...lists.map(
      ({ title, items }) =>
        `<p style="margin:18px 0 4px"><strong>${escaped(title)}</strong></p>
<ul style="margin:0 0 14px;padding-left:20px">${items.map((item) => `<li style="margin:0 0 4px">${escaped(item)}</li>`).join('')}</ul>`,
    ),
    ...(quote
      ? [
          `<p style="margin:18px 0 4px;color:${dim}">${escaped(quote.from)}:</p>
<blockquote style="margin:0 0 14px;padding:2px 0 2px 14px;border-left:3px solid #c9d3de">${escaped(someLines(quote.text)).replaceAll('\n', '<br>')}</blockquote>`,
        ]
      : []),
    ...(facts.length > 0
      ? [
          `<table role="presentation" style="border-collapse:collapse;margin:18px 0 14px;font:inherit">${facts
            .map(
              ({ label, value }) =>
                `<tr><td style="padding:2px 16px 2px 0;color:${dim};vertical-align:top;white-space:nowrap">${escaped(label)}</td><td style="padding:2px 0;vertical-align:top">${escaped(value)}</td></tr>`,
            )
            .join('')}</table>`,
        ]
      : []),
    `<p style="margin:22px 0 0"><a href="${escaped(button.url)}" style="display:inline-block;padding:11px 20px;border-radius:6px;background:#1256a3;color:#ffffff;font-weight:600;text-decoration:none">${escaped(button.label)}</a></p>`,
  ].join('\n');
  return {
    to: { name: oneLine(to.name, 100), address: to.address },
    subject,
    text: `${text}\n`,
    html: `<!doctype html><html lang="${escaped(language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
<body style="margin:0;padding:24px 12px;background:#f2f5f8;color:#1b1e22;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif">
<div style="max-width:35rem;margin:0 auto;padding:28px 28px 30px;border-radius:10px;background:#ffffff">
${body}
</div>
<p style="max-width:35rem;margin:14px auto 0;padding:0 28px;color:${dim};font-size:13px">${escaped(letter.footer)}</p>
</body></html>
`,
  };
}

/** Readable on white and on the ground of the page (contrast above 4.5). */
const dim = '#51606f';

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
