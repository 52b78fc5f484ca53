import { type RawBuilder, sql } from 'kysely';
import { inReach } from '../authority/reach.ts';
import { lastDayIn } from '../directory/by-day.ts';
import type { Context } from '../operation/operation.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';
import { leftByLeavers } from './left-behind.ts';

export const attentionKinds = [
  'never-signed-in',
  'one-manager',
  'no-manager',
  'unused-delegation',
  'expiring-delegation',
  'webhook-off',
  'unused-account',
  'expired-invitation',
  'left-behind',
] as const;
export type AttentionKind = (typeof attentionKinds)[number];

/** Those that are told with the day on which they end or ended. */
const endingKinds: ReadonlySet<AttentionKind> = new Set([
  'expiring-delegation',
  'expired-invitation',
  'left-behind',
]);

/** Nobody counts further: what needs more attention than this needs a report. */
export const mostCounted = 1000;
/** A delegation that nobody acted under for so long is worth a look; days. */
const unusedDays = 90;
const expiringDays = 30;
/** An account that nobody signed in to for so long; days. Sessions are kept longer than that. */
const unusedAccountDays = 90;

export type Attention = {
  kind: AttentionKind;
  id: string;
  organizationId: string;
  organizationName: string;
  personName: string | null;
  since: Date | null;
  /** of what ends or ended, in the time zone of the organization */
  lastDay: string | null;
};

/** A manager of a place: a user's own link with `user.invite`, in force, whose holder is there. `l` is the link. */
const manages = sql`l.kind = 'administer' and l.delegate_kind = 'user' and l.state = 'active'
  and l.starts_at <= remit_now() and l.ends_at > remit_now()
  and ('user.invite' = any (l.permissions) or exists (select 1 from admin_role r where r.id = l.admin_role_id and 'user.invite' = any (r.permissions)))
  and exists (select 1 from membership m where m.id = l.delegate_membership_id and m.state = 'active' and m.ends_at > remit_now())`;
// Paths of organizations are collated as bytes, those in links as the database is: compared as they are, no index is used.
const managersOf = sql`(select l.* from (select l.* from delegation l where l.place_paths @> array[o.path collate "default"] offset 0) l where ${manages})`;
const invitedManager = sql`exists (select 1 from invitation i where i.organization_id = o.id and i.state = 'open' and i.delegation is not null)`;
const hasSignedIn = sql`exists (select 1 from event e where e.subject_id = g.delegate_user_id and e.type = 'session.created')`;

