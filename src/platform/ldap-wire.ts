import type { Socket } from 'node:net';
import {
  type AddRequest,
  type BindRequest,
  type DeleteRequest,
  ExtendedRequest,
  MessageParser,
  type ModifyDNRequest,
  type ModifyRequest,
  SearchEntry,
  SearchReference,
  type SearchRequest,
  UnbindRequest,
} from 'ldapts';
import { EgressError } from './egress.ts';
import type { EgressSockets } from './egress-socket.ts';

/**
 * One connection that speaks LDAP (RFC 4511). The messages are the library's; its client is not taken, because it
 * connects anew in the middle without signing in again, keeps what came before the encryption, and reads without bound.
 * This one ends with its socket.
 */
export type LdapProblem =
  /** the server answered, and not with success: `code` says what */
  | 'answered'
  /** the connection ended, or never stood */
  | 'unreachable'
  | 'timeout'
  | 'no-trust'
  /** nothing was sent, because it would have gone in clear */
  | 'not-encrypted'
  /** an address that may not be called */
  | 'not-allowed'
  /** not LDAP, more than fits, or entries that were not asked for */
  | 'nonsense';

export class LdapError extends Error {
  override name = 'LdapError';
  readonly problem: LdapProblem;
  /** result code (RFC 4511, appendix A) */
  readonly code: number | undefined;
  /** of the attributes that were sent, the one that the server named */
  readonly attribute: string | undefined;
  /** a change was on its way when the connection ended: nobody here knows whether it was carried out */
  readonly mayHaveHappened: boolean;
  constructor(
    problem: LdapProblem,
    {
      code,
      attribute,
      mayHaveHappened = false,
      ...options
    }: ErrorOptions & {
      code?: number | undefined;
      attribute?: string | undefined;
      mayHaveHappened?: boolean;
    } = {},
  ) {
    // What the server says in words is left out: it quotes values.
    super(`the directory did not do it: ${problem}${code === undefined ? '' : ` (${code})`}`, options);
    this.problem = problem;
    this.code = code;
    this.attribute = attribute;
    this.mayHaveHappened = mayHaveHappened;
  }
}

type Request =
  | AddRequest
  | BindRequest
  | DeleteRequest
  | ExtendedRequest
  | ModifyDNRequest
  | ModifyRequest
  | SearchRequest;

type Answer = {
  status: number;
  errorMessage: string;
  controls?: unknown[] | undefined;
  /** of an extended operation */
  value?: string | undefined;
};
export type Answered = Answer & { entries: SearchEntry[]; references: number };

export type Wire = {
  nextId(): number;
  /** @throws {LdapError} when no answer came; an answer that says no is an answer */
  ask(request: Request, options?: { changes: boolean }): Promise<Answered>;
  /** Says goodbye and ends the connection. */
  close(): void;
};

type Pending = {
  message: Request;
  changes: boolean;
  entries: SearchEntry[];
  references: number;
  bytes: number;
  done: (answer: Answered) => void;
  fail: (error: LdapError) => void;
};

/** Of one message; a group of 100,000 members has some 8 MB. */
const messageBytes = 32 * 1024 * 1024;
/** Of all that answers one request. */
const answerBytes = 64 * 1024 * 1024;

export function speak(socket: Socket, deadline: AbortSignal): Wire {
  const pending = new Map<string, Pending>();
  const parser = new MessageParser();
  const read = framed(messageBytes);
  let ended: LdapError | undefined;
  let lastId = 0;

  function end(problem: LdapProblem, cause?: unknown): void {
    if (ended) return;
    const why = deadline.aborted ? 'timeout' : problem;
    ended = new LdapError(why, { cause });
    socket.destroy();
    for (const { changes, fail } of pending.values())
      fail(new LdapError(why, { cause, mayHaveHappened: changes }));
    pending.clear();
  }
  parser.on('error', (error: unknown) => end('nonsense', error));
  parser.on('message', (message) => {
    const asked = pending.get(String(message.messageId));
    // Nothing else is waited for; the server's own word (identifier 0) is that it ends the connection.
    if (!asked) return end('unreachable');
    if (message instanceof SearchEntry) asked.entries.push(message);
    else if (message instanceof SearchReference) asked.references += 1;
    else {
      pending.delete(String(message.messageId));
      const { status, errorMessage, controls } = message;
      const { value } = message as { value?: string };
      const { entries, references } = asked;
      asked.done({ status, errorMessage, controls, value, entries, references });
    }
  });
  socket.on('data', (data: Buffer) => {
    try {
      for (const message of read(data)) {
        if (ended) return;
        for (const asked of pending.values()) {
          asked.bytes += message.length;
          if (asked.bytes > answerBytes) return end('nonsense');
        }
        parser.read(message, pending as never);
      }
    } catch (error) {
      end('nonsense', error);
    }
  });
  socket.on('error', (error) => end('unreachable', error));
  socket.on('close', () => end('unreachable'));
  const tooLate = (): void => end('timeout');
  deadline.addEventListener('abort', tooLate);

  return {
    nextId: () => ++lastId,
    ask(request, { changes } = { changes: false }) {
      if (deadline.aborted) end('timeout');
      if (ended) throw new LdapError(ended.problem, { cause: ended });
      return new Promise((done, fail) => {
        pending.set(String(request.messageId), {
          message: request,
          changes,
          entries: [],
          references: 0,
          bytes: 0,
          done,
          fail,
        });
        socket.write(request.write());
      });
    },
    close() {
      deadline.removeEventListener('abort', tooLate);
      if (!ended) socket.end(new UnbindRequest({ messageId: ++lastId }).write());
      ended ??= new LdapError('unreachable');
      socket.destroySoon();
    },
  };
}

