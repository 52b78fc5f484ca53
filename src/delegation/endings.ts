import { type RawBuilder, sql } from 'kysely';
import { inReach } from '../authority/reach.ts';
import { say } from '../authority/say.ts';
import { builtInNames } from '../authority/words.ts';
import { lastDayIn } from '../directory/by-day.ts';
import { type Context, userOf } from '../operation/operation.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';

export const endingKinds = [
  'delegation',
  'further-parent',
  'membership',
  'access',
  'invitation',
  'exception',
  'api-key',
] as const;
export type EndingKind = (typeof endingKinds)[number];

export type Ending = {
  kind: EndingKind;
  id: string;
  at: Date;
  organizationId: string | null;
  organizationName: string | null;
  personName: string | null;
  what: string;
  /** the last day that is in, as it was set, or as it is in the zone of the organization */
  lastDay: string | null;
  /** their time here can be made longer by one act of the reader's */
  mayExtend: boolean;
  /** the reader may say who takes over when their time here is over */
  mayNameSuccessor: boolean;
  /** who takes over, if somebody was named and the reader sees them */
  successor: { membershipId: string; displayName: string } | null;
};

type Query = { days: number; kind?: EndingKind | undefined; limit: number; cursor?: string | undefined };

/** What ends by itself within some days, soonest first: each kind within the reach of whoever may see that kind. */
export async function listEndings(
  context: Context,
  { days, kind, limit, cursor }: Query,
): Promise<{ items: Ending[]; next?: string }> {
  const after = decodeCursor(cursor, ['instant', 'uuid']);
  const parts = Object.entries(partsOf(context)).filter(([name]) => !kind || name === kind);
  const pages = parts.map(
    ([, part]) => sql`
    (select * from (${part}) one (kind, id, at, organization_id, organization_name, person, what, last_day, may_extend)
      where one.at > ${context.at} and one.at <= ${context.at}::timestamptz + make_interval(days => ${days})
      ${after ? sql`and (one.at, one.id) > (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``}
      order by one.at, one.id limit ${limit + 1})`,
  );
  const { rows } = await sql<Omit<Ending, keyof Following> & { key: string }>`
    select kind, id, at, to_jsonb(at) #>> '{}' as key, organization_id as "organizationId", organization_name as "organizationName",
      person as "personName", what, last_day as "lastDay", may_extend as "mayExtend"
    from (${sql.join(pages, sql` union all `)})
      every (kind, id, at, organization_id, organization_name, person, what, last_day, may_extend)
    order by at, id limit ${limit + 1}`.execute(context.db);
  const follows = await successorsOf(
    context,
    rows.flatMap((row) => (row.kind === 'membership' ? [row.id] : [])),
  );
  const nobody: Following = { mayNameSuccessor: false, successor: null };
  return toPage(
    rows.map((row) => ({ ...row, ...(follows.get(row.id) ?? nobody) })),
    limit,
    (row) => [row.key, row.id],
  );
}

type Following = Pick<Ending, 'mayNameSuccessor' | 'successor'>;

/** Who takes over from people whose time ends; asked of one page, because the planner would ask it of everybody. */
async function successorsOf(
  context: Context,
  membershipIds: readonly string[],
): Promise<Map<string, Following>> {
  if (membershipIds.length === 0) return new Map();
  const me = userOf(context)?.userId ?? null;
  const { rows } = await sql<Following & { id: string }>`
    select m.id, m.user_id is distinct from ${me}
        and ${inReach(context.reach('membership.end'), sql`m.path`, sql`m.user_id`, sql`m.line`)} as "mayNameSuccessor",
      (select jsonb_build_object('membershipId', s.id, 'displayName', u.display_name)
        from succession n join membership s on s.id = n.successor_membership_id join app_user u on u.id = s.user_id
        where n.leaver_membership_id = m.id and n.state = 'named'
          and ${inReach(context.reach('user.read'), sql`s.path`, sql`s.user_id`, sql`s.line`)}) as successor
    from membership m where m.id = any (${membershipIds}::uuid[])`.execute(context.db);
  return new Map(rows.map(({ id, ...following }) => [id, following]));
}

/** One select a kind. A name is shown where the reader sees the person or the organization. */
function partsOf(context: Context): Record<EndingKind, RawBuilder<unknown>> {
  const people = context.reach('user.read');
  const organizations = context.reach('organization.read');
  const links = context.reach('delegation.read');
  const access = context.reach('access.read');
  const longer = context.reach('membership.update');
  const me = userOf(context)?.userId ?? null;
  const named = (path: string, name: string): RawBuilder<unknown> =>
    sql`case when ${inReach(organizations, sql.raw(path))} then ${sql.raw(name)} end`;
  const delegations = (further: boolean): RawBuilder<unknown> => {
    // A standing delegation of an organization that stands outside its own scope makes it a further parent there.
    const isFurther = sql`(d.delegate_kind = 'organization' and not exists (
      select 1 from organization own where own.id = d.delegate_organization_id and own.path >= p.path and (own.path = p.path or own.path < p.path || '/')))`;
    return sql`
      select ${sql.lit(further ? 'further-parent' : 'delegation')}::text, d.id, d.ends_at, o.id, ${named('o.path', 'o.name')},
        case when u.id is not null and ${inReach(people, sql`h.path`, sql`u.id`)} then u.display_name
          when of.id is not null then ${named('of.path', 'of.name')} end,
        coalesce(${builtInNames()}::jsonb ->> r.key, r.name, ''), coalesce(d.last_day::text, ${lastDayIn(sql`d.ends_at`, sql`o.time_zone`)}), false
      from delegation d join lateral (
        select p.path from unnest(d.place_paths) p (path) where ${inReach(links, sql`p.path`, sql`d.delegate_user_id`)} order by p.path limit 1) p on true
      join organization o on o.path = p.path collate "C"
      left join app_user u on u.id = d.delegate_user_id left join membership h on h.id = d.delegate_membership_id
      left join organization of on of.id = d.delegate_organization_id left join admin_role r on r.id = d.admin_role_id
      where d.kind = 'administer' and d.state <> 'ended' and d.ends_at < 'infinity' and d.delegate_kind <> 'client'
        and ${further ? isFurther : sql`not ${isFurther}`}`;
  };
  return {
    delegation: delegations(false),
    'further-parent': delegations(true),
    membership: sql`
      select 'membership'::text, m.id, m.ends_at, o.id, ${named('o.path', 'o.name')}, u.display_name, m.title, m.last_day::text,
        m.state = 'active' and ${inReach(longer, sql`m.path`, sql`m.user_id`, sql`m.line`)} and m.user_id is distinct from ${me}
      from membership m join app_user u on u.id = m.user_id join organization o on o.id = m.organization_id
      where m.state <> 'ended' and m.ends_at < 'infinity' and ${inReach(people, sql`m.path`, sql`m.user_id`, sql`m.line`)}`,
    access: sql`
      select 'access'::text, a.id, a.ends_at, o.id, ${named('o.path', 'o.name')},
        case when ${inReach(people, sql`o.path`, sql`m.user_id`)} then u.display_name end, coalesce(e.name || ${say('access.joint')}::text || ap.name, r.name), coalesce(a.last_day::text, ${lastDayIn(sql`a.ends_at`, sql`o.time_zone`)}), false
      from assignment a left join membership m on m.id = a.membership_id left join app_user u on u.id = m.user_id
      join organization o on o.id = coalesce(a.organization_id, m.organization_id)
      left join entitlement e on e.id = a.entitlement_id left join application ap on ap.id = e.application_id
      left join access_role r on r.id = a.access_role_id
      where a.state = 'active' and a.ends_at < 'infinity' and ${inReach(access, sql`o.path`, sql`m.user_id`)}`,
    invitation: sql`
      select 'invitation'::text, i.id, i.expires_at, o.id, ${named('o.path', 'o.name')}, coalesce(nullif(i.display_name, ''), i.email), i.title, ${lastDayIn(sql`i.expires_at`, sql`o.time_zone`)}, false
      from invitation i join organization o on o.id = i.organization_id left join membership m on m.id = i.membership_id
      where i.state = 'open' and ${inReach(people, sql`i.path`, sql`m.user_id`)}`,
    exception: sql`
      select 'exception'::text, x.id, x.ends_at, o.id, ${named('o.path', 'o.name')},
        case when u.id is not null and ${inReach(people, sql`o.path`, sql`u.id`)} then u.display_name end, '', ${lastDayIn(sql`x.ends_at`, sql`o.time_zone`)}, false
      from exception x join organization o on o.id = x.organization_id left join app_user u on u.id = x.user_id
      where x.state = 'active' and x.ends_at < 'infinity' and ${inReach(links, sql`o.path`, sql`x.user_id`)}`,
    'api-key': sql`
      select 'api-key'::text, c.id, c.ends_at, o.id, ${named('o.path', 'o.name')}, null::text, c.name, ${lastDayIn(sql`c.ends_at`, sql`o.time_zone`)}, false
      from client c join organization o on o.id = c.organization_id
      where c.state = 'active' and c.ends_at < 'infinity' and ${inReach(context.reach('client.configure'), sql`o.path`)}`,
  };
}
