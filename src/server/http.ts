import { randomUUID } from 'node:crypto';
import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type RouteOptions,
} from 'fastify';
import { errorOf } from '../enrolment/scim/protocol/problem-answer.ts';
import type { Catcher } from '../notices/catcher.ts';
import type { AnyOperation } from '../operation/operation.ts';
import type { Services } from '../operation/pipeline.ts';
import { languageOf, speakingIn } from '../platform/language.ts';
import { type Refusal, refuse } from '../platform/refusals.ts';
import { mountOidc } from '../signin/oidc/mount.ts';
import { mountDocuments } from './documents.ts';
import { refusalOf } from './faults.ts';
import { mountMailPage } from './mail-page.ts';
import { operationList } from './operations.gen.ts';
import { mountPortal } from './portal.ts';
import { headersOf, problemOf, problemType } from './problem.ts';
import { mountOperations } from './routes.ts';
import { isMe, isScimAddress, nothingThere, scimMedia } from './scim-answer.ts';
import { securityHeaders } from './security-headers.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** tells of each answer when it has left */
    onAnswer(listener: (request: FastifyRequest, reply: FastifyReply) => void): void;
  }
  interface FastifyContextConfig {
    /** the operation that a route serves; routes without one are in `outsideRegistry` */
    operation?: string;
  }
}

export type ServerOptions = {
  /** silent when absent */
  log?: FastifyBaseLogger;
  /** the mail catcher of a demo; its page is at /dev/mail */
  catcher?: Catcher | undefined;
  /** where the portal's build stands, for tests */
  portal?: string;
  /** the registry unless a test declares its own */
  operations?: readonly AnyOperation[];
  /** told of each route as it is made */
  onRoute?: (route: RouteOptions) => void;
};

/**
 * The public server, not yet listening. It knows only the operations of the registry and the few routes that
 * `outsideRegistry` lists.
 */
export async function makeServer(services: Services, options: ServerOptions = {}): Promise<FastifyInstance> {
  const { url } = services.config;
  const operations = options.operations ?? operationList;
  const app: FastifyInstance = Fastify({
    ...(options.log ? { loggerInstance: options.log } : { logger: false }),
    genReqId: () => randomUUID(),
    // A proxy ends TLS before us and names the caller; whom to believe is the operator's to say, because the header
    // is anybody's who reaches the port: they would choose the address that attempts are counted by.
    trustProxy: url.startsWith('https:') ? ['loopback', ...services.config.trustedProxies] : false,
    exposeHeadRoutes: false,
    requestTimeout: 60_000,
    connectionTimeout: 0,
    keepAliveTimeout: 30_000,
    bodyLimit: 64 * 1024,
    // An address that cannot be read reaches no route, and none of their answers.
    frameworkErrors: (_error, request, reply) => {
      const problem = problemIn(request, refuse('not-found'), url);
      (reply as unknown as FastifyReply)
        .status(404)
        .header('cache-control', 'no-store')
        .header('x-content-type-options', 'nosniff')
        .type(problemType)
        .send(Buffer.from(JSON.stringify(problem)));
    },
    routerOptions: { maxParamLength: 200 },
    logController: new LogController({ disableRequestLogging: true }),
  });
  if (options.onRoute) app.addHook('onRoute', options.onRoute);
  answersInProblems(app, url);
  await securityHeaders(app, url);
  await app.register(cookie);
  await app.register(rateLimit, {
    global: false,
    errorResponseBuilder: (_request, { ttl }) => refuse('auth.too-many', { seconds: Math.ceil(ttl / 1000) }),
  });
  await mountOperations(app, services, operations);
  await app.register(mountOidc(services));
  if (options.catcher) mountMailPage(app, options.catcher);
  mountDocuments(app, operations, url);
  await mountPortal(app, options.portal);
  return app;
}

/** In the language that the reader's client asks for. */
const problemIn = ({ headers, id }: Pick<FastifyRequest, 'headers' | 'id'>, refusal: Refusal, url: string) =>
  problemOf(refusal, url, id, languageOf(headers['accept-language']));

/** Every no leaves as application/problem+json (bytes, so that no charset is added that the media type has not); what it was in full stands in the log alone. */
function answersInProblems(app: FastifyInstance, url: string): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.setErrorHandler((error, request, reply) => {
    const refusal = speakingIn(languageOf(request.headers['accept-language']), () =>
      refusalOf(error, request.id),
    );
    const problem = problemIn(request, refusal, url);
    // Whoever breaks off while sending has no fault of ours to be told of, and nobody waits for the answer.
    const brokenOff = request.raw.destroyed && !request.raw.complete;
    if (problem.status >= 500 && !brokenOff) {
      request.log.error({ err: error, requestId: request.id, code: refusal.code }, 'request failed');
    }
    if (isScimAddress(request.url)) {
      const language = languageOf(request.headers['accept-language']);
      const { status, body } = isMe(request.url)
        ? nothingThere(request.url, language)
        : errorOf(refusal, language);
      return reply
        .status(status)
        .headers(headersOf(refusal))
        .header('cache-control', 'no-store')
        .type(scimMedia)
        .send(Buffer.from(JSON.stringify(body)));
    }
    return reply
      .status(problem.status)
      .headers(headersOf(refusal))
      .header('cache-control', 'no-store')
      .type(problemType)
      .send(Buffer.from(JSON.stringify(problem)));
  });
  app.setNotFoundHandler((request, reply) => {
    if (isScimAddress(request.url)) {
      const { status, body } = nothingThere(request.url, languageOf(request.headers['accept-language']));
      return reply
        .status(status)
        .type(scimMedia)
        .send(Buffer.from(JSON.stringify(body)));
    }
    const refusal = refuse('not-found');
    return reply
      .status(404)
      .type(problemType)
      .send(Buffer.from(JSON.stringify(problemIn(request, refusal, url))));
  });
  const listeners: ((request: FastifyRequest, reply: FastifyReply) => void)[] = [];
  app.decorate('onAnswer', (listener) => {
    listeners.push(listener);
  });
  app.addHook('onResponse', async (request, reply) => {
    for (const listener of listeners) listener(request, reply);
    // The address without its query: a code or a search for a person has no place in a log.
    request.log.debug(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'answered',
    );
  });
}
