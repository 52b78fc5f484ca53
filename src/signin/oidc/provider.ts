import type { Kysely } from 'kysely';
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { Config } from '../../platform/config.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { longestSeconds } from '../../platform/sessions.ts';
import { accountOn, claims } from './account.ts';
import { adapterOn } from './adapter.ts';
import { secretMatches } from './client-metadata.ts';
import { loadKeys, type ProviderKeys } from './keys.ts';
import { page, pageHeaders, signOutPage } from './pages.ts';
import { interactionPolicyOn } from './policy.ts';
import { liveSessionOf } from './requests.ts';
import { endLiveSession, findLiveSignOn, isSignOnOf, keepSignOn, mayUseApplication } from './sign-on.ts';

export const issuerOf = (config: Pick<Config, 'url'>): string => `${config.url}/oidc`;

/** Names of the provider's own cookies. */
export const cookieNames = {
  session: 'remit_provider',
  interaction: 'remit_interaction',
  resume: 'remit_resume',
};

/** The OpenID provider on this database: code flow with PKCE, nothing registered from outside. */
export async function makeProvider(db: Kysely<DB>, config: Config): Promise<Provider> {
  const keys = await loadKeys(db, config.secretKeys);
  const provider = new Provider(issuerOf(config), configuration(db, config, keys));
  // The server in front of us puts the configured host and scheme into the headers that this trusts.
  provider.proxy = true;
  const { Client } = provider as unknown as {
    Client: { prototype: { clientSecret?: string; compareClientSecret(secret: string): boolean } };
  };
  Client.prototype.compareClientSecret = function (secret) {
    return secretMatches(this.clientSecret, secret);
  };
  provider.use(async (ctx, next) => {
    await next();
    await afterSignOut(db, ctx as KoaContextWithOIDC);
  });
  return provider;
}

/** Signing out of everything ends the portal's session too, when it is the same person's. */
async function afterSignOut(db: Kysely<DB>, ctx: KoaContextWithOIDC): Promise<void> {
  if (ctx.oidc?.route !== 'end_session_confirm' || !ctx.oidc.params?.logout || ctx.status >= 400) return;
  const live = liveSessionOf(ctx.req);
  if (live && live.userId === ctx.oidc.session?.accountId) await endLiveSession(db, live);
}

function configuration(db: Kysely<DB>, config: Config, keys: ProviderKeys): Configuration {
  const html = (ctx: KoaContextWithOIDC, body: string): void => {
    ctx.set(pageHeaders);
    ctx.body = body;
  };
  return {
    adapter: adapterOn(db),
    jwks: { keys: keys.sign as NonNullable<Configuration['jwks']>['keys'] },
    cookies: {
      keys: keys.cookie,
      names: cookieNames,
      long: { signed: true, httpOnly: true, sameSite: 'lax', path: '/oidc' },
      short: { signed: true, httpOnly: true, sameSite: 'lax' },
    },
    findAccount: accountOn(db),
    claims,
    scopes: ['openid', 'offline_access'],
    // Roles and organization belong in the ID token too: small applications never ask userinfo.
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    // Tokens rest on the sign-on, and so on our session, not on the provider's.
    expiresWithSession: async () => false,
    interactions: {
      policy: interactionPolicyOn(db),
      url: (_ctx, interaction) => `${issuerOf(config)}/interaction/${interaction.uid}`,
    },
    loadExistingGrant: (ctx) => grantFor(db, ctx),
    // The library's own way out of the house: nothing of ours needs it, and what leaves goes through one module (ruling 16).
    fetch: () => Promise.reject(new Error('the provider calls nobody')),
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: true },
      introspection: {
        enabled: true,
        // A client asks about its own tokens only, and what its session no longer carries is not active (I16).
        allowedPolicy: async (_ctx, client, token) =>
          token.clientId === client.clientId &&
          'grantId' in token &&
          token.grantId !== undefined &&
          (await findLiveSignOn(db, token.grantId)) !== undefined,
      },
      revocation: { enabled: true },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => html(ctx, signOutPage(form)),
        postLogoutSuccessSource: (ctx) => html(ctx, page('signedOut', { link: `${config.url}/sign-in` })),
      },
    },
    // Seconds. Access and ID tokens are what a relying party keeps without asking again: at most 5 minutes (I16).
    ttl: {
      AccessToken: 300,
      IdToken: 300,
      AuthorizationCode: 60,
      Interaction: 3600,
      RefreshToken: longestSeconds,
      Grant: longestSeconds,
      Session: longestSeconds,
    },
    renderError: (ctx, out) => {
      const away = out.error === 'server_error';
      html(
        ctx,
        away
          ? page('away', { link: config.url })
          : page('problem', {
              words: { problem: `${out.error}: ${out.error_description ?? ''}` },
              link: config.url,
            }),
      );
    },
  };
}

/**
 * The grant of this session and its active membership to the application: the one made before, or a new one after
 * a new sign-in or a switch of organization. Made without asking, for everything that was asked for.
 */
async function grantFor(db: Kysely<DB>, ctx: KoaContextWithOIDC) {
  const { client, session, provider } = ctx.oidc;
  const live = liveSessionOf(ctx.req);
  // Without these the policy sends the person to a page, and no grant may come of it.
  if (!live?.usable || !client || !session || live.userId !== session.accountId) return undefined;
  const scope = 'openid profile email attributes offline_access';
  const before = session.grantIdFor(client.clientId);
  if (before !== undefined && (await isSignOnOf(db, before, live))) {
    const grant = await provider.Grant.find(before);
    if (grant) {
      // Made before there was such a scope.
      if (!grant.getOIDCScope().split(' ').includes('attributes')) {
        grant.addOIDCScope(scope);
        await grant.save();
      }
      return grant;
    }
  }
  if (!(await mayUseApplication(db, live.path!, client.clientId))) return undefined;
  const grant = new provider.Grant({ accountId: live.userId, clientId: client.clientId });
  grant.addOIDCScope(scope);
  await keepSignOn(db, { grantId: await grant.save(), clientId: client.clientId, session: live });
  return grant;
}
