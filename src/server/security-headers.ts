import { randomBytes } from 'node:crypto';
import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** Answers that are no page: nothing may be loaded, framed or sent from them. */
const closed = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Security headers on every answer. The policy starts closed; a page opens it by `openPolicy` for itself.
 * No setting weakens them (I60).
 */
export async function securityHeaders(app: FastifyInstance, url: string): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: false,
    crossOriginEmbedderPolicy: false,
    // for browsers that know no frame-ancestors
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'same-origin' },
    // On plain http (this machine only) a browser would remember it for every other thing on localhost.
    strictTransportSecurity: url.startsWith('https:')
      ? { maxAge: 31_536_000, includeSubDomains: false }
      : false,
  });
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('content-security-policy', closed);
    reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=()');
  });
}

/** Lets this one answer be a page of ours. @returns the nonce that its style elements carry */
export function openPolicy(reply: FastifyReply, { scripts }: { scripts: boolean }): string {
  const nonce = randomBytes(16).toString('base64');
  reply.header(
    'content-security-policy',
    [
      "default-src 'none'",
      ...(scripts ? ["script-src 'self'", "connect-src 'self'", "manifest-src 'self'"] : []),
      `style-src 'self' 'nonce-${nonce}'`,
      "img-src 'self'",
      "font-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  );
  // A nonce is for one answer; a stored page would bring it back.
  reply.header('cache-control', 'no-store');
  reply.type('text/html; charset=utf-8');
  return nonce;
}
