import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/enrolment/scim/protocol/json.ts';
import { type ScimStage, scimStage } from '../harness/scim.ts';
import { httpCases } from './cases/http.ts';
import { type Asked, core, groupCore, type HttpCase } from './cases/http-case.ts';
import { entra } from './exchanges/entra.ts';
import { okta } from './exchanges/okta.ts';

/** Every case of the table that is asked of the server, one after another in one world. */
let stage: ScimStage;
let key: string;

beforeAll(async () => {
  stage = await scimStage();
  ({ key } = await stage.feed('acme'));
});
afterAll(() => stage?.close());

async function ask({ method, path, body, headers = {}, by }: Asked) {
  const who = by === 'nobody' ? undefined : by === 'a stranger' ? 'made-up' : key;
  const answer = await stage.ask(method, path, { body, headers, key: who });
  return { ...answer, body: (answer.body ?? {}) as JsonObject };
}

let number = 0;

/** Puts what is given in its place, and gives what stands for the words in braces. */
async function prepare({ given = {} }: HttpCase): Promise<Map<string, string>> {
  const words = new Map([['tag', `word${++number}`]]);
  const kinds: [endpoint: string, bodies: JsonObject[], before: string, usual: JsonObject][] = [
    ['Users', given.users ?? [], '', { schemas: [core] }],
    ['Groups', given.groups ?? [], 'g', { schemas: [groupCore] }],
  ];
  for (const [endpoint, bodies, before, usual] of kinds)
    for (const [index, body] of bodies.entries()) {
      const name = `${before}${index}-${words.get('tag')}@example.test`;
      const named: JsonObject = endpoint === 'Users' ? { userName: name } : { displayName: name };
      const made = await ask(
        filled({ method: 'POST', path: `/${endpoint}`, body: { ...usual, ...named, ...body } }, words),
      );
      expect(made.status, JSON.stringify(made.body)).toBe(201);
      const meta = made.body.meta as JsonObject;
      words.set(`${before}${index}`, String(made.body.id));
      words.set(`${before}${index}.version`, String(meta.version));
      words.set(`${before}${index}.lastModified`, String(meta.lastModified));
      words.set(`${before}${index}.userName`, name);
    }
  for (const asked of given.after ?? []) await ask(filled(asked, words));
  return words;
}

/** The same with its words put in; in an address they stand encoded. */
function filled<T>(value: T, words: Map<string, string>): T {
  if (typeof value === 'string')
    return value.replace(
      /\{([a-z]?[\w.]+)\}|%7B([a-z]?[\w.]+)%7D/g,
      (all, plain?: string, encoded?: string) => {
        const word = words.get(plain ?? encoded ?? '');
        return word === undefined ? all : plain ? word : encodeURIComponent(word);
      },
    ) as T;
  if (Array.isArray(value)) return value.map((each) => filled(each, words)) as T;
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, filled(inner, words)])) as T;
}

const loose = (value: unknown): unknown => {
  if (value === '{uuid}') return expect.stringMatching(/^[0-9a-f-]{36}$/);
  if (value === '{text}') return expect.stringMatching(/./);
  if (Array.isArray(value)) return value.map(loose);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, loose(inner)]));
};

const asked = [...httpCases, ...entra, ...okta];

describe.each(Object.entries(Object.groupBy(asked, ({ section }) => section)))('%s', (_, cases) => {
  it.each(
    cases!.map(
      (each) =>
        [`${each.request.method} ${each.request.path}`.slice(0, 90), each.quote.slice(0, 60), each] as const,
    ),
  )('%s: %s', async (_request, _quote, one) => {
    const words = await prepare(one);
    const answer = await ask(filled(one.request, words));
    const { status, scimType, body, without, headers } = filled(one.expect, words);
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
    if (scimType) expect(answer.body).toMatchObject({ scimType, status: String(status) });
    if (body) expect(answer.body).toMatchObject(loose(body) as object);
    for (const name of without ?? []) expect(Object.keys(answer.body)).not.toContain(name);
    for (const [name, value] of Object.entries(headers ?? {}))
      expect(String(answer.headers[name])).toMatch(value);
  });
});
