import { sql } from 'kysely';
import { inReach } from '../authority/reach.ts';
import type { Context } from '../operation/operation.ts';
import { peopleBelow } from './people-count.ts';

export type Counts = {
  childCount: number;
  peopleCount: number;
  managersCount: number;
  openInvitations: number;
};

/** How much there is at and below one organization, as far as the actor sees it. */
export async function countsOf(context: Context, path: string): Promise<Counts> {
  const { at } = context;
  const { rows } = await sql<Counts>`
    select
      (select count(*) from organization c join organization o on o.id = c.parent_id
        where o.path = ${path} and ${inReach(context.reach('organization.read'), sql`c.path`)}) as "childCount",
      (select ${peopleBelow(context.reach('user.read'), at)} from organization o where o.path = ${path}) as "peopleCount",
      (select count(distinct m.user_id) from delegation d join membership m on m.id = d.delegate_membership_id
        left join admin_role r on r.id = d.admin_role_id
        where d.place_paths @> array[${path}]::text[] and d.delegate_kind = 'user' and d.kind = 'administer' and d.state = 'active'
          and d.starts_at <= ${at} and d.ends_at > ${at} and m.state = 'active' and m.starts_at <= ${at} and m.ends_at > ${at}
          and ('user.invite' = any (d.permissions) or 'user.invite' = any (r.permissions))) as "managersCount",
      (select count(*) from invitation i where i.path >= ${path} and i.path < ${`${path}/`} and i.state = 'open'
        and i.expires_at > ${at} and ${inReach(context.reach('user.invite'), sql`i.path`)}) as "openInvitations"`.execute(
    context.db,
  );
  return rows[0]!;
}
