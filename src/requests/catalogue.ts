import { type Kysely, sql } from 'kysely';
import { type Thing, thingsInSight } from '../access/things.ts';
import type { Target } from '../authority/delegation.ts';
import { loadCeilings, loadHoldings } from '../authority/holds.ts';
import type { Context } from '../operation/operation.ts';
import { type Refusal, refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';

export type Offer = {
  thing: Thing;
  /** already asked for, and not decided yet */
  openRequestId: string | undefined;
};

/**
 * What somebody in this membership can ask for: what its organization may have and they do not have yet. Above its
 * organization's ceiling nothing is offered, because nobody could say yes.
 */
export async function offersFor(
  db: Kysely<DB>,
  { membershipId, path }: { membershipId: string; path: string },
  search?: string,
): Promise<Offer[]> {
  const things = await thingsInSight(db, path, { search });
  const ceilings = await loadCeilings(db, [path]);
  const has = await heldOrComing(db, membershipId);
  const open = await openRequests(db, membershipId);
  return things
    .filter(
      ({ entitlements }) =>
        entitlements.some(({ id }) => !has.has(id)) &&
        entitlements.every((one) => ceilings.allows(path, one).allowed),
    )
    .map((thing) => ({ thing, openRequestId: open.get(thing.id) }));
}

/** What the membership holds, or will as soon as it begins. */
async function heldOrComing(db: Kysely<DB>, membershipId: string): Promise<Set<string>> {
  const { holdings } = await loadHoldings(db, { membershipIds: [membershipId] });
  return new Set(
    holdings
      .filter(({ held, stoppedBy }) => held || stoppedBy === 'not-begun')
      .map(({ entitlementId }) => entitlementId),
  );
}

async function openRequests(db: Kysely<DB>, membershipId: string): Promise<Map<string, string>> {
  const { rows } = await sql<{ thingId: string; id: string }>`
    select coalesce(q.entitlement_id, q.access_role_id) as "thingId", q.id from request q
    where q.membership_id = ${membershipId} and q.state = 'open' and q.kind = 'access'`.execute(db);
  return new Map(rows.map(({ thingId, id }) => [thingId, id]));
}

/** Had already: said so. Not offered here: the same as what does not exist (I08). */
export async function whyNotOffered(
  { db, at }: Pick<Context, 'db' | 'at'>,
  { id: membershipId, path }: Target,
  thingId: string,
): Promise<Refusal> {
  const { rows: had } = await sql`
    select 1 from assignment a where a.state = 'active' and a.ends_at > ${at}
      and (a.membership_id = ${membershipId} or a.organization_id in
        (select o.id from organization o where o.path = any (path_ancestors(${path}))))
      and (coalesce(a.entitlement_id, a.access_role_id) = ${thingId} or a.access_role_id in
        (select re.access_role_id from access_role_entitlement re where re.entitlement_id = ${thingId}))
    limit 1`.execute(db);
  return refuse(had.length > 0 ? 'access.nothing-to-ask' : 'not-found');
}