/** Each kind as a select of (id, organization, its name, person, since), ordered by id. */
function partsOf(context: Context): Record<AttentionKind, RawBuilder<unknown>> {
  const links = context.reach('delegation.read');
  const organizations = context.reach('organization.read');
  const people = context.reach('user.read');
  const webhooks = context.reach('webhook.configure');
  // Partners are organizations with a standing delegation of their own, in force. They first, few as they are beside all
  // organizations: whoever manages each is asked afterwards.
  const partners = sql`(
    select distinct o.id, o.name, o.path from delegation s
    cross join lateral (select o.* from organization o where o.id = s.delegate_organization_id offset 0) o
    where s.delegate_kind = 'organization' and s.kind = 'administer' and s.state = 'active' and s.ends_at > remit_now()
      and o.state = 'active' and o.path = any (s.place_paths) and ${inReach(links, sql`o.path`)}
      and ${inReach(organizations, sql`o.path`)} and not place_is_off(o.path) offset 0) o where true`;
  const usedHere = inReach(links, sql`e.path`, sql`e.subject_id`);
  const partner = sql`o.id, o.id as organization_id, o.name as organization_name, null::text as person, null::timestamptz as since`;
  // The condition first: the planner would look for the place of every link.
  const held = (since: RawBuilder<unknown>, when: RawBuilder<unknown>): RawBuilder<unknown> => sql`
    select l.id, o.id, o.name, case when ${inReach(people, sql`h.path`, sql`l.delegate_user_id`)} then u.display_name end, ${since}
    from (select l.* from delegation l where l.kind = 'administer' and l.delegate_kind = 'user' and l.state = 'active'
      and l.ends_at > remit_now() and ${when} offset 0) l join lateral (
      select p.path from unnest(l.place_paths) p (path)
      where ${inReach(links, sql`p.path`, sql`l.delegate_user_id`)} and ${inReach(organizations, sql`p.path`)} order by p.path limit 1) p on true
    join organization o on o.path = p.path collate "C"
    join membership h on h.id = l.delegate_membership_id join app_user u on u.id = l.delegate_user_id`;
  return {
    'never-signed-in': sql`select ${partner} from ${partners}
      and (exists (select 1 from ${managersOf} g) or ${invitedManager})
      and not exists (select 1 from ${managersOf} g where ${hasSignedIn})`,
    'one-manager': sql`select ${partner} from ${partners} and (select count(*) from (select 1 from ${managersOf} g limit 2) few) = 1`,
    'no-manager': sql`select ${partner} from ${partners}
      and not exists (select 1 from ${managersOf} g) and not ${invitedManager}`,
    // What somebody does with it beyond the reader's reach is none of the reader's business (I06).
    'unused-delegation': held(
      sql`(select max(e.at) from event e where e.delegations[1] = l.id and e.delegations <> '{}' and ${usedHere})`,
      sql`l.created_at < remit_now() - make_interval(days => ${unusedDays})
        and not exists (select 1 from event e where e.delegations[1] = l.id and e.delegations <> '{}' and ${usedHere}
          and e.at > remit_now() - make_interval(days => ${unusedDays}))`,
    ),
    'expiring-delegation': held(
      sql`l.ends_at`,
      sql`l.ends_at < 'infinity' and l.ends_at <= remit_now() + make_interval(days => ${expiringDays})`,
    ),
    // Switched off by us, because the other end took nothing any more.
    'webhook-off': sql`select w.id, o.id, o.name, null::text, w.changed_at
      from webhook w join organization o on o.id = w.organization_id
      where w.state = 'off' and w.off_why <> 'by-hand' and ${inReach(webhooks, sql`o.path`)}`,
    // Told only where the account is looked after, as all about signing in is.
    'unused-account': sql`select h.id, o.id, o.name, u.display_name,
        (select max(e.at) from event e where e.subject_id = u.id and e.type = 'session.created')
      from membership h join app_user u on u.id = h.user_id and u.home_organization_id = h.organization_id
      join organization o on o.id = h.organization_id
      where h.state = 'active' and h.ends_at > remit_now() and u.state = 'active' and ${inReach(people, sql`h.path`, sql`h.user_id`)}
        and h.starts_at < remit_now() - make_interval(days => ${unusedAccountDays})
        and h.created_at < remit_now() - make_interval(days => ${unusedAccountDays})
        and not exists (select 1 from session s where s.user_id = u.id and s.last_seen_at > remit_now() - make_interval(days => ${unusedAccountDays}))`,
    'expired-invitation': sql`select i.id, o.id, o.name, coalesce(nullif(i.display_name, ''), i.email), i.expires_at
      from invitation i join organization o on o.id = i.organization_id
      where i.state = 'open' and i.expires_at <= remit_now() and ${inReach(people, sql`i.path`)}`,
    // Told to whoever may hand it over, as far as they see what it is (ruling 9).
    'left-behind': sql`select m.id, o.id, o.name, u.display_name, m.ends_at
      from membership m join app_user u on u.id = m.user_id join organization o on o.id = m.organization_id
      where (m.state = 'ended' or m.ends_at <= remit_now()) and u.state <> 'erased'
        and ${inReach(context.reach('membership.end'), sql`m.path`, sql`m.user_id`)}
        and m.id in (select l.leaver from (${leftByLeavers()}) l where case l.kind
          when 'delegation' then ${inReach(links, sql`l.path`)}
          when 'guardian' then ${inReach(organizations, sql`l.path`)}
          when 'policy' then ${inReach(context.reach('approval-policy.configure'), sql`l.path`)}
          when 'request' then ${inReach(context.reach('approval-policy.configure'), sql`l.path`)}
          else ${inReach(people, sql`l.path`, sql`l.user_id`)} end)`,
  };
}

/** How many of each there are, up to a bound. */
export async function countAttention(
  context: Context,
): Promise<{ kind: AttentionKind; count: number; more: boolean }[]> {
  const parts = Object.entries(partsOf(context)).map(
    ([kind, part]) =>
      sql`select ${kind}::text as kind, (select count(*)::int from (${part} limit ${mostCounted + 1}) counted) as count`,
  );
  const { rows } = await sql<{
    kind: AttentionKind;
    count: number;
  }>`${sql.join(parts, sql` union all `)}`.execute(context.db);
  return rows.map(({ kind, count }) => ({
    kind,
    count: Math.min(count, mostCounted),
    more: count > mostCounted,
  }));
}

/** One kind, a page at a time. */
export async function listAttention(
  context: Context,
  kind: AttentionKind,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: Attention[]; next?: string }> {
  const after = decodeCursor(cursor, ['uuid']);
  const { rows } = await sql<Omit<Attention, 'kind'>>`
    select id, organization_id as "organizationId", organization_name as "organizationName", person as "personName", since,
      ${endingKinds.has(kind) ? lastDayIn(sql`since`, sql`(select p.time_zone from organization p where p.id = organization_id)`) : sql`null::text`} as "lastDay"
    from (${partsOf(context)[kind]}) every (id, organization_id, organization_name, person, since)
    ${after ? sql`where id > ${after[0]}::uuid` : sql``} order by id limit ${limit + 1}`.execute(context.db);
  return toPage(
    rows.map((row) => ({ ...row, kind })),
    limit,
    (row) => [row.id],
  );
}
