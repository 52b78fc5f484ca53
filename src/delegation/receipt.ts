import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { inReach } from '../authority/reach.ts';
import { say, sayCounted } from '../authority/say.ts';
import { builtInNames } from '../authority/words.ts';
import { lastDayIn, lastDayOut } from '../directory/by-day.ts';
import type { Context } from '../operation/operation.ts';
import { relationNames } from './names.ts';
import { levelAbove } from './view.ts';

const count = z.number().int();
export const receiptCounts = z.object({
  delegations: count,
  invitations: count,
  deputies: count,
  requests: count,
  access: count,
  sessions: count,
});

/** In the answer of what ended a delegation: where its receipt is. */
export const receiptLink = z.object({ href: z.string(), counts: receiptCounts });

export const linkToReceipt = (
  delegationId: string,
  counts: z.infer<typeof receiptCounts>,
): z.infer<typeof receiptLink> => ({ href: `/delegations/${delegationId}/receipt`, counts });

export const receiptView = z
  .object({
    delegationId: z.string(),
    endedAt: z.string(),
    endedBy: z.object({ name: z.string(), userId: z.string().nullable() }),
    sentence: z.string(),
    counts: receiptCounts.describe('What the reader sees of it.'),
    outside: z.boolean().describe('More ended with it than the reader sees.'),
    delegations: z.array(
      z.object({ id: z.string(), delegate: z.string(), adminRole: z.string(), place: z.string() }),
    ),
    invitations: z.array(
      z.object({ id: z.string(), name: z.string(), email: z.string(), organizationName: z.string() }),
    ),
    deputies: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        for: z.string(),
        until: z.string().nullable(),
        lastDay: lastDayOut,
      }),
    ),
    requests: z.array(
      z.object({
        id: z.string(),
        kind: z
          .enum(['access', 'extension', 'ending', 'last-day', 'organization', 'delegation', 'account'])
          .describe('What is asked for.'),
        name: z.string().describe('Whom it is for, or what.'),
        asksFor: z.string().describe('The role or access role; empty where it is about neither.'),
        organizationName: z.string(),
      }),
    ),
    access: z.array(
      z.object({
        membershipId: z.string(),
        name: z.string(),
        organizationName: z.string(),
        applicationName: z.string(),
        entitlementName: z.string(),
      }),
    ),
    sessions: z.array(
      z.object({ membershipId: z.string(), name: z.string(), organizationName: z.string(), count }),
    ),
  })
  .meta({ id: 'DelegationReceipt' });

type ReceiptView = z.infer<typeof receiptView>;
type Lists = Pick<
  ReceiptView,
  'delegations' | 'invitations' | 'deputies' | 'requests' | 'access' | 'sessions'
>;
type Row = Lists & { at: Date; endedBy: string | null; endedByName: string | null; total: number };

/**
 * The receipt of a delegation that was ended, as its reader may see it today: history obeys today's reach (ruling 9).
 * One statement, complete on one page. Undefined when there is none.
 */
