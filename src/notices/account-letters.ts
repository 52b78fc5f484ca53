import { sql } from 'kysely';
import type { Subscriber } from '../operation/subscribers.ts';
import { databaseNow } from '../platform/clock.ts';
import { makeLinkSecret } from '../platform/one-time-secrets.ts';
import { recoverySeconds } from '../signin/rules.ts';
import { deliver } from './deliver.ts';
import { links } from './links.ts';
import type { Mailer } from './mail.ts';
import { plainLetter } from './plain-letter.ts';
import { actorName, organizationName, usersToTell } from './store.ts';
import { dayIn, whenIn, wordsIn } from './words.ts';

/**
 * The link to a new password, to the proved address only. An event without a subject asked for nobody; it makes its
 * job all the same, for one job less would tell a stranger by the time of the answer that an address is unknown.
 */
export const mailRecovery = (mailer: Mailer): Subscriber => ({
  name: 'mail-recovery',
  on: ['recovery.started'],
  run: async (event, { db, config: { url } }) => {
    const told = await usersToTell(db, [event.subjectId]);
    const by = event.after?.by === 'manager' ? await actorName(db, event) : undefined;
    await deliver(
      { db, mailer, subscriber: 'mail-recovery' },
      event,
      'recovery',
      told,
      async ({ id, name, address, language, timeZone }, trx) => {
        const t = wordsIn(language);
        // A link that was held up for longer than it works would only puzzle its reader.
        const now = await databaseNow(trx);
        if (now.getTime() - event.at.getTime() > recoverySeconds * 1000) return undefined;
        const secret = await makeLinkSecret(db, 'recovery', id, recoverySeconds);
        return {
          to: { name, address },
          subject: t('recovery.subject'),
          paragraphs: [
            t('greeting', { name }),
            by ? t('recovery.manager', { by }) : t('recovery.own'),
            t('recovery.how'),
          ],
          facts: [
            {
              label: t('fact.works-until'),
              value: whenIn(language, new Date(now.getTime() + recoverySeconds * 1000), timeZone),
            },
          ],
          button: { label: t('recovery.button'), url: links.recovery(url, secret) },
          footer: t('footer.person', { url }),
        };
      },
    );
  },
});

/** Whoever's password changes hears of it, so that a thief cannot do it quietly. */
export const mailPasswordChanges = (mailer: Mailer): Subscriber => ({
  name: 'mail-password-changes',
  on: ['password.changed'],
  run: async (event, { db, config: { url } }) => {
    // Choosing the first one, on accepting an invitation, needs no warning.
    if (event.operation.startsWith('invitation.') || event.operation.startsWith('setup.')) return;
    const told = await usersToTell(db, [event.subjectId]);
    const services = { db, mailer, subscriber: 'mail-password-changes' };
    await deliver(services, event, 'password-changed', told, async (reader) =>
      plainLetter(url, 'password-changed', reader, { page: links.account(url) }),
    );
  },
});

/** Leaving, at once or on a day: the person hears it from us before a door is shut. */
export const mailLeaving = (mailer: Mailer): Subscriber => ({
  name: 'mail-leaving',
  on: ['membership.ended', 'membership.updated'],
  delaySeconds: 10,
  when: ({ type, before, after }) =>
    type === 'membership.ended' || (after?.lastDay !== null && after?.lastDay !== before?.lastDay),
  run: async (event, { db, config: { url } }) => {
    if (event.actorId === event.subjectId) return;
    const ended = event.type === 'membership.ended';
    const { rows } = await sql<{ state: string; lastDay: string | null }>`
      select state, last_day as "lastDay" from membership where id = ${event.targetId}`.execute(db);
    const [now] = rows;
    const organization = await organizationName(db, event.organizationId);
    if (!now || !organization || (now.state === 'ended') !== ended) return;
    if (!ended && (!now.lastDay || now.lastDay !== event.after?.lastDay)) return;
    const by = (await actorName(db, event)) ?? organization.name;
    const told = await usersToTell(db, [event.subjectId]);
    const letter = ended ? 'membership-ended' : 'leaving';
    const services = { db, mailer, subscriber: 'mail-leaving' };
    await deliver(services, event, letter, told, async (reader) =>
      plainLetter(url, letter, reader, {
        names: {
          by,
          organization: organization.name,
          day: now.lastDay ? dayIn(reader.language, now.lastDay) : '',
        },
        facts: (language) => [
          { label: 'fact.by', value: by },
          ...(now.lastDay && !ended
            ? [{ label: 'fact.last-day', value: dayIn(language, now.lastDay) } as const]
            : []),
        ],
        page: links.home(url),
      }),
    );
  },
});
