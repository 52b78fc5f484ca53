import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A small API of people and teams, of the kind that many applications have, in nobody's standard form. */
export type RestApi = {
  url: string;
  token: string;
  /** everything that was asked, in order: method and path */
  asked: string[];
  /** how the list of everything is paged, and whether it lies about its end */
  listed: { by: 'page' | 'cursor' | 'link'; elsewhere?: string; endless?: boolean; short?: boolean };
  people: Map<string, Person>;
  signsIn(id: string, password: string): boolean;
  stop(): Promise<void>;
};

type Person = {
  id: string;
  ref: string | null;
  login: string;
  profile: { name: string | null; mail: string | null; note: string | null };
  status: 'on' | 'off';
  teams: { id: string }[];
};

const pageSize = 3;

export async function startRestApi(): Promise<RestApi> {
  const token = 'Api-Token-For-Tests';
  const people = new Map<string, Person>();
  const teams = new Map<string, string>();
  const passwords = new Map<string, string>();
  const api: Pick<RestApi, 'asked' | 'listed'> = { asked: [], listed: { by: 'page' } };
  let next = 0;

  const handle = async (request: IncomingMessage): Promise<{ status: number; body?: unknown }> => {
    const url = new URL(request.url ?? '/', 'http://api.invalid');
    api.asked.push(`${request.method} ${url.pathname}${url.search}`);
    if (request.headers['x-api-key'] !== token) return { status: 401 };
    const parts: string[] = [];
    request.setEncoding('utf8');
    for await (const part of request) parts.push(part as string);
    const sent = parts.length > 0 ? (JSON.parse(parts.join('')) as Record<string, unknown>) : {};
    const path = url.pathname.split('/').slice(2).map(decodeURIComponent);
    const [kind, id = '', what = '', which = ''] = path;
    const route = `${request.method} ${kind}${id && '/:id'}${what && `/${what}`}${which && '/:which'}`;
    const person = people.get(id);
    switch (route) {
      case 'POST people': {
        const login = String(sent.login ?? '');
        const taken = [...people.values()].some((one) => one.login === login || one.ref === sent.ref);
        if (taken) return { status: 409 };
        if (login === '' || login.includes('\0')) return { status: 422 };
        next += 1;
        const made = changed(
          {
            id: `p-${next}`,
            ref: null,
            login,
            profile: { name: null, mail: null, note: null },
            status: 'on',
            teams: [],
          },
          sent,
        );
        people.set(made.id, made);
        return { status: 201, body: { data: made } };
      }
      case 'GET people': {
        const ref = url.searchParams.get('ref');
        if (ref !== null)
          return { status: 200, body: { data: [...people.values()].filter((one) => one.ref === ref) } };
        return { status: 200, body: page(url) };
      }
      case 'GET people/:id':
        return person ? { status: 200, body: { data: person } } : { status: 404 };
      case 'PATCH people/:id':
        if (!person) return { status: 404 };
        people.set(id, changed(person, sent));
        return { status: 204 };
      case 'DELETE people/:id':
        return { status: people.delete(id) ? 204 : 404 };
      case 'PUT people/:id/password':
        if (!person) return { status: 404 };
        passwords.set(id, String(sent.new));
        return { status: 204 };
      case 'PUT people/:id/teams/:which':
        if (!person || !teams.has(which)) return { status: 404 };
        if (!person.teams.some((team) => team.id === which)) person.teams.push({ id: which });
        return { status: 204 };
      case 'DELETE people/:id/teams/:which':
        if (!person) return { status: 404 };
        person.teams = person.teams.filter((team) => team.id !== which);
        return { status: 204 };
      case 'GET teams':
        return {
          status: 200,
          body: { data: [...teams].map(([key, name]) => ({ id: key, name })) },
        };
      case 'POST teams': {
        const key = `t-${teams.size + 1}`;
        teams.set(key, String(sent.name));
        return { status: 201, body: { data: { id: key } } };
      }
      default:
        return { status: 404 };
    }
  };

  const page = (url: URL): unknown => {
    const all = [...people.values()];
    const { by, elsewhere, endless, short } = api.listed;
    const from =
      by === 'page'
        ? (Number(url.searchParams.get('page') ?? 1) - 1) * pageSize
        : Number(url.searchParams.get('after') ?? 0);
    const data = all.slice(from, from + pageSize);
    const more = from + pageSize < all.length && !short;
    const on = `after=${from + pageSize}`;
    return {
      data: short && from > 0 ? [] : data,
      count: all.length,
      cursor: endless ? '0' : more ? String(from + pageSize) : null,
      links: {
        next: more ? `${elsewhere ?? ''}${elsewhere ? '/' : '?'}${elsewhere ? `people?${on}` : on}` : null,
      },
    };
  };

  const server = createServer((request, reply) => {
    handle(request).then(
      ({ status, body }) => {
        reply.writeHead(status, { 'content-type': 'application/json' });
        reply.end(body === undefined ? '' : JSON.stringify(body));
      },
      () => {
        reply.writeHead(400);
        reply.end();
      },
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    ...api,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    token,
    people,
    get listed() {
      return api.listed;
    },
    set listed(how) {
      api.listed = how;
    },
    signsIn: (id, password) => people.get(id)?.status === 'on' && passwords.get(id) === password,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}

function changed(person: Person, sent: Record<string, unknown>): Person {
  const profile = (sent.profile ?? {}) as Partial<Person['profile']>;
  return {
    ...person,
    ...('ref' in sent ? { ref: sent.ref as string } : {}),
    ...('login' in sent ? { login: String(sent.login) } : {}),
    ...('status' in sent
      ? { status: sent.status === 'off' || sent.status === false ? ('off' as const) : ('on' as const) }
      : {}),
    profile: { ...person.profile, ...profile },
  };
}
