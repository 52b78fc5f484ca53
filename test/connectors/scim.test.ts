import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEgress } from '../../src/platform/egress.ts';
import { openEgressSockets } from '../../src/platform/egress-socket.ts';
import type { Session, Wanted } from '../../src/provisioning/connectors/connector.ts';
import { scimConnector } from '../../src/provisioning/connectors/scim.ts';
import { type ScimServer, startScimServer } from '../harness/better-auth-scim.ts';
import { conforms } from './suite.ts';

let server: ScimServer;
beforeAll(async () => {
  server = await startScimServer();
});
afterAll(() => server.stop());

const rules = (port: string) => ({
  networks: ['127.0.0.0/8'],
  httpHosts: ['127.0.0.1'],
  ports: [Number(port)],
});

async function opened(roles: readonly string[] = [], token = server.token): Promise<Session> {
  const { port } = new URL(server.url);
  return await scimConnector.open(
    { url: server.url, pageSize: '2' },
    { token },
    {
      egress: openEgress(rules(port), { limits: { milliseconds: 5000, bytes: 1_000_000 } }),
      sockets: openEgressSockets(rules(port)),
      deadline: AbortSignal.timeout(30_000),
      roles,
    },
  );
}

conforms('the SCIM connector', scimConnector, () => ({
  connector: scimConnector,
  settings: { url: server.url, pageSize: '3' },
  secrets: { token: server.token },
  allowed: { ports: [Number(new URL(server.url).port)], httpHosts: ['127.0.0.1'] },
  person: (name) => ({
    userName: name,
    displayName: `${name} Jansen`,
    familyName: 'Jansen',
    email: `${name}@acme.example`,
    title: 'Installer',
  }),
  text: 'title',
  other: 'familyName',
  rename: (name) => ({ userName: `${name}@acme.example` }),
  wrongSecrets: { token: 'Canary-Wrong-Token-That-Is-Long-Enough' },
}));

const person = (name: string, over: Partial<Wanted> = {}): Wanted => ({
  correlation: `id-${name}`,
  enabled: true,
  values: {
    userName: `${name}@acme.example`,
    givenName: name,
    familyName: 'Jansen',
    displayName: `${name} Jansen`,
    email: `${name}@acme.example`,
    title: 'Installer',
    department: 'North',
  },
  roles: [],
  ...over,
});

describe('the SCIM connector at a server that shares no code with it', () => {
  it('makes, finds, changes, disables, enables and deletes an account', async () => {
    const first = await opened();
    const role = await first.ensureRole('Staff');
    expect(await first.ensureRole('Staff')).toBe(role);
    const session = await opened([role]);
    expect((await session.test()).map(({ level }) => level)).not.toContain('bad');
    const made = await session.create(person('sam', { roles: [role] }));
    expect(await session.find('id-sam')).toMatchObject({
      id: made.id,
      correlation: 'id-sam',
      enabled: true,
      roles: [role],
      values: person('sam').values,
    });
    await expect(session.create(person('sam'))).rejects.toMatchObject({ problem: 'exists' });
    await session.update(made.id, {
      values: { title: null, familyName: 'O\'Neil "x"', email: 'new@acme.example', department: 'South' },
      rolesAdded: [],
      rolesRemoved: [role],
    });
    expect(await session.read(made.id)).toMatchObject({
      values: { title: null, familyName: 'O\'Neil "x"', email: 'new@acme.example', department: 'South' },
      roles: [],
    });
    await session.disable(made.id);
    expect(await session.read(made.id)).toMatchObject({ enabled: false });
    await session.disable(made.id);
    await session.enable(made.id);
    expect(await session.read(made.id)).toMatchObject({ enabled: true });
    await session.delete(made.id);
    await session.delete(made.id);
    expect(await session.read(made.id)).toBeUndefined();
    expect(await session.find('id-sam')).toBeUndefined();
  });

  it('reads everybody page by page, and says when that was all', async () => {
    const session = await opened();
    for (const name of ['ada', 'bo', 'cy', 'di', 'eve']) await session.create(person(name));
    const seen: string[] = [];
    let page = await session.list();
    for (;;) {
      seen.push(...page.seen.map(({ correlation }) => correlation!));
      if (page.next === undefined) break;
      expect(page.whole).toBe(false);
      page = await session.list(page.next);
    }
    expect(page.whole).toBe(true);
    expect(seen.filter((one) => one.startsWith('id-')).sort()).toEqual(
      ['ada', 'bo', 'cy', 'di', 'eve'].map((name) => `id-${name}`),
    );
  });

  it('says what is wrong without a secret in it', async () => {
    const session = await opened([], 'wrong-token-wrong-token-wrong-token');
    const error: Error = await session.list().then(
      () => expect.fail('let in'),
      (caught: Error) => caught,
    );
    expect(error).toMatchObject({ problem: 'no-permission', status: '401' });
    expect(JSON.stringify([error.message, String(error.cause)])).not.toContain('wrong-token');
  });
});
