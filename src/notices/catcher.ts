import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

/** A mail server for trying out: takes every mail on loopback and keeps the newest as files. */
export type Catcher = {
  smtpUrl: string;
  list(): Promise<CaughtMail[]>;
  read(id: string): Promise<CaughtMail | undefined>;
  close(): Promise<void>;
};

export type CaughtMail = { id: string; email: Email };

/** How many mails are kept, and how large one may be in bytes. */
const kept = 500;
const largest = 1024 * 1024;

/** Ids sort by time, and name nothing but a file of ours. */
const idPattern = /^\d{13}-[0-9a-f]{12}$/;

export async function startCatcher(dataDir: string): Promise<Catcher> {
  const directory = join(dataDir, 'mail');
  // Links in these mails open accounts: nobody else on this machine reads them.
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: largest,
    disableReverseLookup: true,
    closeTimeout: 1_000,
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (stream.sizeExceeded) return done(Object.assign(new Error('too large'), { responseCode: 552 }));
        try {
          keep(directory, Buffer.concat(chunks));
          done();
        } catch (error) {
          done(Object.assign(new Error((error as Error).message), { responseCode: 451 }));
        }
      });
    },
  });
  // A client that goes away in the middle of a mail is no fault of ours.
  server.on('error', () => {});
  const listening = server.listen(0, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    listening.once('listening', resolve);
    listening.once('error', reject);
  });
  const { port } = listening.address() as AddressInfo;
  return {
    smtpUrl: `smtp://127.0.0.1:${port}`,
    async list() {
      const mails: CaughtMail[] = [];
      for (const id of ids(directory).reverse()) mails.push({ id, email: await parse(directory, id) });
      return mails;
    },
    async read(id) {
      if (!idPattern.test(id) || !ids(directory).includes(id)) return undefined;
      return { id, email: await parse(directory, id) };
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const ids = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.eml'))
    .map((name) => name.slice(0, -'.eml'.length))
    .filter((id) => idPattern.test(id))
    .sort();

const parse = (directory: string, id: string): Promise<Email> =>
  PostalMime.parse(readFileSync(join(directory, `${id}.eml`)));

let last = 0;

function keep(directory: string, mail: Buffer): void {
  // Two mails of one millisecond keep their order.
  last = Math.max(Date.now(), last + 1);
  const id = `${String(last).padStart(13, '0')}-${randomBytes(6).toString('hex')}`;
  const unfinished = join(directory, `${id}.part`);
  writeFileSync(unfinished, mail, { mode: 0o600 });
  renameSync(unfinished, join(directory, `${id}.eml`));
  for (const old of ids(directory).slice(0, -kept)) rmSync(join(directory, `${old}.eml`), { force: true });
}
