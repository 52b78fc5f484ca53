import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AnyOperation, rootOf } from '../../src/operation/operation.ts';
import { sessionCookie } from '../../src/platform/sessions.ts';
import { makeServer } from '../../src/server/http.ts';
import { type OperationName, operationNames, operations } from '../../src/server/operations.gen.ts';
import { acts } from './acts.ts';
import { type Actor, type ActorName, keyOf, sessionTokenOf } from './landscape.ts';
import { openStage, type Stage } from './stage.ts';
import { comparable } from './verdict.ts';

let stage: Stage;
let app: FastifyInstance;
let address: string;
/** what the server logged about faults of its own */
const faults: string[] = [];
beforeAll(async () => {
  stage = await openStage();
  const log = pino({ level: 'error' }, { write: (line) => faults.push(line) });
  app = await makeServer(stage.world.services, { log });
  address = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await app.close();
  await stage.close();
});

type Headers = Record<string, string>;
type Reply = { status: number; body: string };

const credentialOf = (actor: Actor): Headers =>
  actor.credential.kind === 'key'
    ? { authorization: `Bearer ${keyOf(actor.name)}` }
    : actor.credential.kind === 'none'
      ? {}
      : { cookie: `${sessionCookie}=${sessionTokenOf(actor.name)}` };

const speaksScim = (name: OperationName): boolean => (operations[name] as AnyOperation).media === 'scim';

