import { sql } from 'kysely';
import { loadRecipients } from '../access/recipients.ts';
import { permitFor } from '../access/rules.ts';
import { endAccess } from '../access/take.ts';
import { loadThings } from '../access/things.ts';
import type { Chain, Target } from '../authority/delegation.ts';
import { inReach } from '../authority/reach.ts';
import { say } from '../authority/say.ts';
import { isSelf } from '../authority/self.ts';
import { builtInNames } from '../authority/words.ts';
import { revokeInvitations, unended } from '../directory/leaving.ts';
import type { Context } from '../operation/operation.ts';
import { endSecrets } from '../platform/one-time-secrets.ts';
import { refuse } from '../platform/refusals.ts';
import { givenFrom, seenLink } from './person-delegations.ts';
import { chainAbove } from './rules.ts';

/** Of each kind at once; whoever gave more is taken back from in several goes. */
const most = 500;

export type GivenKind = 'delegation' | 'access' | 'invitation';

/** One thing that somebody gave, as the doer sees it. */
export type Given = {
  kind: GivenKind;
  id: string;
  at: string;
  /** who has it; null where the doer does not see them */
  who: string | null;
  what: string;
  organizationName: string | null;
};

export type TakeBack = {
  /** what the doer may end */
  ends: Given[];
  /** what the doer sees and may not end */
  left: Given[];
  /** delegations below those, which stop with them, as far as the doer sees them */
  stopsBelow: number;
  /** there is more than is taken at once */
  more: boolean;
};

type Plan = TakeBack & { links: LinkRow[] };

/**
 * What this member gave since an instant and that still stands: delegations, access, open invitations. What the doer
 * does not see is neither listed nor counted (ruling 9), and not taken.
 */
export async function planTakeBack(context: Context, membershipId: string, since: Date): Promise<Plan> {
  const { target } = context;
  if (isSelf(context.facts, target.userId)) throw refuse('user.self');
  const by = { membershipId, userId: target.userId!, since };
  const links = await linksBy(context, by);
  const access = await accessBy(context, by);
  const invitations = await invitationsBy(context, by);
  const all = [...links, ...access, ...invitations];
  const ends = all.filter(({ may }) => may);
  return {
    ends: ends.map(({ given }) => given),
    left: all.filter(({ may }) => !may).map(({ given }) => given),
    stopsBelow: await countBelow(
      context,
      links.flatMap(({ may, given }) => (may ? [given.id] : [])),
    ),
    more: [links, access, invitations].some((some) => some.length === most),
    links: links.filter(({ may }) => may).map(({ row }) => row),
  };
}

/** Takes back what the doer may, under the exclusive lock; one event a thing. */
export async function takeBack(context: Context, membershipId: string, since: Date): Promise<TakeBack> {
  const { links, ...plan } = await planTakeBack(context, membershipId, since);
  const ids = (kind: GivenKind): string[] =>
    plan.ends.flatMap((given) => (given.kind === kind ? [given.id] : []));
  await endLinks(context, links);
  const access = ids('access');
  if (access.length > 0) await endAccess(context, access);
  const invitations = ids('invitation');
  if (invitations.length > 0) {
    await revokeInvitations(context, sql<boolean>`x.id = any (${invitations}::uuid[])`);
    for (const id of invitations) await endSecrets(context.db, 'invitation', id);
  }
  if (plan.ends.length === 0) context.nothingChanged();
  return plan;
}

type By = { membershipId: string; userId: string; since: Date };
type Row = Omit<Given, 'kind'>;
type LinkRow = Row & {
  chain: string[];
  organizationId: string;
  path: string;
  off: boolean;
  userId: string | null;
  line: string[] | null;
  because?: Chain;
};
type Found<R> = { given: Given; may: boolean; row: R };

const givenOf = (kind: GivenKind, { id, at, who, what, organizationName }: Row): Given => ({
  kind,
  id,
  at: new Date(at).toISOString(),
  who,
  what,
  organizationName,
});

async function linksBy(context: Context, { membershipId, userId, since }: By): Promise<Found<LinkRow>[]> {
  const people = context.reach('user.read');
  const { rows } = await sql<LinkRow>`
    select d.id, d.created_at as at, d.chain, coalesce(${builtInNames()}::jsonb ->> r.key, r.name, '') as what, o.id as "organizationId", o.path, place_is_off(o.path) as off,
      d.delegate_user_id as "userId", line_of(d.delegate_user_id, o.path) as line,
      case when ${inReach(context.reach('organization.read'), sql`o.path`)} then o.name end as "organizationName",
      case when d.delegate_user_id is not null and ${inReach(people, sql`h.path`, sql`h.user_id`)} then u.display_name
        when of.id is not null and ${inReach(context.reach('organization.read'), sql`of.path`)} then of.name end as who
    from delegation d join organization o on o.path = coalesce(d.place_paths[1], (select h.path from membership h where h.id = d.delegate_membership_id)) collate "C"
      left join membership h on h.id = d.delegate_membership_id left join app_user u on u.id = d.delegate_user_id
      left join organization of on of.id = d.delegate_organization_id left join admin_role r on r.id = d.admin_role_id
    where d.kind = 'administer' and d.delegate_kind <> 'root' and d.state <> 'ended' and d.created_at >= ${since}
      and d.giver_user_id = ${userId} and ${givenFrom(membershipId)} and ${seenLink(context)}
    order by d.created_at, d.id limit ${most}`.execute(context.db);
  return rows.map((row) => {
    const target: Target = {
      kind: 'delegation',
      id: row.id,
      organizationId: row.organizationId,
      path: row.path,
      off: row.off,
      userId: row.userId ?? undefined,
      line: row.line ?? undefined,
    };
    // Only whoever holds a link above it, and never what the doer holds: that is resigned.
    const because = isSelf(context.facts, row.userId)
      ? undefined
      : chainAbove(context.facts, row.chain, target);
    return {
      given: givenOf('delegation', row),
      may: because !== undefined,
      row: because ? { ...row, because } : row,
    };
  });
}

