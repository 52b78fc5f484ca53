import { sql } from 'kysely';
import { z } from 'zod';
import { inReach } from '../authority/reach.ts';
import { builtInNames } from '../authority/words.ts';
import type { Context } from '../operation/operation.ts';

/** What somebody who leaves a place leaves behind there, and what of it can go to a successor. */
export const behindKinds = [
  /** what they manage */
  'delegation',
  /** somebody whose line manager they are */
  'report',
  /** an approval policy that names them */
  'policy',
  /** an open request that asks them by name */
  'request',
  /** somebody for whom they decide */
  'decides-for',
  /** somebody who decides for them */
  'deputy',
  /** a household that they look after */
  'guardian',
] as const;
export type BehindKind = (typeof behindKinds)[number];

export type Behind = {
  kind: BehindKind;
  id: string;
  name: string | null;
  organizationId: string | null;
  organizationName: string | null;
  /** the actor may know of it; what they may not is neither shown nor handed over (ruling 9) */
  seen: boolean;
};

export const behindView = z.object({
  kind: z.enum(behindKinds),
  id: z.uuid(),
  name: z
    .string()
    .nullable()
    .describe('The role, person or policy; null where there is none or you do not see it.'),
  organizationId: z.uuid().nullable().describe('Where it can be given to somebody.'),
  organizationName: z.string().nullable(),
  handed: z.boolean().describe('It goes to the successor.'),
  why: z.string().nullable().describe('Why it does not, where a successor was named.'),
});

export const leftBehind = z.object({
  items: z.array(behindView),
  elsewhere: z.boolean().describe('There is more a level above or elsewhere; it stays vacant.'),
});

/** Nobody hands over more by one act (I59); the rest is found by the lists of what is vacant. */
const most = 200;

/** Everything that hangs on this membership and does not end with it, in the order in which it is handed over. */
export async function listBehind(context: Context, membershipId: string): Promise<Behind[]> {
  const { at } = context;
  const people = context.reach('user.read');
  const organizations = context.reach('organization.read');
  const policies = context.reach('approval-policy.configure');
  const id = sql`${membershipId}::uuid`;
  const { rows } = await sql<Behind>`
    select * from (
      (select 1 as n, 'delegation' as kind, d.id, coalesce(${builtInNames()}::jsonb ->> r.key, r.name) as name, o.id as "organizationId", o.name as "organizationName",
        ${inReach(context.reach('delegation.read'), sql`o.path`)} as seen
      from delegation d join organization o on o.path = d.place_paths[1] collate "C" left join admin_role r on r.id = d.admin_role_id
      where d.delegate_membership_id = ${id} and d.delegate_kind = 'user' and d.kind = 'administer' and d.state <> 'ended' and d.ends_at > ${at}
      order by o.path, d.id limit ${most})
    union all
      (select 2, 'report', m.id, u.display_name, o.id, o.name, ${inReach(people, sql`m.path`, sql`m.user_id`)}
      from membership m join app_user u on u.id = m.user_id join organization o on o.id = m.organization_id
      where m.line_manager_id = ${id} and m.state <> 'ended' and m.ends_at > ${at} order by m.id limit ${most})
    union all
      (select 3, 'policy', p.id, p.name, o.id, o.name, ${inReach(policies, sql`o.path`)}
      from approval_policy p join organization o on o.id = p.organization_id
      where p.state = 'active' and p.steps::text like ${`%${membershipId}%`} order by p.id limit ${most})
    union all
      (select 4, 'request', q.id, case when ${inReach(people, sql`q.path`, sql`q.requester_id`)} then u.display_name end, o.id, o.name,
        ${inReach(policies, sql`q.path`)}
      from request q join organization o on o.path = q.path left join app_user u on u.id = q.requester_id
      where q.state = 'open' and q.asks_members && array[${id}] order by q.id limit ${most})
    union all
      (select 5, case when d.delegate_membership_id = ${id} then 'decides-for' else 'deputy' end, d.id, u.display_name, o.id, o.name,
        ${inReach(people, sql`m.path`, sql`m.user_id`)}
      from delegation d
      join membership m on m.id = case when d.delegate_membership_id = ${id} then d.giver_membership_id else d.delegate_membership_id end
      join app_user u on u.id = m.user_id join organization o on o.id = m.organization_id
      where d.kind = 'approve' and d.state <> 'ended' and d.ends_at > ${at} and ${id} in (d.giver_membership_id, d.delegate_membership_id)
      order by d.id limit ${most})
    union all
      (select 6, 'guardian', g.id, null, o.id, o.name, ${inReach(organizations, sql`o.path`)}
      from guardian g join organization o on o.id = g.organization_id
      where g.membership_id = ${id} and g.state = 'active' and g.ends_at > ${at} order by g.id limit ${most})
    ) behind order by n, "organizationName", name, id`.execute(context.db);
  return rows;
}

/** The same as a list that nobody has taken over. */
export function staying(behind: readonly Behind[]): z.infer<typeof leftBehind> {
  return {
    items: behind
      .filter(({ seen }) => seen)
      .map(({ kind, id, name, organizationId, organizationName }) => ({
        kind,
        id,
        name,
        organizationId,
        organizationName,
        handed: false,
        why: null,
      })),
    elsewhere: behind.some(({ seen }) => !seen),
  };
}
