import { sql } from 'kysely';
import { inReach } from '../authority/reach.ts';
import { selvesOf } from '../authority/self.ts';
import { mayBeSettled } from '../enrolment/sources/proposal-list.ts';
import { repeatedly } from '../enrolment/sources/trouble.ts';
import type { Context } from '../operation/operation.ts';
import { pageOfTasks } from '../provisioning/tasks/inbox.ts';
import { pageOfRequests } from '../requests/inbox.ts';

/** One thing that needs the reader: how many of them, the first by name, and where. */
export type Need = {
  kind: NeedKind;
  count: number;
  more?: boolean;
  first?: string;
  organization?: string;
  link: string;
};
export type NeedKind =
  | 'questions'
  | 'requests'
  | 'renewals'
  | 'invitations-ending'
  | 'invitations-expired'
  | 'vacant'
  | 'tasks'
  | 'braked'
  | 'behind'
  | 'directories-held'
  | 'directories-failing'
  | 'gone'
  | 'one-manager';

/** More requests than this are "or more": nobody is helped by the exact number. */
const mostRequests = 50;
/** Organizations named one by one. */
const mostPlaces = 5;

/** What needs this person now, most pressing first. Each count is of what the page behind it lists. */
export async function whatNeeds(context: Context): Promise<Need[]> {
  const needs = [
    await questionsPut(context),
    await waitingRequests(context),
    await waitingTasks(context),
    ...(await alarms(context)),
    ...(await directories(context)),
    await goneFromDirectory(context),
    ...(await invitationNeeds(context)),
    ...(await vacantDelegations(context)),
    ...(await singleManagers(context)),
  ];
  return needs.filter(({ count }) => count > 0);
}

async function waitingRequests(context: Context): Promise<Need> {
  // Also for those who look after nobody: a policy may name them.
  const page = await pageOfRequests(context, 'inbox', { cursor: undefined, limit: mostRequests });
  return {
    kind: 'requests',
    count: page.items.length,
    more: page.next !== undefined,
    link: '/requests',
  };
}

async function waitingTasks(context: Context): Promise<Need> {
  const page = await pageOfTasks(context, { limit: mostRequests });
  return { kind: 'tasks', count: page.items.length, more: page.next !== undefined, link: '/requests' };
}

/** The reader's own last day, once it is near enough to do something about it. */
export async function nearLastDay(context: Context): Promise<string | null> {
  const { membershipId } = context.user();
  if (membershipId === null) return null;
  const { rows } = await sql<{ lastDay: string | null }>`
    select m.last_day as "lastDay" from membership m
    where m.id = ${membershipId} and m.ends_at <= ${context.at}::timestamptz + interval '30 days'`.execute(
    context.db,
  );
  return rows[0]?.lastDay ?? null;
}

/** Connected systems that the reader operates, which wait for them or have fallen behind. */
async function alarms(context: Context): Promise<Need[]> {
  const reach = context.reach('target.operate');
  if (reach.regions.length === 0) return [];
  const { rows } = await sql<{ kind: 'braked' | 'behind'; count: number; first: string; id: string }>`
    select kind, count(*)::int as count, min(t.name) as first, min(t.id::text) as id
    from target t join organization o on o.id = t.organization_id
    cross join lateral (select 'braked' as kind where t.braked_at is not null or t.changes_held_at is not null
      union all select 'behind' where t.alarmed_at is not null) k
    where t.state = 'active' and ${inReach(reach, sql`o.path`)} group by kind order by kind desc`.execute(
    context.db,
  );
  return rows.map(({ id, ...row }) => ({ ...row, link: row.count === 1 ? `/targets/${id}` : '/targets' }));
}

/** Directories that the reader looks after, which wait for them or cannot be read any more. */
async function directories(context: Context): Promise<Need[]> {
  const reach = context.reach('source.configure');
  if (reach.regions.length === 0) return [];
  const { rows } = await sql<{
    kind: 'directories-held' | 'directories-failing';
    count: number;
    first: string;
    id: string;
  }>`
    select kind, count(*)::int as count, min(s.name) as first, min(s.id::text) as id
    from source s join organization o on o.id = s.organization_id
    cross join lateral (select 'directories-held' as kind
        where exists (select 1 from source_run r where r.source_id = s.id and r.state = 'held')
      union all select 'directories-failing' where s.failures >= ${repeatedly}) k
    where s.state = 'active' and ${inReach(reach, sql`o.path`)} group by kind order by kind desc`.execute(
    context.db,
  );
  return rows.map(({ id, ...row }) => ({ ...row, link: row.count === 1 ? `/sources/${id}` : '/sources' }));
}

