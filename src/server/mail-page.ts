import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Catcher, CaughtMail } from '../notices/catcher.ts';
import { isLoopback } from '../platform/config.ts';
import { refuse } from '../platform/refusals.ts';
import { html, type Markup, page } from './html.ts';
import { openPolicy } from './security-headers.ts';

/**
 * The mails of a demo, at /dev/mail. Only mounted with a catcher, which only a loopback demo has (ruling 17); a
 * page of another site that points its own name at this machine is turned away by the name.
 */
export function mountMailPage(app: FastifyInstance, catcher: Catcher): void {
  app.register(async (dev) => {
    dev.addHook('onRequest', async (request) => {
      if (!isLoopback(request.hostname)) throw refuse('demo.off');
    });
    dev.get('/dev/mail', async (_request, reply) => listPage(reply, await catcher.list()));
    dev.get<{ Params: { id: string } }>('/dev/mail/:id', async (request, reply) => {
      const mail = await catcher.read(request.params.id);
      if (!mail) throw refuse('not-found');
      return mailPage(reply, mail);
    });
  });
}

const addresses = ({ email }: CaughtMail): string =>
  (email.to ?? []).map(({ name, address }) => (name ? `${name} <${address}>` : address)).join(', ');

const time = ({ email }: CaughtMail): string =>
  email.date ? email.date.slice(0, 16).replace('T', ' ').concat(' UTC') : '';

function listPage(reply: FastifyReply, mails: CaughtMail[]): string {
  return page(
    'Mail',
    openPolicy(reply, { scripts: false }),
    html`<h1>Mail</h1><p>Every mail that this demo sends ends here. Newest first; reload to see more.</p>
${
  mails.length === 0
    ? html`<p>No mail yet.</p>`
    : html`<div class="wide" tabindex="0" role="region" aria-label="Mails"><table><thead><tr><th scope="col">To</th><th scope="col">Subject</th><th scope="col">Sent</th></tr></thead><tbody>
${mails.map((mail) => html`<tr><td>${addresses(mail)}</td><td><a href="/dev/mail/${mail.id}">${mail.email.subject || '(no subject)'}</a></td><td>${time(mail)}</td></tr>`)}</tbody></table></div>`
}`,
  );
}

function mailPage(reply: FastifyReply, mail: CaughtMail): string {
  const { email } = mail;
  return page(
    email.subject ?? 'Mail',
    openPolicy(reply, { scripts: false }),
    html`<p><a href="/dev/mail">All mails</a></p><h1>${email.subject || '(no subject)'}</h1>
<dl><dt>From</dt><dd>${email.from?.name} &lt;${email.from?.address}&gt;</dd><dt>To</dt><dd>${addresses(mail)}</dd><dt>Sent</dt><dd>${time(mail)}</dd></dl>
<pre>${withLinks(email.text ?? '')}</pre>`,
  );
}

/** The plain text as it is, its addresses as links. */
const withLinks = (text: string): (Markup | string)[] =>
  text
    .split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)])/)
    .map((part, index) => (index % 2 === 1 ? html`<a href="${part}">${part}</a>` : part));
