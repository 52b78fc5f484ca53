import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/platform/paging.ts';
import { refuse } from '../../src/platform/refusals.ts';
import { sessionCookie, sessionTokenIn, startSession } from '../../src/platform/sessions.ts';
import { makeServer } from '../../src/server/http.ts';
import { problemOf } from '../../src/server/problem.ts';
import { addMembership, makeWorld, type PersonName, type World } from '../harness/world.ts';

/** Each of these once answered wrongly over HTTP; beside every refusal stands what stays permitted. */
let world: World;
let server: FastifyInstance;
beforeAll(async () => {
  world = await makeWorld();
  server = await makeServer(world.services);
});
afterAll(async () => {
  await server?.close();
  await world?.close();
});

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
async function ask(cookie: string, method: Method, path: string, body?: object) {
  const response = await server.inject({
    method,
    url: `/api${path}`,
    headers: { cookie, 'sec-fetch-site': 'same-origin' },
    ...(body ? { payload: body } : {}),
  });
  return { status: response.statusCode, body: response.json() };
}

/** Signs somebody in; their Cookie header. */
async function signedIn(name: PersonName): Promise<string> {
  const { cookie } = await startSession(world.db, {
    ...world.people[name],
    caller: { address: '', userAgent: '', sessionToken: undefined },
  });
  return `${sessionCookie}=${cookie.value}`;
}

describe('a doubled session cookie is none (ATT12)', () => {
  it('acts as nobody, whichever comes first; a single one acts as its person', async () => {
    const own = await signedIn('acmeManager');
    const planted = await signedIn('betaMember');
    for (const both of [`${planted}; ${own}`, `${own}; ${planted}`])
      expect((await ask(both, 'GET', '/me')).status).toBe(401);
    expect(await ask(`other=1; ${own}`, 'GET', '/me')).toMatchObject({
      status: 200,
      body: { displayName: 'acmeManager' },
    });
  });

  it('is guarded by the browser under https: only the name that no neighbour can set counts', () => {
    const at = 'https://remit.example';
    expect(sessionTokenIn('remit_session=planted', at)).toBeUndefined();
    expect(sessionTokenIn('remit_session=planted; __Host-remit_session=own', at)).toBe('own');
    expect(sessionTokenIn('remit_session=own', 'http://localhost:4000')).toBe('own');
  });
});

describe('somebody without a standing (ATT6)', () => {
  const changes: [Method, string, object?][] = [
    ['PATCH', '/me', { displayName: 'Ghost' }],
    ['POST', '/me/password', { currentPassword: 'a', newPassword: 'a lamp beside the window' }],
  ];
  it.each([
    ['who has left', 'northMember', sql`state = 'ended', ended_at = remit_now(), ends_at = remit_now()`],
    ['who is suspended', 'siteMember', sql`state = 'suspended'`],
  ] as const)('%s changes nothing of their own, reads it, and signs out', async (_, name, ending) => {
    const { membershipId } = world.people[name];
    const cookie = await signedIn(name);
    expect((await ask(cookie, 'PATCH', '/me', { language: 'de' })).status).toBe(200);
    await sql`update membership set ${ending} where id = ${membershipId}`.execute(world.db);
    for (const [method, path, body] of changes)
      expect(await ask(cookie, method, path, body), path).toMatchObject({
        status: 403,
        body: { code: 'not-permitted' },
      });
    expect(await ask(cookie, 'GET', '/me')).toMatchObject({ status: 200, body: { displayName: name } });
    expect((await ask(cookie, 'POST', '/me/sessions/end-others', {})).status).toBe(200);
    expect((await ask(cookie, 'DELETE', '/session')).status).toBe(200);
  });

  it('goes over to another membership, and may there what everybody may', async () => {
    const { membershipId, userId } = world.people.southMember;
    const second = await addMembership(world.db, userId, 'southmember', world.organizations.beta);
    const cookie = await signedIn('southMember');
    await sql`update membership set state = 'suspended' where id = ${membershipId}`.execute(world.db);
    expect((await ask(cookie, 'PATCH', '/me', { language: 'de' })).status).toBe(403);
    expect((await ask(cookie, 'POST', '/session/membership', { membershipId: second })).status).toBe(200);
    expect((await ask(cookie, 'PATCH', '/me', { language: 'de' })).status).toBe(200);
  });
});

