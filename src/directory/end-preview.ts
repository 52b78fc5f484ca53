import { sql } from 'kysely';
import { holders } from '../authority/holders.ts';
import { inReach } from '../authority/reach.ts';
import { say } from '../authority/say.ts';
import { isSelf } from '../authority/self.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import { keysOf } from './keys.ts';
import { isOwner, lastManagedBy } from './last-manager.ts';
import { nextHomes } from './leaving.ts';

type Leaver = {
  id: string;
  userId: string;
  organizationId: string;
  displayName: string;
  organizationName: string;
  state: string;
  endsAt: Date;
};

/** Everything that ending this membership would do, as far as the actor may know of it (ruling 9). */
export async function previewEnd(context: Context, membershipId: string) {
  const { db, at, target } = context;
  const { rows } = await sql<Leaver>`
    select m.id, m.user_id as "userId", m.organization_id as "organizationId", u.display_name as "displayName",
      o.name as "organizationName", m.state, m.ends_at as "endsAt"
    from membership m join app_user u on u.id = m.user_id join organization o on o.id = m.organization_id
    where m.id = ${membershipId}`.execute(db);
  const leaver = rows[0]!;
  if (leaver.state === 'ended' || leaver.endsAt <= at) throw refuse('membership.ended');

  const seesAccess = context.decide('access.read', target).effect === 'permit';
  const { access, requestCount } = await ending(context, membershipId);
  const links = await linksOf(context, membershipId);
  const [home] = await nextHomes(db, [leaver], at);
  const last = await lastManagedBy(db, [membershipId]);
  const organizations = context.reach('organization.read');
  const seesHome = home && (await visible(context, home.path, organizations));
  const seesLast = last && (await visible(context, last.target.path, organizations));
  return {
    displayName: leaver.displayName,
    organization: { id: leaver.organizationId, name: leaver.organizationName },
    ends: { accessCount: access.length, access: seesAccess ? access : [], requestCount },
    vacant: {
      delegations: links.filter((link) => link.seen).map(({ seen: _, ...link }) => link),
      elsewhere: links.some((link) => !link.seen),
    },
    stands: await standing(context, membershipId),
    keys: await keysOf(context, membershipId),
    successors: await successors(context, leaver),
    newHome: home && seesHome ? { id: home.to, name: home.name } : null,
    isOwner: await isOwner(db, membershipId),
    lastManagerOf: last ? (seesLast ? last.name : say('anOrganization')) : null,
    isSelf: isSelf(context.facts, leaver.userId),
  };
}

async function ending(context: Context, membershipId: string) {
  const { rows: access } = await sql<{ assignmentId: string; name: string; applicationName: string | null }>`
    select a.id as "assignmentId", coalesce(e.name, r.name) as name, p.name as "applicationName"
    from assignment a left join entitlement e on e.id = a.entitlement_id left join application p on p.id = e.application_id
    left join access_role r on r.id = a.access_role_id
    where a.membership_id = ${membershipId} and a.state = 'active' order by 3 nulls first, 2`.execute(
    context.db,
  );
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from request r where r.membership_id = ${membershipId} and r.state = 'open'`.execute(
    context.db,
  );
  return { access, requestCount: rows[0]!.count };
}

/** What the person manages through this membership; `seen` when it stands where the actor sees delegations. */
async function linksOf(context: Context, membershipId: string) {
  const { rows } = await sql<{
    delegationId: string;
    organization: { id: string; name: string };
    adminRoleName: string | null;
    seen: boolean;
  }>`
    select d.id as "delegationId", jsonb_build_object('id', o.id, 'name', o.name) as organization, r.name as "adminRoleName",
      ${inReach(context.reach('delegation.read'), sql`o.path`)} as seen
    from delegation d join organization o on o.path = d.place_paths[1] left join admin_role r on r.id = d.admin_role_id
    where d.delegate_membership_id = ${membershipId} and d.delegate_kind = 'user' and d.state <> 'ended' and d.ends_at > ${context.at}
    order by o.path, d.id`.execute(context.db);
  return rows;
}

async function standing(context: Context, membershipId: string) {
  const { at } = context;
  const { rows } = await sql<{ delegationCount: number; accessCount: number; reportCount: number }>`
    with held as (select d.id from delegation d where d.delegate_membership_id = ${membershipId} and d.delegate_kind = 'user')
    select
      (select count(*) from delegation d where (d.parent_id in (select id from held) or d.giver_delegation_id in (select id from held))
        and d.state <> 'ended' and d.ends_at > ${at} and ${inReach(context.reach('delegation.read'), sql`d.place_paths[1] collate "C"`)}) as "delegationCount",
      (select count(*) from assignment a join membership m on m.id = a.membership_id
        where a.given_under in (select id from held) and a.state = 'active' and a.ends_at > ${at}
          and ${inReach(context.reach('access.read'), sql`m.path`, sql`m.user_id`)}) as "accessCount",
      (select count(*) from membership m where m.line_manager_id = ${membershipId} and m.state <> 'ended' and m.ends_at > ${at}
        and ${inReach(context.reach('user.read'), sql`m.path`, sql`m.user_id`)}) as "reportCount"`.execute(
    context.db,
  );
  return rows[0]!;
}

/** Other managers of the place whom the actor sees; nearest first. */
async function successors(context: Context, leaver: Leaver) {
  const able = await holders(context.db, 'user.invite', { ...context.target, userId: undefined });
  const ids = able.map((holder) => holder.membershipId);
  const { rows } = await sql<{ membershipId: string; displayName: string; organizationName: string }>`
    select m.id as "membershipId", u.display_name as "displayName", o.name as "organizationName"
    from membership m join app_user u on u.id = m.user_id join organization o on o.id = m.organization_id
    where m.id = any (${ids}::uuid[]) and m.user_id <> ${leaver.userId}
      and ${inReach(context.reach('user.read'), sql`m.path`, sql`m.user_id`)}
    order by array_position(${ids}::uuid[], m.id) limit 20`.execute(context.db);
  return rows;
}

async function visible(
  context: Context,
  path: string,
  reach: ReturnType<Context['reach']>,
): Promise<boolean> {
  const { rows } = await sql<{
    seen: boolean;
  }>`select ${inReach(reach, sql`${path}::text collate "C"`)} as seen`.execute(context.db);
  return rows[0]!.seen;
}