export async function readReceipt(context: Context, delegationId: string): Promise<ReceiptView | undefined> {
  const people = context.reach('user.read');
  const links = context.reach('delegation.read');
  const access = context.reach('access.read');
  const places = context.reach('organization.read');
  const nameOf = (reached: ReturnType<typeof inReach>, name: string | RawBuilder<unknown>) =>
    sql`case when ${reached} then ${typeof name === 'string' ? sql.raw(name) : name} else ${levelAbove()} end`;
  const inPeople = inReach(people, sql`m.path`, sql`m.user_id`, sql`m.line`);
  const { rows } = await sql<Row>`
    with receipt as materialized (select r.* from receipt r where r.roots @> array[${delegationId}::uuid] order by r.at desc limit 1)
    select r.at, r.ended_by as "endedBy", (select u.display_name from app_user u join organization o on o.id = u.home_organization_id
        where u.id = r.ended_by and ${inReach(people, sql`o.path`, sql`u.id`)}) as "endedByName",
      cardinality(r.delegations) + cardinality(r.invitations) + cardinality(r.deputies) + cardinality(r.requests)
        + cardinality(r.access_members) + cardinality(r.sessions) as total,
      (select coalesce(json_agg(json_build_object('id', d.id, 'place', case when o.id is null then '' else ${nameOf(inReach(places, sql`o.path`), 'o.name')} end,
          'adminRole', coalesce((select coalesce(${builtInNames()}::jsonb ->> a.key, a.name) from admin_role a where a.id = d.admin_role_id), ''),
          'delegate', case d.delegate_kind
            when 'user' then ${nameOf(inPeople, 'u.display_name')}
            when 'client' then (select ${nameOf(inReach(places, sql`x.path`), 'c.name')} from client c join organization x on x.id = c.organization_id
              where c.id = d.delegate_client_id)
            else (select ${nameOf(inReach(places, sql`x.path`), sql`coalesce(${relationNames()}::jsonb ->> d.relation || ' ', '') || x.name`)}
              from organization x where x.id = d.delegate_organization_id) end)
          order by d.id), '[]')
        from unnest(r.delegations) i (id) join delegation d on d.id = i.id left join organization o on o.path = d.place_paths[1]
        left join membership m on m.id = d.delegate_membership_id left join app_user u on u.id = m.user_id
        where exists (select 1 from unnest(d.place_paths) p (path) where ${inReach(links, sql`p.path collate "C"`, sql`d.delegate_user_id`)})) as delegations,
      (select coalesce(json_agg(json_build_object('id', v.id, 'name', v.display_name, 'email', v.email, 'organizationName', o.name) order by v.id), '[]')
        from unnest(r.invitations) i (id) join invitation v on v.id = i.id join organization o on o.id = v.organization_id
        where ${inReach(people, sql`v.path`)}) as invitations,
      (select coalesce(json_agg(json_build_object('id', d.id, 'name', u.display_name, 'for', ${nameOf(inPeople, 'g.display_name')},
          'until', case when isfinite(d.ends_at) then d.ends_at end,
          'lastDay', ${lastDayIn(sql`d.ends_at`, sql`(select p.time_zone from organization p where p.id = m.organization_id)`)}) order by d.id), '[]')
        from unnest(r.deputies) i (id) join delegation d on d.id = i.id join membership m on m.id = d.giver_membership_id
        join app_user g on g.id = m.user_id join membership k on k.id = d.delegate_membership_id join app_user u on u.id = k.user_id
        where ${inReach(links, sql`m.path`, sql`m.user_id`, sql`m.line`)} and ${inReach(people, sql`k.path`, sql`k.user_id`, sql`k.line`)}) as deputies,
      (select coalesce(json_agg(json_build_object('id', q.id, 'kind', q.kind, 'organizationName', o.name,
          'name', coalesce(u.display_name, q.payload ->> 'displayName', q.payload ->> 'name', ''),
          'asksFor', coalesce((select e.name || ${say('access.joint')}::text || a.name from entitlement e join application a on a.id = e.application_id where e.id = q.entitlement_id),
            (select b.name from access_role b where b.id = q.access_role_id), '')) order by q.id), '[]')
        from unnest(r.requests) i (id) join request q on q.id = i.id left join membership m on m.id = q.membership_id
        left join app_user u on u.id = m.user_id join organization o on o.id = coalesce(m.organization_id, q.organization_id)
        where case when m.id is null then ${inReach(people, sql`q.path`)}
          when q.kind in ('access', 'extension', 'ending') then ${inReach(access, sql`m.path`, sql`m.user_id`, sql`m.line`)}
          else ${inPeople} end) as requests,
      (select coalesce(json_agg(json_build_object('membershipId', m.id, 'name', u.display_name, 'organizationName', o.name,
          'applicationName', a.name, 'entitlementName', e.name) order by u.display_name, m.id, e.id), '[]')
        from unnest(r.access_members, r.access_entitlements) i (member, role) join membership m on m.id = i.member
        join app_user u on u.id = m.user_id join organization o on o.id = m.organization_id
        join entitlement e on e.id = i.role join application a on a.id = e.application_id
        where ${inReach(access, sql`m.path`, sql`m.user_id`, sql`m.line`)}) as access,
      (select coalesce(json_agg(json_build_object('membershipId', m.id, 'name', u.display_name, 'organizationName', o.name, 'count', s.count)
          order by u.display_name, m.id), '[]')
        from (select x.membership_id, count(*)::int as count from unnest(r.sessions) i (id) join session x on x.id = i.id group by x.membership_id) s
        join membership m on m.id = s.membership_id join app_user u on u.id = m.user_id join organization o on o.id = m.organization_id
        where ${inPeople}) as sessions
    from receipt r`.execute(context.db);
  const [row] = rows;
  if (!row) return undefined;
  const { at, endedBy, endedByName, total, ...lists } = row;
  const sessions = lists.sessions.reduce((sum, one) => sum + one.count, 0);
  const counts = {
    delegations: lists.delegations.length,
    invitations: lists.invitations.length,
    deputies: lists.deputies.length,
    requests: lists.requests.length,
    access: lists.access.length,
    sessions,
  };
  const seen = Object.values(counts).reduce((sum, one) => sum + one, 0);
  return {
    delegationId,
    endedAt: at.toISOString(),
    endedBy:
      endedByName !== null
        ? { name: endedByName, userId: endedBy }
        : { name: endedBy ? levelAbove() : say('instance'), userId: null },
    sentence: sentenceOf(counts, new Set(lists.access.map(({ membershipId }) => membershipId)).size),
    counts,
    outside: seen < total,
    ...lists,
  };
}

/** "With it ended 4 delegations, 2 invitations and the access of 12 people." */
function sentenceOf(counts: z.infer<typeof receiptCounts>, people: number): string {
  const parts = [
    ...(['delegations', 'invitations', 'deputies'] as const).flatMap((kind) =>
      counts[kind] === 0 ? [] : [sayCounted(`receipt.${kind}`, counts[kind])],
    ),
    ...(people === 0 ? [] : [sayCounted('receipt.access', people)]),
  ];
  const waiting = counts.requests === 0 ? '' : ` ${sayCounted('receipt.waiting', counts.requests)}`;
  if (parts.length === 0) return say('receipt.nothing') + waiting;
  const last = parts.pop()!;
  const what = parts.length > 0 ? parts.join(', ') + say('and') + last : last;
  return say('receipt.ended', { what }) + waiting;
}
