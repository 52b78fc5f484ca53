import nodemailer from 'nodemailer';
import type { Rendered } from './letter.ts';

/** What came of sending. A `refused` address will be refused again; anything passing is thrown and retried. */
export type Sent = 'sent' | 'refused';

export type Mailer = {
  send(mail: Rendered): Promise<Sent>;
  close(): void;
};

/** No mail server is set: mails wait in the queue until there is one. */
export class NoMailServer extends Error {
  override name = 'NoMailServer';
}

/** Sends by SMTP; `url` is Remit's own address, whose host the sender's address bears. */
export function smtpMailer(smtpUrl: string, url: string): Mailer {
  const transport = nodemailer.createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: 2,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    // Nothing in a mail of ours names a file or an address to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  return {
    async send(mail) {
      try {
        await transport.sendMail({
          from: { name: 'Remit', address: `remit@${host}` },
          to: { name: mail.to.name, address: mail.to.address },
          subject: mail.subject,
          text: mail.text,
          html: mail.html,
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return 'sent';
      } catch (error) {
        const { responseCode, command } = error as { responseCode?: number; command?: string };
        // 5yz to RCPT TO speaks of this address alone (RFC 5321, section 4.2.1).
        if (command === 'RCPT TO' && responseCode !== undefined && responseCode >= 500) return 'refused';
        throw error;
      }
    },
    close: () => transport.close(),
  };
}

/** Stands in where no mail server is set and no catcher runs. */
export const waitingMailer: Mailer = {
  send: async () => {
    throw new NoMailServer('No mail server: set SMTP_URL, and what waits is sent.');
  },
  close: () => {},
};
