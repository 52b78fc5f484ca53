import type { Subscriber } from '../operation/subscribers.ts';
import { deliver } from './deliver.ts';
import { links } from './links.ts';
import type { Mailer } from './mail.ts';
import { actorName, organizationName, usersToTell } from './store.ts';
import { wordsIn } from './words.ts';

/** Somebody looked at Remit as this person sees it: they are told, by whom (ruling 9). */
export const mailSeenAs = (mailer: Mailer): Subscriber => ({
  name: 'mail-seen-as',
  on: ['user.viewed'],
  run: async (event, { db, config: { url } }) => {
    const organization = await organizationName(db, event.organizationId);
    if (!organization) return;
    const by = (await actorName(db, event)) ?? organization.name;
    const told = await usersToTell(db, [event.subjectId]);
    await deliver(
      { db, mailer, subscriber: 'mail-seen-as' },
      event,
      'seen-as',
      told,
      async ({ name, address, language }) => {
        const t = wordsIn(language);
        const names = { name, by, organization: organization.name };
        return {
          to: { name, address },
          subject: t('seen-as.subject', names),
          paragraphs: [t('greeting', names), t('seen-as.what', names)],
          facts: [{ label: t('fact.by'), value: by }],
          button: { label: t('seen-as.button'), url: links.delegations(url) },
          footer: t('footer.person', { url }),
        };
      },
    );
  },
});
