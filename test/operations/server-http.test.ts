import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { operation } from '../../src/operation/operation.ts';
import { readConfig } from '../../src/platform/config.ts';
import { refuse } from '../../src/platform/refusals.ts';
import { makeServer } from '../../src/server/http.ts';
import { outsideRegistry } from '../../src/server/outside-registry.ts';
import { type TestDatabase, testDatabase } from '../harness/database.ts';
import { testSecretKeys } from '../harness/secret-keys.ts';

const said = operation({
  name: 'echo.read',
  summary: 'Say what was understood.',
  http: 'GET /echo/{name}',
  input: z.object({
    name: z.string(),
    limit: z.number().int().max(10).default(5),
    below: z.boolean().optional(),
    tag: z.array(z.string()).default([]),
    nothing: z.string().nullable().optional(),
  }),
  output: z.object({ said: z.unknown(), version: z.number() }),
  needs: 'public',
  effect: 'reading',
  run: async (_context, input) => ({ said: input, version: 7 }),
});

const written = operation({
  name: 'echo.write',
  summary: 'Say what was understood, and change nothing.',
  http: 'POST /echo/{name}',
  input: z.object({ name: z.string(), text: z.string().optional(), deep: z.unknown().optional() }),
  output: z.object({ said: z.unknown() }),
  needs: 'public',
  effect: 'changing',
  bodyLimit: 4096,
  strangersPerMinute: 1000,
  run: async (context, input) => {
    context.nothingChanged();
    if (input.text === 'stale') context.checkVersion(3);
    if (input.text === 'gone') throw refuse('invitation.used');
    if (input.text === 'fault') throw new Error('secret of ours');
    if (input.text === 'sign-in')
      context.reply.cookies.push({ name: 'remit_session', value: 'x', maxAgeSeconds: 60 });
    return { said: input };
  },
});

const mine = operation({
  name: 'echo.mine',
  summary: 'For somebody signed in.',
  http: 'POST /echo',
  input: z.object({ text: z.string() }),
  output: z.object({}),
  needs: 'self',
  effect: 'changing',
  run: async (context) => {
    context.nothingChanged();
    return {};
  },
});

const rare = operation({
  name: 'echo.rare',
  summary: 'Twice a minute.',
  http: 'POST /rare',
  input: z.object({}),
  output: z.object({}),
  needs: 'public',
  effect: 'changing',
  strangersPerMinute: 2,
  run: async (context) => {
    context.nothingChanged();
    return {};
  },
});

const file = operation({
  name: 'echo.file',
  summary: 'A file.',
  http: 'GET /echo.csv',
  input: z.object({}),
  output: z.string(),
  needs: 'public',
  effect: 'reading',
  file: { type: 'text/csv; charset=utf-8', name: 'echo.csv' },
  run: async () => 'a,b\r\n',
});

const url = 'http://localhost:4000';
const directory = mkdtempSync(join(tmpdir(), 'remit-http-'));
let database: TestDatabase;
let app: FastifyInstance;
let at: string;

