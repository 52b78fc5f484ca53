import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Declaration } from './declaration.ts';
import { fieldNotes } from './field-notes.ts';
import { partsDesk } from './parts-desk.ts';
import { makeRelyingParty, type Surroundings } from './relying-party.ts';

export const declarations: readonly Declaration[] = [partsDesk, fieldNotes];

export type RunningApplications = {
  /** address of each application, by its key */
  urls: Record<string, string>;
  stop(): Promise<void>;
};

/**
 * Starts the demo's two applications on loopback, whether or not Remit is up: they look for it when somebody signs in.
 * @param ports one for each, in the order of `declarations`; 0, or one that is taken, takes a free one
 */
export async function startDemoApplications({
  ports,
  ...around
}: Surroundings & { ports: readonly number[] }): Promise<RunningApplications> {
  const { hostname } = new URL(around.portalUrl);
  const running: Server[] = [];
  const urls: Record<string, string> = {};
  const stop = async (): Promise<void> => {
    await Promise.all(running.splice(0).map(close));
  };
  try {
    for (const [index, declaration] of declarations.entries()) {
      const { server, setUrl } = makeRelyingParty(declaration, around);
      await listenNear(server, ports[index] ?? 0);
      running.push(server);
      const { port } = server.address() as AddressInfo;
      urls[declaration.key] = `http://${hostname}:${port}`;
      setUrl(urls[declaration.key]!);
    }
    return { urls, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', fail);
      done();
    });
  });

/** A neighbor's port may be taken by somebody else's program; any other serves as well, and is registered then. */
async function listenNear(server: Server, port: number): Promise<void> {
  try {
    await listen(server, port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    await listen(server, 0);
  }
}

const close = (server: Server): Promise<void> =>
  new Promise((done) => {
    server.close(() => done());
    // A browser keeps its connection open for the next page, which will not come.
    server.closeAllConnections();
  });
