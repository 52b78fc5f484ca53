import { type Kysely, sql } from 'kysely';
import { type Thing, thingsInSight } from '../access/things.ts';
import { loadCeilings, loadHoldings } from '../authority/holds.ts';
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
    select coalesce(q.entitlement_id, q.access_role_id) as "thingId", q.id from access_request q
    where q.membership_id = ${membershipId} and q.state = 'open'`.execute(db);
  return new Map(rows.map(({ thingId, id }) => [thingId, id]));
}
