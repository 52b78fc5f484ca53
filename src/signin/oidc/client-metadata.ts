import { createHash, timingSafeEqual } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import Provider, { type AdapterPayload } from 'oidc-provider';
import type { DB } from '../../platform/schema.gen.ts';

/**
 * An application as an OpenID Connect client (Dynamic Client Registration 1.0, section 2). Without a secret it is a
 * public client that proves itself by PKCE alone. Undefined for one that is retired, or has nowhere to return to.
 */
export async function findClientMetadata(
  db: Kysely<DB>,
  clientId: string,
): Promise<AdapterPayload | undefined> {
  const { rows } = await sql<{
    name: string;
    homeUrl: string | null;
    redirectUris: string[];
    postLogoutRedirectUris: string[];
    secretHash: Buffer | null;
  }>`
    select name, home_url as "homeUrl", redirect_uris as "redirectUris",
      post_logout_redirect_uris as "postLogoutRedirectUris", client_secret_hash as "secretHash"
    from application where client_id = ${clientId} and state = 'active'`.execute(db);
  const [row] = rows;
  if (!row || row.redirectUris.length === 0) return undefined;
  return {
    client_id: clientId,
    client_name: row.name,
    redirect_uris: row.redirectUris,
    post_logout_redirect_uris: row.postLogoutRedirectUris,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    ...(row.secretHash
      ? {
          // Either way of sending a secret is fine (RFC 6749, section 2.3.1); the provider wants to be told one.
          token_endpoint_auth_method: Provider.ctx?.headers.authorization
            ? ('client_secret_basic' as const)
            : ('client_secret_post' as const),
          // Its digest; `secretMatches` compares digests, so this text itself opens nothing.
          client_secret: row.secretHash.toString('hex'),
        }
      : { token_endpoint_auth_method: 'none' as const }),
    ...(row.homeUrl ? { client_uri: row.homeUrl } : {}),
  };
}

/** True when `secret` is the one whose digest stands in a client's metadata. */
export function secretMatches(digest: string | undefined, secret: string): boolean {
  if (digest === undefined) return false;
  const stored = Buffer.from(digest, 'hex');
  const given = createHash('sha256').update(secret).digest();
  return stored.length === given.length && timingSafeEqual(stored, given);
}
