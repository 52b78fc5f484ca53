import { sql } from 'kysely';
import { revokeInvitations } from '../../directory/leaving.ts';
import { sortName } from '../../directory/rules.ts';
import type { Context } from '../../operation/operation.ts';
import { newId } from '../../platform/ids.ts';
import { pair } from './stand.ts';
import { inBatches, keepKeys, type Places, type Work } from './work.ts';

/** People come without a sign-in; their addresses are not proved, so they claim and block nothing (I40). */
export async function writeUsers(
  context: Context,
  { take, stand, plan }: Work,
  places: Places,
): Promise<Map<string, string>> {
  const { db } = context;
  const users = new Map([...stand.users].map(([key, { id }]) => [key, id]));
  const rows = plan.users.create.map((row) => {
    const id = newId();
    users.set(row.username, id);
    return {
      id,
      home_organization_id: places.get(row.home)!.id,
      user_name: row.username,
      display_name: row.displayName,
      email: row.email?.address ?? null,
      path: places.get(row.home)!.path,
    };
  });
  await inBatches(rows, (some) =>
    sql`insert into app_user (id, home_organization_id, user_name, display_name, email)
      select id, home_organization_id, user_name, display_name, email
      from jsonb_populate_recordset(null::app_user, ${JSON.stringify(some)}::jsonb)`.execute(db),
  );
  const topId = places.get(take.organizations[0]!.id)!.id;
  await keepKeys(
    context,
    topId,
    'user',
    rows.map(({ id, user_name }) => ({ key: user_name, id })),
  );
  for (const row of rows)
    context.record({
      type: 'user.created',
      targetKind: 'user',
      targetId: row.id,
      organizationId: row.home_organization_id,
      path: row.path,
      subjectId: row.id,
      after: {
        id: row.id,
        homeOrganizationId: row.home_organization_id,
        state: 'active',
        emailProved: false,
      },
      personal: { displayName: row.display_name, email: row.email, userName: row.user_name },
    });
  const changed = plan.users.change.map(({ row, before, email }) => ({
    id: before.id,
    name: row.displayName,
    sort: sortName(row.displayName),
    email,
  }));
  await inBatches(changed, async (some) => {
    const values = JSON.stringify(some);
    await sql`update app_user u set display_name = r.name, email = r.email, version = u.version + 1
      from jsonb_to_recordset(${values}::jsonb) as r (id uuid, name text, email text) where u.id = r.id`.execute(
      db,
    );
    await sql`update membership m set sort_name = r.sort
      from jsonb_to_recordset(${values}::jsonb) as r (id uuid, sort text) where m.user_id = r.id`.execute(db);
  });
  const turned = plan.users.change.filter(({ before, email }) => email !== before.email);
  if (turned.length > 0)
    // What was sent to the address of before does not open the account any more.
    await revokeInvitations(
      context,
      sql<boolean>`x.membership_id in (select m.id from membership m
        where m.user_id = any (${turned.map(({ before }) => before.id)}::uuid[]))`,
    );
  for (const { row, before, email } of plan.users.change)
    context.record({
      type: 'user.updated',
      targetKind: 'user',
      targetId: before.id,
      organizationId: before.homeId,
      path: before.homePath,
      subjectId: before.id,
      before: { id: before.id, version: before.version },
      after: { id: before.id, version: before.version + 1 },
      personal: {
        before: { displayName: before.displayName, email: before.email },
        after: { displayName: row.displayName, email },
      },
    });
  return users;
}

export async function writeMemberships(
  context: Context,
  { take, stand, plan }: Work,
  places: Places,
  users: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const { db } = context;
  const names = new Map(take.users.map(({ username, displayName }) => [username, sortName(displayName)]));
  const memberships = new Map([...stand.memberships].map(([ids, { id }]) => [ids, id]));
  const rows = plan.memberships.create.map((row) => {
    const place = places.get(row.organization)!;
    const userId = users.get(row.user)!;
    const id = newId();
    memberships.set(pair(userId, place.id), id);
    return {
      id,
      user_id: userId,
      organization_id: place.id,
      path: place.path,
      sort_name: names.get(row.user) ?? row.user,
    };
  });
  await inBatches(rows, (some) =>
    sql`insert into membership (id, user_id, organization_id, path, sort_name)
      select id, user_id, organization_id, path, sort_name
      from jsonb_populate_recordset(null::membership, ${JSON.stringify(some)}::jsonb)`.execute(db),
  );
  for (const row of rows)
    context.record({
      type: 'membership.created',
      targetKind: 'membership',
      targetId: row.id,
      organizationId: row.organization_id,
      path: row.path,
      subjectId: row.user_id,
      after: {
        id: row.id,
        userId: row.user_id,
        organizationId: row.organization_id,
        path: row.path,
        lineManagerId: null,
        firstDay: null,
        lastDay: null,
        startsAt: '-infinity',
        endsAt: 'infinity',
        state: 'active',
        endedAt: null,
        version: 1,
      },
    });
  return memberships;
}
