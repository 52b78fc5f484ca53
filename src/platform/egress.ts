import { lookup as systemLookup } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import {
  type ClientRequest,
  type IncomingMessage,
  Agent as PlainAgent,
  request as plainRequest,
} from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { isIPv6, type LookupFunction } from 'node:net';
import { promisify } from 'node:util';
import { type Barred, barredUrl, type EgressRules, hostOf, literalOf, mayConnect } from './egress-rules.ts';

/**
 * The one module through which anything leaves by HTTP (ruling 16). A name is resolved once, all its addresses are
 * judged, and only these are connected: a name server that says something else a moment later is not asked again. No
 * redirect is followed, no proxy of the environment used; time and size are bounded. Connections are kept only where
 * that is asked for, and then for whoever asked: one that stands was judged when it was made.
 */
export type OutgoingCall = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** `status`: the answer counts when its head has arrived, and what follows is not read */
  want: 'status' | 'body';
  /** over at the latest then, whatever the limits say */
  deadline?: AbortSignal;
};

export type OutgoingAnswer = { status: number; headers: IncomingMessage['headers']; body: string };

/** What kept an answer from coming; says nothing of what stands at the other end beyond that. */
export type Hindrance = Barred | 'name-not-found' | 'timeout' | 'unreachable' | 'no-trust' | 'too-large';

export class EgressError extends Error {
  override name = 'EgressError';
  readonly hindrance: Hindrance;
  /** the request was on its way when it broke off: nobody here knows whether it was carried out */
  readonly mayHaveHappened: boolean;
  constructor(
    hindrance: Hindrance,
    { mayHaveHappened = false, ...options }: ErrorOptions & { mayHaveHappened?: boolean } = {},
  ) {
    super(`the call was not made or not answered: ${hindrance}`, options);
    this.hindrance = hindrance;
    this.mayHaveHappened = mayHaveHappened;
  }
}

export type Resolve = (host: string) => Promise<string[]>;

export type Limits = {
  /** from the first look-up to the end of the answer */
  milliseconds: number;
  /** of the answer's body */
  bytes: number;
};

const usualLimits: Limits = { milliseconds: 10_000, bytes: 65_536 };

export type Egress = {
  /** @throws {EgressError} */
  call(call: OutgoingCall): Promise<OutgoingAnswer>;
  /** Closes kept connections. */
  close(): void;
};

type Agents = { plain: PlainAgent; tls: TlsAgent };

export function openEgress(
  rules: EgressRules,
  {
    resolve = resolveName,
    limits = usualLimits,
    kept = 0,
  }: {
    resolve?: Resolve;
    limits?: Limits;
    /** connections to one host that are kept open between calls; without, each call has its own */
    kept?: number;
  } = {},
): Egress {
  const options = { keepAlive: true, maxSockets: kept, maxFreeSockets: kept, timeout: 30_000 };
  const agents = kept === 0 ? undefined : { plain: new PlainAgent(options), tls: new TlsAgent(options) };
  return {
    close() {
      agents?.plain.destroy();
      agents?.tls.destroy();
    },
    async call(call) {
      const barred = barredUrl(rules, call.url);
      if (barred) throw new EgressError(barred);
      const url = new URL(call.url);
      const bound = AbortSignal.timeout(limits.milliseconds);
      const deadline = call.deadline ? AbortSignal.any([bound, call.deadline]) : bound;
      const addresses = await before(deadline, addressesOf(url, resolve));
      if (!addresses.every((address) => mayConnect(rules, address)))
        throw new EgressError('address-not-allowed');
      return await send(url, addresses, call, limits, deadline, agents);
    },
  };
}

/** The addresses of a name, asked once. */
export async function addressesOf(url: URL, resolve: Resolve = resolveName): Promise<string[]> {
  const literal = literalOf(url);
  if (literal) return [literal];
  const found = await resolve(hostOf(url)).catch((cause: unknown) => {
    throw new EgressError('name-not-found', { cause });
  });
  if (found.length === 0) throw new EgressError('name-not-found');
  return found;
}

const lookUpHere = promisify(systemLookup);

/**
 * Asks the name servers without a thread of the process: the few there are also check passwords, and a slow name
 * server would hold them up. Only a name that no server knows is looked for in the hosts file.
 */
async function resolveName(host: string): Promise<string[]> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (found.length > 0) return found;
  const unknown = answers.every(
    (answer) =>
      answer.status === 'rejected' && ['ENOTFOUND', 'ENODATA'].includes((answer.reason as Coded).code ?? ''),
  );
  if (!unknown) throw new Error('no name server answered');
  return (await lookUpHere(host, { all: true })).map(({ address }) => address);
}

type Coded = { code?: string };

/** What comes first: the answer, or the deadline. */
export async function before<T>(deadline: AbortSignal, answer: Promise<T>): Promise<T> {
  let late: () => void = () => {};
  const lateness = new Promise<never>((_, reject) => {
    late = () => reject(new EgressError('timeout'));
    deadline.addEventListener('abort', late);
  });
  try {
    return await Promise.race([answer, lateness]);
  } finally {
    deadline.removeEventListener('abort', late);
  }
}

/** Node asks this instead of the system, and so connects what was judged. */
const pinned =
  (addresses: readonly string[]): LookupFunction =>
  (_host, options, done) => {
    const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
    const [first] = all;
    if (options.all) done(null, all);
    else done(null, first!.address, first!.family);
  };

function send(
  url: URL,
  addresses: readonly string[],
  { method, headers, body, want }: OutgoingCall,
  limits: Limits,
  deadline: AbortSignal,
  agents: Agents | undefined,
): Promise<OutgoingAnswer> {
  const tls = url.protocol === 'https:';
  const request = tls ? tlsRequest : plainRequest;
  let begun = false;
  return new Promise((done, fail) => {
    const failed = (error: unknown): void => fail(described(error, deadline, begun));
    const sent: ClientRequest = request(
      url,
      {
        method,
        headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
        lookup: pinned(addresses),
        agent: agents ? agents[tls ? 'tls' : 'plain'] : false,
        signal: deadline,
        maxHeaderSize: 16_384,
      },
      (answer) => {
        const { statusCode: status = 0, headers: answered } = answer;
        if (want === 'status') {
          done({ status, headers: answered, body: '' });
          sent.destroy();
          return;
        }
        readBounded(answer, limits.bytes).then(
          (text) => done({ status, headers: answered, body: text }),
          (error: unknown) => {
            sent.destroy();
            failed(error);
          },
        );
      },
    );
    sent.on('error', failed);
    sent.on('socket', (socket) => {
      if (socket.connecting)
        socket.once(tls ? 'secureConnect' : 'connect', () => {
          begun = true;
        });
      else begun = true;
    });
    sent.end(body);
  });
}

async function readBounded(answer: IncomingMessage, bytes: number): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > bytes) throw new EgressError('too-large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function described(error: unknown, deadline: AbortSignal, mayHaveHappened: boolean): EgressError {
  if (error instanceof EgressError)
    return new EgressError(error.hindrance, { cause: error.cause, mayHaveHappened });
  if (deadline.aborted) return new EgressError('timeout', { cause: error, mayHaveHappened });
  const { code = '' } = error as Coded;
  const trust = /CERT|SELF_SIGNED|TLS|SSL|UNABLE_TO/.test(code);
  return new EgressError(trust ? 'no-trust' : code === 'HPE_HEADER_OVERFLOW' ? 'too-large' : 'unreachable', {
    cause: error,
    mayHaveHappened,
  });
}
