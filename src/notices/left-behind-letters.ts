import { type Kysely, sql } from 'kysely';
import { decide } from '../authority/decide.ts';
import { holders } from '../authority/holders.ts';
import { loadFacts } from '../authority/load-facts.ts';
import type { Permission } from '../authority/permissions.ts';
import { inReach, reach } from '../authority/reach.ts';
import { type LeftKind, leftByLeavers } from '../delegation/left-behind.ts';
import type { StoredEvent } from '../operation/events.ts';
import type { Subscriber } from '../operation/subscribers.ts';
import { membershipTarget, organizationTarget } from '../operation/targets.ts';
import type { DB } from '../platform/schema.gen.ts';
import { deliver, type Recipient } from './deliver.ts';
import type { Letter } from './letter.ts';
import { links } from './links.ts';
import type { Mailer } from './mail.ts';
import { nearestOf } from './nearest.ts';
import { usersToTell } from './store.ts';
import { wordsIn } from './words.ts';

/** Places and kinds that are told of; the rest stands on the page. */
const mostGroups = 30;

/**
 * Somebody has left, and what they looked after goes to nobody by itself: whoever can give it to somebody hears of it,
 * each of what is theirs to give. Where a successor was named it is told what could not go over, after it has.
 */
export const mailLeftBehind = (mailer: Mailer): Subscriber => ({
  name: 'mail-left-behind',
  on: ['membership.ended', 'succession.handed-over'],
  delaySeconds: 30,
  run: async (event, { db, config: { url } }) => {
    // Who hands it over after the leaving knows what stays; the others know from the first letter.
    if (event.operation === 'membership.name-successor') return;
    const leaver = await leaverOf(db, event);
    if (!leaver) return;
    const told = await whoFills(db, leaver, await groupsLeft(db, leaver.membershipId));
    // Whoever let them leave has seen what stays.
    if (event.actorKind === 'user' && event.actorId) told.delete(event.actorId);
    const readers = await usersToTell(db, [...told.keys()]);
    const services = { db, mailer, subscriber: 'mail-left-behind' };
    await deliver(services, event, 'left-behind', readers, async (reader) =>
      letterTo(db, reader, url, leaver, told.get(reader.id)!),
    );
  },
});

type Leaver = {
  membershipId: string;
  userId: string;
  name: string;
  organization: string;
};

/** Undefined where a successor takes over: then it is told when that is done. */
async function leaverOf(db: Kysely<DB>, { type, targetId }: StoredEvent): Promise<Leaver | undefined> {
  const { rows } = await sql<Leaver>`
    select m.id as "membershipId", m.user_id as "userId", u.display_name as name, o.name as organization
    from membership m join app_user u on u.id = m.user_id join organization o on o.id = m.organization_id
    where m.id = ${targetId} and (m.state = 'ended' or m.ends_at <= remit_now()) and u.state <> 'erased'
      and (${type} = 'succession.handed-over' or not exists (select 1 from succession s where s.leaver_membership_id = m.id))`.execute(
    db,
  );
  return rows[0];
}

/** What waits at one place, of one kind. */
type Group = {
  kind: LeftKind;
  organizationId: string;
  organization: string;
  count: number;
  firstId: string;
  userIds: string[];
};

async function groupsLeft(db: Kysely<DB>, membershipId: string): Promise<Group[]> {
  const { rows } = await sql<Group>`
    select l.kind, o.id as "organizationId", o.name as organization, count(*)::int as count, min(l.id::text) as "firstId",
      coalesce(array_agg(distinct l.user_id) filter (where l.user_id is not null), '{}') as "userIds"
    from (${leftByLeavers(membershipId)}) l join organization o on o.id = l.organization_id
    group by l.kind, o.id, o.name, o.path order by l.kind, o.path limit ${mostGroups}`.execute(db);
  return rows;
}

/** Whose act it is that fills it. Who is away decides alone who decides for them. */
const permissionFor: Record<Exclude<LeftKind, 'decides-for'>, Permission> = {
  delegation: 'delegation.create',
  guardian: 'delegation.create',
  report: 'membership.update',
  policy: 'approval-policy.configure',
  request: 'approval-policy.configure',
};

type Told = { group: Group; membershipId: string | undefined };

