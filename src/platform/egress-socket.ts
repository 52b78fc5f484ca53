import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { addressesOf, before, EgressError, type Resolve } from './egress.ts';
import { type EgressRules, hostOf, mayConnect } from './egress-rules.ts';

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
  /** The socket is destroyed when the deadline passes. @throws {EgressError} */
  connect(call: SocketCall, deadline: AbortSignal): Promise<Socket>;
  /** Encrypts a connection that stands (StartTLS). @throws {EgressError} `no-trust` */
  upgrade(
    socket: Socket,
    call: Pick<SocketCall, 'host' | 'trust'>,
    deadline: AbortSignal,
  ): Promise<TLSSocket>;
  /** Whether the operator lets secrets go to this host without encryption: those listed for plain HTTP. */
  mayStayPlain(host: string): boolean;
};

export function openEgressSockets(
  rules: EgressRules,
  { resolve }: { resolve?: Resolve } = {},
): EgressSockets {
  return {
    async connect({ host, port, usualPorts, security, trust }, deadline) {
      const url = urlOf(host);
      if (!usualPorts.includes(port) && !rules.ports.includes(port))
        throw new EgressError('port-not-allowed');
      if (deadline.aborted) throw new EgressError('timeout');
      const addresses = await before(deadline, addressesOf(url, resolve));
      if (!addresses.every((address) => mayConnect(rules, address)))
        throw new EgressError('address-not-allowed');
      const socket = await first(addresses, port, deadline);
      return security === 'tls' ? await upgrade(socket, { host, trust }, deadline) : socket;
    },
    upgrade,
    mayStayPlain: (host) => rules.httpHosts.includes(hostOf(urlOf(host))),
  };
}

/** A host and nothing else, as the URL parser reads it; odd spellings of an address come out right. */
function urlOf(host: string): URL {
  const text = `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.username || url.password || url.port || url.pathname !== '/' || url.search || url.hash)
    throw new EgressError('not-an-address');
  // The parser leaves out a port that is the scheme's own, and takes tabs away: neither is a host.
  if (/[\s/?#@\\]|:\d*$/.test(isIP(host) ? '' : host.replace(/^\[.*\]$/, '')))
    throw new EgressError('not-an-address');
  return url;
}

/** The first of the addresses that answers: a server with two of them may have one that is down. */
async function first(addresses: readonly string[], port: number, deadline: AbortSignal): Promise<Socket> {
  let last: unknown;
  for (const address of addresses) {
    const socket = connectPlain({ host: address, port, signal: deadline, noDelay: true });
    try {
      await settled(socket, 'connect', deadline);
      return socket;
    } catch (error) {
      last = error;
      if (deadline.aborted) break;
    }
  }
  throw last;
}

const upgrade: EgressSockets['upgrade'] = async (socket, { host, trust }, deadline) => {
  const name = hostOf(urlOf(host));
  const tls = connectTls({
    socket,
    host: name,
    servername: isIP(name) ? '' : name,
    minVersion: 'TLSv1.2',
    ...(trust ? { ca: trust } : {}),
  });
  try {
    await settled(tls, 'secureConnect', deadline);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return tls;
};

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
    if (deadline.aborted) throw new EgressError('timeout', { cause: error });
    const { code = '' } = error as { code?: string };
    const trust = /CERT|SELF_SIGNED|TLS|SSL|UNABLE_TO|EPROTO/.test(code);
    throw new EgressError(trust ? 'no-trust' : 'unreachable', { cause: error });
  }
}
