import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openEgress } from '../../src/platform/egress.ts';
import { openEgressSockets } from '../../src/platform/egress-socket.ts';
import type { Session } from '../../src/provisioning/connectors/connector.ts';
import { webhookConnector } from '../../src/provisioning/connectors/webhook.ts';

/** What stands there cannot be read, so the suite of all connectors has little to ask: what is told is looked at here. */
type Told = { type: string; data: { account: Record<string, unknown> }; id: string; rightlySigned: boolean };

const key = Buffer.alloc(32, 7);
const secret = `whsec_${key.toString('base64')}`;
let told: Told[] = [];
let answers = 204;
let server: Server;
let port = 0;

beforeAll(async () => {
  server = createServer((request, reply) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString('utf8');
      const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = request.headers;
      const right = `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`;
      told.push({ ...JSON.parse(body), id: String(id), rightlySigned: signature === right });
      reply.writeHead(answers).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise<void>((closed) => server.close(() => closed())));
beforeEach(() => {
  told = [];
  answers = 204;
});

function opened(given = secret): Promise<Session> {
  const rules = { networks: ['127.0.0.0/8'], httpHosts: ['127.0.0.1'], ports: [port] };
  return webhookConnector.open(
    { url: `http://127.0.0.1:${port}/accounts` },
    { secret: given },
    {
      egress: openEgress(rules),
      sockets: openEgressSockets(rules),
      deadline: AbortSignal.timeout(10_000),
      roles: [],
    },
  );
}

describe('the webhook connector', () => {
  it('tells each change once, signed, with all that it is about', async () => {
    const session = await opened();
    const made = await session.create({
      correlation: 'c-1',
      enabled: true,
      values: { userName: 'sam' },
      roles: ['staff'],
    });
    expect(made.id).toBe('c-1');
    await session.update('c-1', {
      values: { userName: 'sam.j' },
      rolesAdded: ['boss'],
      rolesRemoved: ['staff'],
    });
    await session.disable('c-1');
    await session.enable('c-1');
    await session.delete('c-1');
    expect(told.map(({ type }) => type)).toEqual([
      'account.created',
      'account.changed',
      'account.disabled',
      'account.enabled',
      'account.deleted',
    ]);
    expect(told[0]!.data.account).toEqual({
      id: 'c-1',
      enabled: true,
      values: { userName: 'sam' },
      roles: ['staff'],
    });
    expect(told.every(({ rightlySigned, data }) => rightlySigned && data.account.id === 'c-1')).toBe(true);
    expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
  });

  it('says what an answer means, and that a fault may have come after it was done', async () => {
    const session = await opened();
    answers = 500;
    await expect(session.disable('c-1')).rejects.toMatchObject({ problem: 'failing', mayHaveHappened: true });
    answers = 429;
    await expect(session.disable('c-1')).rejects.toMatchObject({ problem: 'slow-down' });
    answers = 302;
    await expect(session.disable('c-1')).rejects.toMatchObject({ problem: 'bad-settings' });
  });

  it('can be asked nothing, takes no password, and signs with nothing that is no secret', async () => {
    const session = await opened();
    for (const act of [
      session.list(),
      session.read('c-1'),
      session.find('c-1'),
      session.setPassword('c-1', 'clear', 'x'),
    ])
      await expect(act).rejects.toMatchObject({ problem: 'bad-settings' });
    await expect(opened('short')).rejects.toMatchObject({ problem: 'bad-settings' });
    expect(told).toEqual([]);
    expect(webhookConnector.check({}).map(({ field }) => field)).toEqual(['url']);
  });
});
