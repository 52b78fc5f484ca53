import { type RawBuilder, sql } from 'kysely';
import { ownPlaces } from '../access/recipients.ts';
import { periodOf, permitFor } from '../access/rules.ts';
import type { Chain, EntitlementRef, Target } from '../authority/delegation.ts';
import { instant } from '../authority/facts.ts';
import { isAtOrBelow } from '../authority/place.ts';
import { endAssignments, endMemberships, revokeInvitations } from '../directory/leaving.ts';
import { refileEvents } from '../directory/refile-access.ts';
import { refileDays } from '../directory/refile-days.ts';
import type { OrganizationRow } from '../directory/store.ts';
import { type Context, makerOf, userOf } from '../operation/operation.ts';
import { mergePolicies, mergingPolicyEvents } from './merging-policies.ts';

/** What a merger records beside what moving and closing do. */
export const mergingEvents = [
  'membership.moved',
  'assignment.moved',
  'invitation.moved',
  'request.moved',
  'exception.lifted',
  'exception.moved',
  'application.moved',
  'access-role.moved',
  'admin-role.moved',
  'attribute.moved',
  'separation.moved',
  'rule.ended',
  'group.moved',
  ...refileEvents,
  ...mergingPolicyEvents,
] as const;

export type Merged = {
  members: number;
  membersEnded: number;
  assignments: number;
  assignmentsEnded: number;
  invitations: number;
  invitationsRevoked: number;
};

type Row = {
  id: string;
  subjectId: string | null;
  before: Record<string, unknown>;
  after: Record<string, unknown>;
};

/**
 * What stands in one organization goes to another: people who are not there already, what everybody has, open
 * invitations and requests, and what it owns; as far as the doer may give it there. The rest ends where it is.
 */
export async function mergeContents(
  context: Context,
  from: OrganizationRow,
  into: OrganizationRow,
): Promise<Merged> {
  const there: Target = {
    kind: 'organization',
    id: into.id,
    organizationId: into.id,
    path: into.path,
    off: false,
  };
  const people = await mergePeople(context, from, into);
  const assignments = await mergeAssignments(context, from, into, there);
  const invitations = await mergeInvitations(context, from, into, there);
  await mergeRequests(context, from, into);
  await mergeExceptions(context, from, into);
  await mergeThings(context, from, into);
  await mergePolicies(context, from, into);
  await mergeSeparations(context, from, into);
  return { ...people, ...assignments, ...invitations };
}

/** Records rows that went from one organization to the other. */
function recordMoved(
  context: Context,
  type: string,
  targetKind: string,
  into: OrganizationRow,
  rows: readonly Row[],
): void {
  for (const { id, subjectId, before, after } of rows)
    context.record({
      type,
      targetKind,
      targetId: id,
      organizationId: into.id,
      path: into.path,
      subjectId,
      before,
      after,
    });
}

async function mergePeople(
  context: Context,
  from: OrganizationRow,
  into: OrganizationRow,
): Promise<Pick<Merged, 'members' | 'membersEnded'>> {
  const { db } = context;
  // Days are those of the organization's time zone: the same day may be longer there, which is a grant.
  if (from.timeZone !== into.timeZone) await refileDays(context, { ...from, timeZone: into.timeZone });
  const { rows } = await sql<Row>`
    with going as (
      select m.*, to_jsonb(m) - '{title,attributes,sort_name}'::text[] as was from membership m
      where m.organization_id = ${from.id} and m.state <> 'ended'
        and not exists (select 1 from membership t where t.organization_id = ${into.id} and t.user_id = m.user_id and t.state <> 'ended')
    )
    update membership m set organization_id = ${into.id}, path = ${into.path}, version = m.version + 1
    from going g where g.id = m.id
    returning m.id, m.user_id as "subjectId", g.was as before, to_jsonb(m) - '{title,attributes,sort_name}'::text[] as after`.execute(
    db,
  );
  recordMoved(context, 'membership.moved', 'membership', into, rows);
  await mergeHomes(
    context,
    from,
    into,
    rows.flatMap(({ subjectId }) => subjectId ?? []),
  );
  const ended = await endMemberships(context, sql<boolean>`m.organization_id = ${from.id}`);
  return { members: rows.length, membersEnded: ended.length };
}