async function accessBy(context: Context, { membershipId, userId, since }: By): Promise<Found<Row>[]> {
  type AccessRow = Row & {
    memberId: string | null;
    organizationId: string | null;
    entitlementId: string | null;
    accessRoleId: string | null;
  };
  const { rows } = await sql<AccessRow>`
    select a.id, a.created_at as at, coalesce(e.name || ${say('access.joint')}::text || ap.name, r.name) as what, a.membership_id as "memberId",
      a.organization_id as "organizationId", a.entitlement_id as "entitlementId", a.access_role_id as "accessRoleId",
      case when ${inReach(context.reach('organization.read'), sql`o.path`)} then o.name end as "organizationName",
      case when m.id is not null and ${inReach(context.reach('user.read'), sql`m.path`, sql`m.user_id`)} then u.display_name end as who
    from assignment a left join membership m on m.id = a.membership_id left join app_user u on u.id = m.user_id
      join organization o on o.id = coalesce(a.organization_id, m.organization_id)
      left join entitlement e on e.id = a.entitlement_id left join application ap on ap.id = e.application_id
      left join access_role r on r.id = a.access_role_id
    where a.given_by = ${userId} and a.state = 'active' and a.created_at >= ${since}
      and (a.given_under is null or exists (select 1 from delegation l where l.id = a.given_under
        and (l.delegate_membership_id = ${membershipId} or l.delegate_kind = 'relation')))
      and ${inReach(context.reach('access.read'), sql`o.path`, sql`m.user_id`)}
    order by a.created_at, a.id limit ${most}`.execute(context.db);
  const recipients = await loadRecipients(
    context.db,
    rows.flatMap(({ memberId }) => memberId ?? []),
    rows.flatMap(({ organizationId }) => organizationId ?? []),
    context.at,
  );
  const things = await loadThings(
    context.db,
    rows.flatMap(({ entitlementId }) => entitlementId ?? []),
    rows.flatMap(({ accessRoleId }) => accessRoleId ?? []),
  );
  return rows.map((row) => {
    const recipient = recipients.get((row.memberId ?? row.organizationId)!)!;
    const { entitlements } = things.get((row.entitlementId ?? row.accessRoleId)!)!;
    const act = { permissions: ['access.end' as const], entitlements, below: recipient.everybodyBelow };
    const may =
      permitFor(context.facts, act, recipient.target) !== undefined &&
      !isSelf(context.facts, recipient.target.userId);
    return { given: givenOf('access', row), may, row };
  });
}

async function invitationsBy(context: Context, { membershipId, userId, since }: By): Promise<Found<Row>[]> {
  const { rows } = await sql<Row & { may: boolean }>`
    select i.id, i.created_at as at, i.title as what, coalesce(nullif(i.display_name, ''), i.email) as who,
      case when ${inReach(context.reach('organization.read'), sql`i.path`)} then o.name end as "organizationName",
      ${inReach(context.reach('user.invite'), sql`i.path`, sql`m.user_id`)} as may
    from invitation i join organization o on o.id = i.organization_id left join membership m on m.id = i.membership_id
    where i.invited_by = ${userId} and i.state = 'open' and i.created_at >= ${since}
      and (i.inviter_membership_id = ${membershipId} or i.inviter_membership_id is null and exists (
        select 1 from delegation l where l.id = i.invited_under and l.delegate_membership_id = ${membershipId}))
      and ${inReach(context.reach('user.read'), sql`i.path`, sql`m.user_id`)}
    order by i.created_at, i.id limit ${most}`.execute(context.db);
  return rows.map((row) => ({ given: givenOf('invitation', row), may: row.may, row }));
}

/** Links further down that stop with these, those that the doer sees. */
async function countBelow(context: Context, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from delegation d
    where d.chain && ${ids}::uuid[] and d.state <> 'ended' and d.id <> all (${ids}::uuid[]) and ${seenLink(context)}`.execute(
    context.db,
  );
  return rows[0]!.count;
}

async function endLinks(context: Context, links: readonly LinkRow[]): Promise<void> {
  if (links.length === 0) return;
  const by = context.actor.kind === 'user' ? context.actor.userId : null;
  const { rows } = await sql<{ id: string; was: string; after: Record<string, unknown> }>`
    with before as (select d.id, d.state from delegation d where d.id = any (${links.map(({ id }) => id)}::uuid[]) order by d.id for no key update)
    update delegation d set state = 'ended', ended_at = ${context.at}, ended_by = ${by}::uuid, version = d.version + 1
    from before b where b.id = d.id returning d.id, b.state as was, to_jsonb(d) - 'reason' as after`.execute(
    context.db,
  );
  const ended = new Map(rows.map((row) => [row.id, row]));
  for (const { id, organizationId, path, userId, because } of links) {
    const { was, after } = ended.get(id)!;
    context.record({
      type: 'delegation.ended',
      targetKind: 'delegation',
      targetId: id,
      organizationId,
      path,
      subjectId: userId,
      before: unended(after, was),
      after,
      because: because!,
    });
  }
}
