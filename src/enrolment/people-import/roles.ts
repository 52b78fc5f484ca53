import { sql } from 'kysely';
import { giveAccess } from '../../access/give.ts';
import { loadRecipients } from '../../access/recipients.ts';
import { loadThings } from '../../access/things.ts';
import type { Context } from '../../operation/operation.ts';
import { inStretch, type Stretch } from './ceiling.ts';

/**
 * Gives the access roles of a stretch, each to all who get it, as giving by hand does.
 * @throws Refusal of the first person who may not be given theirs
 */
export async function giveRoles(context: Context, stretch: Stretch): Promise<void> {
  const { rows } = await sql<{ roleId: string; people: string[] }>`
    select r.access_role_id as "roleId", array_agg(r.membership_id order by r.line) as people from people_import_row r
    where ${inStretch(stretch)} and r.access_role_id is not null group by r.access_role_id`.execute(
    context.db,
  );
  for (const { roleId, people } of rows) await giveRole(context, roleId, people);
}

export async function giveRole(
  context: Context,
  roleId: string,
  membershipIds: readonly string[],
): Promise<void> {
  const things = await loadThings(context.db, [], [roleId]);
  const found = await loadRecipients(context.db, membershipIds, [], context.at);
  const given = await giveAccess(
    context,
    membershipIds.map((id) => found.get(id)),
    [things.get(roleId)],
    { why: 'import', reason: '', from: undefined, until: undefined },
  );
  for (const one of given) if (!one.ok) throw one.refusal;
}