/** The operation as a client sends it, in a rehearsal: whatever it does is undone. */
async function send(name: OperationName, input: Record<string, unknown>, headers: Headers): Promise<Reply> {
  const [method, template] = operations[name].http.split(' ') as [string, string];
  const left = { ...input };
  const path = template.replace(/\{(\w+)\}/g, (_, field: string) => {
    const value = left[field];
    delete left[field];
    return encodeURIComponent(String(value));
  });
  const query = new URLSearchParams();
  if (method === 'GET')
    for (const [field, value] of Object.entries(left))
      for (const one of Array.isArray(value) ? value : [value]) query.append(field, String(one));
  const { result } = await stage.rehearsal.attempt(async () => {
    const reply = await fetch(
      `${address}${rootOf(operations[name])}${path}${method === 'GET' ? `?${query}` : ''}`,
      {
        method,
        headers: {
          'sec-fetch-site': 'same-origin',
          ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        // In SCIM the whole body is one field.
        ...(method === 'GET' ? {} : { body: JSON.stringify(speaksScim(name) ? left.body : left) }),
      },
    );
    return { status: reply.status, body: await reply.text() };
  });
  return result;
}

const inputOf = (name: OperationName, actor: Actor, at = stage.things[actor.base]): Record<string, unknown> =>
  (acts[name] as (typeof acts)['user.list']).input(at, stage);

const actors: ActorName[] = ['acmeManager', 'acme2Manager', 'acmeMember', 'acmeKey', 'stranger'];

/** Operations whose answer holds a secret made for it, or the moment: only that both said yes is compared. */
const made = (name: OperationName): boolean =>
  Boolean(operations[name].secretOutput) ||
  name === 'session.list' ||
  (speaksScim(name) && /create$|bulk$/.test(name));

describe('the same act by the process and over HTTP (I10)', () => {
  for (const name of operationNames)
    it(name, async () => {
      for (const actorName of actors)
        for (const place of ['acmeSouth', 'acme2North'] as const) {
          const actor = stage.actors[actorName];
          const input = inputOf(name, actor, stage.things[place]);
          const { answer } = await stage.play(actor, name, input);
          const { status, body } = await send(name, input, credentialOf(actor));
          const label = `${actorName} at ${place}`;
          if (!answer.ok) {
            const { code, detail } = answer;
            expect(JSON.parse(body), label).toMatchObject(speaksScim(name) ? { detail } : { code, detail });
            continue;
          }
          const said = `${label}: ${body.slice(0, 300)} ${faults.at(-1)?.slice(0, 600)}`;
          expect(speaksScim(name) ? [200, 201, 204] : [200], said).toContain(status);
          if (made(name) || status === 204) continue;
          const shown = operations[name].file ? JSON.stringify(body) : body;
          const ids = (text: unknown) => comparable({ ok: true, output: text }, [], stage.atlas);
          // `text()` takes the byte order mark of a CSV file away.
          const expected =
            typeof answer.output === 'string' ? answer.output.replace(/^\uFEFF/, '') : answer.output;
          expect(ids(JSON.parse(shown)), label).toBe(ids(expected ?? {}));
        }
    });
});

/** Damaged, borrowed and doubled credentials. None of them is anybody. */
function damaged(token: string, key: string): [string, Headers][] {
  const cookie = (value: string): Headers => ({ cookie: `${sessionCookie}=${value}` });
  const bearer = (value: string): Headers => ({ authorization: value });
  return [
    ['no credential', {}],
    ['an empty cookie', cookie('')],
    ['a cookie cut short', cookie(token.slice(0, -1))],
    ['a cookie made longer', cookie(`${token}x`)],
    ['a cookie in capitals', cookie(token.toUpperCase())],
    ['a cookie with one letter changed', cookie(`${token.slice(0, -1)}_`)],
    ['a cookie of another name', { cookie: `${sessionCookie}2=${token}` }],
    ['a cookie in capitals of name', { cookie: `${sessionCookie.toUpperCase()}=${token}` }],
    ['a key as a cookie', cookie(key)],
    ['a session as a key', bearer(`Bearer ${token}`)],
    ['a key cut short', bearer(`Bearer ${key.slice(0, -1)}`)],
    ['a key made longer', bearer(`Bearer ${key}x`)],
    ['a key in capitals', bearer(`Bearer ${key.toUpperCase()}`)],
    ['a key without its scheme', bearer(key)],
    ['a key as Basic', bearer(`Basic ${key}`)],
    ['two keys', bearer(`Bearer ${key}, Bearer ${key}`)],
    ['a wrong key beside a good cookie', { ...bearer('Bearer nobody'), ...cookie(token) }],
    ['an empty key beside a good cookie', { ...bearer(''), ...cookie(token) }],
    ['a user named in a header', { 'x-user-id': stage.actors.owner.userId!, 'x-forwarded-user': 'owner' }],
  ];
}

/**
 * Who is there is read in one place, before any operation: each of them meets a third, always the same ones, and each
 * of them nobody at all; every one in the long run.
 */
const tried = (name: OperationName, what: string): boolean =>
  process.env.REMIT_TEST_LONG === '1' ||
  what === 'no credential' ||
  createHash('md5').update(`${name} ${what}`).digest()[0]! % 3 === 0;

describe('a damaged credential never turns a no into a yes (I09)', () => {
  it('is nobody, for every operation that asks who is there', async () => {
    const token = sessionTokenOf('acmeManager');
    const wrong: string[] = [];
    for (const name of operationNames.filter((one) => operations[one].needs !== 'public'))
      for (const [label, headers] of damaged(token, keyOf('acmeKey')).filter(([what]) => tried(name, what))) {
        const { status } = await send(name, inputOf(name, stage.actors.acmeManager), headers);
        if (status !== 401) wrong.push(`${name}: ${label} answers ${status}`);
      }
    expect(wrong).toEqual([]);
  });

  it('stays a no for somebody who may not, whatever is added', async () => {
    const member = credentialOf(stage.actors.acmeMember);
    const extras: [string, Headers][] = [
      [
        'the owner named in headers',
        { 'x-user-id': stage.actors.owner.userId!, 'x-act-as': 'owner', 'x-forwarded-user': 'owner' },
      ],
      ['another method in a header', { 'x-http-method-override': 'GET' }],
      ['a host of ours', { 'x-forwarded-host': 'localhost', 'x-forwarded-for': '127.0.0.1' }],
      ['If-Match: *', { 'if-match': '"1"' }],
      ['an Idempotency-Key', { 'idempotency-key': 'somebody-elses' }],
      [
        'a second session cookie',
        { cookie: `${member.cookie}; ${sessionCookie}=${sessionTokenOf('acmeManager')}x` },
      ],
    ];
    const wrong: string[] = [];
    for (const name of operationNames) {
      const { needs } = operations[name];
      if (typeof needs === 'string') continue;
      const input = inputOf(name, stage.actors.acmeManager);
      const plain = await send(name, input, member);
      for (const [label, headers] of extras) {
        const { status, body } = await send(name, input, { ...member, ...headers });
        if (plain.status >= 400 && status < 400)
          wrong.push(`${name}: ${label} answers ${status} ${body.slice(0, 200)}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('refuses a change that another site sends with our cookie', async () => {
    const wrong: string[] = [];
    for (const name of operationNames.filter((one) => operations[one].effect !== 'reading')) {
      if (operations[name].needs === 'public') continue;
      const input = inputOf(name, stage.actors.acmeManager);
      for (const headers of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'none', origin: 'null' },
      ] as Headers[]) {
        const { body } = await send(name, input, { ...credentialOf(stage.actors.acmeManager), ...headers });
        // SCIM says the same in its own form.
        const { code, detail } = JSON.parse(body);
        if (code !== 'auth.cross-site' && !/came from another site/.test(detail))
          wrong.push(`${name} ${JSON.stringify(headers)}: ${body.slice(0, 100)}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
