import { createHash } from 'node:crypto';
import type { Declaration } from './declaration.ts';
import en from './en.json' with { type: 'json' };

export type Person = {
  name: string;
  email: string | undefined;
  organization: string;
  roles: string[];
  /** when Remit said so */
  asOf: Date;
};

const inHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
const say = (key: keyof typeof en, words: Record<string, string> = {}): string =>
  inHtml(en[key].replace(/\{(\w+)\}/g, (_, word: string) => words[word] ?? ''));

const styleOf = ({ color }: Declaration): string => `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; --own: light-dark(${color.light}, ${color.dark}) }
body { margin: 0; color: light-dark(#1b1e22, #e9ecef); background: light-dark(#fff, #16191d) }
header { border-top: .5rem solid var(--own); padding: 1.25rem; max-width: 40rem; margin: 0 auto }
main { padding: 0 1.25rem 2rem; max-width: 40rem; margin: 0 auto }
h1 { margin: 0; font-size: 1.6rem }
h2 { font-size: 1.15rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem }
dd { margin: 0; overflow-wrap: anywhere }
.acts { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; margin-top: 1.5rem }
.acts form { margin: 0 }
a, .act { color: var(--own) }
.act { display: inline-block; font: inherit; min-height: 1.5rem; padding: .5rem .9rem; border: 1px solid; border-radius: .3rem; background: none; text-decoration: none; cursor: pointer }
`;

/** Nothing but our own style; no `form-action`, since signing out is redirected to Remit. */
export const headersFor = (of: Declaration): Record<string, string> => ({
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(styleOf(of)).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
});

const shell = (of: Declaration, main: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${inHtml(of.name)}</title><style>${styleOf(of)}</style></head>
<body><header><h1>${inHtml(of.name)}</h1><p>${inHtml(of.says)}</p></header>
<main>${main}</main></body>
</html>
`;

const signInLink = `<p class="acts"><a class="act" href="/sign-in">${say('signIn')}</a></p>`;

export const welcomePage = (of: Declaration): string => shell(of, `<p>${say('welcome')}</p>${signInLink}`);

export const refusedPage = (of: Declaration): string =>
  shell(of, `<h2>${say('refused')}</h2><p>${say('refusedText')}</p>${signInLink}`);

export const failedPage = (of: Declaration, problem: string): string =>
  shell(of, `<h2>${say('failed')}</h2><p>${say('failedText', { problem })}</p>${signInLink}`);

export const notFoundPage = (of: Declaration): string =>
  shell(of, `<h2>${say('notFound')}</h2><p><a href="/">${say('start')}</a></p>`);

/** What Remit says of the person, and what the roles open. */
export function personPage(of: Declaration, person: Person, askUrl: string): string {
  const can = person.roles.filter((role) => of.can[role] !== undefined);
  const found =
    can.length > 0
      ? `<ul>${can.map((role) => `<li>${inHtml(of.can[role]!)}</li>`).join('')}</ul>`
      : `<p>${say('nothing', { application: of.name })}</p>`;
  const email = person.email ? ` (${inHtml(person.email)})` : '';
  return shell(
    of,
    `<dl>
<dt>${say('signedInAs')}</dt><dd>${inHtml(person.name)}${email}</dd>
<dt>${say('organization')}</dt><dd>${inHtml(person.organization)}</dd>
<dt>${say('roles')}</dt><dd>${person.roles.length > 0 ? inHtml(person.roles.join(', ')) : say('noRoles')}</dd>
</dl>
<h2>${say('youCan')}</h2>${found}
<div class="acts"><a class="act" href="${inHtml(askUrl)}">${say('ask')}</a>
<form method="post" action="/refresh"><button class="act">${say('refresh')}</button></form>
<form method="post" action="/sign-out"><button class="act">${say('signOut')}</button></form></div>
<p>${say('asOf', { time: person.asOf.toISOString().slice(11, 19) })}</p>`,
  );
}
