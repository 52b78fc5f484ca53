import { randomUUID } from 'node:crypto';
import { type AnyOperation, rootOf } from '../operation/operation.ts';
import type { Caller } from './caller.ts';
import { CommandError, type Ending } from './exit-codes.ts';

/** Longer than the server gives a request, so that its own answer comes first. */
const patienceMs = 90_000;

/** Calls a server's API with a key, as any integration does. */
export function overHttp(server: string, key: string): Caller {
  if (!URL.canParse(server)) throw new CommandError('usage', `${server} is not the address of a server.`);
  return {
    who: 'an API key',
    check: () => {},
    close: async () => {},
    call: async (declared, input) => {
      const answer = await answerOf(
        server,
        requestFor(declared, input as Record<string, unknown>, server, key),
      );
      const text = await answer.text();
      if (!answer.ok) throw failure(answer.status, text);
      return declared.file ? text : text === '' ? {} : (JSON.parse(text) as unknown);
    },
  };
}

/** Fields in braces go into the path, the rest of a GET into the query, of anything else into the body. */
export function requestFor(
  declared: AnyOperation,
  input: Record<string, unknown>,
  server: string,
  key: string,
): Request {
  const [method, template] = declared.http.split(' ') as [string, string];
  const rest = { ...input };
  const path = template.replace(/\{(\w+)\}/g, (_, field: string) => {
    const value = rest[field];
    delete rest[field];
    if (value === undefined) throw new CommandError('usage', `${declared.name} needs ${field}.`);
    return encodeURIComponent(String(value));
  });
  const url = new URL(`${rootOf(declared)}${path}`, server);
  const headers: Record<string, string> = {
    authorization: `Bearer ${key}`,
    accept: 'application/json, text/csv, */*',
  };
  if (method === 'GET') {
    for (const [field, value] of Object.entries(rest))
      for (const one of Array.isArray(value) ? value : [value])
        url.searchParams.append(field, typeof one === 'object' ? JSON.stringify(one) : String(one));
    return new Request(url, { method, headers });
  }
  // A reply that was lost on the way can be asked for again without doing it twice.
  headers['idempotency-key'] = randomUUID();
  headers['content-type'] = 'application/json';
  return new Request(url, { method, headers, body: JSON.stringify(rest) });
}

async function answerOf(server: string, request: Request): Promise<Response> {
  try {
    return await fetch(request, { redirect: 'error', signal: AbortSignal.timeout(patienceMs) });
  } catch {
    throw new CommandError(
      'unavailable',
      `No answer from ${server}. Is it running, and is the address right?`,
    );
  }
}

function failure(status: number, text: string): CommandError {
  let problem: Record<string, unknown> = {};
  try {
    problem = JSON.parse(text) as Record<string, unknown>;
  } catch {
    // not ours: a proxy's page, say
  }
  const { code, detail, title: _, type: __, status: ___, ...details } = problem;
  const ending: Ending =
    status === 400
      ? 'usage'
      : status === 429 || status === 502 || status === 503 || status === 504
        ? 'unavailable'
        : status >= 500
          ? 'fault'
          : 'refused';
  return new CommandError(
    ending,
    String(detail ?? `The server answered ${status}.`),
    String(code ?? `http.${status}`),
    details,
  );
}
