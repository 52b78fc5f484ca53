import type { Subscriber } from '../operation/subscribers.ts';
import { deliver } from './deliver.ts';
import { links } from './links.ts';
import type { Mailer } from './mail.ts';
import { plainLetter } from './plain-letter.ts';
import { actorName, organizationName, usersToTell } from './store.ts';

/** Somebody looked at Remit as this person sees it: they are told, by whom (ruling 9). */
export const mailSeenAs = (mailer: Mailer): Subscriber => ({
  name: 'mail-seen-as',
  on: ['user.viewed'],
  run: async (event, { db, config: { url } }) => {
    const organization = await organizationName(db, event.organizationId);
    if (!organization) return;
    const by = (await actorName(db, event)) ?? organization.name;
    const told = await usersToTell(db, [event.subjectId]);
    const services = { db, mailer, subscriber: 'mail-seen-as' };
    await deliver(services, event, 'seen-as', told, async (reader) =>
      plainLetter(url, 'seen-as', reader, {
        names: { by, organization: organization.name },
        facts: () => [{ label: 'fact.by', value: by }],
        page: links.delegations(url),
      }),
    );
  },
});
