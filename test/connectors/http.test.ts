import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openEgress } from '../../src/platform/egress.ts';
import { openEgressSockets } from '../../src/platform/egress-socket.ts';
import type { Session } from '../../src/provisioning/connectors/connector.ts';
import { httpConnector } from '../../src/provisioning/connectors/http.ts';
import { at, filledBody, filledPath } from '../../src/provisioning/connectors/http-template.ts';
import { type RestApi, startRestApi } from '../harness/rest-api.ts';
import { type Adapter, conforms } from './suite.ts';

let api: RestApi;
beforeAll(async () => {
  api = await startRestApi();
});
afterAll(() => api.stop());

const declared = {
  account: {
    id: '/id',
    correlation: '/ref',
    enabled: { at: '/status', when: 'on' },
    values: { login: '/login', name: '/profile/name', mail: '/profile/mail', note: '/profile/note' },
    roles: { at: '/teams', id: '/id' },
  },
  create: {
    request: 'POST /people',
    body: {
      ref: '{correlation}',
      login: '{login}',
      status: '{enabled}',
      profile: { name: '{name}', mail: '{mail}', note: '{note}' },
    },
    answer: '/data',
  },
  read: { request: 'GET /people/{id}', answer: '/data' },
  find: { request: 'GET /people?ref={correlation}', items: '/data' },
  update: {
    request: 'PATCH /people/{id}',
    send: 'changed',
    body: { login: '{login}', profile: { name: '{name}', mail: '{mail}', note: '{note}' } },
  },
  enable: { request: 'PATCH /people/{id}', body: { status: 'on' } },
  disable: { request: 'PATCH /people/{id}', body: { status: 'off' } },
  delete: { request: 'DELETE /people/{id}' },
  list: {
    request: 'GET /people',
    items: '/data',
    total: '/count',
    paging: { by: 'page', parameter: 'page' },
  },
  role: {
    add: { request: 'PUT /people/{id}/teams/{role}' },
    remove: { request: 'DELETE /people/{id}/teams/{role}' },
    find: { request: 'GET /teams', items: '/data', id: '/id', name: '/name' },
    create: { request: 'POST /teams', body: { name: '{name}' }, id: '/data/id' },
  },
  setPassword: { request: 'PUT /people/{id}/password', body: { new: '{password}' } },
};

const settingsOf = (requests: unknown = declared): Record<string, string> => ({
  url: api.url,
  signIn: 'header',
  header: 'X-Api-Key',
  requests: JSON.stringify(requests),
});
const withList = (list: unknown): unknown => ({ ...declared, list });

function adapter(): Adapter {
  const port = Number(new URL(api.url).port);
  return {
    connector: httpConnector,
    settings: settingsOf(),
    secrets: { token: api.token },
    allowed: { ports: [port], httpHosts: ['127.0.0.1'] },
    person: (name) => ({ login: name, name: `${name} Jansen`, mail: `${name}@acme.example`, note: null }),
    text: 'note',
    other: 'mail',
    rename: (name) => ({ login: name }),
    signsIn: async ({ id }, password) => api.signsIn(id, password),
    cutShort: async (act) => {
      api.listed = { by: 'page', short: true };
      await act().finally(() => {
        api.listed = { by: 'page' };
      });
    },
    wrongSecrets: { token: 'Canary-Wrong' },
  };
}

conforms('the declared HTTP connector', httpConnector, adapter);

async function opened(requests: unknown): Promise<Session> {
  const rules = {
    networks: ['127.0.0.0/8'],
    httpHosts: ['127.0.0.1'],
    ports: [Number(new URL(api.url).port)],
  };
  return await httpConnector.open(
    settingsOf(requests),
    { token: api.token },
    {
      egress: openEgress(rules, { limits: { milliseconds: 5000, bytes: 1_000_000 } }),
      sockets: openEgressSockets(rules),
      deadline: AbortSignal.timeout(20_000),
      roles: [],
    },
  );
}

async function everybody(session: Session): Promise<{ ids: string[]; whole: boolean }> {
  const ids: string[] = [];
  let page = await session.list();
  for (let pages = 1; ; pages += 1) {
    ids.push(...page.seen.map(({ id }) => id));
    if (page.next === undefined || pages > 50) return { ids, whole: page.whole };
    page = await session.list(page.next);
  }
}

