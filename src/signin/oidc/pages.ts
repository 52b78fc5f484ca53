import { createHash } from 'node:crypto';
import { type Language, spoken } from '../../platform/language.ts';
import de from '../i18n/de.json' with { type: 'json' };
import en from '../i18n/en.json' with { type: 'json' };
import fr from '../i18n/fr.json' with { type: 'json' };
import nl from '../i18n/nl.json' with { type: 'json' };

type Page = keyof typeof en;

const languages: Record<Language, typeof en> = { en, nl, de, fr };

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 34rem; padding: 10vh 1.25rem 2rem; color: light-dark(#1b1e22, #e9ecef); background: light-dark(#fff, #1b1e22) }
h1 { font-size: 1.5rem; line-height: 1.25 }
a { color: light-dark(#1864ab, #74c0fc) }
button { font: inherit; padding: .6rem 1rem; margin: 0 .5rem .5rem 0; border-radius: .3rem; border: 1px solid light-dark(#1864ab, #74c0fc); background: none; color: light-dark(#1864ab, #74c0fc); cursor: pointer }
button.first { background: #1864ab; color: #fff }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

/**
 * Headers of our own pages under /oidc; the provider answers past the server's hooks. There is no `form-action`: the
 * form that signs out is redirected to the application, which browsers would count as its target.
 */
export const pageHeaders: Record<string, string> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; frame-ancestors 'none'; base-uri 'none'`,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};

/** Text into HTML. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** A page that says one thing and where to go on; `words` fill the `{names}` of its texts. */
export function page(
  name: Page,
  {
    words = {},
    link,
    form = '',
  }: {
    words?: Record<string, string>;
    link?: string;
    /** HTML of our own making */
    form?: string;
  } = {},
): string {
  const texts: { title: string; text: string; link?: string } = languages[spoken()][name];
  const say = (text: string): string =>
    escapeHtml(text.replace(/\{(\w+)\}/g, (_, word: string) => words[word] ?? ''));
  const to = link && texts.link ? `<p><a href="${escapeHtml(link)}">${say(texts.link)}</a></p>` : '';
  return `<!doctype html>
<html lang="${spoken()}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${say(texts.title)}</title><style>${style}</style></head>
<body><main><h1>${say(texts.title)}</h1><p>${say(texts.text)}</p>${form}${to}</main></body>
</html>
`;
}

/** Asks before signing out; `form` is the provider's, with its token against forged requests. */
export function signOutPage(form: string): string {
  const { yes, no } = languages[spoken()].signOut;
  return page('signOut', {
    form: `${form}<p><button class="first" type="submit" form="op.logoutForm" name="logout" value="yes">${escapeHtml(yes)}</button>
<button type="submit" form="op.logoutForm">${escapeHtml(no)}</button></p>`,
  });
}
