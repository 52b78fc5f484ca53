import { type Kysely, sql } from 'kysely';
import type { DB } from '../platform/schema.gen.ts';
import { chainOf, type EntitlementRef } from './delegation.ts';
import { instant, type LinkRow, toLink } from './facts.ts';
import { linkColumns } from './facts-query.ts';
import {
  type HoldingsRow,
  holdingsStatement,
  loadHoldings,
  readHoldings,
  type StandingRow,
  settledCeilings,
  standingLinks,
} from './holds.ts';
import type { Mandate, MandateFacts } from './mandate.ts';
import { isAtOrBelow } from './place.ts';
import type { SeparationSet } from './separation.ts';

/** Who acts, for whom (a user or an organization), and under which role in an application. */
export type MandateQuestion = { membershipId: string; representedId: string; entitlementId: string };

/**
 * Loads what deciding about a mandate needs, by one statement. Undefined when there is no such membership or role: a
 * client that asks learns the same as of one that may not (ruling 14).
 */
export async function loadMandateFacts(
  db: Kysely<DB>,
  { membershipId, representedId, entitlementId }: MandateQuestion,
): Promise<MandateFacts | undefined> {
  const { rows } = await sql<Row>`
    with held as (
      select d.id, d.chain from delegation d
      where d.delegate_kind = 'user' and d.delegate_membership_id = ${membershipId} and d.kind = 'represent'
        and (d.represented_user_id = ${representedId} or d.represented_organization_id = ${representedId})
    ),
    rows as (
      select ${linkColumns}, d.represented_user_id as "representedUserId", d.represented_organization_id as "representedOrganizationId",
        d.limits, d.legal_basis as "legalBasis", exists (select 1 from held h where h.id = d.id) as own,
        exists (select 1 from membership m join app_user u on u.id = m.user_id where m.id = d.giver_membership_id
          and u.state = 'active' and m.state = 'active' and m.ends_at > remit_now()) as "giverStands"
      from delegation d where d.id in (select unnest(array_append(h.chain, h.id)) from held h)
    )
    select remit_now() as at,
      (select json_build_object('userId', u.id, 'stands', u.state = 'active' and m.state = 'active' and m.starts_at <= remit_now()
        and m.ends_at > remit_now() and not place_is_off(m.path))
        from membership m join app_user u on u.id = m.user_id where m.id = ${membershipId}) as actor,
      (select json_build_object('id', e.id, 'applicationId', a.id, 'themes', a.themes, 'live', a.state = 'active' and e.state = 'active')
        from entitlement e join application a on a.id = e.application_id where e.id = ${entitlementId}) as entitlement,
      (select json_agg(to_jsonb(rows)) from rows) as links,
      (select row_to_json(h) from (${holdingsStatement({ userId: representedId, entitlementId })}) h) as holdings,
      (select json_build_object('path', o.path, 'off', place_is_off(o.path)) from organization o where o.id = ${representedId}) as organization,
      (${standingLinks(sql`(select o.path from organization o where o.id = ${representedId})`)}) as standing,
      (select json_agg(json_build_object('path', o.path, 'tooMany', s.too_many,
          'parts', array(select x.entitlement_id from separation_part x where x.separation_id = s.id)))
        from separation s join organization o on o.id = s.organization_id
        join separation_part p on p.separation_id = s.id and p.entitlement_id = ${entitlementId}
        where s.state = 'active' and exists (
            select 1 from organization r where r.id = ${representedId} and o.path = any (path_ancestors(r.path))
            union all
            select 1 from membership r where r.user_id = ${representedId} and r.state <> 'ended' and o.path = any (path_ancestors(r.path)))
          and not exists (select 1 from separation_exception e join membership m on m.user_id = e.user_id
            where e.separation_id = s.id and m.id = ${membershipId} and e.state = 'active' and e.starts_at <= remit_now() and e.ends_at > remit_now())) as sets`.execute(
    db,
  );
  const row = rows[0]!;
  if (!row.actor || !row.entitlement) return undefined;
  const links = new Map(row.links?.map((one) => [one.id, toMandate(one)]));
  return {
    at: row.at,
    actor: { ...row.actor, membershipId },
    mandates: (row.links ?? []).flatMap(({ own, id }) =>
      own ? [chainOf(links.get(id)!, links) as Mandate[]] : [],
    ),
    entitlement: row.entitlement,
    themes: row.entitlement.themes,
    representedMay: row.organization ? await organizationMay(db, row) : await personMay(db, row),
    apart: await isApart(db, row.sets ?? [], row.actor.userId, entitlementId),
  };
}

type Row = {
  at: Date;
  actor: { userId: string; stands: boolean } | null;
  entitlement: (EntitlementRef & { themes: string[]; live: boolean }) | null;
  links: (LinkRow & Omit<Mandate, keyof LinkRow> & { own: boolean })[] | null;
  holdings: Omit<HoldingsRow, 'at'> & { at: string };
  organization: { path: string; off: boolean } | null;
  standing: StandingRow[] | null;
  /** separations of duties that the role is part of where it would be used, and that count for the actor */
  sets: Kept[] | null;
};
type Kept = Pick<SeparationSet, 'path' | 'tooMany' | 'parts'>;

const toMandate = ({ own: _, ...row }: NonNullable<Row['links']>[number]): Mandate => {
  const { representedUserId, representedOrganizationId, limits, legalBasis, giverStands, ...link } = row;
  return { ...toLink(link), representedUserId, representedOrganizationId, limits, legalBasis, giverStands };
};

/** What a person's mandate lets be done, the person has to be able to do at that moment (I24). */
async function personMay(db: Kysely<DB>, { holdings }: Row): Promise<boolean> {
  const read = await readHoldings(db, { ...holdings, at: instant(holdings.at) });
  return read.holdings.some(({ held }) => held);
}

/**
 * With what the actor holds in their own name, would this role be too many (I37)? What they may do for others counts only
 * with what they hold themselves: two mandates are two people's, who each hold no more than they may.
 */
async function isApart(
  db: Kysely<DB>,
  sets: readonly Kept[],
  userId: string,
  entitlementId: string,
): Promise<boolean> {
  if (sets.length === 0) return false;
  const { holdings } = await loadHoldings(db, { userIds: [userId] });
  return sets.some(({ path, tooMany, parts }) => {
    const own = holdings.filter(
      (one) => one.held && parts.includes(one.entitlementId) && isAtOrBelow(one.path, path),
    );
    return new Set([entitlementId, ...own.map((one) => one.entitlementId)]).size >= tooMany;
  });
}

/** An organization may do what may be handed out and held in it. */
async function organizationMay(
  db: Kysely<DB>,
  { at, organization, entitlement, standing }: Row,
): Promise<boolean> {
  if (organization!.off || !entitlement!.live) return false;
  const ceilings = await settledCeilings(db, at, standing ?? []);
  return ceilings.allows(organization!.path, entitlement!).allowed;
}
