/**
 * A process of its own that answers at once: a system with accounts behind HTTP. It makes what it is asked to make, and
 * tells page by page the accounts that it was given. Beside nobody's event loop but its own.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Kept = { id: string; ref: string; on: boolean; name: string; mail: string; title: string };
/** `add`: accounts that it has from now on; `drop`: none any more */
export type Order = { add: Kept[] } | { drop: true };
export type Told = { port: number } | { got: number };

const accounts: Kept[] = [];
let made = 0;

const server = createServer({ keepAliveTimeout: 60_000 }, (request, answer) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const reply = (status: number, value: unknown): void => {
      const body = JSON.stringify(value);
      answer.writeHead(status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      });
      answer.end(body);
    };
    if (request.method === 'POST') {
      made += 1;
      return reply(201, { ...JSON.parse(Buffer.concat(parts).toString('utf8')), id: `u${made}` });
    }
    const { searchParams } = new URL(request.url!, 'http://x');
    const from = Number(searchParams.get('from') ?? 0);
    const size = Number(searchParams.get('size') ?? 100);
    reply(200, { users: accounts.slice(from, from + size), total: accounts.length });
  });
});

process.on('message', (order: Order) => {
  if ('drop' in order) accounts.length = 0;
  else for (const one of order.add) accounts.push(one);
  process.send!({ got: accounts.length } satisfies Told);
});
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
  process.send!({ port: (server.address() as AddressInfo).port } satisfies Told);
});
