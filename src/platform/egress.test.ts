import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { EgressError, openEgress, type Resolve } from './egress.ts';

const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

async function receiver(listener: RequestListener, host = '127.0.0.1'): Promise<number> {
  const server = createServer(listener);
  open.push(server);
  await new Promise<void>((done) => server.listen(0, host, done));
  return (server.address() as AddressInfo).port;
}

const loopback = (port: number) => ({
  networks: ['127.0.0.1'],
  httpHosts: ['a.example', '127.0.0.1'],
  ports: [port],
});
const resolvesTo =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses;
const post = (url: string) =>
  ({ method: 'POST', url, headers: { 'content-type': 'text/plain' }, body: 'grüße', want: 'body' }) as const;
const hindered = (hindrance: string) => expect.objectContaining({ name: 'EgressError', hindrance });

describe('a call', () => {
  it('goes to the address that was resolved, under the name that was asked', async () => {
    const seen: unknown[] = [];
    const port = await receiver((request, answer) => {
      request.setEncoding('utf8').on('data', (body) => seen.push(request.method, request.headers.host, body));
      request.on('end', () => answer.end('thanks'));
    });
    const egress = openEgress(loopback(port), { resolve: resolvesTo('127.0.0.1') });
    const { status, body } = await egress.call(post(`http://a.example:${port}/hook`));
    expect([status, body]).toEqual([200, 'thanks']);
    expect(seen).toEqual(['POST', `a.example:${port}`, 'grüße']);
  });

  it('asks for a name once: what the name server says afterwards counts for nothing', async () => {
    let reached = 0;
    const port = await receiver((_, answer) => {
      reached += 1;
      answer.end();
    });
    const answers = [['127.0.0.1'], ['127.0.0.2'], ['10.0.0.1']];
    let asked = 0;
    const resolve: Resolve = async () => answers[asked++]!;
    const egress = openEgress(loopback(port), { resolve });
    await egress.call(post(`http://a.example:${port}/`));
    expect([asked, reached]).toEqual([1, 1]);
    // The next call finds the other address, and is not made.
    await expect(egress.call(post(`http://a.example:${port}/`))).rejects.toEqual(
      hindered('address-not-allowed'),
    );
    expect([asked, reached]).toEqual([2, 1]);
  });

  it('is not made when one of several addresses is inside', async () => {
    let reached = 0;
    const port = await receiver((_, answer) => {
      reached += 1;
      answer.end();
    });
    for (const inside of [
      '10.0.0.1',
      '::1',
      '::ffff:10.0.0.1',
      '64:ff9b::7f00:1',
      '169.254.169.254',
      'nonsense',
    ]) {
      const egress = openEgress(loopback(port), { resolve: resolvesTo('127.0.0.1', inside) });
      await expect(egress.call(post(`http://a.example:${port}/`)), inside).rejects.toEqual(
        hindered('address-not-allowed'),
      );
    }
    const without = openEgress({ networks: [], httpHosts: ['127.0.0.1'], ports: [port] });
    await expect(without.call(post(`http://127.0.0.1:${port}/`))).rejects.toEqual(
      hindered('address-not-allowed'),
    );
    expect(reached).toBe(0);
  });

  it('follows no redirect', async () => {
    let reached = 0;
    const port = await receiver((request, answer) => {
      reached += 1;
      answer.writeHead(request.url === '/' ? 302 : 200, { location: '/elsewhere' }).end();
    });
    const { status } = await openEgress(loopback(port)).call(post(`http://127.0.0.1:${port}/`));
    expect([status, reached]).toEqual([302, 1]);
  });

  it('ends by time: a head that never comes, a body that drips, a name server that is silent', async () => {
    const limits = { milliseconds: 150, bytes: 1000 };
    const silent = await receiver(() => {});
    const dripping = await receiver((_, answer) => {
      const drip = setInterval(() => answer.write('.'), 20);
      answer.on('close', () => clearInterval(drip));
    });
    for (const port of [silent, dripping])
      await expect(
        openEgress(loopback(port), { limits }).call(post(`http://127.0.0.1:${port}/`)),
      ).rejects.toEqual(hindered('timeout'));
    const egress = openEgress(loopback(1), { limits, resolve: () => new Promise(() => {}) });
    await expect(egress.call(post('http://a.example/'))).rejects.toEqual(hindered('timeout'));
  });

  it('reads no more than fits, and nothing where only the status is asked for', async () => {
    const port = await receiver((_, answer) => {
      answer.on('error', () => {});
      answer.end('x'.repeat(5_000_000));
    });
    const url = `http://127.0.0.1:${port}/`;
    const egress = openEgress(loopback(port));
    await expect(egress.call(post(url))).rejects.toEqual(hindered('too-large'));
    expect(await egress.call({ ...post(url), want: 'status' })).toMatchObject({ status: 200, body: '' });
    const shouting = await receiver((_, answer) => answer.setHeader('x', 'y'.repeat(20_000)).end());
    await expect(openEgress(loopback(shouting)).call(post(`http://127.0.0.1:${shouting}/`))).rejects.toEqual(
      hindered('too-large'),
    );
  });

  it('says what hindered it', async () => {
    const port = await receiver((request) => request.socket.destroy());
    const egress = openEgress({ ...loopback(port), ports: [port, 9] }, { resolve: resolvesTo('127.0.0.1') });
    await expect(egress.call(post(`http://127.0.0.1:${port}/`))).rejects.toEqual(hindered('unreachable'));
    await expect(egress.call(post('http://127.0.0.1:9/'))).rejects.toEqual(hindered('unreachable'));
    await expect(egress.call(post(`https://127.0.0.1:${port}/`))).rejects.toBeInstanceOf(EgressError);
    const unknown = openEgress(loopback(port), { resolve: resolvesTo() });
    await expect(unknown.call(post(`http://a.example:${port}/`))).rejects.toEqual(hindered('name-not-found'));
  });
});
