import { type Kysely, sql } from 'kysely';
import type { DB } from '../../src/platform/schema.gen.ts';
import type { Actor, Area } from './landscape.ts';

export const areaCovers = (area: Area, path: string): boolean =>
  path === area.path || (area.below && path.startsWith(`${area.path}.`));

/** Whether a place lies in an actor's boundary, by the plain words of its links. */
export const inside = (actor: Actor, path: string): boolean =>
  actor.areas.some((area) => areaCovers(area, path)) && !actor.holes.some((hole) => areaCovers(hole, path));

/** Whoever reads the whole database to compare: kept small, ids and where each stands. */
export type Atlas = {
  /** id -> path of where it stands */
  pathOf: Map<string, string>;
  /** user id -> paths of their memberships: somebody seen in one of them is seen */
  seenAt: Map<string, string[]>;
  /** id -> the person it is about */
  personOf: Map<string, string>;
};

export async function readAtlas(db: Kysely<DB>): Promise<Atlas> {
  const { rows } = await sql<{ id: string; path: string; person: string | null }>`
    select id, path, null as person from organization
    union all select u.id, o.path, u.id from app_user u join organization o on o.id = u.home_organization_id
    union all select id, path, user_id from membership
    union all select d.id, coalesce(d.place_paths[1], 'r'), d.delegate_user_id from delegation d
    union all select c.id, o.path, null from client c join organization o on o.id = c.organization_id
    union all select a.id, o.path, null from application a join organization o on o.id = a.organization_id
    union all select e.id, o.path, null from entitlement e join application a on a.id = e.application_id join organization o on o.id = a.organization_id
    union all select r.id, o.path, null from access_role r join organization o on o.id = r.organization_id
    union all select r.id, o.path, null from admin_role r join organization o on o.id = r.organization_id
    union all select id, path, user_id from exception
    union all select g.id, o.path, null from people_group g join organization o on o.id = g.organization_id
    union all select r.id, o.path, null from access_rule r join organization o on o.id = r.organization_id
    union all select s.id, o.path, null from separation s join organization o on o.id = s.organization_id
    union all select x.id, m.path, x.user_id from separation_exception x join membership m on m.id = x.membership_id
    union all select d.id, o.path, null from attribute_definition d join organization o on o.id = d.organization_id
    union all select a.id, coalesce(m.path, o.path), m.user_id from assignment a left join membership m on m.id = a.membership_id
      left join organization o on o.id = a.organization_id
    union all select id, path, null from invitation
    union all select id, path, requester_id from request
    union all select p.id, o.path, null from approval_policy p join organization o on o.id = p.organization_id
    union all select t.id, o.path, null from target t join organization o on o.id = t.organization_id
    union all select a.id, o.path, a.user_id from account a join target t on t.id = a.target_id join organization o on o.id = t.organization_id
    union all select k.id, o.path, a.user_id from hand_task k join account a on a.id = k.account_id join target t on t.id = k.target_id
      join organization o on o.id = t.organization_id
    union all select d.id, o.path, a.user_id from difference d join account a on a.id = d.account_id join target t on t.id = d.target_id
      join organization o on o.id = t.organization_id
    union all select w.id, o.path, null from webhook w join organization o on o.id = w.organization_id
    union all select d.id, o.path, null from webhook_delivery d join organization o on o.id = d.organization_id
    union all select s.id, coalesce(m.path, o.path), s.user_id from session s join app_user u on u.id = s.user_id
      join organization o on o.id = u.home_organization_id left join membership m on m.id = s.membership_id
    union all select id, path, null from import_run
    union all select i.id, o.path, null from people_import i join organization o on o.id = i.organization_id
    union all select s.id, o.path, null from source s join organization o on o.id = s.organization_id
    union all select r.id, o.path, null from source_run r join source s on s.id = r.source_id join organization o on o.id = s.organization_id
    union all select p.id, m.path, m.user_id from proposal p join membership m on m.id = p.membership_id
    union all select g.id, o.path, null from import_mapping g join organization o on o.id = g.organization_id
    union all select id, coalesce(path, 'r'), subject_id from event`.execute(db);
  const { rows: members } = await sql<{ id: string; paths: string[] }>`
    select user_id as id, array_agg(path) as paths from membership group by user_id`.execute(db);
  return {
    seenAt: new Map(members.map(({ id, paths }) => [id, paths])),
    pathOf: new Map(rows.map(({ id, path }) => [id, path])),
    personOf: new Map(rows.flatMap(({ id, person }) => (person ? [[id, person]] : []))),
  };
}
