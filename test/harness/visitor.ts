import { routes } from '../../portal/src/api/routes.gen.ts';
import type { Input, OperationName, Output } from '../../src/server/operations.gen.ts';

/** An answer that is no success: status and the problem document. */
export class Refused extends Error {
  readonly status: number;
  readonly problem: Record<string, unknown>;
  constructor(status: number, problem: Record<string, unknown>) {
    super(`${status} ${problem.code}: ${problem.detail ?? problem.title}`);
    this.status = status;
    this.problem = problem;
  }
}

/** Somebody at a browser, without one: keeps cookies by origin, follows redirects, calls the public API. */
export class Visitor {
  readonly url: string;
  readonly #cookies = new Map<string, Map<string, string>>();
  constructor(url: string) {
    this.url = url;
  }

  /** Calls an operation over HTTP. @throws Refused */
  async call<N extends OperationName>(
    name: N,
    input: Input<N>,
    headers: Record<string, string> = {},
  ): Promise<Output<N>> {
    const response = await this.raw(name, input, headers);
    const body = response.headers.get('content-type')?.includes('json')
      ? await response.json()
      : await response.text();
    if (!response.ok) throw new Refused(response.status, body as Record<string, unknown>);
    return body as Output<N>;
  }

  async raw<N extends OperationName>(
    name: N,
    input: Input<N>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const { method, path } = routes[name] as { method: string; path: string };
    const rest = { ...(input as Record<string, unknown>) };
    const filled = path.replace(/\{(\w+)\}/g, (_, field: string) => {
      const value = rest[field];
      delete rest[field];
      return encodeURIComponent(String(value));
    });
    const url = new URL(`/api${filled}`, this.url);
    const inQuery = method === 'GET' || method === 'DELETE';
    if (inQuery)
      for (const [key, value] of Object.entries(rest))
        if (value !== undefined) url.searchParams.set(key, String(value));
    return await this.fetch(url.href, {
      method,
      headers: {
        ...(inQuery ? {} : { 'content-type': 'application/json', origin: new URL(this.url).origin }),
        ...(method === 'DELETE' ? { origin: new URL(this.url).origin } : {}),
        ...headers,
      },
      ...(inQuery ? {} : { body: JSON.stringify(rest) }),
    });
  }

  /** Opens a page, following redirects over origins as a browser does. */
  async open(
    url: string,
    method: 'GET' | 'POST' = 'GET',
  ): Promise<{ url: string; status: number; text: string }> {
    let at = url;
    for (let hop = 0; hop < 20; hop += 1) {
      const first = hop === 0 && method === 'POST';
      const response = await this.fetch(at, first ? { method, headers: { origin: new URL(at).origin } } : {});
      const to = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || !to)
        return { url: at, status: response.status, text: await response.text() };
      at = new URL(to, at).href;
    }
    throw new Error(`${url} redirects without end`);
  }

  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    // One name for one machine: a browser would take localhost and 127.0.0.1 for two sites, and so do we.
    const { host } = new URL(url);
    const jar = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, jar);
    const headers = new Headers(init.headers);
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(url, { redirect: 'manual', ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name!);
      else jar.set(name!, value!);
    }
    return response;
  }
}
