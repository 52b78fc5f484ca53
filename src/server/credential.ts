import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Credential } from '../authority/facts.ts';
import { hashSessionToken, sessionTokenIn } from '../platform/sessions.ts';

export type Presented = { credential: Credential; sessionToken: string | undefined };

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * What the caller proves itself with: an API key as a Bearer token, or the session cookie. A key that is sent
 * stands alone, also when it is wrong: a damaged credential never falls back on another one (I09).
 */
export function presented(request: FastifyRequest, url: string): Presented {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const key = /^Bearer ([\x21-\x7e]{1,500})$/i.exec(authorization)?.[1];
    return {
      credential: key ? { kind: 'key', keyHash: sha256(key) } : { kind: 'none' },
      sessionToken: undefined,
    };
  }
  const token = sessionTokenIn(request.headers.cookie, url);
  if (!token) return { credential: { kind: 'none' }, sessionToken: undefined };
  return { credential: { kind: 'session', tokenHash: hashSessionToken(token) }, sessionToken: token };
}
