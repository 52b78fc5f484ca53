import type { Kysely } from 'kysely';
import type { FindAccount } from 'oidc-provider';
import type { DB } from '../../platform/schema.gen.ts';
import { attributesOf, findLiveSignOn, rolesOf } from './sign-on.ts';

/** Claims by the scope that asks for them. Organization and roles are what an application signs people on for. */
export const claims = {
  openid: ['sub', 'organization', 'roles'],
  profile: ['name', 'locale'],
  email: ['email', 'email_verified'],
  // Fields of which the organization says that applications are told them.
  attributes: ['attributes'],
};

/**
 * The person behind a token, asked afresh at each token, refresh and look at userinfo. No account means no token:
 * a refresh is refused once the session has ended, the membership is off, or the application is retired.
 */
export const accountOn =
  (db: Kysely<DB>): FindAccount =>
  async (_ctx, sub, token) => {
    const grantId = token && 'grantId' in token ? token.grantId : undefined;
    // At the authorization endpoint there is no token yet; the session was looked at just before.
    if (!token) return { accountId: sub, claims: async () => ({ sub }) };
    const signOn = grantId === undefined ? undefined : await findLiveSignOn(db, grantId);
    if (!signOn || signOn.userId !== sub) return undefined;
    return {
      accountId: sub,
      claims: async () => ({
        sub,
        name: signOn.displayName,
        locale: signOn.language,
        ...(signOn.provedEmail ? { email: signOn.provedEmail, email_verified: true } : {}),
        organization: { id: signOn.organizationId, name: signOn.organizationName },
        roles: await rolesOf(db, signOn),
        attributes: await attributesOf(db, signOn),
      }),
    };
  };