beforeAll(async () => {
  database = await testDatabase();
  const config = readConfig({
    REMIT_URL: url,
    REMIT_DATA_DIR: directory,
    REMIT_DEMO: 'off',
    REMIT_SECRET_KEYS: testSecretKeys,
  });
  app = await makeServer(
    { db: database.db, config, subscribers: [] },
    { operations: [said, written, mine, rare, file] },
  );
  at = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await app?.close();
  await database?.drop();
  rmSync(directory, { recursive: true });
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${at}/api${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const problem = async (response: Response): Promise<Record<string, unknown>> => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const body = (await response.json()) as Record<string, unknown>;
  expect(body.status).toBe(response.status);
  return body;
};

it('a no is said in the language that the reader asks for, and so is what is wrong with the input', async () => {
  const german = { 'accept-language': 'de-CH, fr;q=0.5' };
  const used = await problem(await post('/echo/acme', { text: 'gone' }, german));
  expect(used).toMatchObject({
    code: 'invitation.used',
    title: 'Diese Einladung wurde schon genutzt.',
  });
  const invalid = await problem(await post('/echo/acme', { text: 7 }, german));
  expect(invalid).toMatchObject({ code: 'input.invalid', field: 'text' });
  expect(invalid.detail).toMatch(/^Die Anfrage stimmt nicht: text: Ungültige Eingabe/);
  const nowhere = await fetch(`${at}/api/nowhere`, { headers: { 'accept-language': 'nl' } });
  expect((await problem(nowhere)).title).toBe('Hier is niets wat je kunt zien.');
});

describe('what cannot be understood', () => {
  it('is refused in few words, however many unknown names were sent (I59)', async () => {
    const many = Object.fromEntries(Array.from({ length: 140 }, (_, at) => [`name-of-nothing-${at}`, 1]));
    const response = await post('/echo/acme', { ...many });
    expect(response.status).toBe(400);
    const text = JSON.stringify(await problem(response));
    expect(text).toContain('name-of-nothing-1');
    expect(text.length).toBeLessThan(1500);
  });

  it('is a problem like every other where the address itself cannot be read', async () => {
    const response = await fetch(`${at}/api/%ff`);
    expect(response.status).toBe(404);
    expect(await problem(response)).toMatchObject({ code: 'not-found' });
  });
});

describe('what a request says', () => {
  it('reads numbers, yes and no, and lists from the address as the schema means them', async () => {
    const response = await fetch(`${at}/api/echo/acme?limit=7&below=false&tag=a&tag=b`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      said: { name: 'acme', limit: 7, below: false, tag: ['a', 'b'] },
      version: 7,
    });
    const single = await fetch(`${at}/api/echo/acme?tag=a`);
    expect(await single.json()).toMatchObject({ said: { tag: ['a'], limit: 5 } });
  });

  it.each([
    ['a field that there is not', '?colour=red', 'colour'],
    ['a number out of its range', '?limit=11', 'limit'],
    ['no number', '?limit=ten', 'limit'],
    ['a field twice', '?limit=1&limit=2', 'limit'],
    ['the same name in path and query', '?name=other', 'name'],
  ])('refuses %s, naming it', async (_, query, field) => {
    const answer = await problem(await fetch(`${at}/api/echo/acme${query}`));
    expect(answer).toMatchObject({ status: 400, code: 'input.invalid' });
    expect(answer.detail).toContain(field);
  });

  it.each([
    ['no JSON', '{"text":', 'JSON'],
    ['a list', '[]', 'object'],
    ['another address than the path', '{"name":"other"}', 'name'],
    ['an unknown field', '{"colour":1}', 'colour'],
    ['a character that no database holds', '{"text":"a\\u0000b"}', 'text: holds a character'],
    [
      'one in the middle of a file',
      '{"deep":{"a.csv":"id,name\\n1,A\\n2,\\u0000"}}',
      'deep.a.csv, line 3: holds',
    ],
    ['half a character', '{"text":"\\ud800"}', 'character'],
    ['a way into prototypes', '{"deep":{"__proto__":{"a":1}}}', 'impossible name'],
    ['nesting without end', `{"deep":${'['.repeat(1000)}${']'.repeat(1000)}}`, 'deep'],
  ])('refuses %s', async (_, body, words) => {
    const answer = await problem(await post('/echo/acme', body));
    expect(answer).toMatchObject({ status: 400, code: 'input.invalid' });
    expect(answer.detail).toContain(words);
  });

  it('takes no body but JSON, and nothing from the address of a change', async () => {
    expect((await post('/echo/acme', 'text=a', { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await post('/echo/acme?text=a', {})).status).toBe(400);
    expect((await post('/echo/acme', '', {})).status).toBe(200);
  });

  it('says 401 to a stranger before anything about the input', async () => {
    for (const body of ['{"text":', {}, { text: 'a' }]) {
      const response = await post('/echo', body, { 'sec-fetch-site': 'same-origin' });
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect(await problem(response)).toMatchObject({ status: 401, code: 'auth.required' });
    }
  });

  it('bounds the body by operation', async () => {
    expect(await problem(await post('/echo/acme', { text: 'x'.repeat(5000) }))).toMatchObject({
      status: 413,
      code: 'input.too-large',
    });
  });
});

describe('what an answer says', () => {
  it('tags what has a version, and reads the tag back', async () => {
    expect((await fetch(`${at}/api/echo/acme`)).headers.get('etag')).toBe('"7"');
    const send = (tag: string) => post('/echo/acme', { text: 'stale' }, { 'if-match': tag });
    for (const tag of ['"3"', 'W/"3"', '*']) expect((await send(tag)).status).toBe(200);
    for (const tag of ['"4"', 'W/"4"', '"three"', '3'])
      expect(await problem(await send(tag))).toMatchObject({ status: 412, code: 'version.stale' });
  });

  it('maps a refusal to its status, and leads to its explanation', async () => {
    expect(await problem(await post('/echo/acme', { text: 'gone' }))).toMatchObject({
      status: 410,
      code: 'invitation.used',
      type: `${url}/docs/api#invitation.used`,
      title: 'This invitation has been used.',
    });
  });

  it('keeps a fault to itself', async () => {
    const response = await post('/echo/acme', { text: 'fault' });
    const answer = await problem(response);
    expect(answer).toMatchObject({ status: 500, code: 'server.fault' });
    expect(JSON.stringify(answer)).not.toContain('secret of ours');
    expect(answer.requestId).toBe(response.headers.get('x-request-id'));
  });

  it('sends a file as a file', async () => {
    const response = await fetch(`${at}/api/echo.csv`);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="echo.csv"');
    expect(await response.text()).toBe('a,b\r\n');
  });

  it('sets a session cookie that no script reads', async () => {
    const response = await post('/echo/acme', { text: 'sign-in' });
    expect(response.headers.get('set-cookie')).toMatch(
      /^remit_session=x; Max-Age=60; Path=\/; HttpOnly; SameSite=Lax$/,
    );
  });

  it('answers what there is not with the same problem everywhere', async () => {
    for (const response of [
      await fetch(`${at}/api/nothing`),
      await post('/nothing', {}),
      await fetch(`${at}/assets/none.js`),
    ])
      expect(await problem(response)).toMatchObject({ status: 404, code: 'not-found' });
  });
});

describe('changes that a browser was led to', () => {
  const cookie = { cookie: 'remit_session=abc' };
  it.each([
    ['from another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['from a neighbour on the same host', { 'sec-fetch-site': 'same-site', ...cookie }, 403],
    ['with another origin', { origin: 'http://evil.example', ...cookie }, 403],
    ['with no origin', { origin: 'null', ...cookie }, 403],
    ['with a cookie and no word of where it comes from', cookie, 403],
    ['from the portal', { 'sec-fetch-site': 'same-origin', ...cookie }, 200],
    ['from the portal in an older browser', { origin: url, ...cookie }, 200],
    ['from a program without a cookie', {}, 200],
  ])('%s', async (_, headers, status) => {
    const response = await post('/echo/acme', {}, headers as Record<string, string>);
    expect(response.status).toBe(status);
    if (status === 403) expect(await problem(response)).toMatchObject({ code: 'auth.cross-site' });
  });
});

describe('strangers', () => {
  it('are told to wait, by address', async () => {
    for (const _ of [1, 2]) expect((await post('/rare', {})).status).toBe(200);
    const response = await post('/rare', {}, { 'x-forwarded-for': '203.0.113.9' });
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await problem(response)).toMatchObject({ status: 429, code: 'auth.too-many' });
  });
});

describe('pages', () => {
  it('carry a strict policy with a nonce of their own', async () => {
    const nonces = new Set<string>();
    for (const path of ['/', '/organizations/some/where', '/docs/api']) {
      const response = await fetch(`${at}${path}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-store');
      const policy = response.headers.get('content-security-policy')!;
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain('unsafe');
      nonces.add(/'nonce-([^']+)'/.exec(policy)![1]!);
    }
    expect(nonces.size).toBe(3);
    const api = await fetch(`${at}/api/echo/acme`);
    expect(api.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(api.headers.get('x-content-type-options')).toBe('nosniff');
    expect(api.headers.get('cache-control')).toBe('no-store');
  });

  it('show no mail where there is no demo', async () => {
    expect((await fetch(`${at}/dev/mail`)).status).toBe(404);
  });
});

it('serves nothing outside the registry but what is listed', async () => {
  const routes: string[] = [];
  const own = [said, written];
  const other = await makeServer(
    {
      db: database.db,
      config: readConfig({ REMIT_URL: url, REMIT_SECRET_KEYS: testSecretKeys }),
      subscribers: [],
    },
    {
      operations: own,
      catcher: { smtpUrl: '', list: async () => [], read: async () => undefined, close: async () => {} },
      onRoute: ({ method, url: path, config }) => {
        if (config?.operation) return;
        for (const one of [method].flat()) routes.push(`${one} ${path}`);
      },
    },
  );
  await other.ready();
  await other.close();
  expect(routes.sort()).toEqual(outsideRegistry.map(({ route }) => route).sort());
});
