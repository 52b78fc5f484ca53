import { type RawBuilder, sql } from 'kysely';
import { loadFacts } from '../authority/load-facts.ts';
import { inReach } from '../authority/reach.ts';
import { firstDayIn, lastDayIn } from '../directory/by-day.ts';
import type { Context } from '../operation/operation.ts';
import { membershipTarget } from '../operation/targets.ts';
import { type DelegationView, viewDelegations } from './view.ts';

/** A screen shows so many of each; the rest is in the list of their places. */
const most = 200;

export type DeputyView = {
  delegationId: string;
  name: string | null;
  from: string | null;
  until: string | null;
  firstDay: string | null;
  lastDay: string | null;
};

export type PersonDelegations = {
  received: DelegationView[];
  given: DelegationView[];
  passedOn: DelegationView[];
  decidesFor: DeputyView[];
  deputies: DeputyView[];
  more: boolean;
};

/**
 * What this person may do, what they gave to others, and what others passed on from it. One's own is always one's own to
 * see; of another, what stands in the reader's reach, and nothing says how much does not (ruling 9).
 */
export async function delegationsOf(context: Context, membershipId: string): Promise<PersonDelegations> {
  const target = await membershipTarget(context.db, membershipId);
  const own = target?.userId === context.user().userId;
  if (!own) context.require('delegation.read', target, 'user.read');
  const { held, noStanding } = await loadFacts(context.db, { kind: 'membership', membershipId });
  const heldIds = held.map(({ id }) => id);
  const seen = own ? sql<boolean>`true` : seenLink(context);
  // Whoever left, or is kept out, is not told what others make of it since.
  const seenBelow = own && !noStanding ? seen : seenLink(context);
  const ids = async (which: RawBuilder<boolean>, seen: RawBuilder<boolean>): Promise<string[]> => {
    const { rows } = await sql<{ id: string }>`
      select d.id from delegation d where d.kind = 'administer' and d.state <> 'ended' and ${which} and ${seen}
      order by d.id limit ${most + 1}`.execute(context.db);
    return rows.map(({ id }) => id);
  };
  const received = await ids(
    sql<boolean>`(d.delegate_membership_id = ${membershipId} and d.delegate_kind = 'user' or d.id = any (${heldIds}::uuid[]))`,
    seen,
  );
  const madeHere = sql<boolean>`d.giver_user_id = ${target!.userId} and ${givenFrom(membershipId)}`;
  const given = await ids(madeHere, seen);
  const passedOn = await ids(
    sql<boolean>`d.chain && ${heldIds}::uuid[] and not coalesce(${madeHere}, false) and not d.id = any (${heldIds}::uuid[])
      and exists (select 1 from delegation own where own.id = any (${heldIds}::uuid[]) and own.delegate_kind = 'user' and own.id = any (d.chain))`,
    seenBelow,
  );
  const views = new Map(
    (
      await viewDelegations(context.db, context.facts, [
        ...received.slice(0, most),
        ...given.slice(0, most),
        ...passedOn.slice(0, most),
      ])
    ).map((view) => [view.id, view]),
  );
  const shown = (some: string[]): DelegationView[] =>
    some.slice(0, most).flatMap((id) => views.get(id) ?? []);
  return {
    received: shown(received),
    given: shown(given),
    passedOn: shown(passedOn),
    decidesFor: await deputiesOf(context, membershipId, 'held', own),
    deputies: await deputiesOf(context, membershipId, 'named', own),
    more: [received, given, passedOn].some((some) => some.length > most),
  };
}

/** Made in this membership: as recorded, or, of links from before it was, under a link that this membership holds. */
export const givenFrom = (
  membershipId: string,
): RawBuilder<boolean> => sql<boolean>`(d.giver_membership_id = ${membershipId}
  or d.giver_membership_id is null and exists (select 1 from delegation g where g.id in (d.giver_delegation_id, d.parent_id) and g.delegate_membership_id = ${membershipId}))`;

/** A link is seen where the reader sees delegations: at one of its places, or where its people are. */
export function seenLink(context: Pick<Context, 'reach'>): RawBuilder<boolean> {
  const links = context.reach('delegation.read');
  return sql<boolean>`(exists (select 1 from unnest(d.place_paths) p (path) where ${inReach(links, sql`p.path`, sql`d.delegate_user_id`)})
    or d.place_paths = '{}' and exists (select 1 from membership h where h.id = d.delegate_membership_id
      and ${inReach(links, sql`h.path`, sql`h.user_id`)}))`;
}

/** For whom this person decides while they are away, or who decides for this person. */
async function deputiesOf(
  context: Context,
  membershipId: string,
  side: 'held' | 'named',
  own: boolean,
): Promise<DeputyView[]> {
  const [mine, theirs] =
    side === 'held'
      ? [sql`d.delegate_membership_id`, sql`d.giver_membership_id`]
      : [sql`d.giver_membership_id`, sql`d.delegate_membership_id`];
  const { rows } = await sql<DeputyView>`
    select d.id as "delegationId",
      case when ${own} or ${inReach(context.reach('user.read'), sql`m.path`, sql`m.user_id`)} then u.display_name end as name,
      case when d.starts_at > '-infinity' then to_jsonb(d.starts_at) #>> '{}' end as from,
      case when d.ends_at < 'infinity' then to_jsonb(d.ends_at) #>> '{}' end as until,
      ${firstDayIn(sql`d.starts_at`, sql`o.time_zone`)} as "firstDay", ${lastDayIn(sql`d.ends_at`, sql`o.time_zone`)} as "lastDay"
    from delegation d join membership g on g.id = d.giver_membership_id join organization o on o.id = g.organization_id
    join membership m on m.id = ${theirs} join app_user u on u.id = m.user_id
    where d.kind = 'approve' and d.state <> 'ended' and ${mine} = ${membershipId} and d.ends_at > ${context.at}
    order by d.id limit ${most}`.execute(context.db);
  return rows;
}
