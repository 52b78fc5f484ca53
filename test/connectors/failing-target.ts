/**
 * A system that looks after accounts over HTTP and fails on command: down, slow, overloaded, broken, or answering a
 * request that it has carried out as if it had not. It keeps every request in the order it came, and what it did of it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EgressError, type OutgoingAnswer } from '../../src/platform/egress.ts';
import {
  type AccountValues,
  type Change,
  type Connector,
  ConnectorError,
  type Seen,
  type Session,
  type Wanted,
} from '../../src/provisioning/connectors/connector.ts';

export type There = {
  id: string;
  correlation: string;
  enabled: boolean;
  values: AccountValues;
  roles: string[];
};

export type Kind = 'create' | 'find' | 'read' | 'update' | 'enable' | 'disable' | 'delete' | 'list' | 'role';
export type Logged = { kind: Kind; about: string; did: boolean; said: number | 'nothing' };

/** What happens to a request. `lost`: carried out, and the connection breaks instead of an answer. */
export type Failure =
  | { how: 'down' }
  | { how: 'lost' }
  | { how: 'status'; status: number; retryAfter?: number }
  /** carried out, and said to have failed */
  | { how: 'lies'; status: number }
  /** answered only when the promise is fulfilled; carried out before or after */
  | { how: 'slow'; until: Promise<unknown>; late?: boolean };

export type FailingTarget = {
  url: string;
  port: number;
  log: Logged[];
  there: Map<string, There>;
  roles: Set<string>;
  /** how often an account of this correlation came to be; more than one while one is there is what must never happen */
  creates: Map<string, number>;
  /** decides about each request from now on; undefined: it is served */
  fails(how: ((kind: Kind, about: string, nth: number) => Failure | undefined) | undefined): void;
  /** waits until so many requests have come in all */
  came(requests: number): Promise<void>;
  /** all that came so far */
  requests(): number;
  /** most requests that were under way at once */
  atOnce(): number;
  close(): Promise<void>;
};

