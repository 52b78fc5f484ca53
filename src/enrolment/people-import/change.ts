import { sql } from 'kysely';
import type { Permit } from '../../authority/decide.ts';
import { dominates, loadPower } from '../../authority/power.ts';
import { isSelf } from '../../authority/self.ts';
import type { Attributes, Writer } from '../../directory/attributes.ts';
import { addMembers } from '../../directory/group-members.ts';
import { groupTarget } from '../../directory/groups.ts';
import { revokeInvitations } from '../../directory/leaving.ts';
import { fileUnder } from '../../directory/store.ts';
import { type MembershipChange, updateMembership } from '../../directory/update-membership.ts';
import type { Context } from '../../operation/operation.ts';
import { isRefusal } from '../../operation/raised.ts';
import { membershipTargets } from '../../operation/targets.ts';
import { refuse } from '../../platform/refusals.ts';
import { asProblem } from './ceiling.ts';
import { giveRole } from './roles.ts';
import { writerOf } from './store.ts';
import { asRefusal } from './write.ts';

/** Somebody who is here, and of whom the file says something else. */
export type Changed = {
  line: number;
  key: string;
  userId: string;
  membershipId: string;
  version: number;
  userVersion: number;
  changes: string[];
  name: string;
  email: string | null;
  title: string | null;
  attributes: Attributes | null;
  managerId: string | null;
  firstDay: string | null;
  lastDay: string | null;
  accessRoleId: string | null;
  accessFrom: string | null;
  accessUntil: string | null;
  groupIds: string[] | null;
  givenName: string | null;
  familyName: string | null;
};

/**
 * Which of the changed rows. `fields`: names, titles and fields only; `days`: another last day, which waits for the order of
 * endings (law 4); `others`: line managers, first days, addresses, access and groups.
 */
export type ChangeKind = 'fields' | 'others' | 'days';
export type ChangedStretch = { importId: string; from: number; most: number; kind: ChangeKind };
const many = ['name', 'title', 'attributes', 'key'];
const ofKind = (kind: ChangeKind) =>
  kind === 'days'
    ? sql`'lastDay' = any (r.changes)`
    : kind === 'fields'
      ? sql`r.changes <@ ${many}::text[]`
      : sql`not ('lastDay' = any (r.changes) or r.changes <@ ${many}::text[])`;

export async function changedRows(
  context: Pick<Context, 'db'>,
  { importId, from, most, kind }: ChangedStretch,
): Promise<Changed[]> {
  const { rows } = await sql<Changed>`
    select r.line, r.key, r.user_id as "userId", r.membership_id as "membershipId", r.version, r.user_version as "userVersion", r.changes,
      r.display_name as name, r.email, r.title, r.attributes, r.manager_id as "managerId", r.first_day as "firstDay",
      r.last_day as "lastDay", r.access_role_id as "accessRoleId", r.access_from as "accessFrom", r.access_until as "accessUntil",
      r.group_ids as "groupIds", r.given_name as "givenName", r.family_name as "familyName"
    from people_import_row r where r.import_id = ${importId} and r.verdict = 'changed' and r.problem is null and r.line > ${from}
      and ${ofKind(kind)}
    order by r.line limit ${most}`.execute(context.db);
  return rows;
}

type There = Parameters<Context['require']>[1];

/** Says, before anything is done, which of these people the importer may not change; where somebody changes a day or not. */
export async function checkChanged(context: Context, importId: string): Promise<void> {
  for (const kind of ['fields', 'others', 'days'] as const) {
    let from = 0;
    for (;;) {
      const rows = await changedRows(context, { importId, from, most: 2000, kind });
      if (rows.length === 0) break;
      from = rows.at(-1)!.line;
      const targets = await membershipTargets(
        context.db,
        rows.map(({ membershipId }) => membershipId),
      );
      const refused = rows.flatMap((row) => {
        try {
          requireMayChange(context, row, targets.get(row.membershipId));
          return [];
        } catch (error) {
          if (!isRefusal(error)) throw error;
          return [{ line: row.line, problem: asProblem(error) }];
        }
      });
      await sql`update people_import_row r set problem = x.problem
        from jsonb_to_recordset(${JSON.stringify(refused)}::jsonb) as x (line int, problem jsonb)
        where r.import_id = ${importId} and r.line = x.line`.execute(context.db);
    }
  }
}

export function requireMayChange(context: Context, row: Changed, target: There): Permit {
  const permit = context.require('membership.update', target, 'user.read');
  if (isSelf(context.facts, row.userId)) throw refuse('user.self');
  return permit;
}

/**
 * Changes each of these people as by hand, one after the other; what is refused stands beside its row.
 * @throws Refusal the first one, where all or nothing was asked
 */
