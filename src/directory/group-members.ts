import { type Kysely, sql } from 'kysely';
import { isAtOrBelow } from '../authority/place.ts';
import { inReach, type Reach } from '../authority/reach.ts';
import { isSelf } from '../authority/self.ts';
import type { Context } from '../operation/operation.ts';
import { membershipTargets } from '../operation/targets.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { withinRules } from './grants.ts';
import { type Group, lockGroup } from './groups.ts';

/** More at once are several calls. */
export const mostAtOnce = 500;

/**
 * Puts people into a group. What a rule then gives them by it is given by whoever does this (I01, ruling 2), so it is
 * bounded as giving is, and nobody does it to themselves (I02).
 * @throws Refusal of the first thing that stands in the way; then nobody is added
 */
export async function addMembers(
  context: Context,
  groupId: string,
  membershipIds: readonly string[],
): Promise<Group> {
  const group = await lockGroup(context.db, groupId);
  context.checkVersion(group.version);
  if (group.state === 'ended') throw refuse('group.ended');
  await requireSystems(context, groupId);
  const people = await peopleInReach(context, group, membershipIds, 'adding');
  const ids = people.map(({ id }) => id);
  const { rows } = await withinRules(context, ids, () =>
    sql<{ id: string }>`
      insert into group_member (group_id, membership_id) select ${groupId}, unnest(${ids}::uuid[])
      on conflict do nothing returning membership_id as id`.execute(context.db),
  );
  return changed(context, 'group.member-added', group, people, rows);
}

/** Takes people out of a group; what a rule gave them by it ends. */
export async function removeMembers(
  context: Context,
  groupId: string,
  membershipIds: readonly string[],
): Promise<Group> {
  const group = await lockGroup(context.db, groupId);
  context.checkVersion(group.version);
  const people = await peopleInReach(context, group, membershipIds, 'removing');
  const { rows } = await sql<{ id: string }>`
    delete from group_member where group_id = ${groupId} and membership_id = any (${people.map(({ id }) => id)}::uuid[])
    returning membership_id as id`.execute(context.db);
  return changed(context, 'group.member-removed', group, people, rows);
}

/**
 * Being in a group may give a role at a connected system, which is no access here that a ceiling could bound: whoever puts
 * people in must be able to do as much at that system.
 */
export async function requireSystems(context: Context, groupId: string): Promise<void> {
  const { rows } = await sql<{ organizationId: string; path: string }>`
    select distinct o.id as "organizationId", o.path from target_role r join target t on t.id = r.target_id
    join organization o on o.id = t.organization_id where r.group_id = ${groupId} and t.state <> 'retired'`.execute(
    context.db,
  );
  for (const { organizationId, path } of rows) {
    const place = { kind: 'organization', id: organizationId, organizationId, path, off: false } as const;
    if (context.decide('target.operate', place).effect !== 'permit') throw refuse('group.feeds-system');
  }
}

type Person = { id: string; userId: string; organizationId: string; path: string };

/** Each of them has to be in reach, too; whoever is not does not exist (I08). */
async function peopleInReach(
  context: Context,
  group: Group,
  membershipIds: readonly string[],
  what: 'adding' | 'removing',
): Promise<Person[]> {
  const ids = [...new Set(membershipIds)];
  const targets = await membershipTargets(context.db, ids);
  for (const id of ids) {
    const target = targets.get(id);
    context.require('group.configure', target, 'user.read');
    if (isSelf(context.facts, target!.userId)) throw refuse('user.self');
    if (what === 'adding' && !isAtOrBelow(target!.path, group.path)) throw refuse('group.elsewhere');
  }
  const { rows } = await sql<Person & { gone: boolean }>`
    select m.id, m.user_id as "userId", m.organization_id as "organizationId", m.path,
      m.state = 'ended' or m.ends_at <= remit_now() as gone
    from membership m where m.id = any (${ids}::uuid[])`.execute(context.db);
  if (what === 'adding' && rows.some(({ gone }) => gone)) throw refuse('membership.ended');
  return rows;
}

async function changed(
  context: Context,
  type: 'group.member-added' | 'group.member-removed',
  group: Group,
  people: readonly Person[],
  rows: readonly { id: string }[],
): Promise<Group> {
  if (rows.length === 0) {
    context.nothingChanged();
    return group;
  }
  await sql`update people_group set version = version + 1, changed_at = ${context.at} where id = ${group.id}`.execute(
    context.db,
  );
  const done = new Set(rows.map(({ id }) => id));
  const state = { groupId: group.id };
  for (const person of people)
    if (done.has(person.id))
      context.record({
        type,
        targetKind: 'membership',
        targetId: person.id,
        organizationId: person.organizationId,
        path: person.path,
        subjectId: person.userId,
        before: type === 'group.member-removed' ? state : null,
        after: type === 'group.member-added' ? state : null,
      });
  return { ...group, version: group.version + 1 };
}

export type Member = {
  membershipId: string;
  userId: string;
  displayName: string;
  organizationId: string;
  organizationName: string;
  title: string;
};

/** Who is in a group, of those in reach, by name. Whoever has left, or moved out of its organization, is not. */
export async function listMembers(
  db: Kysely<DB>,
  { groupId, reach }: { groupId: string; reach: Reach },
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<{ items: Member[]; count: number; next?: string }> {
  const after = decodeCursor(cursor, ['text', 'uuid']);
  const { rows } = await sql<Member & { sortName: string; count: number }>`
    with members as materialized (
      select m.id, m.user_id, m.organization_id, m.sort_name, m.title
      from group_member x join people_group g on g.id = x.group_id and g.state = 'active'
      join organization o on o.id = g.organization_id join membership m on m.id = x.membership_id
      where x.group_id = ${groupId} and (m.path = o.path or starts_with(m.path, o.path || '.'))
        and m.state <> 'ended' and m.ends_at > remit_now() and ${inReach(reach, sql`m.path`, sql`m.user_id`, sql`m.line`)}
    )
    select m.id as "membershipId", m.user_id as "userId", u.display_name as "displayName", m.organization_id as "organizationId",
      o.name as "organizationName", m.title, m.sort_name as "sortName", (select count(*)::int from members) as count
    from members m join app_user u on u.id = m.user_id join organization o on o.id = m.organization_id
    where true ${after ? sql`and (m.sort_name, m.id) > (${after[0]}, ${after[1]}::uuid)` : sql``}
    order by m.sort_name, m.id limit ${limit + 1}`.execute(db);
  const page = toPage(rows, limit, (row) => [row.sortName, row.membershipId]);
  return { ...page, count: rows[0]?.count ?? 0 };
}
