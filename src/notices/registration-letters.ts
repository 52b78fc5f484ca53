import type { Subscriber } from '../operation/subscribers.ts';
import { databaseNow } from '../platform/clock.ts';
import { makeLinkSecret } from '../platform/one-time-secrets.ts';
import { pageUrl, proofSeconds, readRegistration, strangersLanguage } from '../requests/registration.ts';
import { readRequest } from '../requests/store.ts';
import { deliver, type Recipient } from './deliver.ts';
import { links } from './links.ts';
import type { Mailer } from './mail.ts';
import { organizationName } from './store.ts';
import { whenIn, wordsIn } from './words.ts';

/** Letters to strangers who ask to join. Known or not, each address gets the same one (I40). */

/** The link that proves the address, made here and known nowhere else. */
export const mailRegistrations = (mailer: Mailer): Subscriber => ({
  name: 'mail-registrations',
  on: ['registration.started'],
  when: ({ targetId }) => targetId !== null,
  run: async (event, { db, config: { url } }) => {
    const row = await readRegistration(db, event.targetId!);
    const organization = row && (await organizationName(db, row.organizationId));
    if (!row || !organization || row.requestId) return;
    const services = { db, mailer, subscriber: 'mail-registrations' };
    await deliver(
      services,
      event,
      'registration',
      [toStranger(row.id, row, organization)],
      async (reader, trx) => {
        const t = wordsIn(reader.language);
        const now = await databaseNow(trx);
        if (now.getTime() - event.at.getTime() > proofSeconds * 1000) return undefined;
        const secret = await makeLinkSecret(db, 'registration', row.id, proofSeconds);
        const names = { organization: organization.name, name: row.displayName };
        const end = new Date(now.getTime() + proofSeconds * 1000);
        return {
          to: { name: row.displayName, address: row.email },
          subject: t('registration.subject', names),
          paragraphs: [t('greeting', names), t('registration.what', names), t('registration.how', names)],
          facts: [
            { label: t('fact.organization'), value: organization.name },
            { label: t('fact.works-until'), value: whenIn(reader.language, end, reader.timeZone) },
          ],
          button: { label: t('registration.button'), url: links.registration(url, secret) },
          footer: t('footer.registration', { url }),
        };
      },
    );
  },
});

/** A no, or no answer in time; a yes comes as the invitation. */
export const mailRegistrationRefusals = (mailer: Mailer): Subscriber => ({
  name: 'mail-registration-refusals',
  on: ['request.refused', 'request.lapsed', 'request.ended'],
  delaySeconds: 10,
  run: async (event, { db, config: { url } }) => {
    const asked = await readRequest(db, event.targetId!);
    if (asked?.kind !== 'account' || asked.requesterId !== null) return;
    if (asked.state !== 'refused' && asked.state !== 'ended') return;
    const organization = (await organizationName(db, asked.organizationId))!;
    const email = String(asked.payload.email);
    const language = (await strangersLanguage(db, asked.id)) ?? 'en';
    const stranger = toStranger(asked.id, { displayName: asked.displayName, email, language }, organization);
    const services = { db, mailer, subscriber: 'mail-registration-refusals' };
    await deliver(services, event, 'registration-refused', [stranger], async (reader) => {
      const t = wordsIn(reader.language);
      const names = { organization: organization.name, name: asked.displayName };
      return {
        to: { name: asked.displayName, address: email },
        subject: t('registration-refused.subject', names),
        paragraphs: [t('greeting', names), t('registration-refused.what', names)],
        quote: asked.decisionNote
          ? { from: t('quote.writes', { by: organization.name }), text: asked.decisionNote }
          : undefined,
        facts: [],
        button: { label: t('registration-refused.button'), url: pageUrl(url, asked.organizationId) },
        footer: t('footer.registration', { url }),
      };
    });
  },
});

type Named = NonNullable<Awaited<ReturnType<typeof organizationName>>>;

const toStranger = (
  id: string,
  { displayName: name, email: address, language }: { displayName: string; email: string; language: string },
  { timeZone }: Named,
): Recipient => ({ kind: 'invitation', id, name, address, language, timeZone });
