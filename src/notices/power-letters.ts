import { alwaysAfter } from '../authority/facts.ts';
import { loadChain } from '../delegation/store.ts';
import type { Subscriber } from '../operation/subscribers.ts';
import { deliver } from './deliver.ts';
import { links } from './links.ts';
import type { Mailer } from './mail.ts';
import { plainLetter } from './plain-letter.ts';
import { actorName, delegatesBelow, organizationName, usersToTell } from './store.ts';
import { untilIn } from './words.ts';

/** Somebody was made a manager by another person. */
export const mailAppointments = (mailer: Mailer): Subscriber => ({
  name: 'mail-appointments',
  on: ['delegation.created'],
  delaySeconds: 10,
  // Whole trees that are taken over bring hundreds of managers who have not even signed in.
  when: ({ subjectId }) => Boolean(subjectId),
  run: async (event, { db, config: { url } }) => {
    // Nor is it news to those whom the instance itself set up.
    if (event.actorKind !== 'user' && event.actorKind !== 'client') return;
    if (event.actorId === event.subjectId || event.operation.startsWith('import.')) return;
    const [link] = (await loadChain(db, event.targetId!)) ?? [];
    const organization = await organizationName(db, event.organizationId);
    if (link?.state !== 'active' || !organization) return;
    const by = (await actorName(db, event)) ?? organization.name;
    const told = await usersToTell(db, [event.subjectId]);
    const services = { db, mailer, subscriber: 'mail-appointments' };
    await deliver(services, event, 'appointed', told, async (reader) =>
      plainLetter(url, 'appointed', reader, {
        names: { by, organization: organization.name },
        facts: (language) => [
          { label: 'fact.by', value: by },
          ...(link.endsAt < alwaysAfter
            ? [{ label: 'fact.until', value: untilIn(language, link.endsAt, organization.timeZone) } as const]
            : []),
        ],
        page: links.delegations(url),
      }),
    );
  },
});

/** A link was ended: its holder hears of it; of an organization's standing one those who managed under it. */
export const mailEndedPowers = (mailer: Mailer): Subscriber => ({
  name: 'mail-ended-powers',
  on: ['delegation.ended'],
  run: async (event, { db, config: { url } }) => {
    const [link] = (await loadChain(db, event.targetId!)) ?? [];
    if (link?.state !== 'ended' || event.operation.startsWith('membership.')) return;
    const standing = link.delegateKind === 'organization';
    const organization = await organizationName(
      db,
      standing ? link.delegateOrganizationId : event.organizationId,
    );
    if (!organization) return;
    const ids = standing ? await delegatesBelow(db, link.id) : [link.delegateUserId];
    const told = await usersToTell(
      db,
      ids.filter((id) => id !== event.actorId),
    );
    const letter = standing ? 'standing-ended' : 'delegation-ended';
    const services = { db, mailer, subscriber: 'mail-ended-powers' };
    await deliver(services, event, letter, told, async (reader) =>
      plainLetter(url, letter, reader, {
        names: { organization: organization.name },
        page: links.delegations(url),
      }),
    );
  },
});
