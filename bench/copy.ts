import type { Pool, PoolClient } from 'pg';

/** The parts of pg's connection that COPY needs and its types do not name. */
type Wire = {
  query: (text: string) => void;
  sendCopyFromChunk: (chunk: Buffer) => void;
  endCopyFrom: () => void;
};
type Message = { chunk: Buffer };

/** COPY through the same driver as everything else: a statement that pg hands its messages to. */
class Copy {
  readonly #text: string;
  readonly #send: Buffer | undefined;
  readonly #done: (error: Error | undefined, received: Buffer) => void;
  readonly #received: Buffer[] = [];
  #error: Error | undefined;
  constructor(
    text: string,
    send: Buffer | undefined,
    done: (error: Error | undefined, received: Buffer) => void,
  ) {
    this.#text = text;
    this.#send = send;
    this.#done = done;
  }
  submit(wire: Wire): void {
    wire.query(this.#text);
  }
  handleCopyInResponse(wire: Wire): void {
    wire.sendCopyFromChunk(this.#send!);
    wire.endCopyFrom();
  }
  handleCopyData(message: Message): void {
    // pg reads the next message into the same memory.
    this.#received.push(Buffer.from(message.chunk));
  }
  handleCommandComplete(): void {}
  handleError(error: Error): void {
    this.#error = error;
    this.#done(error, Buffer.alloc(0));
  }
  handleReadyForQuery(): void {
    if (!this.#error) this.#done(undefined, Buffer.concat(this.#received));
  }
}

const submit = (client: PoolClient, text: string, send?: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const copy = new Copy(text, send, (error, received) => (error ? reject(error) : resolve(received)));
    client.query(copy as never);
  });

/** Runs `work` on one connection of the pool, in one transaction. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } finally {
    client.release();
  }
}

export const copyOut = (client: PoolClient, query: string): Promise<Buffer> =>
  submit(client, `copy (${query}) to stdout`);

export const copyIn = (client: PoolClient, table: string, columns: string, rows: Buffer): Promise<Buffer> =>
  submit(client, `copy ${table} (${columns}) from stdin`, rows);