/** The account of somebody at home there is looked after in the other one; a user name that is taken is not kept. */
async function mergeHomes(
  context: Context,
  from: OrganizationRow,
  into: OrganizationRow,
  userIds: readonly string[],
): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    update app_user u set home_organization_id = ${into.id}, version = version + 1,
      user_name = case when exists (select 1 from app_user o where o.home_organization_id = ${into.id}
        and lower(o.user_name) = lower(u.user_name)) then null else u.user_name end
    where u.home_organization_id = ${from.id} and u.id = any (${userIds}::uuid[]) returning u.id`.execute(
    context.db,
  );
  for (const { id } of rows)
    context.record({
      type: 'user.home-changed',
      targetKind: 'user',
      targetId: id,
      organizationId: into.id,
      path: into.path,
      subjectId: id,
      before: { homeOrganizationId: from.id },
      after: { id, homeOrganizationId: into.id },
    });
}

/** What everybody in it has would be everybody's in the other one: given there by the doer, or ended. */
async function mergeAssignments(
  context: Context,
  from: OrganizationRow,
  into: OrganizationRow,
  there: Target,
): Promise<Pick<Merged, 'assignments' | 'assignmentsEnded'>> {
  const { rows: all } = await sql<{
    id: string;
    endsAt: string;
    taken: boolean;
    entitlements: EntitlementRef[] | null;
  }>`
    select a.id, a.ends_at::text as "endsAt", exists (select 1 from assignment t where t.organization_id = ${into.id} and t.state = 'active'
        and coalesce(t.entitlement_id, t.access_role_id) = coalesce(a.entitlement_id, a.access_role_id)) as taken,
      (select jsonb_agg(jsonb_build_object('id', e.id, 'applicationId', e.application_id)) from entitlement e
        where e.id = a.entitlement_id or e.id in (select r.entitlement_id from access_role_entitlement r where r.access_role_id = a.access_role_id)) as entitlements
    from assignment a where a.organization_id = ${from.id} and a.state = 'active'`.execute(context.db);
  // Nobody gives something to an organization of their own.
  const own = (await ownPlaces(context.db, context.facts)).some((path) => isAtOrBelow(path, into.path));
  const going = all.flatMap(({ id, endsAt, taken, entitlements }) => {
    const act = {
      permissions: ['access.grant'] as const,
      entitlements: entitlements ?? [],
      below: true,
    };
    const lasts = (chain: Chain): boolean => instant(endsAt) <= periodOf(chain).endsAt;
    const permit = taken || own ? undefined : permitFor(context.facts, act, there, lasts);
    return permit ? [{ id, under: permit.because[0]?.id ?? null }] : [];
  });
  const { rows } = await sql<Row>`
    update assignment a set organization_id = ${into.id}, given_by = ${userOf(context)?.userId ?? null}, given_under = r.under, version = a.version + 1
    from jsonb_to_recordset(${JSON.stringify(going)}::jsonb) as r (id uuid, under uuid), assignment b
    where a.id = r.id and b.id = a.id
    returning a.id, null::uuid as "subjectId", to_jsonb(b) - 'reason' as before, to_jsonb(a) - 'reason' as after`.execute(
    context.db,
  );
  recordMoved(context, 'assignment.moved', 'assignment', into, rows);
  await endAssignments(context, sql<boolean>`x.organization_id = ${from.id}`);
  return { assignments: rows.length, assignmentsEnded: all.length - rows.length };
}

/**
 * Open invitations are the doer's from now on: to the other organization, with what the doer may give there. An address
 * that is invited there already, or that belongs to somebody there, needs no second one.
 */
async function mergeInvitations(
  context: Context,
  from: OrganizationRow,
  into: OrganizationRow,
  there: Target,
): Promise<Pick<Merged, 'invitations' | 'invitationsRevoked'>> {
  const { db, facts } = context;
  const invite = permitFor(facts, { permissions: ['user.invite'], entitlements: [], below: false }, there);
  const { rows: open } = await sql<{
    id: string;
    taken: boolean;
    given: { id: string; entitlements: EntitlementRef[] | null }[] | null;
  }>`
    select i.id, exists (select 1 from invitation t where t.organization_id = ${into.id} and t.state = 'open' and t.email_normal = i.email_normal) as taken,
      (select jsonb_agg(jsonb_build_object('id', g.id, 'entitlements',
        (select jsonb_agg(jsonb_build_object('id', e.id, 'applicationId', e.application_id)) from entitlement e
          where e.id = g.id or e.id in (select r.entitlement_id from access_role_entitlement r where r.access_role_id = g.id))))
        from unnest(i.entitlement_ids || i.access_role_ids) g (id)) as given
    from invitation i where i.organization_id = ${from.id} and i.state = 'open' and i.delegation is null`.execute(
    db,
  );
  const going = open.flatMap(({ id, taken, given }) => {
    if (taken || !invite) return [];
    const parts = (given ?? []).map((part) => {
      const act = {
        permissions: ['access.grant'] as const,
        entitlements: part.entitlements ?? [],
        below: false,
      };
      return { id: part.id, permit: permitFor(facts, act, there) };
    });
    // An invitation says what comes with it: one that keeps less would say something else than what was sent.
    if (parts.some(({ permit }) => !permit)) return [];
    const under = Object.fromEntries(parts.map((part) => [part.id, part.permit!.because[0]?.id ?? null]));
    return [{ id, under, invited_under: invite.because[0]?.id ?? null }];
  });
  const { rows } = await sql<Row>`
    update invitation i set organization_id = ${into.id}, path = ${into.path}, granted_under = r.under, invited_under = r.invited_under,
      invited_by = ${userOf(context)?.userId ?? null}, inviter_membership_id = ${makerOf(context)}, version = i.version + 1
    from jsonb_to_recordset(${JSON.stringify(going)}::jsonb) as r (id uuid, under jsonb, invited_under uuid), invitation b
    where i.id = r.id and b.id = i.id
    returning i.id, null::uuid as "subjectId", ${stateOf('b')} as before, ${stateOf('i')} as after`.execute(
    db,
  );
  recordMoved(context, 'invitation.moved', 'invitation', into, rows);
  const left = await sql<{ n: number }>`
    select count(*)::int as n from invitation where organization_id = ${from.id} and state = 'open'`.execute(
    db,
  );
  await revokeInvitations(context, sql<boolean>`x.organization_id = ${from.id}`);
  return { invitations: rows.length, invitationsRevoked: left.rows[0]!.n };
}

const stateOf = (alias: string): RawBuilder<unknown> =>
  sql`to_jsonb(${sql.raw(alias)}) - '{email,email_normal,display_name,title,message}'::text[]`;

/**
 * What somebody who came along asked for is decided where they are now; the others' ended with their membership. What was
 * asked of the place itself (an account, an organization below it, looking after it) is another thing in another place, and
 * no yes to the one is a yes to the other (I34): it ends with what is closed, and whoever asked is told why.
 */
async function mergeRequests(context: Context, from: OrganizationRow, into: OrganizationRow): Promise<void> {
  const { rows } = await sql<Row>`
    update request q set organization_id = ${into.id}, path = ${into.path}, version = q.version + 1 from request b
    where q.organization_id = ${from.id} and q.state = 'open' and b.id = q.id and q.kind not in ('organization', 'delegation', 'account')
    returning q.id, q.requester_id as "subjectId", to_jsonb(b) - '{reason,decision_note,payload,same,plan}'::text[] as before,
      to_jsonb(q) - '{reason,decision_note,payload,same,plan}'::text[] as after`.execute(context.db);
  recordMoved(context, 'request.moved', 'request', into, rows);
}

/** One about a person follows the person; what bound everybody there is lifted, by somebody whom it does not bind. */
async function mergeExceptions(
  context: Context,
  from: OrganizationRow,
  into: OrganizationRow,
): Promise<void> {
  const { rows } = await sql<Row & { lifted: boolean }>`
    update exception e set organization_id = case when e.user_id is null then e.organization_id else ${into.id}::uuid end,
      path = case when e.user_id is null then e.path else ${into.path} end,
      state = case when e.user_id is null then 'lifted' else e.state end,
      lifted_at = case when e.user_id is null then ${context.at}::timestamptz end,
      lifted_by = case when e.user_id is null then ${userOf(context)?.userId ?? null}::uuid end, version = e.version + 1
    from exception b where e.organization_id = ${from.id} and e.state = 'active' and b.id = e.id
    returning e.id, e.user_id as "subjectId", e.state = 'lifted' as lifted, to_jsonb(b) - 'reason' as before, to_jsonb(e) - 'reason' as after`.execute(
    context.db,
  );
  for (const row of rows)
    recordMoved(
      context,
      row.lifted ? 'exception.lifted' : 'exception.moved',
      'exception',
      row.lifted ? from : into,
      [row],
    );
}

/** Tables whose rows stand in an organization, the kind of an event about them, and what is unique there. */
const things = [
  ['application', 'application', 'key'],
  ['access_role', 'access-role', 'name'],
  ['admin_role', 'admin-role', 'name'],
  ['attribute_definition', 'attribute', 'key'],
] as const;

/** What it owns is the other one's; where that has one of the name already, it stays where it is, with what is closed. */
async function mergeThings(context: Context, from: OrganizationRow, into: OrganizationRow): Promise<void> {
  for (const [table, kind, unique] of things) {
    const free = sql`not exists (select 1 from ${sql.table(table)} o where o.organization_id = ${into.id} and o.${sql.ref(unique)} = t.${sql.ref(unique)})`;
    const { rows } = await sql<Row>`
      update ${sql.table(table)} t set organization_id = ${into.id}, version = t.version + 1
      where t.organization_id = ${from.id} and ${free}
      returning t.id, null::uuid as "subjectId", jsonb_build_object('organizationId', ${from.id}::text) as before,
        jsonb_build_object('organizationId', ${into.id}::text) as after`.execute(context.db);
    recordMoved(context, `${kind}.moved`, kind, into, rows);
  }
  await endRules(context, from);
  await moveGroups(context, from, into);
}

/**
 * What was kept apart there is kept apart in the other one, for everybody: after its people went, so that what they had
 * before stands in nobody's way; it yields at use, and is listed.
 */
async function mergeSeparations(
  context: Context,
  from: OrganizationRow,
  into: OrganizationRow,
): Promise<void> {
  const { rows } = await sql<Row>`
    update separation s set organization_id = ${into.id}, changed_at = ${context.at}, version = s.version + 1,
      name = case when exists (select 1 from separation o where o.organization_id = ${into.id} and o.state = 'active'
        and lower(o.name) = lower(s.name)) then s.name || ' (' || ${from.name}::text || ')' else s.name end
    where s.organization_id = ${from.id} and s.state = 'active'
    returning s.id, null::uuid as "subjectId", jsonb_build_object('organizationId', ${from.id}::text) as before,
      jsonb_build_object('organizationId', s.organization_id, 'entitlementIds',
        array(select p.entitlement_id from separation_part p where p.separation_id = s.id)) as after`.execute(
    context.db,
  );
  recordMoved(context, 'separation.moved', 'separation', into, rows);
}

/** A rule for everybody in what is no more fits nobody; it ends so that a reopening does not wake it. */
async function endRules(context: Context, from: OrganizationRow): Promise<void> {
  const { rows } = await sql<Row>`
    update access_rule r set state = 'ended', ended_at = ${context.at}, ended_by = ${userOf(context)?.userId ?? null}, version = r.version + 1
    from access_rule b where b.id = r.id and r.state <> 'ended' and (r.organization_id = ${from.id} or r.in_organization_id = ${from.id})
    returning r.id, null::uuid as "subjectId", to_jsonb(b) - 'name' as before, to_jsonb(r) - 'name' as after`.execute(
    context.db,
  );
  recordMoved(context, 'rule.ended', 'access-rule', from, rows);
}

/** Groups keep their people, who went along; a name that is taken there says where it comes from. */
async function moveGroups(context: Context, from: OrganizationRow, into: OrganizationRow): Promise<void> {
  const { rows } = await sql<Row>`
    update people_group g set organization_id = ${into.id}, changed_at = ${context.at}, version = g.version + 1,
      name = case when exists (select 1 from people_group o where o.organization_id = ${into.id} and o.state = 'active'
        and lower(o.name) = lower(g.name)) then g.name || ' (' || ${from.name}::text || ')' else g.name end
    where g.organization_id = ${from.id} and g.state = 'active'
    returning g.id, null::uuid as "subjectId", jsonb_build_object('organizationId', ${from.id}::text) as before,
      jsonb_build_object('organizationId', g.organization_id) as after`.execute(context.db);
  recordMoved(context, 'group.moved', 'group', into, rows);
}
