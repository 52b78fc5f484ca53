import { type Kysely, type RawBuilder, sql } from 'kysely';
import { decide } from '../../authority/decide.ts';
import type { Target } from '../../authority/delegation.ts';
import { type Facts, instant } from '../../authority/facts.ts';
import { type Holding, loadHoldings, type MayBegin } from '../../authority/holds.ts';
import { linkUseKey, loadLinkFacts } from '../../authority/load-facts.ts';
import { isAtOrBelow } from '../../authority/place.ts';
import { isSelf } from '../../authority/self.ts';
import { type Attributes, shownAttributes } from '../../directory/attributes.ts';
import { definitionsOver } from '../../directory/people-fields.ts';
import { prepared } from '../../platform/database.ts';
import type { DB } from '../../platform/schema.gen.ts';
import type { TargetRow } from '../store.ts';
import type { Belonging, Person } from './desired.ts';
import type { Known, Source } from './mapping.ts';

type Db = Kysely<DB>;

/**
 * What desired state is made of, for many people at once: what they hold and where they belong, at and below the target's
 * organization. What may be told of each is what whoever saved the target may see now (ruling 16): of others nothing is
 * sent, and what is there already is only taken away. A few statements, however many people.
 */
export async function loadPeople(
  db: Db,
  target: Pick<TargetRow, 'organizationId' | 'path' | 'savedIn' | 'savedUnder'>,
  userIds: readonly string[],
): Promise<{ at: Date; facts: Facts | undefined; people: Map<string, Person> }> {
  const [{ at, holdings, mayBegin }, { facts, rows }] = await both(
    db,
    () => loadHoldings(db, { userIds: [...userIds] }),
    async () => {
      const saved = await whoSaved(db, target);
      return { facts: saved, rows: await membershipsOf(db, saved, target.path, userIds) };
    },
  );
  const people = new Map<string, { holdings: Holding[]; belongings: Belonging[]; mayBegin: MayBegin[] }>(
    userIds.map((id) => [id, { holdings: [], belongings: [], mayBegin: [] }]),
  );
  for (const one of holdings)
    if (isAtOrBelow(one.path, target.path)) people.get(one.userId)?.holdings.push(one);
  for (const one of mayBegin) people.get(one.userId)?.mayBegin.push(one);
  for (const row of rows) people.get(row.userId)?.belongings.push(belongingOf(row, facts));
  return { at, facts, people };
}

/** The two that take longest, beside each other where each has a connection of its own. */
async function both<One, Other>(
  db: Db,
  one: () => Promise<One>,
  other: () => Promise<Other>,
): Promise<[One, Other]> {
  return db.isTransaction ? [await one(), await other()] : await Promise.all([one(), other()]);
}

/** What whoever saved it may see now, while they may still have systems connected there; else nothing. */
export async function whoSaved(
  db: Db,
  {
    organizationId,
    path,
    savedIn,
    savedUnder,
  }: Pick<TargetRow, 'organizationId' | 'path' | 'savedIn' | 'savedUnder'>,
): Promise<Facts | undefined> {
  if (!savedUnder) return undefined;
  const use = { linkId: savedUnder, membershipId: savedIn };
  const facts = (await loadLinkFacts(db, [use])).get(linkUseKey(use));
  const place: Target = { kind: 'organization', id: organizationId, organizationId, path, off: false };
  return facts && decide(facts, 'target.configure', place).effect === 'permit' ? facts : undefined;
}

type MembershipRow = {
  membershipId: string;
  userId: string;
  organizationId: string;
  organizationName: string;
  organizationIds: string[];
  path: string;
  line: string[] | null;
  active: boolean;
  off: boolean;
  /** as text: the infinities are words */
  startsAt: string;
  endsAt: string;
  firstDay: string | null;
  lastDay: string | null;
  home: boolean;
  groupIds: string[];
  title: string;
  attributes: Attributes;
  displayName: string;
  givenName: string;
  familyName: string;
  email: string | null;
  userName: string | null;
  language: string;
  manager: {
    membershipId: string;
    userId: string;
    name: string;
    organizationId: string;
    path: string;
    off: boolean;
    line: string[] | null;
  } | null;
};

/** What may be told of one membership to whoever has these facts; an ended one has nothing. */
export async function knownOfMembership(db: Db, facts: Facts, membershipId: string): Promise<Known> {
  const [row] = await rowsOf(db, facts, sql`m.id = ${membershipId}`);
  return row ? knownOf(row, facts) : {};
}

async function membershipsOf(
  db: Db,
  facts: Facts | undefined,
  below: string,
  userIds: readonly string[],
): Promise<MembershipRow[]> {
  return rowsOf(
    db,
    facts,
    sql`m.user_id = any (${userIds}::uuid[])
      and (m.path = ${below} or m.path >= ${`${below}.`} and m.path < ${`${below}/`})`,
  );
}

