import type { Subscriber } from '../operation/subscribers.ts';
import { deliver } from './deliver.ts';
import { links } from './links.ts';
import type { Mailer } from './mail.ts';
import { plainLetter } from './plain-letter.ts';
import { actorName, directAccess, organizationName, sameCall, usersToTell } from './store.ts';
import { untilIn } from './words.ts';

/** An open end, as the driver reads it. */
const always = 8.64e15;

/**
 * Access that somebody gave to or took from a person by hand, after the ten seconds in which it can be undone. What
 * came with an invitation, a request or a file is told there; one click on many things is one letter.
 */
export const mailAccess = (mailer: Mailer): Subscriber => ({
  name: 'mail-access',
  on: ['assignment.given', 'assignment.ended'],
  delaySeconds: 10,
  when: ({ subjectId, after }) => Boolean(subjectId) && after?.why === 'direct',
  run: async (event, { db, config: { url } }) => {
    if (event.actorId === event.subjectId) return;
    const call = await sameCall(db, event);
    if (call[0]?.id !== event.id) return;
    const given = event.type === 'assignment.given';
    const letter = given ? 'access-given' : 'access-ended';
    const things = await directAccess(
      db,
      call.map(({ targetId }) => targetId),
      given ? 'active' : 'ended',
    );
    const organization = await organizationName(db, event.organizationId);
    if (things.length === 0 || !organization) return;
    const told = await usersToTell(db, [event.subjectId]);
    const by = (await actorName(db, event)) ?? organization.name;
    const services = { db, mailer, subscriber: 'mail-access' };
    await deliver(services, event, letter, told, async (reader) =>
      plainLetter(url, letter, reader, {
        names: { by, organization: organization.name },
        facts: (language) =>
          things.flatMap(({ access, endsAt }) => [
            { label: 'fact.access', value: access },
            ...(given && endsAt.getTime() < always
              ? [{ label: 'fact.until', value: untilIn(language, endsAt, organization.timeZone) } as const]
              : []),
          ]),
        page: links.access(url),
      }),
    );
  },
});
