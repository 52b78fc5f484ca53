import { catalogue } from '../i18n/catalogue.ts';
import { Problem, problemOf } from './problem.ts';
import { routes } from './routes.gen.ts';
import type { Input, OperationName, Output } from './types.ts';

type CallOptions = {
  /** version of what the reader saw; the server refuses with `version.stale` when it moved on */
  version?: number | undefined;
  /** token of the preview that the reader saw; the server refuses with `preview.stale` when it would do something else */
  preview?: string | undefined;
  /** the same key for the same intention, so that a retry cannot act twice; a new one when absent */
  idempotencyKey?: string;
  signal?: AbortSignal;
};

const shared = { credentials: 'same-origin', cache: 'no-store' } as const;

/**
 * Calls an operation by its name.
 * @throws Problem with the server's text and details
 */
export async function call<Name extends OperationName>(
  name: Name,
  input: Input<Name>,
  options: CallOptions = {},
): Promise<Output<Name>> {
  const route = routes[name];
  const { path, rest } = fillPath(route.path, input as Record<string, unknown>);
  const reading = route.method === 'GET';
  const headers: Record<string, string> = {
    accept: 'application/json',
    // refusals come in the language of the page
    'accept-language': catalogue.language,
  };
  if (!reading) {
    headers['content-type'] = 'application/json';
    headers['idempotency-key'] = options.idempotencyKey ?? newKey();
  }
  if (options.version !== undefined) headers['if-match'] = `"${options.version}"`;
  if (options.preview !== undefined) headers['if-preview'] = options.preview;
  const response = await fetch(reading ? `${path}${query(rest)}` : path, {
    ...shared,
    method: route.method,
    headers,
    body: reading ? null : JSON.stringify(rest),
    signal: options.signal ?? null,
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, 'server.unreachable', catalogue.t('problem.unreachable'));
  });
  if (!response.ok) throw await problemOf(response, catalogue.t('problem.fault'));
  if (response.status === 204) return undefined as Output<Name>;
  const isJson = response.headers.get('content-type')?.includes('json');
  return (await (isJson ? response.json() : response.text())) as Output<Name>;
}

/** Address of a reading operation, for links that download a file. */
export function addressOf<Name extends OperationName>(name: Name, input: Input<Name>): string {
  const { path, rest } = fillPath(routes[name].path, input as Record<string, unknown>);
  return `${path}${query(rest)}`;
}

function fillPath(
  pattern: string,
  input: Record<string, unknown>,
): { path: string; rest: Record<string, unknown> } {
  const rest = { ...input };
  const path = pattern.replace(/\{(\w+)\}/g, (_, field: string) => {
    const value = String(rest[field]);
    delete rest[field];
    return encodeURIComponent(value);
  });
  return { path: `/api${path}`, rest };
}

function query(fields: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined || value === null || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) params.append(field, String(one));
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}

/** Random 128 bits; `crypto.randomUUID` is missing on plain http beyond localhost. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