/** Cuts what arrives into whole messages. @throws Error for what is none, or is too long */
export function framed(limit: number): (data: Buffer) => Buffer[] {
  let parts: Buffer[] = [];
  let have = 0;
  let need = 2;
  return (data) => {
    parts.push(data);
    have += data.length;
    const messages: Buffer[] = [];
    while (have >= need) {
      const all = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      parts = [all];
      const length = messageLength(all);
      if (length === undefined) {
        need = have + 1;
        break;
      }
      if (length > limit) throw new Error('a message is longer than fits');
      need = length;
      if (have < length) break;
      messages.push(all.subarray(0, length));
      parts = have > length ? [all.subarray(length)] : [];
      have -= length;
      need = 2;
    }
    return messages;
  };
}

/** With its head; undefined while that is not there (BER, X.690, section 8.1.3). */
function messageLength(all: Buffer): number | undefined {
  if (all[0] !== 0x30) throw new Error('not a message');
  const first = all[1]!;
  if (first < 0x80) return 2 + first;
  const bytes = first & 0x7f;
  if (bytes === 0 || bytes > 4) throw new Error('not a length');
  return all.length < 2 + bytes ? undefined : 2 + bytes + all.readUIntBE(2, bytes);
}

const startTls = '1.3.6.1.4.1.1466.20037';

/**
 * Asks for encryption (RFC 4511, section 4.14) and has it before anything else is said.
 * @throws {LdapError} `not-encrypted` when the server will not, or has said more than its yes: what came in clear
 * counts for nothing afterwards
 */
export async function encrypt(
  socket: Socket,
  sockets: EgressSockets,
  call: { host: string; trust?: string | undefined },
  deadline: AbortSignal,
): Promise<Socket> {
  const answer = new Promise<void>((done, fail) => {
    const read = framed(4096);
    const parser = new MessageParser();
    let yes = false;
    parser.on('error', fail);
    parser.on('message', ({ messageId, status }) => {
      yes = messageId === 1 && status === 0;
    });
    let came = 0;
    const ended = (): void => fail(new Error('it ended'));
    const hear = (data: Buffer): void => {
      came += data.length;
      try {
        const [message, more] = read(data);
        if (!message) return;
        parser.read(message, new Map());
        socket.off('data', hear);
        socket.off('close', ended);
        if (yes && !more && came === message.length) done();
        else fail(new Error('it did not agree, or said more'));
      } catch (error) {
        fail(error);
      }
    };
    socket.on('data', hear);
    socket.once('error', fail);
    socket.once('close', ended);
  });
  try {
    socket.write(new ExtendedRequest({ messageId: 1, oid: startTls }).write());
    await answer;
  } catch (cause) {
    socket.destroy();
    throw new LdapError(deadline.aborted ? 'timeout' : 'not-encrypted', { cause });
  }
  return await sockets.upgrade(socket, call, deadline);
}

/** What kept a connection from standing, in the words of a directory. */
export function asLdapError(error: unknown): LdapError {
  if (error instanceof LdapError) return error;
  if (!(error instanceof EgressError)) return new LdapError('nonsense', { cause: error });
  const { hindrance } = error;
  if (hindrance === 'timeout' || hindrance === 'no-trust') return new LdapError(hindrance, { cause: error });
  return new LdapError(
    hindrance === 'unreachable' || hindrance === 'name-not-found' ? 'unreachable' : 'not-allowed',
    { cause: error },
  );
}
