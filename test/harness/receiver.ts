import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message as an endpoint of somebody's gets it. */
export type Received = { headers: IncomingHttpHeaders; body: string };

export type Receiver = {
  url: string;
  port: number;
  /** everything that came, oldest first */
  got: Received[];
  /** what it answers from now on; 200 until then */
  answers(how: number | ((answer: ServerResponse) => void), headers?: Record<string, string>): void;
  close(): Promise<void>;
};

/** An endpoint for webhooks: a real HTTP server on loopback. */
export async function startReceiver(): Promise<Receiver> {
  const got: Received[] = [];
  let reply: (answer: ServerResponse) => void = (answer) => answer.writeHead(200).end();
  const server = createServer((request, answer) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      got.push({ headers: request.headers, body });
      reply(answer);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    got,
    answers(how, headers = {}) {
      reply = typeof how === 'number' ? (answer) => answer.writeHead(how, headers).end() : how;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
