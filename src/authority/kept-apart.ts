import { type RawBuilder, sql } from 'kysely';
import { instant } from './facts.ts';
import type { Holding } from './holds.ts';
import { isAtOrBelow } from './place.ts';
import { type SeparationSet, yielding } from './separation.ts';

/**
 * Separations of duties of the organizations at and above `people p`, which are memberships; where none stands anywhere,
 * nothing is looked for.
 * @param entitlementId only those that this is part of
 */
export const setsOver = (entitlementId: string | undefined): RawBuilder<unknown> => sql`
    select jsonb_agg(jsonb_build_object('id', s.id, 'path', o.path, 'tooMany', s.too_many,
      'parts', array(select x.entitlement_id from separation_part x where x.separation_id = s.id),
      'excepted', array(select x.user_id from separation_exception x where x.separation_id = s.id and x.state = 'active'
        and x.starts_at <= remit_now() and x.ends_at > remit_now() and x.user_id in (select p.user_id from people p)),
      'changesAt', (select min(v.bound) from separation_exception x, lateral (values (x.starts_at), (x.ends_at)) v (bound)
        where x.separation_id = s.id and x.state = 'active' and v.bound > remit_now() and v.bound < 'infinity'
        and x.user_id in (select p.user_id from people p))))
    from separation s join organization o on o.id = s.organization_id
    where s.state = 'active' and exists (select 1 from people p where o.path = any (path_ancestors(p.path)))
      ${entitlementId ? sql`and exists (select 1 from separation_part x where x.separation_id = s.id and x.entitlement_id = ${entitlementId})` : sql``}`;

type Whole = { sets: readonly SeparationSet[]; holdings: readonly Holding[] };

/**
 * What breaks a separation of duties is not held (I37). Whatever was asked about, all that its people hold has a say, in
 * each of their memberships, and so do the other sets that this is part of: by one statement more, and only for those who
 * hold something that is kept apart.
 * @param whole everything of these people
 */
export async function keptApart(
  sets: readonly SeparationSet[],
  holdings: Holding[],
  whole: (userIds: string[]) => Promise<Whole>,
): Promise<Holding[]> {
  const setsOf = (among: readonly SeparationSet[], one: Holding): SeparationSet[] =>
    among.filter(({ parts, path }) => parts.includes(one.entitlementId) && isAtOrBelow(one.path, path));
  const isPart = (one: Holding): boolean => one.held && setsOf(sets, one).length > 0;
  const userIds = [...new Set(holdings.flatMap((one) => (isPart(one) ? one.userId : [])))];
  if (userIds.length === 0) return holdings;
  const all = await whole(userIds);
  const gone = new Set(
    [
      ...yielding(
        all.sets,
        all.holdings.filter(({ held }) => held),
      ),
    ].map(sourceOf),
  );
  // What yields depends on all that is kept apart: it changes when any of it begins or ends, and with an exception.
  const changes = new Map<string, Date>();
  const keep = (userId: string, changesAt: Date | null): void => {
    const known = changes.get(userId);
    if (changesAt && (!known || changesAt < known)) changes.set(userId, changesAt);
  };
  for (const one of all.holdings)
    for (const [n, set] of setsOf(all.sets, one).entries()) {
      if (n === 0) keep(one.userId, one.changesAt);
      keep(one.userId, set.changesAt ? instant(set.changesAt) : null);
    }
  return holdings.map((one) => {
    if (!isPart(one)) return one;
    const changesAt = changes.get(one.userId) ?? one.changesAt;
    return gone.has(sourceOf(one))
      ? { ...one, held: false, stoppedBy: 'separation', changesAt }
      : { ...one, changesAt };
  });
}

const sourceOf = ({ membershipId, assignmentId, entitlementId }: Holding): string =>
  `${membershipId} ${assignmentId} ${entitlementId}`;
