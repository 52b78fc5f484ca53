import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openEgressSockets } from '../../src/platform/egress-socket.ts';
import { type DirectoryAddress, equals, isPresent, openDirectory } from '../../src/platform/ldap.ts';
import type { Session } from '../../src/provisioning/connectors/connector.ts';
import { ldapConnector } from '../../src/provisioning/connectors/ldap.ts';
import { makeAuthority } from '../harness/certificate.ts';
import { describeWith } from '../harness/peers.ts';
import { type Slapd, startSlapd } from '../harness/slapd.ts';

const password = 'Canary-bind-password-9';
const rules = (...ports: number[]) => ({ networks: ['127.0.0.0/8'], httpHosts: [] as string[], ports });
const me = { dn: 'cn=remit,dc=acme,dc=example', password };
const failsAs = (problem: string, more: object = {}) =>
  expect.objectContaining({ name: 'LdapError', problem, ...more });

/** Plays a server: what it answers to each piece that arrives, and what it heard. */
const servers: { server: Server; sockets: Socket[] }[] = [];
afterEach(() => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});
async function playing(answers: (Buffer | 'close')[]): Promise<{ port: number; heard(): string }> {
  const parts: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    let turn = 0;
    socket.on('error', () => {});
    socket.on('data', (part) => {
      parts.push(part);
      const answer = answers[turn++];
      if (answer === 'close') socket.destroy();
      else if (answer) socket.write(answer);
    });
  });
  servers.push({ server, sockets });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    heard: () => Buffer.concat(parts).toString('latin1'),
  };
}
const connect = (port: number, more: Partial<DirectoryAddress> = {}, plain: string[] = []) =>
  openDirectory(
    { host: '127.0.0.1', port, security: 'starttls', ...more },
    me,
    openEgressSockets({ ...rules(port), httpHosts: plain }),
    AbortSignal.timeout(3000),
  );

/** A message: identifier, kind, result code, name, words (RFC 4511, section 4.1). */
function message(id: number, kind: number, inside: Buffer): Buffer {
  const number = id < 128 ? [1, id] : [2, id >> 8, id & 255];
  const body = Buffer.concat([Buffer.from([2, ...number]), tlv(kind, inside)]);
  return tlv(0x30, body);
}
function tlv(tag: number, value: Buffer): Buffer {
  const head = value.length < 128 ? [value.length] : [0x82, value.length >> 8, value.length & 255];
  return Buffer.concat([Buffer.from([tag, ...head]), value]);
}
const text = (value: string): Buffer => tlv(4, Buffer.from(value));
const result = (code: number, words = ''): Buffer =>
  Buffer.concat([Buffer.from([10, 1, code]), text(''), text(words)]);
const bound = message(1, 0x61, result(0));
const entry = (id: number, dn: string): Buffer =>
  message(id, 0x64, Buffer.concat([text(dn), tlv(0x30, Buffer.alloc(0))]));
const done = (id: number, code = 0): Buffer => message(id, 0x65, result(code));
const root = Buffer.concat([entry(2, ''), done(2)]);
const plain = { security: 'clear' } as const;
const allowed = ['127.0.0.1'];

