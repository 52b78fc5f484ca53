import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type default as Provider } from 'oidc-provider';
import type { Config } from '../../platform/config.ts';
import { page, pageHeaders } from './pages.ts';
import { liveSessionOf } from './requests.ts';

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/**
 * Where the provider sends a person it has a question to. With a live session of the portal there is none: on we
 * go, without a page. Otherwise to the sign-in page, and from there back here; or to a page that says why not.
 */
export async function finishInteraction(
  provider: Provider,
  config: Config,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const interaction = await provider.interactionDetails(request, response).catch((error: unknown) => {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  });
  if (!interaction) return send(response, 400, page('ranOut', { link: config.url }));
  const live = liveSessionOf(request);
  if (!live || (asksAgain(interaction) && interaction.prompt.details.askedOf === live.sessionId))
    return toSignIn(config, interaction, response);
  if (interaction.prompt.name === 'login') {
    return provider.interactionFinished(
      request,
      response,
      { login: { accountId: live.userId, ts: live.since, remember: true } },
      { mergeWithLastSubmission: false },
    );
  }
  const words = {
    organization: live.organizationName ?? '',
    application: await nameOf(provider, interaction),
  };
  if (interaction.prompt.reasons.includes('no_membership'))
    return send(response, 403, page('noMembership', { words, link: config.url }));
  return send(response, 403, page('notForOrganization', { words, link: config.url }));
}

/** The application wants the person to prove themselves anew (`prompt=login`, `max_age`). */
const asksAgain = (interaction: Interaction): boolean =>
  interaction.prompt.name === 'login' &&
  interaction.prompt.reasons.some((reason) => reason === 'login_prompt' || reason === 'max_age');

function toSignIn(config: Config, interaction: Interaction, response: ServerResponse): void {
  const address = new URL('/sign-in', config.url);
  address.searchParams.set('next', `/oidc/interaction/${interaction.uid}`);
  response.writeHead(303, { location: address.href, 'cache-control': 'no-store', 'content-length': '0' });
  response.end();
}

async function nameOf(provider: Provider, interaction: Interaction): Promise<string> {
  const client = await provider.Client.find(String(interaction.params.client_id));
  return client?.clientName ?? '';
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, pageHeaders);
  response.end(body);
}
