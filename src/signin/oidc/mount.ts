import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import type Provider from 'oidc-provider';
import type { Services } from '../../operation/pipeline.ts';
import { languageOf, speakingIn } from '../../platform/language.ts';
import { sessionTokenIn, touchSession } from '../../platform/sessions.ts';
import { finishInteraction } from './interaction.ts';
import { findLiveSession, type LiveSession } from './live-session.ts';
import { page, pageHeaders } from './pages.ts';
import { cookieNames, makeProvider } from './provider.ts';
import { keepLiveSession } from './requests.ts';

/**
 * The OpenID provider under `/oidc`, as a plugin of its own: it reads request bodies itself and answers on the raw
 * response, so none of the server's body parsers and reply hooks apply here.
 */
export const mountOidc =
  (services: Pick<Services, 'db' | 'config'>): FastifyPluginAsync =>
  async (app: FastifyInstance) => {
    const { db, config } = services;
    const provider = await makeProvider(db, config);
    provider.on('server_error', (_ctx, error) => app.log.error({ err: error }, 'the OpenID provider failed'));
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, done) => done(null));
    app.get('/oidc/interaction/:uid', async (request, reply) => {
      await prepare(services, request.raw);
      reply.hijack();
      await inTheirWords(request, () =>
        finishInteraction(provider, config, request.raw, reply.raw).catch((error: unknown) =>
          giveUp(request, reply, error),
        ),
      );
    });
    app.route({
      method: ['GET', 'POST', 'OPTIONS'],
      url: '/oidc/*',
      handler: async (request: FastifyRequest, reply: FastifyReply) => {
        await prepare(services, request.raw);
        reply.hijack();
        inTheirWords(request, () => handOver(provider, request, reply));
      },
    });
  };

/** Pages of ours below /oidc are in the language that the browser asks for. */
const inTheirWords = <T>({ headers }: FastifyRequest, act: () => T): T =>
  speakingIn(languageOf(headers['accept-language']), act);

/** Gives the request to the provider as if it stood at the top of the server. */
function handOver(provider: Provider, request: FastifyRequest, reply: FastifyReply): void {
  const raw = request.raw as IncomingMessage & { originalUrl?: string };
  raw.originalUrl = raw.url ?? '/oidc';
  raw.url = raw.originalUrl.slice('/oidc'.length);
  provider
    .callback()(raw, reply.raw)
    .catch((error: unknown) => giveUp(request, reply, error));
}

/** The reply is ours alone once it was hijacked: nobody else would end it. */
function giveUp(request: FastifyRequest, reply: FastifyReply, error: unknown): void {
  request.log.error({ err: error }, 'the OpenID provider failed');
  if (!reply.raw.headersSent) reply.raw.writeHead(503, pageHeaders);
  reply.raw.end(page('away', { link: '/' }));
}

/**
 * Before the provider sees a request: only the configured address makes links, never a header; and a provider
 * session that is not of this very sign-in to the portal is left out, so that it is never continued.
 */
async function prepare({ db, config }: Pick<Services, 'db' | 'config'>, raw: IncomingMessage): Promise<void> {
  const { host, protocol } = new URL(config.url);
  raw.headers.host = host;
  raw.headers['x-forwarded-proto'] = protocol.slice(0, -1);
  delete raw.headers['x-forwarded-host'];
  const token = sessionTokenIn(raw.headers.cookie, config.url);
  const live = await findLiveSession(db, token);
  keepLiveSession(raw, live);
  if (live && token !== undefined) await touchSession(db, token);
  const id = cookieIn(raw.headers.cookie, cookieNames.session);
  if (id !== undefined && !(await belongsTo({ db }, id, live))) dropCookie(raw, cookieNames.session);
}

/** True for a provider session that was started by this sign-in: same person, same moment of proof. */
async function belongsTo(
  { db }: Pick<Services, 'db'>,
  id: string,
  live: LiveSession | undefined,
): Promise<boolean> {
  if (!live) return false;
  const { rows } = await sql<{ accountId: string | null; loginTs: number | null }>`
    select payload ->> 'accountId' as "accountId", (payload ->> 'loginTs')::int as "loginTs" from provider_record
    where kind = 'Session' and id = ${createHash('sha256').update(id).digest('base64url')} and expires_at > remit_now()`.execute(
    db,
  );
  const [row] = rows;
  // One that nobody signed in to yet carries a request on its way, and no person.
  return (
    row !== undefined &&
    (row.accountId === null || (row.accountId === live.userId && row.loginTs === live.since))
  );
}

function cookieIn(header: string | undefined, name: string): string | undefined {
  const found = (header ?? '').split(';').find((pair) => pair.trim().startsWith(`${name}=`));
  return found?.trim().slice(name.length + 1);
}

function dropCookie(raw: IncomingMessage, name: string): void {
  const kept = (raw.headers.cookie ?? '')
    .split(';')
    .filter((pair) => !pair.trim().startsWith(`${name}=`) && !pair.trim().startsWith(`${name}.sig=`));
  raw.headers.cookie = kept.join(';');
}
