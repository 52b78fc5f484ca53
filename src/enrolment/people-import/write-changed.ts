import { sql } from 'kysely';
import type { Permit } from '../../authority/decide.ts';
import type { Target } from '../../authority/delegation.ts';
import { withinLines } from '../../directory/grants.ts';
import { addMembers } from '../../directory/group-members.ts';
import { groupTarget } from '../../directory/groups.ts';
import { refuseCircles } from '../../directory/line-manager.ts';
import { recordMembership } from '../../directory/record-membership.ts';
import { sortName } from '../../directory/rules.ts';
import { type MembershipRow, writable } from '../../directory/store.ts';
import type { Context } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import type { Changed } from './change.ts';
import { giveRole } from './roles.ts';
import type { PeopleImport } from './store.ts';

/** Somebody whom the importer may change, as they stand and as they will. */
export type Decided = {
  row: Changed;
  before: MembershipRow;
  after: MembershipRow;
  target: Target;
  because: Permit['because'];
};

export const isRecorded = ({ row: { changes } }: Decided): boolean =>
  changes.includes('title') || changes.includes('attributes');

export const hasDays = ({ changes }: Changed): boolean =>
  changes.includes('firstDay') || changes.includes('lastDay');

/** Writes what was decided of many people: each table by one statement, each person with their events. */
export async function writeChanged(
  context: Context,
  asked: PeopleImport,
  decided: readonly Decided[],
): Promise<void> {
  const { db } = context;
  await writeMemberships(
    context,
    decided.filter((one) => isRecorded(one) || one.row.changes.includes('lineManager') || hasDays(one.row)),
  );
  await rename(
    context,
    decided.filter(({ row }) => row.changes.includes('name')).map(({ row }) => row),
  );
  await giveAll(
    context,
    decided.map(({ row }) => row),
  );
  const keys = decided
    .filter(({ row }) => row.changes.includes('key'))
    .map(({ row: { key, userId } }) => ({ key, id: userId }));
  if (keys.length > 0)
    await sql`insert into import_key (top_organization_id, kind, key, id)
      select ${asked.organizationId}::uuid, 'user', r.key, r.id from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as r (key text, id uuid)`.execute(
      db,
    );
}

async function writeMemberships(context: Context, decided: readonly Decided[]): Promise<void> {
  if (decided.length === 0) return;
  const { db } = context;
  const values = decided.map(({ after }) => ({
    ...after,
    startsAt: writable(after.startsAt),
    endsAt: writable(after.endsAt),
  }));
  const rows = sql`jsonb_to_recordset(${JSON.stringify(values)}::jsonb) as r (id uuid, title text, attributes jsonb, "firstDay" date, "lastDay" date,
    "startsAt" timestamptz, "endsAt" timestamptz, "lineManagerId" uuid, version int)`;
  await sql`
    update membership m set title = r.title, attributes = r.attributes, first_day = r."firstDay", last_day = r."lastDay",
      starts_at = r."startsAt", ends_at = r."endsAt", version = r.version
    from ${rows} where m.id = r.id`.execute(db);
  const changed = decided.filter(({ before, after }) => after.lineManagerId !== before.lineManagerId);
  const ids = changed.map(({ before }) => before.id);
  const lines = changed.flatMap(({ after: { id: membershipId, lineManagerId } }) =>
    lineManagerId ? { membershipId, lineManagerId } : [],
  );
  // Apart: writing it costs a walk along the line, whether it changes or not.
  if (changed.length > 0)
    await withinLines(context, lines, async () => {
      await sql`update membership m set line_manager_id = r."lineManagerId" from ${rows} where m.id = r.id and m.id = any (${ids}::uuid[])`.execute(
        db,
      );
      await refuseCircles(context, ids);
    });
  const personal = ({ title, attributes }: MembershipRow) => ({ title, attributes });
  for (const { before, after, because } of decided)
    recordMembership(context, before, after, {
      because,
      personal: { before: personal(before), after: personal(after) },
    });
}

/** Access and groups, each role and group once for all who get it. */
async function giveAll(context: Context, rows: readonly Changed[]): Promise<void> {
  const withRole = rows.filter(({ changes }) => changes.includes('accessRole'));
  for (const alike of Map.groupBy(withRole, (row) =>
    [row.accessRoleId, row.accessFrom, row.accessUntil].join(),
  ).values()) {
    const { accessRoleId, accessFrom: firstDay, accessUntil: lastDay } = alike[0]!;
    await giveRole(
      context,
      { roleId: accessRoleId!, firstDay, lastDay },
      alike.map(({ membershipId }) => membershipId),
    );
  }
  const joining = rows.flatMap(({ changes, groupIds, membershipId }) =>
    changes.includes('groups') ? groupIds!.map((groupId) => ({ groupId, membershipId })) : [],
  );
  const groups = Map.groupBy(joining, ({ groupId }) => groupId);
  // Always in the same order, so that two at once do not wait for each other.
  for (const groupId of [...groups.keys()].sort()) {
    context.require('group.configure', await groupTarget(context.db, groupId), 'user.read');
    await addMembers(
      context,
      groupId,
      groups.get(groupId)!.map(({ membershipId }) => membershipId),
    );
  }
}

type Named = { id: string; name: string; version: number; own: boolean; homeId: string; path: string };

/** @throws Refusal `people-import.changed` where one of them looks after their own name by now */
async function rename(context: Context, rows: readonly Changed[]): Promise<void> {
  if (rows.length === 0) return;
  const { db } = context;
  const { rows: users } = await sql<Named>`
    select u.id, u.display_name as name, u.version, o.id as "homeId", o.path,
      u.proved_email is not null or exists (select 1 from credential c where c.user_id = u.id) as own
    from app_user u join organization o on o.id = u.home_organization_id
    where u.id = any (${rows.map(({ userId }) => userId)}::uuid[]) order by u.id for no key update of u`.execute(
    db,
  );
  const before = new Map(users.map((one) => [one.id, one]));
  const values = rows.map(({ userId: id, name, givenName, familyName, userVersion }) => {
    const user = before.get(id);
    if (!user || user.own || user.version !== userVersion) throw refuse('people-import.changed');
    return { id, name, given: givenName ?? '', family: familyName ?? '', sort_name: sortName(name) };
  });
  const named = sql`jsonb_to_recordset(${JSON.stringify(values)}::jsonb) as r (id uuid, name text, given text, family text, sort_name text)`;
  await sql`update app_user u set display_name = r.name, given_name = r.given, family_name = r.family, version = u.version + 1
    from ${named} where u.id = r.id`.execute(db);
  await sql`update membership m set sort_name = r.sort_name from ${named} where m.user_id = r.id`.execute(db);
  for (const { userId, name } of rows) {
    const { version, homeId, path, name: was } = before.get(userId)!;
    context.record({
      type: 'user.updated',
      targetKind: 'user',
      targetId: userId,
      organizationId: homeId,
      path,
      subjectId: userId,
      before: { id: userId, version },
      after: { id: userId, version: version + 1 },
      personal: { before: { displayName: was }, after: { displayName: name } },
    });
  }
}
