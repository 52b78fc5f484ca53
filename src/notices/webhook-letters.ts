import type { Subscriber } from '../operation/subscribers.ts';
import { deliver } from './deliver.ts';
import { links } from './links.ts';
import type { Mailer } from './mail.ts';
import { plainLetter } from './plain-letter.ts';
import { hooksRetiredWith, organizationName, usersToTell } from './store.ts';

/** How many of them a letter names. */
const mostNamed = 10;

/**
 * A place was closed or became part of another one, and its webhooks went with it: what listens at their other end hears
 * nothing any more and is not told so. Whoever saved one hears of it, once for all of a call.
 */
export const mailRetiredHooks = (mailer: Mailer): Subscriber => ({
  name: 'mail-retired-webhooks',
  on: ['webhook.retired'],
  when: ({ subjectId }) => !subjectId,
  run: async (event, { db, config: { url } }) => {
    if (event.operation === 'webhook.retire') return;
    const together = await hooksRetiredWith(db, event);
    const organization = await organizationName(db, event.organizationId);
    if (together[0]?.id !== event.id || !organization) return;
    const savers = [...new Set(together.map(({ savedBy }) => savedBy))].filter((id) => id !== event.actorId);
    const services = { db, mailer, subscriber: 'mail-retired-webhooks' };
    await deliver(services, event, 'webhooks-retired', await usersToTell(db, savers), async (reader) =>
      plainLetter(url, 'webhooks-retired', reader, {
        names: { organization: organization.name },
        facts: () =>
          together
            .filter(({ savedBy }) => savedBy === reader.id)
            .slice(0, mostNamed)
            .map(({ name }) => ({ label: 'fact.webhook', value: name })),
        page: links.home(url),
      }),
    );
  },
});
