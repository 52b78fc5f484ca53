import type { FastifyRequest } from 'fastify';

/**
 * True when a browser was led here by another site: it would send our cookie along with a change that its user
 * never meant. Browsers say where a request comes from; who says nothing has no business with a cookie.
 * An API key is sent by nobody's browser on its own, so it needs none of this.
 */
export function isCrossSite(request: FastifyRequest, url: string, usesCookie: boolean): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return false;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin';
  const origin = request.headers.origin;
  if (origin !== undefined) return origin !== url;
  return usesCookie;
}
