import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import * as oidc from 'openid-client';
import type { Declaration } from './declaration.ts';
import {
  failedPage,
  headersFor,
  notFoundPage,
  type Person,
  personPage,
  refusedPage,
  welcomePage,
} from './pages.ts';

export type Surroundings = {
  issuer: string;
  portalUrl: string;
  /** the client id under which Remit knows an application; asked when somebody signs in */
  clientIdOf: (key: string) => Promise<string>;
};

/** What a browser of ours carries: a sign-in under way, or somebody who is signed in. Forgotten at a restart. */
type Visit =
  | { kind: 'leaving'; verifier: string; state: string; nonce: string }
  | { kind: 'in'; person: Person; idToken: string; refreshToken: string | undefined };

type Asked = { request: IncomingMessage; response: ServerResponse; url: URL };

/**
 * A relying party as anybody would write it: OpenID Connect's code flow with PKCE, by `openid-client` alone. It
 * shares no code with Remit and knows of it only what its discovery document and tokens say.
 */
export function makeRelyingParty(
  of: Declaration,
  around: Surroundings,
): { server: Server; setUrl(url: string): void } {
  const visits = new Map<string, Visit>();
  const cookieName = of.key.replace('-', '_');
  let url = '';
  let known: Promise<oidc.Configuration> | undefined;

  /** Discovered at the first need, for Remit starts after us; tried again when it failed. */
  function provider(): Promise<oidc.Configuration> {
    known ??= discover().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  }
  const discover = async (): Promise<oidc.Configuration> =>
    oidc.discovery(new URL(around.issuer), await around.clientIdOf(of.key), undefined, oidc.None(), {
      execute: around.issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [],
    });

  const visitOf = ({ request }: Asked): { id: string; visit: Visit } | undefined => {
    const pair = (request.headers.cookie ?? '').split('; ').find((one) => one.startsWith(`${cookieName}=`));
    const id = pair?.slice(cookieName.length + 1) ?? '';
    const visit = visits.get(id);
    return visit && { id, visit };
  };
  const answer = ({ response }: Asked, body: string, status = 200): void => {
    response.writeHead(status, headersFor(of)).end(body);
  };
  const goTo = ({ response }: Asked, address: string): void => {
    response.writeHead(303, { location: address, 'cache-control': 'no-store' }).end();
  };
  /** A new id at each step: one that somebody planted in the browser never becomes a signed-in one. */
  function remember(asked: Asked, visit: Visit): void {
    const before = visitOf(asked);
    if (before) visits.delete(before.id);
    // A demo on one machine; what is oldest goes first.
    if (visits.size > 1000) visits.delete(visits.keys().next().value!);
    const id = randomBytes(24).toString('base64url');
    visits.set(id, visit);
    asked.response.setHeader('set-cookie', `${cookieName}=${id}; Path=/; HttpOnly; SameSite=Lax`);
  }

  function start(asked: Asked): void {
    const here = visitOf(asked);
    const askUrl = `${around.portalUrl}/ask?application=${encodeURIComponent(of.name)}`;
    answer(asked, here?.visit.kind === 'in' ? personPage(of, here.visit.person, askUrl) : welcomePage(of));
  }

  async function signIn(asked: Asked): Promise<void> {
    const config = await provider();
    const verifier = oidc.randomPKCECodeVerifier();
    const state = oidc.randomState();
    const nonce = oidc.randomNonce();
    remember(asked, { kind: 'leaving', verifier, state, nonce });
    const address = oidc.buildAuthorizationUrl(config, {
      redirect_uri: `${url}/callback`,
      scope: 'openid profile email',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    goTo(asked, address.href);
  }

  async function callback(asked: Asked): Promise<void> {
    const here = visitOf(asked);
    if (here?.visit.kind !== 'leaving') return goTo(asked, '/');
    const { verifier, state, nonce } = here.visit;
    const tokens = await oidc.authorizationCodeGrant(await provider(), new URL(asked.url.href), {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
    });
    remember(asked, signedIn(tokens));
    goTo(asked, '/');
  }

  async function refresh(asked: Asked): Promise<void> {
    const here = visitOf(asked);
    if (here?.visit.kind !== 'in' || !here.visit.refreshToken) return goTo(asked, '/');
    try {
      const tokens = await oidc.refreshTokenGrant(await provider(), here.visit.refreshToken);
      visits.set(here.id, signedIn(tokens, here.visit));
      goTo(asked, '/');
    } catch (error) {
      if (!(error instanceof oidc.ResponseBodyError)) throw error;
      visits.delete(here.id);
      answer(asked, refusedPage(of), 401);
    }
  }

  async function signOut(asked: Asked): Promise<void> {
    const here = visitOf(asked);
    if (here?.visit.kind !== 'in') return goTo(asked, '/');
    visits.delete(here.id);
    const address = oidc.buildEndSessionUrl(await provider(), {
      id_token_hint: here.visit.idToken,
      post_logout_redirect_uri: `${url}/`,
    });
    goTo(asked, address.href);
  }

  const routes: Record<string, (asked: Asked) => void | Promise<void>> = {
    'GET /': start,
    'GET /sign-in': signIn,
    'GET /callback': callback,
    'POST /refresh': refresh,
    'POST /sign-out': signOut,
  };

  async function handle(asked: Asked): Promise<void> {
    const { method, headers } = asked.request;
    const site = headers['sec-fetch-site'];
    const foreign =
      site === undefined ? headers.origin !== undefined && headers.origin !== url : site !== 'same-origin';
    const route = routes[`${method} ${asked.url.pathname}`];
    if (!route) return answer(asked, notFoundPage(of), 404);
    // Nobody else's page refreshes or signs out for the person.
    if (method === 'POST' && foreign) return answer(asked, notFoundPage(of), 403);
    try {
      await route(asked);
    } catch (error) {
      answer(asked, failedPage(of, problemOf(error)), 502);
    }
  }

  const server = createServer((request, response) => {
    void handle({ request, response, url: new URL(request.url ?? '/', url) });
  });
  return {
    server,
    setUrl: (listening) => {
      url = listening;
    },
  };
}

/** Reads the ID token; a refresh may bring none of the things that stay as they were. */
function signedIn(
  tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
  before?: Extract<Visit, { kind: 'in' }>,
): Visit {
  const claims = tokens.claims() ?? {};
  const organization = (claims as { organization?: { name?: unknown } }).organization?.name;
  const { roles, name, email } = claims as { roles?: unknown; name?: unknown; email?: unknown };
  return {
    kind: 'in',
    idToken: tokens.id_token ?? before?.idToken ?? '',
    refreshToken: tokens.refresh_token ?? before?.refreshToken,
    person: {
      name: typeof name === 'string' ? name : '',
      email: typeof email === 'string' ? email : undefined,
      organization: typeof organization === 'string' ? organization : '',
      roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
      asOf: new Date(),
    },
  };
}

function problemOf(error: unknown): string {
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError)
    return error.error_description ?? error.error;
  return error instanceof Error ? error.message : 'unknown';
}