export async function startFailingTarget(port = 0): Promise<FailingTarget> {
  const log: Logged[] = [];
  const there = new Map<string, There>();
  const roles = new Set<string>();
  const creates = new Map<string, number>();
  const waiting = new Set<{ requests: number; done: () => void }>();
  let failing: ((kind: Kind, about: string, nth: number) => Failure | undefined) | undefined;
  let next = 0;
  let came = 0;
  let now = 0;
  let most = 0;

  const serve = async (request: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const url = new URL(request.url!, 'http://x');
    const [, first, id = '', act] = url.pathname.split('/').map(decodeURIComponent);
    const kind = kindOf(request.method!, first!, id, act, url);
    const about =
      kind === 'create'
        ? (body as Wanted).correlation
        : kind === 'find'
          ? url.searchParams.get('correlation')!
          : id;
    came += 1;
    for (const one of waiting)
      if (came >= one.requests) {
        waiting.delete(one);
        one.done();
      }
    const nth = log.filter((one) => one.kind === kind && one.about === about).length;
    const failure = failing?.(kind, about, nth);
    const entry: Logged = { kind, about, did: false, said: 'nothing' };
    log.push(entry);
    const reply = (status: number, value?: unknown, headers: Record<string, string> = {}): void => {
      entry.said = status;
      answer.writeHead(status, { 'content-type': 'application/json', ...headers });
      answer.end(value === undefined ? '' : JSON.stringify(value));
    };
    if (failure?.how === 'down') return void request.socket.destroy();
    if (failure?.how === 'status') {
      const { status, retryAfter } = failure;
      return reply(status, undefined, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
    }
    if (failure?.how === 'slow' && failure.late) await failure.until;
    const { status, value } = carryOut(kind, id, body, url);
    entry.did = status < 400;
    if (failure?.how === 'lost') return void request.socket.destroy();
    if (failure?.how === 'lies') return reply(failure.status);
    if (failure?.how === 'slow' && !failure.late) await failure.until;
    reply(status, value);
  };

  const carryOut = (kind: Kind, id: string, body: unknown, url: URL): { status: number; value?: unknown } => {
    const account = there.get(id);
    if (kind === 'create') {
      const wanted = body as Wanted;
      if ([...there.values()].some(({ correlation }) => correlation === wanted.correlation))
        return { status: 409 };
      next += 1;
      const made: There = { id: `a${next}`, ...wanted, roles: [...wanted.roles] };
      there.set(made.id, made);
      creates.set(made.correlation, (creates.get(made.correlation) ?? 0) + 1);
      return { status: 201, value: made };
    }
    if (kind === 'find') {
      const correlation = url.searchParams.get('correlation');
      const found = [...there.values()].find((one) => one.correlation === correlation);
      return { status: 200, value: found ?? null };
    }
    if (kind === 'list') {
      const from = Number(url.searchParams.get('from') ?? 0);
      const size = Number(url.searchParams.get('size') ?? 100);
      const all = [...there.values()];
      return { status: 200, value: { seen: all.slice(from, from + size), total: all.length } };
    }
    if (kind === 'role') {
      roles.add(id);
      return { status: 200, value: id };
    }
    if (!account) return { status: 404 };
    if (kind === 'read') return { status: 200, value: account };
    if (kind === 'delete') there.delete(id);
    if (kind === 'enable') account.enabled = true;
    if (kind === 'disable') account.enabled = false;
    if (kind === 'update') {
      const { values, rolesAdded, rolesRemoved } = body as Change;
      account.values = { ...account.values, ...values };
      account.roles = [
        ...new Set([...account.roles.filter((role) => !rolesRemoved.includes(role)), ...rolesAdded]),
      ];
    }
    return { status: 200, value: {} };
  };

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, answer) => {
    now += 1;
    most = Math.max(most, now);
    serve(request, answer)
      .catch(() => request.socket.destroy())
      .finally(() => {
        now -= 1;
      });
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const { port: listening } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${listening}`,
    port: listening,
    log,
    there,
    roles,
    creates,
    fails(how) {
      failing = how;
    },
    came: (requests) => new Promise((done) => (came >= requests ? done() : waiting.add({ requests, done }))),
    requests: () => came,
    atOnce: () => most,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function kindOf(method: string, first: string, id: string, act: string | undefined, url: URL): Kind {
  if (first === 'roles') return 'role';
  if (method === 'POST') return act ? (act as Kind) : 'create';
  if (method === 'PATCH') return 'update';
  if (method === 'DELETE') return 'delete';
  if (id) return 'read';
  return url.searchParams.has('correlation') ? 'find' : 'list';
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return parts.length > 0 ? JSON.parse(Buffer.concat(parts).toString('utf8')) : undefined;
}

/** A connector for it: one HTTP request for each call, through the egress it is given. */
export const testConnector: Connector = {
  description: {
    name: 'test',
    label: 'Test',
    settings: [{ key: 'url', label: 'Address', kind: 'address', required: true }],
    secrets: [{ key: 'token', label: 'Token', kind: 'text' }],
    values: [
      { key: 'name', label: 'Name', kind: 'text', required: true },
      { key: 'mail', label: 'Address', kind: 'text' },
      { key: 'title', label: 'Title', kind: 'text' },
    ],
    can: {
      find: true,
      createIsIdempotent: false,
      disable: true,
      delete: true,
      roles: true,
      list: 'whole',
      passwords: [],
    },
  },
  check: () => [],
  async open(settings, secrets, { egress, deadline }): Promise<Session> {
    const call = async (
      method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
      path: string,
      body?: unknown,
    ): Promise<OutgoingAnswer> => {
      if (deadline.aborted) throw new ConnectorError('unreachable', 'too late to begin');
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${secrets.token ?? ''}` };
      const answer = await egress
        .call({
          method,
          url: `${settings.url}${path}`,
          headers,
          want: 'body',
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
        .catch((error: unknown) => {
          if (!(error instanceof EgressError)) throw error;
          const { mayHaveHappened } = error;
          throw new ConnectorError('unreachable', 'nobody answers', { mayHaveHappened });
        });
      const { status } = answer;
      const after = answer.headers['retry-after'];
      if (status < 400) return answer;
      const more = { status: String(status) };
      if (status === 429 || status === 503)
        throw new ConnectorError('slow-down', 'busy', { ...more, after: after ? Number(after) : undefined });
      if (status === 404) throw new ConnectorError('absent', 'nothing there', more);
      if (status === 409) throw new ConnectorError('exists', 'there already', more);
      if (status >= 500) throw new ConnectorError('failing', 'broken', { ...more, mayHaveHappened: true });
      throw new ConnectorError('refused', 'not taken', more);
    };
    const at = (id: string): string => `/accounts/${encodeURIComponent(id)}`;
    const parsed = <T>({ body }: OutgoingAnswer): T => JSON.parse(body) as T;
    const quiet = (error: unknown): undefined => {
      if (error instanceof ConnectorError && error.problem === 'absent') return undefined;
      throw error;
    };
    return {
      test: async () => [],
      list: async (from) => {
        const size = Number(settings.page ?? 100);
        const first = Number(from ?? 0);
        const { seen, total } = parsed<{ seen: Seen[]; total: number }>(
          await call('GET', `/accounts?from=${first}&size=${size}`),
        );
        const end = first + seen.length >= total;
        // A page that is empty before the end was cut short: nothing is proved by what is not on it.
        const cut = seen.length === 0 && !end;
        return { seen, total, whole: end, ...(end || cut ? {} : { next: String(first + seen.length) }) };
      },
      read: async (id) => await call('GET', at(id)).then((answer) => parsed<Seen>(answer), quiet),
      find: async (correlation) =>
        parsed<Seen | null>(await call('GET', `/accounts?correlation=${encodeURIComponent(correlation)}`)) ??
        undefined,
      create: async (wanted) => parsed<Seen>(await call('POST', '/accounts', wanted)),
      update: async (id, change) => void (await call('PATCH', at(id), change)),
      enable: async (id) => void (await call('POST', `${at(id)}/enable`)),
      disable: async (id) => void (await call('POST', `${at(id)}/disable`).catch(quiet)),
      delete: async (id) => void (await call('DELETE', at(id)).catch(quiet)),
      ensureRole: async (name) => parsed<string>(await call('POST', `/roles/${encodeURIComponent(name)}`)),
      setPassword: async () => {},
      close: async () => {},
    };
  },
};