describe('a directory that means no good', () => {
  it.each([
    ['says no to StartTLS', [message(1, 0x78, result(52))]],
    ['does not know StartTLS', [message(1, 0x78, result(2))]],
    ['answers another question', [message(7, 0x78, result(0))]],
    ['says yes and goes on in clear', [Buffer.concat([message(1, 0x78, result(0)), bound])]],
    ['says yes and half a word more', [Buffer.concat([message(1, 0x78, result(0)), Buffer.from([0x30])])]],
    ['does not speak LDAP', [Buffer.from('220 hello\r\n')]],
    ['hangs up', ['close'] as const],
  ])('hears no password when it %s', async (_, answers) => {
    const server = await playing([...answers]);
    await expect(connect(server.port)).rejects.toEqual(failsAs('not-encrypted'));
    expect(server.heard()).not.toContain(password);
    expect(server.heard()).not.toContain('remit');
  });

  it('hears no password when its certificate is another’s, or it has none', async () => {
    const yes = message(1, 0x78, result(0));
    const server = await playing([yes, Buffer.from('not TLS at all')]);
    await expect(connect(server.port)).rejects.toEqual(failsAs('no-trust'));
    expect(server.heard()).not.toContain(password);
  });

  it('hears nothing in clear unless the operator allows that host', async () => {
    const server = await playing([bound, root]);
    await expect(connect(server.port, plain)).rejects.toEqual(failsAs('not-encrypted'));
    expect(server.heard()).toBe('');
    const directory = await connect(server.port, plain, allowed);
    expect(directory.encrypted).toBe(false);
    await expect(directory.setPassword('uid=ada', 'Canary-of-a-person')).rejects.toEqual(
      failsAs('not-encrypted'),
    );
    expect(server.heard()).not.toContain('Canary-of-a-person');
    directory.close();
  });

  it('signs nobody in with an empty password', async () => {
    const server = await playing([bound, root]);
    await expect(
      openDirectory(
        { host: '127.0.0.1', port: server.port, security: 'clear' },
        { ...me, password: '' },
        openEgressSockets({ ...rules(server.port), httpHosts: allowed }),
        AbortSignal.timeout(2000),
      ),
    ).rejects.toEqual(failsAs('answered', { code: 49 }));
    expect(server.heard()).toBe('');
  });

  const read = async (answer: Buffer | 'close') => {
    const server = await playing([bound, root, answer]);
    const directory = await connect(server.port, plain, allowed);
    return directory.search({
      base: 'ou=people,dc=acme',
      scope: 'sub',
      filter: isPresent('objectClass'),
      attributes: ['uid'],
      page: { size: 2 },
    });
  };
  const inside = entry(3, 'uid=ada,ou=people,dc=acme');

  it('is not taken at its word for entries that are not below the base', async () => {
    for (const dn of ['uid=ada,ou=admins,dc=acme', 'uid=ada\\,ou=people,dc=acme', 'nonsense', ''])
      await expect(read(Buffer.concat([entry(3, dn), done(3)])), dn).rejects.toEqual(failsAs('nonsense'));
    expect((await read(Buffer.concat([inside, done(3)]))).entries).toHaveLength(1);
  });

  it.each([
    ['size-limit', Buffer.concat([inside, done(3, 4)])],
    ['size-limit', Buffer.concat([inside, done(3, 11)])],
    ['time-limit', Buffer.concat([inside, done(3, 3)])],
    ['elsewhere', Buffer.concat([inside, message(3, 0x73, text('ldap://other.example/dc=acme')), done(3)])],
  ])('has its list called cut: %s', async (cut, answer) => {
    expect(await read(answer)).toMatchObject({ entries: [{ dn: 'uid=ada,ou=people,dc=acme' }], cut });
  });

  it('has no list at all when it hangs up in the middle, answers otherwise, or says too much', async () => {
    await expect(read('close')).rejects.toEqual(failsAs('unreachable', { mayHaveHappened: false }));
    await expect(read(done(3, 51))).rejects.toEqual(failsAs('answered', { code: 51 }));
    await expect(read(done(3, 10))).rejects.toEqual(failsAs('answered', { code: 10 }));
    await expect(read(Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]))).rejects.toEqual(
      failsAs('nonsense'),
    );
    await expect(read(Buffer.from([0x30, 0x80, 0, 0]))).rejects.toEqual(failsAs('nonsense'));
    await expect(read(message(3, 0x64, Buffer.from([4, 127, 1])))).rejects.toEqual(failsAs('nonsense'));
    // Its notice that it ends the connection (section 4.4.1).
    await expect(read(message(0, 0x78, result(52)))).rejects.toEqual(failsAs('unreachable'));
  });

  it('gives many values in parts, or the entry is not taken for read', async () => {
    const part = (id: number, type: string, ...values: string[]): Buffer =>
      message(
        id,
        0x64,
        Buffer.concat([
          text('cn=staff,dc=acme'),
          tlv(0x30, tlv(0x30, Buffer.concat([text(type), tlv(0x31, Buffer.concat(values.map(text)))]))),
        ]),
      );
    const group = async (...answers: (Buffer | 'close')[]) => {
      const server = await playing([bound, root, ...answers]);
      const directory = await connect(server.port, plain, allowed);
      const { entries } = await directory.search({
        base: 'cn=staff,dc=acme',
        scope: 'base',
        filter: isPresent('objectClass'),
        attributes: ['member'],
      });
      return entries[0]!.values.member;
    };
    const first = Buffer.concat([part(3, 'member;range=0-1', 'a', 'b'), done(3)]);
    const second = Buffer.concat([part(4, 'member;range=2-2', 'c'), done(4)]);
    const last = Buffer.concat([part(5, 'member;range=3-*', 'd'), done(5)]);
    expect(await group(first, second, last)).toEqual(['a', 'b', 'c', 'd']);
    await expect(group(first, second, 'close')).rejects.toEqual(failsAs('unreachable'));
    await expect(group(first, done(4))).rejects.toEqual(failsAs('nonsense'));
    await expect(group(first, Buffer.concat([part(4, 'member;range=0-1', 'a'), done(4)]))).rejects.toEqual(
      failsAs('nonsense'),
    );
    const endless = Array.from({ length: 4200 }, (_, n) =>
      Buffer.concat([part(4 + n, `member;range=${n + 2}-${n + 2}`, 'x'), done(4 + n)]),
    );
    await expect(group(first, ...endless)).rejects.toMatchObject({ problem: 'answered', code: 4 });
  });

  it('may have carried out what it did not answer, and is not asked again', async () => {
    const server = await playing([bound, root, 'close']);
    const directory = await connect(server.port, plain, allowed);
    await expect(directory.remove('uid=ada,ou=people,dc=acme')).rejects.toEqual(
      failsAs('unreachable', { mayHaveHappened: true }),
    );
    const before = server.heard().length;
    await expect(directory.remove('uid=bob,ou=people,dc=acme')).rejects.toEqual(
      failsAs('unreachable', { mayHaveHappened: false }),
    );
    expect(server.heard()).toHaveLength(before);
  });

  it('quotes nothing in what goes wrong but names of attributes that were sent', async () => {
    const words = 'mail: value #0 of uid=ada has Canary-of-a-person, see also userPassword';
    const server = await playing([bound, root, message(3, 0x69, result(21, words))]);
    const directory = await connect(server.port, plain, allowed);
    const error = await directory.add('uid=ada,dc=acme', { mail: ['x'] }).catch((error: unknown) => error);
    expect(error).toEqual(failsAs('answered', { code: 21, attribute: 'mail' }));
    expect(JSON.stringify(error) + String(error)).not.toMatch(/Canary|userPassword/);
  });
});