describe('a made-up cursor (ATT7)', () => {
  const lists = () => [
    '/organizations',
    '/users',
    '/users?sort=firstDay',
    '/users?sort=-lastDay',
    '/events',
    '/me/events',
    '/requests',
    '/requests?box=inbox',
    '/requests?box=decided',
    '/me/catalogue',
    '/invitations',
    '/assignments',
    '/applications',
    '/access-roles',
    `/organizations/${world.organizations.acme.id}/delegations`,
  ];
  const id = '00000000-0000-7000-8000-00000000dead';
  const odd = ['x', 'a\0', '\ud800', 'infinity', '0000-01-01T00:00:00Z', '2026-02-30T00:00:00Z', 1e300, id];
  const made = odd.flatMap((part) => [
    [part],
    [part, 'not-a-uuid'],
    [part, id],
    ['firstDay', part, 'a', id],
    ['-lastDay', part, 'a', id],
    ['name', part, part, id],
    [part, part, part, part],
  ]);

  it('is never a fault, and what is refused is the request', async () => {
    const cookie = await signedIn('owner');
    const wrong: string[] = [];
    for (const path of lists()) {
      expect((await ask(cookie, 'GET', path)).status, path).toBe(200);
      for (const key of [...made, [], {} as never, [null as never]]) {
        const cursor = Buffer.from(JSON.stringify(key)).toString('base64url');
        const { status } = await ask(
          cookie,
          'GET',
          `${path}${path.includes('?') ? '&' : '?'}cursor=${cursor}`,
        );
        if (status !== 400 && status !== 200) wrong.push(`${path} ${JSON.stringify(key)}: ${status}`);
        if (key.length !== 1 && status === 200 && JSON.stringify(key).includes('not-a-uuid'))
          wrong.push(`${path} ${JSON.stringify(key)}: shown`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each(['name', '-name', 'organization', 'title', 'firstDay', '-firstDay', 'lastDay', '-lastDay'])(
    'and one of ours goes on, to the last row, by %s',
    async (sort) => {
      const cookie = await signedIn('owner');
      const all = (await ask(cookie, 'GET', `/users?sort=${sort}`)).body.items as { membershipId: string }[];
      const seen: string[] = [];
      let next: string | undefined = '';
      while (next !== undefined) {
        const page: Awaited<ReturnType<typeof ask>> = await ask(
          cookie,
          'GET',
          `/users?sort=${sort}&limit=5${next && `&cursor=${next}`}`,
        );
        expect(page.status).toBe(200);
        seen.push(...page.body.items.map((row: { membershipId: string }) => row.membershipId));
        next = page.body.next;
      }
      expect(seen).toEqual(all.map(({ membershipId }) => membershipId));
    },
  );

  it('takes instants of every precision and the far ends of time', () => {
    for (const instant of [
      '-infinity',
      '2026-01-31 23:00:00+00',
      '2026-01-31T23:00:00.123456Z',
      '10000-01-01 00:00:00+05:30',
    ])
      expect(decodeCursor(encodeCursor([instant, id]), ['instant', 'uuid'])).toEqual([instant, id]);
  });
});

describe('dates that no calendar holds, and ends before their start (ATT8)', () => {
  const soon = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  const instants = [
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59-14:00',
    '2026-02-30T00:00:00Z',
  ];
  const past = '2000-01-01T00:00:00Z';
  let serial = 0;
  /** Everything over acmeNorth that takes dates, as acme's manager. */
  const acts = (dates: { from?: string; until?: string }): [Method, string, object][] => {
    const { acmeNorth, acme } = world.organizations;
    const one = `n${serial++}`;
    const { from: _, ...until } = dates;
    return [
      [
        'POST',
        '/delegations',
        {
          organizationId: acmeNorth.id,
          delegate: { membershipId: world.people.acmeMember.membershipId },
          permissions: ['organization.read'],
          entitlements: { applicationIds: [], entitlementIds: [] },
          ...dates,
        },
      ],
      ['POST', `/organizations/${acmeNorth.id}/clients`, { name: one, permissions: ['user.read'], ...dates }],
      [
        'POST',
        '/assignments',
        {
          membershipIds: [world.people.acmeMember.membershipId],
          entitlementIds: [world.entitlements.partsViewer],
          ...dates,
        },
      ],
      [
        'POST',
        '/partners',
        { name: one, parentId: acme.id, managerName: one, managerEmail: `${one}@x.example`, ...until },
      ],
      [
        'POST',
        `/organizations/${acmeNorth.id}/invitations`,
        {
          people: [{ email: `i${one}@x.example` }],
          manager: { entitlements: { applicationIds: [], entitlementIds: [] }, ...until },
        },
      ],
      ['PATCH', `/delegations/${world.delegations.northManager}`, until],
    ];
  };
  const answers = async (dates: { from?: string; until?: string }): Promise<string[]> => {
    const cookie = await signedIn('acmeManager');
    const said: string[] = [];
    for (const [method, path, body] of acts(dates)) {
      const { status, body: answer } = await ask(cookie, method, path, body);
      const first = answer.results?.[0];
      said.push(`${path} ${first && !first.ok ? first.refusal.code : status}`);
    }
    return said;
  };
  const faults = (said: string[]) => said.filter((one) => / 5\d\d$/.test(one));

  it('are refused by everything that takes them', async () => {
    for (const odd of instants) {
      expect(faults(await answers({ from: odd })), odd).toEqual([]);
      for (const one of await answers({ until: odd })) expect(one, odd).toMatch(/ 400$/);
    }
    for (const one of await answers({ until: past })) expect(one).toMatch(/ (400|422|input\.invalid)$/);
    for (const one of (await answers({ from: soon(9), until: soon(8) })).slice(0, 3))
      expect(one).toMatch(/ (400|422|input\.invalid)$/);
  });

  it('and dates in order are taken', async () => {
    for (const one of await answers({ from: soon(1), until: soon(7) })) expect(one).toMatch(/ 200$/);
    expect(faults(await answers({ from: '9999-12-30T00:00:00Z' }))).toEqual([]);
  });

  it('are refused for people and in the trail, and others are taken', async () => {
    const cookie = await signedIn('acmeManager');
    const { membershipId } = world.people.acmeMember;
    const { id } = world.organizations.acmeNorth;
    for (const day of ['0000-01-01', '0001-01-01', '0999-12-31', '2026-02-30']) {
      const days = [
        ['PATCH', `/memberships/${membershipId}`, { firstDay: day }],
        ['PATCH', `/memberships/${membershipId}`, { lastDay: day }],
        ['POST', `/organizations/${id}/invitations`, { people: [{ email: 'd@x.example' }], firstDay: day }],
        ['POST', `/organizations/${id}/people`, { userName: 'dayless', displayName: 'D', lastDay: day }],
      ] as const;
      for (const [method, path, body] of days)
        expect((await ask(cookie, method, path, body)).status, `${path} ${day}`).toBe(400);
    }
    for (const odd of instants)
      expect((await ask(cookie, 'GET', `/events?from=${encodeURIComponent(odd)}`)).status, odd).toBe(400);
    expect(
      (await ask(cookie, 'GET', `/events?from=${encodeURIComponent('2026-01-01T00:00:00+01:00')}`)).status,
    ).toBe(200);
    expect(
      (await ask(cookie, 'PATCH', `/memberships/${membershipId}`, { lastDay: '9999-12-31' })).status,
    ).toBe(200);
  });
});

describe('names that people write (ATT11)', () => {
  it('hold nothing that steers a terminal, breaks a line or turns the writing', async () => {
    const cookie = await signedIn('acmeManager');
    const { membershipId } = world.people.acmeMember;
    for (const odd of [
      'Sam\r\nBcc: x@y',
      'Sam\u001b[31m',
      'Sam\u202egnp',
      'Sam\u2066x',
      '\u200b',
      '\u0301',
    ]) {
      expect((await ask(cookie, 'PATCH', '/me', { displayName: odd })).status, JSON.stringify(odd)).toBe(400);
      const title = await ask(cookie, 'PATCH', `/memberships/${membershipId}`, { title: odd });
      expect(title.status, JSON.stringify(odd)).toBe(400);
    }
    for (const name of ['Zoë O’Neill-Łukasiewicz', 'علی‌رضا', '山田 太郎'])
      expect((await ask(cookie, 'PATCH', '/me', { displayName: name })).status, name).toBe(200);
    expect((await ask(cookie, 'PATCH', `/memberships/${membershipId}`, { title: '' })).status).toBe(200);
  });
});

describe('titles of refusals (ATT4, ATT13)', () => {
  it.each([
    [refuse('entitlement.above-ceiling', { organization: 'Acme' }), 'Acme may not have this access.'],
    [refuse('input.too-large', { limit: '1 MiB' }), 'That is more than fits: at most 1 MiB.'],
    [refuse('input.invalid', { problem: 'name: is missing' }), 'The request is not right.'],
    [refuse('auth.required'), 'Sign in, or send an API key as a Bearer token.'],
  ])('%s', (refusal, title) => {
    expect(problemOf(refusal, 'https://remit.example', 'r').title).toBe(title);
  });
});
