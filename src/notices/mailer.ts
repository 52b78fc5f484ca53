import type { Config } from '../platform/config.ts';
import { type Catcher, startCatcher } from './catcher.ts';
import { type Mailer, smtpMailer, waitingMailer } from './mail.ts';

export type Mail = { mailer: Mailer; catcher: Catcher | undefined; close(): Promise<void> };

/** How this process sends mail: by the server of SMTP_URL, to the catcher of a demo, or not yet. */
export async function openMail(
  config: Pick<Config, 'smtpUrl' | 'mailCatcher' | 'dataDir' | 'url'>,
): Promise<Mail> {
  const catcher = config.mailCatcher ? await startCatcher(config.dataDir) : undefined;
  const smtpUrl = catcher?.smtpUrl ?? config.smtpUrl;
  const mailer = smtpUrl ? smtpMailer(smtpUrl, config.url) : waitingMailer;
  return {
    mailer,
    catcher,
    async close() {
      mailer.close();
      await catcher?.close();
    },
  };
}
