import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { refuse } from '../platform/refusals.ts';
import { compressedFiles, encodingFor } from './compressed.ts';
import { openPolicy } from './security-headers.ts';

const built = fileURLToPath(new URL('../../portal/dist/', import.meta.url));

/** Written by the portal's build; each answer puts its own nonce there. */
const noncePlace = '__CSP_NONCE__';

/** Addresses that belong to the server: a wrong one below them is an error, not a page of the portal. */
const notPages = /^\/(api|oidc|scim|dev|docs|assets|health|openapi\.json)(\/|$)/;

const mediaTypes: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
};

/** Serves the built portal: its files as they are, and index.html for every address that it routes itself. */
export async function mountPortal(app: FastifyInstance, directory: string = built): Promise<void> {
  const compressed = compressedFiles(directory);
  let page: string | undefined;
  const indexPage = (): string => {
    try {
      page ??= readFileSync(join(directory, 'index.html'), 'utf8');
      return page;
    } catch {
      return '<!doctype html><html lang="en"><title>Remit</title><h1>Remit</h1><p>The portal is not built yet. Run <code>npm run build</code> and reload.</p></html>';
    }
  };
  await app.register(fastifyStatic, {
    root: directory,
    prefix: '/',
    index: false,
    wildcard: false,
    serve: false,
  });
  app.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    handler: async (request, reply) => {
      const path = request.url.split('?')[0]!;
      if (path !== '/index.html' && /^\/[\w./-]*\.[a-z0-9]+$/i.test(path) && !path.includes('..')) {
        // Files under assets/ carry a hash of their content in their name.
        const hashed = path.startsWith('/assets/');
        const encoding = encodingFor(request.headers['accept-encoding']);
        const small = encoding && (await compressed(path, encoding));
        if (small)
          return reply
            .header('cache-control', 'public, max-age=31536000, immutable')
            .header('content-encoding', encoding)
            .header('vary', 'accept-encoding')
            .type(mediaTypes[extname(path)]!)
            .send(small);
        return reply.sendFile(path.slice(1), directory, {
          maxAge: hashed ? '365d' : '1h',
          immutable: hashed,
          cacheControl: true,
        });
      }
      if (notPages.test(path)) throw refuse('not-found');
      const nonce = openPolicy(reply, { scripts: true });
      return indexPage().replaceAll(noncePlace, nonce);
    },
  });
}