export async function changePeople(
  context: Context,
  importId: string,
  rows: readonly Changed[],
  all: boolean,
): Promise<void> {
  const targets = await membershipTargets(
    context.db,
    rows.map(({ membershipId }) => membershipId),
  );
  const by = await writerOf(context.db, importId);
  for (const row of rows) {
    const done = await context.attempt(() =>
      changeOne(context, importId, row, targets.get(row.membershipId), by).catch(asRefusal),
    );
    if (!done.ok) {
      if (all) throw done.refusal;
      await sql`update people_import_row set problem = ${JSON.stringify(asProblem(done.refusal))}::jsonb
        where import_id = ${importId} and line = ${row.line}`.execute(context.db);
    }
  }
}

async function changeOne(
  context: Context,
  importId: string,
  row: Changed,
  target: There,
  by: Writer,
): Promise<void> {
  requireMayChange(context, row, target);
  const has = (field: string): boolean => row.changes.includes(field);
  const { rows: now } = await sql<{ version: number }>`
    select version from membership where id = ${row.membershipId} for no key update`.execute(context.db);
  // Somebody changed them since the difference was shown.
  if (now[0]?.version !== row.version) throw refuse('people-import.changed');
  const change: MembershipChange = { membershipId: row.membershipId };
  if (has('title')) change.title = row.title ?? '';
  if (has('attributes')) change.attributes = row.attributes ?? {};
  if (has('lineManager')) change.lineManagerId = row.managerId;
  if (has('firstDay')) change.firstDay = row.firstDay;
  if (has('lastDay')) change.lastDay = row.lastDay;
  // What lengthens somebody's time there is decided at the person, not at the import.
  const there = Object.create(context, { target: { value: target } }) as Context;
  if (Object.keys(change).length > 1) await updateMembership(there, change, by);
  if (has('name') || has('email')) await changeUser(context, row, has('email'));
  if (has('accessRole')) {
    const { accessRoleId, accessFrom: firstDay, accessUntil: lastDay } = row;
    await giveRole(context, { roleId: accessRoleId!, firstDay, lastDay }, [row.membershipId]);
  }
  if (has('groups'))
    for (const groupId of [...row.groupIds!].sort()) {
      context.require('group.configure', await groupTarget(context.db, groupId), 'user.read');
      await addMembers(context, groupId, [row.membershipId]);
    }
  if (has('key'))
    await sql`insert into import_key (top_organization_id, kind, key, id)
      select organization_id, 'user', ${row.key}, ${row.userId} from people_import where id = ${importId}`.execute(
      context.db,
    );
}

/**
 * A name and an address of somebody who has no sign-in yet. The invitation to set one up goes to that address, so whoever
 * writes another one there takes the account: that needs the whole of the person's power (I12).
 */
async function changeUser(context: Context, row: Changed, turned: boolean): Promise<void> {
  const { db, facts } = context;
  const { rows } = await sql<{
    name: string;
    email: string | null;
    version: number;
    homeId: string;
    path: string;
    own: boolean;
  }>`
    select u.display_name as name, u.email, u.version, o.id as "homeId", o.path,
      u.proved_email is not null or exists (select 1 from credential c where c.user_id = u.id) as own
    from app_user u join organization o on o.id = u.home_organization_id where u.id = ${row.userId} for no key update of u`.execute(
    db,
  );
  const before = rows[0]!;
  if (before.own || before.version !== row.userVersion) throw refuse('people-import.changed');
  const email = turned ? row.email : before.email;
  if (turned && email !== null) {
    const power = await loadPower(db, row.userId);
    // By rule, too. Somebody who has nothing yet is nobody to take over.
    const has = power.chains.length > 0 || power.access.length > 0 || power.represents;
    if (has && !dominates(facts, power)) throw refuse('people-import.protected');
  }
  const { name, givenName, familyName } = row;
  await sql`update app_user set display_name = ${name}, email = ${email}, version = version + 1,
      given_name = case when display_name = ${name} then given_name else ${givenName ?? ''} end,
      family_name = case when display_name = ${name} then family_name else ${familyName ?? ''} end where id = ${row.userId}`.execute(
    db,
  );
  await fileUnder(db, row.userId, row.name);
  // What was sent to the address of before does not open the account any more.
  if (turned)
    await revokeInvitations(
      context,
      sql<boolean>`x.membership_id in (select m.id from membership m where m.user_id = ${row.userId})`,
    );
  context.record({
    type: 'user.updated',
    targetKind: 'user',
    targetId: row.userId,
    organizationId: before.homeId,
    path: before.path,
    subjectId: row.userId,
    before: { id: row.userId, version: before.version },
    after: { id: row.userId, version: before.version + 1 },
    personal: {
      before: { displayName: before.name, email: before.email },
      after: { displayName: row.name, email },
    },
  });
}