/** People who are not in their directory any more, about whom the reader may decide. */
async function goneFromDirectory(context: Context): Promise<Need> {
  const { db, reach, facts } = context;
  const may = mayBeSettled(reach('membership.end'), reach('user.read'), selvesOf(facts));
  const { rows } = await sql<{ count: number; first: string }>`
    select count(*)::int as count, coalesce(min(u.display_name), '') as first
    from proposal p join membership m on m.id = p.membership_id join app_user u on u.id = m.user_id where ${may}`.execute(
    db,
  );
  return { kind: 'gone', ...rows[0]!, link: '/sources' };
}

/** Requests of the reader's own that stand still until they say something. */
async function questionsPut(context: Context): Promise<Need> {
  const { userId } = context.user();
  const { rows } = await sql<{ id: string }>`
    select q.id from request q where q.state = 'open' and q.paused_at is not null and q.requester_id = ${userId}
    union select q.id from membership m join request q on q.membership_id = m.id
    where m.user_id = ${userId} and q.state = 'open' and q.paused_at is not null
    limit ${mostRequests}`.execute(context.db);
  const [first] = rows;
  return {
    kind: 'questions',
    count: rows.length,
    link: first && rows.length === 1 ? `/requests/${first.id}` : '/requests?box=mine',
  };
}

async function invitationNeeds(context: Context): Promise<Need[]> {
  const { at } = context;
  const { rows } = await sql<{ kind: NeedKind; count: number; first: string }>`
    with mine as (
      select i.email, case
          when i.renewal_asked_at is not null then 'renewals'
          when i.expires_at <= ${at} then 'invitations-expired'
          else 'invitations-ending' end as kind
      from invitation i
      where i.state = 'open' and i.expires_at < ${at}::timestamptz + interval '3 days'
        and (i.expires_at > ${at}::timestamptz - interval '30 days' or i.renewal_asked_at is not null)
        and ${inReach(context.reach('user.invite'), sql`i.path`)}
    )
    select kind, count(*)::int as count, min(email) as first from mine group by kind`.execute(context.db);
  const links: Partial<Record<NeedKind, string>> = {
    renewals: '/invitations?state=expired',
    'invitations-expired': '/invitations?state=expired',
  };
  return (['renewals', 'invitations-ending', 'invitations-expired'] as const).flatMap((kind) => {
    const found = rows.find((row) => row.kind === kind);
    return found ? [{ ...found, link: links[kind] ?? '/invitations' }] : [];
  });
}

/** Leavers' links that still stand, by organization: a successor is wanted there. */
async function vacantDelegations(context: Context): Promise<Need[]> {
  const { rows } = await sql<{ id: string; organization: string; count: number; first: string }>`
    select o.id, o.name as organization, count(*)::int as count, min(u.display_name) as first
    from delegation d join membership m on m.id = d.delegate_membership_id join app_user u on u.id = m.user_id
      join organization o on o.path = d.place_paths[1]
    where d.kind = 'administer' and d.state = 'active' and d.ends_at > ${context.at}
      and (m.state = 'ended' or m.ends_at <= ${context.at})
      and ${inReach(context.reach('delegation.create'), sql`o.path`)}
    group by o.id order by max(m.ends_at) desc, o.name limit ${mostPlaces}`.execute(context.db);
  return rows.map(({ id, ...row }) => ({ kind: 'vacant', ...row, link: managersOf(id) }));
}

/** Organizations whose only manager could fall ill tomorrow (I38). Those that never had one are looked after from above. */
async function singleManagers(context: Context): Promise<Need[]> {
  const { at } = context;
  const { rows } = await sql<{ id: string; organization: string; all: number }>`
    select o.id, o.name as organization, count(*) over ()::int as all
    from delegation d cross join unnest(d.place_paths) as p (path)
      join organization o on o.path = p.path and o.state = 'active'
      join membership m on m.id = d.delegate_membership_id
      left join admin_role r on r.id = d.admin_role_id
    where d.delegate_kind = 'user' and d.kind = 'administer' and d.state = 'active'
      and d.starts_at <= ${at} and d.ends_at > ${at} and m.state = 'active' and m.starts_at <= ${at} and m.ends_at > ${at}
      and ('user.invite' = any (d.permissions) or 'user.invite' = any (r.permissions))
      and ${inReach(context.reach('delegation.create'), sql`o.path`)}
    group by o.id having count(distinct m.user_id) = 1 order by o.path limit ${mostPlaces}`.execute(
    context.db,
  );
  const named = rows.map(
    ({ id, organization }): Need => ({ kind: 'one-manager', count: 1, organization, link: managersOf(id) }),
  );
  const others = (rows[0]?.all ?? 0) - rows.length;
  return [...named, { kind: 'one-manager', count: others, link: '/organizations' }];
}

/** Where managers are looked after. */
const managersOf = (organizationId: string): string => `/organizations/${organizationId}?section=managers`;