describe('a declared list', () => {
  beforeEach(async () => {
    api.people.clear();
    const session = await opened(declared);
    for (let n = 0; n < 7; n += 1)
      await session.create({
        correlation: `ref-${n}`,
        enabled: true,
        values: { login: `login-${n}` },
        roles: [],
      });
  });

  it.each([
    ['page', { by: 'page', parameter: 'page' }],
    ['cursor', { by: 'cursor', parameter: 'after', at: '/cursor' }],
    ['link', { by: 'link', at: '/links/next' }],
  ] as const)('is read to its end by %s', async (by, paging) => {
    api.listed = by === 'link' ? { by, elsewhere: api.url } : { by };
    const session = await opened(
      withList({ request: 'GET /people', items: '/data', total: '/count', paging }),
    );
    const { ids, whole } = await everybody(session);
    expect([new Set(ids).size, ids.length, whole]).toEqual([7, 7, true]);
    api.listed = { by: 'page' };
  });

  it('follows no link to another host, and takes no password there', async () => {
    api.listed = { by: 'link', elsewhere: 'http://127.0.0.1:1/api' };
    const session = await opened(
      withList({ request: 'GET /people', items: '/data', paging: { by: 'link', at: '/links/next' } }),
    );
    await expect(session.list()).rejects.toMatchObject({ problem: 'not-allowed' });
    api.listed = { by: 'page' };
  });

  it('ends where a cursor leads back for ever', async () => {
    api.listed = { by: 'cursor', endless: true };
    const session = await opened(
      withList({
        request: 'GET /people',
        items: '/data',
        paging: { by: 'cursor', parameter: 'after', at: '/cursor' },
      }),
    );
    await expect(everybody(session)).rejects.toMatchObject({ problem: 'failing' });
    api.listed = { by: 'page' };
  });
});

describe('templates', () => {
  it('keep a value inside its part of the address', () => {
    expect(filledPath('/p/{id}/x?y={v}', { id: 'a/b?c#d', v: '&z=1' })).toBe('/p/a%2Fb%3Fc%23d/x?y=%26z%3D1');
    for (const id of ['..', '.', ''])
      expect(() => filledPath('/p/{id}', { id })).toThrow('leads to another address');
  });

  it('put a value into a body as it is, and leave out what was not given', () => {
    const template = { a: '{yes}', b: 'x-{text}', c: { d: '{gone}' }, e: 7, f: ['{text}'] };
    expect(filledBody(template, { yes: true, text: '"}', gone: undefined }, true)).toEqual({
      a: true,
      b: 'x-"}',
      e: 7,
      f: ['"}'],
    });
    expect(filledBody({ d: '{gone}' }, { gone: null }, true)).toEqual({ d: null });
  });

  it('read at JSON pointers, own members only', () => {
    const document = { 'a/b': [{ '~': 1 }] };
    expect(at(document, '/a~1b/0/~0')).toBe(1);
    expect(at(document, '')).toBe(document);
    for (const pointer of ['/__proto__', '/constructor/name', '/a~1b/length/x', '/none/at/all'])
      expect(at(document, pointer)).toBeUndefined();
  });
});

describe('a declaration', () => {
  const wrong = (change: (one: typeof declared) => void): string[] => {
    const one = structuredClone(declared);
    change(one);
    return httpConnector.check(settingsOf(one)).map(({ text }) => text);
  };
  it.each([
    [
      'an address of another host',
      (one: typeof declared) => {
        one.read.request = 'GET https://evil.example/x';
      },
      'read.request',
    ],
    [
      'an address without a scheme',
      (one: typeof declared) => {
        one.read.request = 'GET //evil.example/x';
      },
      'read.request',
    ],
    [
      'a name that stands for nothing',
      (one: typeof declared) => {
        one.read.request = 'GET /p/{token}';
      },
      '{token}',
    ],
    [
      'a header with a line break',
      (one: typeof declared) => {
        Object.assign(one, { headers: { 'X-A': 'a\r\nHost: b' } });
      },
      'headers',
    ],
    [
      'a header that signs in',
      (one: typeof declared) => {
        Object.assign(one, { headers: { 'X-Api-Key': 'Canary' } });
      },
      'headers',
    ],
    [
      'a place that is no pointer',
      (one: typeof declared) => {
        one.account.id = 'id';
      },
      'account.id',
    ],
    ['what it does not know', (one: typeof declared) => Object.assign(one, { code: 'x' }), 'code'],
  ] as const)('with %s is refused', (_what, change, told) => {
    const found = wrong(change as never);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(told);
  });

  it('that is no JSON is refused', () => {
    expect(httpConnector.check({ ...settingsOf(), requests: '{' })[0]?.text).toContain('not JSON');
  });
});
