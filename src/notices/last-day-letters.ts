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
import { dayIn, type Words } from './words.ts';

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
    const names = (language: string) => ({
      organization: organization.name,
      person: now.name,
      day: dayIn(language, now.lastDay),
    });
    const ends = await whatEnds(db, now.membershipId);
    const own = await usersToTell(db, [now.userId]);
    await deliver(services, event, 'last-day-nears', own, async (reader) =>
      plainLetter(url, 'last-day-nears', reader, {
        names: names(reader.language),
        facts,
        lists: (t) => [{ title: t('last-day-nears.ends'), items: itemsOf(t, organization.name, ends) }],
        page: links.lastDayAsk(url),
      }),
    );
    const others = await usersToTell(db, await whoHelps(db, now));
    await deliver(services, event, 'last-day-of-another', others, async (reader) =>
      plainLetter(url, 'last-day-of-another', reader, {
        names: names(reader.language),
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

/** What they know to be theirs: access given to them, and the organizations that they look after. */
type Ends = { access: string[]; places: string[] };

async function whatEnds(db: Kysely<DB>, membershipId: string): Promise<Ends> {
  const { rows } = await sql<Ends>`
    select array(select coalesce(p.name || ': ' || e.name, r.name) from assignment a
        left join entitlement e on e.id = a.entitlement_id left join application p on p.id = e.application_id
        left join access_role r on r.id = a.access_role_id
        where a.membership_id = ${membershipId} and a.state = 'active' and a.ends_at > remit_now() order by 1) as access,
      array(select distinct o.name from delegation d join organization o on o.path = d.place_paths[1] collate "C"
        where d.delegate_kind = 'user' and d.delegate_membership_id = ${membershipId} and d.kind = 'administer'
          and d.state = 'active' and d.ends_at > remit_now() order by 1) as places`.execute(db);
  return rows[0]!;
}

const mostNamed = 12;

function itemsOf(t: Words, organization: string, { access, places }: Ends): string[] {
  const named = [
    ...places.map((place) => t('last-day-nears.looks-after', { organization: place })),
    ...access,
  ];
  const more = named.length - mostNamed;
  return [
    t('last-day-nears.place', { organization }),
    ...named.slice(0, mostNamed),
    ...(more > 0 ? [t('last-day-nears.more', { count: String(more) })] : []),
  ];
}

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