/** With what stands in their fields as far as `facts` see it (I06). */
async function rowsOf(
  db: Db,
  facts: Facts | undefined,
  which: RawBuilder<unknown>,
): Promise<MembershipRow[]> {
  // What follows from a place is asked once for each place, not for each of the people who stand there.
  const { rows } = await sql<MembershipRow>`${prepared}
    with standing as materialized (
      select m.*, lm.id as lm_id, lm.user_id as lm_user, lm.organization_id as lm_organization, lm.path as lm_path, lm.line as lm_line
      from membership m left join membership lm on lm.id = m.line_manager_id and lm.state <> 'ended'
      where m.state <> 'ended' and ${which}),
    places as materialized (
      select p.path, place_is_off(p.path) as off,
        array(select above.id from organization above where above.path = any (path_ancestors(p.path))) as ids
      from (select path from standing union select lm_path from standing where lm_path is not null) p)
    select m.id as "membershipId", m.user_id as "userId", m.organization_id as "organizationId", o.name as "organizationName",
      p.ids as "organizationIds", m.path, m.line, p.off, m.state = 'active' and u.state = 'active' and not p.off as active,
      m.starts_at::text as "startsAt", m.ends_at::text as "endsAt", m.first_day::text as "firstDay", m.last_day::text as "lastDay",
      m.organization_id = u.home_organization_id as home,
      array(select g.group_id from group_member g where g.membership_id = m.id and in_group(m.id, m.path, g.group_id)) as "groupIds",
      m.title, m.attributes, u.display_name as "displayName", u.given_name as "givenName", u.family_name as "familyName",
      coalesce(u.proved_email, u.email) as email, u.user_name as "userName", u.language,
      case when m.lm_id is not null then jsonb_build_object('membershipId', m.lm_id, 'userId', m.lm_user, 'name', lu.display_name,
        'organizationId', m.lm_organization, 'path', m.lm_path, 'off', lp.off, 'line', m.lm_line) end as manager
    from standing m join app_user u on u.id = m.user_id join organization o on o.id = m.organization_id
    join places p on p.path = m.path left join places lp on lp.path = m.lm_path left join app_user lu on lu.id = m.lm_user
    order by m.id`.execute(db);
  if (!facts) return rows;
  const limited = rows.filter((row) => Object.keys(row.attributes).length > 0 && !seesAll(facts, row));
  const definitions = await definitionsOver(db, [...new Set(limited.map(({ path }) => path))]);
  for (const row of limited)
    row.attributes = shownAttributes(
      definitions.get(row.path) ?? [],
      row.attributes,
      isSelf(facts, row.userId) ? 'self' : 'others',
    );
  return rows;
}

type Place = Pick<MembershipRow, 'membershipId' | 'organizationId' | 'path' | 'off' | 'userId' | 'line'>;

const seesAll = (facts: Facts, row: Place): boolean =>
  !isSelf(facts, row.userId) && may(facts, 'membership.update', row);

const sees = (facts: Facts, row: Place): boolean => may(facts, 'user.read', row);

const may = (facts: Facts, permission: 'membership.update' | 'user.read', row: Place): boolean =>
  decide(facts, permission, {
    kind: 'membership',
    id: row.membershipId,
    organizationId: row.organizationId,
    path: row.path,
    off: row.off,
    userId: row.userId,
    line: row.line ?? undefined,
  }).effect === 'permit';

function belongingOf(row: MembershipRow, facts: Facts | undefined): Belonging {
  const { membershipId, organizationIds, active, startsAt, endsAt, home, groupIds } = row;
  return {
    ...{ membershipId, organizationIds, active, home, groupIds },
    startsAt: instant(startsAt),
    endsAt: instant(endsAt),
    known: facts && sees(facts, row) ? knownOf(row, facts) : undefined,
  };
}

function knownOf(row: MembershipRow, facts: Facts): Known {
  const known: Partial<Record<Source, string>> = {
    displayName: row.displayName,
    givenName: row.givenName,
    familyName: row.familyName,
    email: row.email ?? '',
    userName: row.userName ?? '',
    userId: row.userId,
    language: row.language,
    title: row.title,
    organizationName: row.organizationName,
    organizationId: row.organizationId,
    firstDay: row.firstDay ?? '',
    lastDay: row.lastDay ?? '',
  };
  if (row.manager && sees(facts, row.manager)) {
    known.lineManagerName = row.manager.name;
    known.lineManagerId = row.manager.userId;
  }
  for (const [key, value] of Object.entries(row.attributes))
    if (value !== null && typeof value !== 'object') known[`attribute.${key}`] = String(value);
  return known;
}
