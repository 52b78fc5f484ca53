import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

/** A real mail server on loopback that keeps what it gets, for tests that read their mail. */
export type Mailbox = {
  smtpUrl: string;
  /** The newest mail to this address whose subject matches; waits up to `seconds` for it. */
  mailTo(address: string, subject: RegExp, seconds?: number): Promise<Email>;
  /** How many mails this address got. */
  count(address: string): number;
  close(): Promise<void>;
};

export async function startMailbox(): Promise<Mailbox> {
  const mails: Email[] = [];
  const waiting = new Set<() => void>();
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', async () => {
        mails.push(await PostalMime.parse(Buffer.concat(chunks)));
        done();
        for (const wake of waiting) wake();
      });
    },
  });
  server.on('error', () => {});
  const listening = server.listen(0, '127.0.0.1');
  await new Promise<void>((resolve) => listening.once('listening', () => resolve()));
  const sentTo = (mail: Email, address: string): boolean =>
    mail.to?.some((to) => to.address === address) ?? false;
  return {
    smtpUrl: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    count: (address) => mails.filter((mail) => sentTo(mail, address)).length,
    mailTo: (address, subject, seconds = 20) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = mails.findLast((mail) => sentTo(mail, address) && subject.test(mail.subject ?? ''));
          if (!found) return;
          waiting.delete(look);
          clearTimeout(tooLate);
          resolve(found);
        };
        const tooLate = setTimeout(() => {
          waiting.delete(look);
          reject(
            new Error(
              `no mail to ${address} matching ${subject}; there are: ${mails.map((mail) => `${mail.to?.[0]?.address}: ${mail.subject}`).join(' | ')}`,
            ),
          );
        }, seconds * 1000);
        waiting.add(look);
        look();
      }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The secret after # of the one link in a mail. */
export function linkSecret(mail: Email): string {
  const link = /https?:\/\/\S+#(\S+)/.exec(mail.text ?? '');
  if (!link) throw new Error(`no link in "${mail.subject}": ${mail.text}`);
  return link[1]!;
}
