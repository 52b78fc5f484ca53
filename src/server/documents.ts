import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import type { AnyOperation } from '../operation/operation.ts';
import { openApi } from './openapi.ts';
import { referencePage } from './reference-page.ts';
import { openPolicy } from './security-headers.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** The API's description for machines at /openapi.json and for people at /docs/api. */
export function mountDocuments(app: FastifyInstance, operations: readonly AnyOperation[], url: string): void {
  let document: Record<string, unknown> | undefined;
  const made = () => {
    document ??= openApi(operations, url, version);
    return document;
  };
  app.get('/openapi.json', async (_request, reply) => {
    reply.header('cache-control', 'no-cache').type('application/json; charset=utf-8');
    return JSON.stringify(made());
  });
  app.get('/docs/api', async (_request, reply) =>
    referencePage(made(), openPolicy(reply, { scripts: false })),
  );
}
