const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it is to be read, in an element or a quoted attribute. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character]!);

/** Markup that is ours, so that a template does not escape it again. */
export class Markup {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

/** Template of markup: everything put into it is escaped unless it is markup itself; lists are joined. */
export function html(parts: TemplateStringsArray, ...values: unknown[]): Markup {
  return new Markup(parts.reduce((all, part, index) => all + written(values[index - 1]) + part));
}

function written(value: unknown): string {
  if (value instanceof Markup) return value.markup;
  if (Array.isArray(value)) return value.map(written).join('');
  return value === undefined || value === null || value === false ? '' : escaped(String(value));
}

/** Colours with at least 4.5:1 in light and dark. */
const style = `
  :root { color-scheme: light dark; }
  body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; color: #1a1b1e; background: #fff; }
  a { color: #1256a3; } code, pre { font: 0.9em/1.5 ui-monospace, monospace; }
  pre { overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
  table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: 0.35rem 0.75rem 0.35rem 0; vertical-align: top; border-bottom: 1px solid #8886; }
  dt { font-weight: 600; } summary { cursor: pointer; padding: 0.25rem 0; } section { margin-block: 1.5rem; }
  .wide { overflow-x: auto; }
  @media (prefers-color-scheme: dark) { body { color: #e9e9e9; background: #1a1b1e; } a { color: #8ebcf5; } }`;

/** A whole page without script; `nonce` is what the answer's policy allows. */
export const page = (title: string, nonce: string, body: Markup): string =>
  `<!doctype html>${
    html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} · Remit</title><style nonce="${nonce}">${new Markup(style)}</style></head><body><main>${body}</main></body></html>`
      .markup
  }`;
