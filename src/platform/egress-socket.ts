import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { addressesOf, before, EgressError, type Resolve } from './egress.ts';
import { type EgressRules, mayConnect } from './egress-rules.ts';

/**
 * Connections of protocols other than HTTP (a directory, a database), under the rules of ruling 16: the name is resolved
 * once, all its addresses are judged, and only these are connected.
 */
export type SocketCall = {
  host: string;
  port: number;
  /** ports of this protocol that need no operator's word */
  usualPorts: readonly number[];
  /** `tls`: encrypted from the first byte. `plain`: the protocol may encrypt later (`upgrade`). */
  security: 'tls' | 'plain';
  /** certificates (PEM) that are trusted instead of the system's */
  trust?: string | undefined;
};

export type EgressSockets = {
  /** @throws {EgressError} */
  connect(call: SocketCall, deadline: AbortSignal): Promise<Socket>;
  /** Encrypts a connection that stands (StartTLS). @throws {EgressError} `no-trust` */
  upgrade(
    socket: Socket,
    call: Pick<SocketCall, 'host' | 'trust'>,
    deadline: AbortSignal,
  ): Promise<TLSSocket>;
};

export function openEgressSockets(
  rules: EgressRules,
  { resolve }: { resolve?: Resolve } = {},
): EgressSockets {
  return {
    async connect({ host, port, usualPorts, security, trust }, deadline) {
      if (!usualPorts.includes(port) && !rules.ports.includes(port))
        throw new EgressError('port-not-allowed');
      const url = new URL(`http://${host.includes(':') ? `[${host}]` : host}`);
      if (url.username || url.password || url.pathname !== '/' || url.port)
        throw new EgressError('not-an-address');
      const addresses = await before(deadline, addressesOf(url, resolve));
      if (!addresses.every((address) => mayConnect(rules, address)))
        throw new EgressError('address-not-allowed');
      const socket = connectPlain({ host: addresses[0]!, port, signal: deadline });
      await settled(socket, 'connect', deadline);
      return security === 'tls' ? await this.upgrade(socket, { host, trust }, deadline) : socket;
    },
    async upgrade(socket, { host, trust }, deadline) {
      const tls = connectTls({
        socket,
        host,
        servername: /[a-z]/i.test(host) && !host.includes(':') ? host : '',
        minVersion: 'TLSv1.2',
        ...(trust ? { ca: trust } : {}),
      });
      await settled(tls, 'secureConnect', deadline);
      return tls;
    },
  };
}

/** Waits for the first word of a connection; destroys it where none comes. */
async function settled(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  deadline: AbortSignal,
): Promise<void> {
  try {
    await before(
      deadline,
      new Promise<void>((done, fail) => {
        socket.once(event, () => done());
        socket.once('error', fail);
        socket.once('close', () => fail(new Error('closed')));
      }),
    );
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    if (error instanceof EgressError) throw error;
    const { code = '' } = error as { code?: string };
    const trust = /CERT|SELF_SIGNED|TLS|SSL|UNABLE_TO/.test(code);
    throw new EgressError(trust ? 'no-trust' : 'unreachable', { cause: error });
  }
}