async function whoFills(
  db: Kysely<DB>,
  leaver: Leaver,
  groups: readonly Group[],
): Promise<Map<string, Told[]>> {
  const told = new Map<string, Told[]>();
  const tell = (userId: string, one: Told): void => {
    if (userId !== leaver.userId) told.set(userId, [...(told.get(userId) ?? []), one]);
  };
  for (const group of groups) {
    if (group.kind === 'decides-for') {
      for (const userId of group.userIds)
        tell(userId, { group: { ...group, count: 1 }, membershipId: undefined });
      continue;
    }
    const target =
      group.kind === 'report'
        ? await membershipTarget(db, group.firstId)
        : await organizationTarget(db, group.organizationId);
    const able = target ? await holders(db, permissionFor[group.kind], target) : [];
    const others = able.filter(({ userId }) => userId !== leaver.userId);
    for (const { userId, membershipId } of nearestOf(others)) {
      const count = group.kind === 'report' ? await reportsOf(db, leaver, group, membershipId) : group.count;
      tell(userId, { group: { ...group, count }, membershipId });
    }
  }
  return told;
}

/** How many of them are this one's to give another line manager: the others may be out of their sight (I06). */
async function reportsOf(
  db: Kysely<DB>,
  leaver: Leaver,
  { organizationId }: Group,
  membershipId: string,
): Promise<number> {
  const theirs = reach(await loadFacts(db, { kind: 'membership', membershipId }), 'membership.update');
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from membership m
    where m.line_manager_id = ${leaver.membershipId} and m.organization_id = ${organizationId}
      and m.state <> 'ended' and m.ends_at > remit_now() and ${inReach(theirs, sql`m.path`, sql`m.user_id`, sql`m.line`)}`.execute(
    db,
  );
  return rows[0]!.count;
}

/** The name of whoever left is for those who see them; the others learn what is theirs to fill (ruling 9). */
async function mayKnow(
  db: Kysely<DB>,
  leaver: Leaver,
  told: readonly Told[],
): Promise<{ seen: boolean; hands: boolean }> {
  const membershipId = told.find((one) => one.membershipId)?.membershipId;
  // Whose deputy it was knows whom they had chosen.
  if (!membershipId) return { seen: true, hands: false };
  const facts = await loadFacts(db, { kind: 'membership', membershipId });
  const target = await membershipTarget(db, leaver.membershipId);
  const may = (permission: Permission): boolean =>
    target !== undefined && decide(facts, permission, target).effect === 'permit';
  return { seen: may('user.read'), hands: may('membership.end') };
}

/** Where the first of it is filled, for whoever may not hand over all at once. */
function pageOf(url: string, { kind, organizationId, firstId }: Group): string {
  switch (kind) {
    case 'delegation':
    case 'guardian':
      return links.managers(url, organizationId);
    case 'report':
      return links.person(url, firstId);
    case 'policy':
      return links.policies(url);
    case 'request':
      return links.request(url, firstId);
    case 'decides-for':
      return links.deputies(url);
  }
}

async function letterTo(
  db: Kysely<DB>,
  reader: Recipient,
  url: string,
  leaver: Leaver,
  told: readonly Told[],
): Promise<Letter> {
  const t = wordsIn(reader.language);
  const { seen, hands } = await mayKnow(db, leaver, told);
  const person = seen ? leaver.name : t('left-behind.somebody');
  const values = { name: reader.name, person, organization: leaver.organization };
  const items = told.map(({ group: { kind, organization, count } }) =>
    t(`left-behind.of.${kind}`, { organization, count: String(count), person }),
  );
  return {
    to: { name: reader.name, address: reader.address },
    subject: seen ? t('left-behind.subject', values) : t('left-behind.subject-unnamed'),
    paragraphs: [
      t('greeting', values),
      seen ? t('left-behind.what', values) : t('left-behind.what-unnamed'),
      t('left-behind.then'),
    ],
    lists: [{ title: t('left-behind.list'), items }],
    facts: [],
    button: {
      label: t('left-behind.button'),
      url: hands ? links.person(url, leaver.membershipId) : pageOf(url, told[0]!.group),
    },
    footer: t('footer.fills', { url }),
  };
}
