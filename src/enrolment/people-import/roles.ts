import { sql } from 'kysely';
import { giveAccess } from '../../access/give.ts';
import { loadRecipients } from '../../access/recipients.ts';
import { loadThings } from '../../access/things.ts';
import { addMembers } from '../../directory/group-members.ts';
import type { Context } from '../../operation/operation.ts';
import { inStretch, type Stretch } from './ceiling.ts';

/** An access role for as long as a file says; open where it does not. */
export type GivenRole = { roleId: string; firstDay: string | null; lastDay: string | null };

/**
 * Gives the access roles of a stretch, each to all who get it for the same days, as giving by hand does.
 * @throws Refusal of the first person who may not be given theirs
 */
export async function giveRoles(context: Context, stretch: Stretch): Promise<void> {
  const { rows } = await sql<GivenRole & { people: string[] }>`
    select r.access_role_id as "roleId", r.access_from as "firstDay", r.access_until as "lastDay",
      array_agg(r.membership_id order by r.line) as people from people_import_row r
    where ${inStretch(stretch)} and r.access_role_id is not null group by 1, 2, 3`.execute(context.db);
  for (const { people, ...role } of rows) await giveRole(context, role, people);
}

export async function giveRole(
  context: Context,
  { roleId, firstDay, lastDay }: GivenRole,
  membershipIds: readonly string[],
): Promise<void> {
  const things = await loadThings(context.db, [], [roleId]);
  const found = await loadRecipients(context.db, membershipIds, [], context.at);
  const given = await giveAccess(
    context,
    membershipIds.map((id) => found.get(id)),
    [things.get(roleId)],
    { why: 'import', reason: '', from: undefined, until: undefined, firstDay, lastDay },
  );
  for (const one of given) if (!one.ok) throw one.refusal;
}

/**
 * Puts the people of a stretch into their groups, each group once and always in the same order, as by hand.
 * @throws Refusal of the first person who may not be put into theirs
 */
export async function fillGroups(context: Context, stretch: Stretch): Promise<void> {
  const { rows } = await sql<{ groupId: string; people: string[] }>`
    select g.id as "groupId", array_agg(r.membership_id order by r.line) as people from people_import_row r, unnest(r.group_ids) g (id)
    where ${inStretch(stretch)} group by g.id order by g.id`.execute(context.db);
  for (const { groupId, people } of rows) await addMembers(context, groupId, people);
}