describeWith('slapd', 'the directory', () => {
  let slapd: Slapd;
  beforeAll(async () => {
    slapd = await startSlapd();
    await slapd.change(
      ['ada', 'bob', 'eve', 'admin']
        .map(
          (uid) =>
            `dn: uid=${uid},${slapd.people}\nobjectClass: inetOrgPerson\ncn: ${uid}\nsn: ${uid}\nemployeeNumber: ${uid}\n`,
        )
        .join('\n'),
    );
  });
  afterAll(() => slapd?.close());

  const opened = (more: Record<string, string> = {}): Promise<Session> =>
    ldapConnector.open(
      {
        host: slapd.host,
        port: String(slapd.tlsPort),
        trust: slapd.trust,
        account: slapd.manager.dn,
        base: slapd.people,
        groupBase: slapd.groups,
        ...more,
      },
      { password: slapd.manager.password },
      {
        egress: undefined as never,
        sockets: openEgressSockets(rules(slapd.tlsPort, slapd.port)),
        deadline: AbortSignal.timeout(10_000),
        roles: [],
      },
    );

  it.each([
    ['of another authority', { trust: makeAuthority().certificate }],
    ['of nobody that the system knows', { trust: '' }],
  ])('is not spoken to with a certificate %s', async (_, settings) => {
    for (const security of ['tls', 'starttls'])
      await expect(
        opened({ ...settings, security, port: String(security === 'tls' ? slapd.tlsPort : slapd.port) }),
      ).rejects.toMatchObject({ name: 'ConnectorError', problem: 'no-trust', mayHaveHappened: false });
  });

  it('is not spoken to under a name that its certificate does not have', async () => {
    await slapd.stop();
    await slapd.start({ names: ['ldap.other.example'] });
    for (const security of ['tls', 'starttls'])
      await expect(
        opened({ security, port: String(security === 'tls' ? slapd.tlsPort : slapd.port) }),
      ).rejects.toMatchObject({ problem: 'no-trust' });
    await slapd.stop();
    await slapd.start({});
    await (await opened()).close();
  });

  it('without TLS gets no password by StartTLS', async () => {
    await slapd.stop();
    await slapd.start({ tls: false });
    await expect(opened({ security: 'starttls', port: String(slapd.port) })).rejects.toMatchObject({
      problem: 'no-trust',
    });
    await slapd.stop();
    await slapd.start({});
  });

  /** Each stands where a value stands: one entry is touched, and it is called exactly this or not made at all. */
  it.each([
    '*)(uid=*',
    'ada)(|(uid=*',
    'x,ou=groups',
    `x,${'ou=disabled,dc=acme,dc=example'}`,
    'x+cn=root',
    'x+employeeNumber=admin',
    '#0403616461',
    ' ada',
    'ada ',
    'x\\',
    'x\\2c',
    'x";=<>',
    'x\0y',
    'x\ny',
    'ａｄｍｉｎ',
    'ADMIN',
    '../admin',
    '*',
    '()',
    '\u202eada',
  ])('has nothing but one entry touched by %j', async (value) => {
    const count = async () => (await slapd.search('(objectClass=*)', { attributes: ['1.1'] })).length;
    const snapshot = async () =>
      JSON.stringify(
        (await slapd.search(`(|(uid=ada)(uid=bob)(uid=eve)(uid=admin)(objectClass=groupOfNames))`)).map(
          ({ dn, values }) => [dn, values.entrycsn],
        ),
      );
    const [before, others] = [await count(), await snapshot()];
    const session = await opened();
    const wanted = { enabled: true, roles: [], values: { uid: value, cn: value, sn: value } };
    const made = await session.create({ ...wanted, correlation: `own-${value}` }).catch((error: unknown) => {
      expect(error).toMatchObject({ name: 'ConnectorError' });
    });
    expect(await count()).toBe(before + (made ? 1 : 0));
    expect(await snapshot()).toBe(others);
    if (made) {
      expect(made.values).toMatchObject({ uid: value, cn: value, sn: value });
      const [there] = await slapd.search(`(entryUUID=${made.id})`);
      expect(there!.values.uid).toEqual([value]);
      // Directly below the base, and in no other place.
      expect(there!.dn.toLowerCase().endsWith(`,${slapd.people}`)).toBe(true);
      await session.delete(made.id);
    }
    expect(await session.find(value)).toBeUndefined();
    expect(await session.read(value)).toBeUndefined();
    await session.delete(value);
    await session
      .ensureRole(value)
      .catch((error: unknown) => expect(error).toMatchObject({ problem: 'refused' }));
    expect(await snapshot()).toContain('uid=ada');
    const groups = await slapd.search('(objectClass=groupOfNames)', { attributes: ['cn'] });
    for (const { dn } of groups)
      await slapd.change(`dn:: ${Buffer.from(dn).toString('base64')}\nchangetype: delete\n`);
    expect([await count(), await snapshot()]).toEqual([before, others]);
    await session.close();
  });

  it('reads by pages until the cookie is empty, over entries that may not be seen', async () => {
    const directory = await openDirectory(
      { host: slapd.host, port: slapd.tlsPort, security: 'tls', trust: slapd.trust },
      { dn: slapd.manager.dn, password: slapd.manager.password },
      openEgressSockets(rules(slapd.tlsPort)),
      AbortSignal.timeout(5000),
    );
    const found: string[] = [];
    let from: string | undefined;
    let pages = 0;
    do {
      const page = await directory.search({
        base: slapd.people,
        scope: 'one',
        filter: equals('objectClass', 'inetOrgPerson'),
        attributes: ['uid'],
        page: { size: 1, from },
      });
      expect(page.cut).toBeUndefined();
      found.push(...page.entries.map(({ values }) => values.uid![0]!));
      from = page.next;
      pages += 1;
    } while (from !== undefined);
    expect([...found].sort()).toEqual(['ada', 'admin', 'bob', 'eve']);
    expect(pages).toBeGreaterThan(3);
    directory.close();
  });

  it('has a connection that ends with the server, and no other in its place', async () => {
    const session = await opened();
    expect(await session.find('ada')).toBeDefined();
    await slapd.stop();
    await slapd.start({});
    await expect(session.find('ada')).rejects.toMatchObject({ problem: 'unreachable' });
    await expect(session.find('ada')).rejects.toMatchObject({
      problem: 'unreachable',
      mayHaveHappened: false,
    });
    await session.close();
  });
});
