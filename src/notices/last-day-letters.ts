import { type Kysely, sql } from 'kysely';
import { holders } from '../authority/holders.ts';
import type { StoredEvent } from '../operation/events.ts';
import type { Subscriber } from '../operation/subscribers.ts';
import { membershipTarget } from '../operation/targets.ts';
import type { DB } from '../platform/schema.gen.ts';
import { deliver } from './deliver.ts';
import { links } from './links.ts';
import type { Mailer } from './mail.ts';
import { nearestOf } from './nearest.ts';
import { plainLetter } from './plain-letter.ts';
import { organizationName, usersToTell } from './store.ts';
import { dayIn } from './words.ts';

/**
 * A last day comes near: the person hears it, and whoever can let them stay, with the page where that is one click. Who
 * that is, and whether the day still stands, is looked up when it is sent.
 */
export const mailLastDays = (mailer: Mailer): Subscriber => ({
  name: 'mail-last-days',
  on: ['last-day.neared'],
  run: async (event, { db, config: { url } }) => {
    const now = await stillNear(db, event);
    const organization = await organizationName(db, event.organizationId);
    if (!now || !organization) return;
    const services = { db, mailer, subscriber: 'mail-last-days' };
    const facts = (language: string) =>
      [{ label: 'fact.last-day', value: dayIn(language, now.lastDay) }] as const;
    const names = { organization: organization.name, person: now.name };
    const own = await usersToTell(db, [now.userId]);
    await deliver(services, event, 'last-day-nears', own, async (reader) =>
      plainLetter(url, 'last-day-nears', reader, { names, facts, page: links.lastDayAsk(url) }),
    );
    const others = await usersToTell(db, await whoHelps(db, now));
    await deliver(services, event, 'last-day-of-another', others, async (reader) =>
      plainLetter(url, 'last-day-of-another', reader, {
        names,
        facts,
        page: links.lastDay(url, now.membershipId),
        footer: 'footer.last-day',
      }),
    );
  },
});

type Near = {
  membershipId: string;
  userId: string;
  name: string;
  lastDay: string;
  lineManagerUserId: string | null;
};

/** Undefined where they left meanwhile, or stay longer, or the day is another one: that has warnings of its own. */
async function stillNear(db: Kysely<DB>, { targetId, after }: StoredEvent): Promise<Near | undefined> {
  const { rows } = await sql<Near>`
    select m.id as "membershipId", m.user_id as "userId", u.display_name as name, m.last_day as "lastDay", l.user_id as "lineManagerUserId"
    from membership m join app_user u on u.id = m.user_id
    left join membership l on l.id = m.line_manager_id and l.state = 'active' and l.starts_at <= remit_now() and l.ends_at > remit_now()
    where m.id = ${targetId} and m.state <> 'ended' and m.ends_at > remit_now() and m.last_day = ${after?.lastDay}
      and not place_is_off(m.path)`.execute(db);
  return rows[0];
}

/** The line manager, and those nearest who may let them stay. */
async function whoHelps(
  db: Kysely<DB>,
  { membershipId, userId, lineManagerUserId }: Near,
): Promise<string[]> {
  const target = await membershipTarget(db, membershipId);
  const able = target ? await holders(db, 'membership.update', target) : [];
  const told = [lineManagerUserId, ...nearestOf(able).map((one) => one.userId)];
  return [...new Set(told.flatMap((one) => (one && one !== userId ? [one] : [])))];
}
