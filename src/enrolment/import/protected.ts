import { sql } from 'kysely';
import { dominates, loadPower } from '../../authority/power.ts';
import type { Context } from '../../operation/operation.ts';
import type { Plan } from './plan.ts';
import type { Problems } from './problems.ts';

/**
 * The invitation to set up a sign-in goes to the recorded address, so whoever writes another one there takes the
 * account: that needs the whole of the person's power, as readdressing an invitation does (I12).
 */
export async function checkAddresses(
  { db, facts }: Pick<Context, 'db' | 'facts'>,
  { users }: Plan,
  problems: Problems,
): Promise<void> {
  const turned = users.change.filter(({ before, email }) => email !== null && email !== before.email);
  const ids = turned.map(({ before }) => before.id);
  // Most people of a file may do nothing and have nothing yet: one statement sets them aside.
  const { rows } = await sql<{ id: string }>`
    select u.id from unnest(${ids}::uuid[]) u (id)
    where exists (select 1 from delegation d where d.delegate_user_id = u.id and d.delegate_kind = 'user' and d.state <> 'ended')
      or exists (select 1 from membership m join assignment a on m.id = a.membership_id
        or a.organization_id in (select o.id from organization o where o.path = any (path_ancestors(m.path)))
        where m.user_id = u.id and m.state <> 'ended' and a.state = 'active')
      or exists (select 1 from membership m join organization o on o.path = any (path_ancestors(m.path))
        join access_rule r on r.organization_id = o.id and r.state <> 'ended'
        where m.user_id = u.id and m.state <> 'ended')`.execute(db);
  const powerful = new Set(rows.map(({ id }) => id));
  for (const { row, before } of turned)
    if (powerful.has(before.id) && !(await mayTake(db, facts, before.id)))
      problems.add('protected', 'users.csv', row.line, 'email');
}

/** Somebody who has nothing, by rule neither, is nobody to take over. */
async function mayTake(db: Context['db'], facts: Context['facts'], userId: string): Promise<boolean> {
  const power = await loadPower(db, userId);
  const hasNone = power.chains.length === 0 && power.access.length === 0 && !power.represents;
  return hasNone || dominates(facts, power);
}
