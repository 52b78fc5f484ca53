import { type RawBuilder, sql } from 'kysely';

/** What somebody whose place is over may have left there for others to fill. */
export const leftKinds = ['delegation', 'report', 'policy', 'request', 'decides-for', 'guardian'] as const;
export type LeftKind = (typeof leftKinds)[number];

/**
 * What people whose place is over left and nobody took over, as (leaver, kind, id, organization_id, path, user_id): the
 * place where it is filled, and the person it concerns. `d`, `r`, `p`, `q` and `g` are what stays. Nothing of it is in
 * force (I14): it waits.
 */
export const leftByLeavers = (leaver?: string): RawBuilder<unknown> => {
  const whose = (column: string): RawBuilder<unknown> =>
    leaver ? sql`${sql.raw(column)} = ${leaver}::uuid` : sql`true`;
  return sql`
    select left_things.* from (
      select d.delegate_membership_id as leaver, 'delegation'::text as kind, d.id, o.id as organization_id, o.path, null::uuid as user_id
      from delegation d join organization o on o.path = d.place_paths[1] collate "C"
      where d.kind = 'administer' and d.delegate_kind = 'user' and d.state = 'active' and d.ends_at > remit_now()
        and ${whose('d.delegate_membership_id')}
    union all
      select r.line_manager_id, 'report', r.id, r.organization_id, r.path, r.user_id
      from membership r
      where r.line_manager_id is not null and r.state <> 'ended' and r.ends_at > remit_now() and ${whose('r.line_manager_id')}
    union all
      select distinct on (p.id, member) member.id::uuid, 'policy', p.id, o.id, o.path, null::uuid
      from approval_policy p join organization o on o.id = p.organization_id
        cross join lateral (select x #>> '{}' as id from jsonb_path_query(p.steps, '$.**.membershipIds[*]') x) member
      where p.state = 'active' and ${whose('member.id::uuid')}
    union all
      select member, 'request', q.id, o.id, o.path, q.requester_id
      from request q join organization o on o.path = q.path collate "C" cross join lateral unnest(q.asks_members) member
      where q.state = 'open' and ${leaver ? sql`q.asks_members && array[${leaver}::uuid]` : sql`q.asks_members <> '{}'`}
        and ${whose('member')}
    union all
      select d.delegate_membership_id, 'decides-for', d.id, g.organization_id, g.path, g.user_id
      from delegation d join membership g on g.id = d.giver_membership_id
      where d.kind = 'approve' and d.state = 'active' and d.ends_at > remit_now()
        and g.state <> 'ended' and g.ends_at > remit_now() and ${whose('d.delegate_membership_id')}
    union all
      select g.membership_id, 'guardian', g.id, o.id, o.path, null::uuid
      from guardian g join organization o on o.id = g.organization_id
      where g.state = 'active' and g.ends_at > remit_now() and ${whose('g.membership_id')}
    ) left_things where not place_is_off(left_things.path)`;
};
