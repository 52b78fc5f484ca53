import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A port on loopback that nobody listens on, for a server whose address has to be known before it stands. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}
