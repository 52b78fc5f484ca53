import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { makeAuthority } from '../../test/harness/certificate.ts';
import type { Resolve } from './egress.ts';
import { openEgressSockets } from './egress-socket.ts';

const authority = makeAuthority();
const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

async function listening(server: Server, seen: (socket: Socket) => void = () => {}): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    seen(socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const tlsServer = (names: readonly string[], valid?: { from: Date; until: Date }): Server => {
  const { certificate, key } = authority.issue(names, valid);
  const server = createTlsServer({ cert: certificate, key }, (socket) => socket.end('hello'));
  server.on('tlsClientError', () => {});
  return server;
};

const resolvesTo =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses;
const rules = (...ports: number[]) => ({ networks: ['127.0.0.0/30'], httpHosts: ['plain.example'], ports });
const soon = () => AbortSignal.timeout(2000);
const call = (port: number, host = 'a.example') =>
  ({ host, port, usualPorts: [389], security: 'plain' }) as const;
const hindered = (hindrance: string) => expect.objectContaining({ name: 'EgressError', hindrance });

describe('a socket', () => {
  it('goes to an address that was judged, on a port that was allowed', async () => {
    let reached = 0;
    const port = await listening(createServer(), () => {
      reached += 1;
    });
    const sockets = openEgressSockets(rules(port), { resolve: resolvesTo('127.0.0.1') });
    (await sockets.connect(call(port), soon())).destroy();
    expect(reached).toBe(1);
    for (const addresses of [
      ['10.0.0.1'],
      ['127.0.0.1', '10.0.0.1'],
      ['127.0.0.1', '::ffff:10.0.0.1'],
      ['169.254.169.254'],
    ])
      await expect(
        openEgressSockets(rules(port), { resolve: resolvesTo(...addresses) }).connect(call(port), soon()),
        addresses.join(),
      ).rejects.toEqual(hindered('address-not-allowed'));
    await expect(
      openEgressSockets(rules(), { resolve: resolvesTo('127.0.0.1') }).connect(call(port), soon()),
    ).rejects.toEqual(hindered('port-not-allowed'));
    await expect(
      openEgressSockets({ ...rules(port), networks: [] }).connect(call(port, '127.0.0.1'), soon()),
    ).rejects.toEqual(hindered('address-not-allowed'));
    expect(reached).toBe(1);
  });

  it('has a host and nothing beside it', async () => {
    const sockets = openEgressSockets(rules(389), { resolve: resolvesTo('127.0.0.1') });
    for (const host of [
      'a@b',
      'a/b',
      'a:80',
      'a:389',
      'a?b',
      'a#b',
      'a b',
      'a\tb',
      'a\\b',
      '',
      'a\nb',
      'ldap://a',
    ])
      await expect(sockets.connect(call(389, host), soon()), host).rejects.toEqual(
        hindered('not-an-address'),
      );
  });

  it('takes the next address when one is down', async () => {
    const port = await listening(createServer());
    const sockets = openEgressSockets(rules(port), { resolve: resolvesTo('127.0.0.2', '127.0.0.1') });
    const socket = await sockets.connect(call(port), soon());
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
    await expect(
      openEgressSockets(rules(port), { resolve: resolvesTo('127.0.0.2') }).connect(call(port), soon()),
    ).rejects.toEqual(hindered('unreachable'));
  });

  it('trusts a certificate of this name from this authority in its time, and no other', async () => {
    const tls = async (server: Server, host: string, trust?: string): Promise<string> => {
      const port = await listening(server);
      const sockets = openEgressSockets(rules(port), { resolve: resolvesTo('127.0.0.1') });
      const socket = await sockets.connect({ ...call(port, host), security: 'tls', trust }, soon());
      let said = '';
      for await (const part of socket) said += part;
      return said;
    };
    const { certificate: trust } = authority;
    expect(await tls(tlsServer(['a.example']), 'a.example', trust)).toBe('hello');
    expect(await tls(tlsServer(['127.0.0.1']), '127.0.0.1', trust)).toBe('hello');
    const past = { from: new Date('2020-01-01'), until: new Date('2021-01-01') };
    for (const [server, host, from] of [
      [tlsServer(['b.example']), 'a.example', trust],
      [tlsServer(['a.example']), '127.0.0.1', trust],
      [tlsServer(['a.example']), 'a.example', undefined],
      [tlsServer(['a.example']), 'a.example', makeAuthority().certificate],
      [tlsServer(['a.example'], past), 'a.example', trust],
      [createServer((socket) => socket.end('220 no TLS here\r\n')), 'a.example', trust],
    ] as const)
      await expect(tls(server, host, from)).rejects.toEqual(hindered('no-trust'));
  });

  it('ends with its deadline: before, while a handshake hangs, and when it stands', async () => {
    const port = await listening(createServer());
    const sockets = openEgressSockets(rules(port), { resolve: resolvesTo('127.0.0.1') });
    await expect(sockets.connect(call(port), AbortSignal.abort())).rejects.toEqual(hindered('timeout'));
    await expect(
      sockets.connect({ ...call(port), security: 'tls' }, AbortSignal.timeout(50)),
    ).rejects.toEqual(hindered('timeout'));
    const ends = new AbortController();
    const socket = await sockets.connect(call(port), ends.signal);
    const closed = new Promise<void>((done) => socket.once('close', () => done()));
    socket.on('error', () => {});
    ends.abort();
    await closed;
    const silent = openEgressSockets(rules(port), { resolve: () => new Promise(() => {}) });
    await expect(silent.connect(call(port), AbortSignal.timeout(50))).rejects.toEqual(hindered('timeout'));
  });

  it('knows for which hosts the operator allows what is not encrypted', () => {
    const sockets = openEgressSockets(rules());
    expect(['plain.example', 'PLAIN.example.', 'a.example'].map(sockets.mayStayPlain)).toEqual([
      true,
      true,
      false,
    ]);
  });
});
