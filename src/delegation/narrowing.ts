import type { Kysely } from 'kysely';
import type { EntitlementLimit, Link } from '../authority/delegation.ts';
import { type Hole, placeWithin } from '../authority/place.ts';
import { limitWithin } from '../authority/within.ts';
import { invalid } from '../platform/problems.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { LinkChange } from './change-link.ts';
import { loadApplicationOf } from './store.ts';

/** What is left of a link: only what was said changes. */
export function narrowed(
  link: Link,
  left: {
    entitlements?: EntitlementLimit | undefined;
    permissions?: string[] | undefined;
    until?: string | undefined;
    mayPassOn?: number | undefined;
    seats?: number | undefined;
    holes?: readonly Hole[] | undefined;
  },
): LinkChange {
  const change: LinkChange = {};
  if (left.entitlements) change.entitlements = left.entitlements;
  if (left.until !== undefined) change.endsAt = new Date(left.until);
  if (left.mayPassOn !== undefined) change.mayPassOn = left.mayPassOn;
  if (left.seats !== undefined && left.seats !== link.seats) change.seats = left.seats;
  // What is out already is not taken out once more: the boundary would grow with every call.
  const isOut = (hole: Hole): boolean =>
    link.scope.every(({ holes }) => holes?.some((known) => placeWithin(hole, known)));
  const holes = left.holes?.filter((hole) => !isOut(hole)) ?? [];
  if (holes.length > 0)
    change.scope = link.scope.map((box) => ({ ...box, holes: [...(box.holes ?? []), ...holes] }));
  if (left.permissions) {
    // A role gives its whole set, so what is left stands as single permissions of the link itself.
    change.permissions = [...new Set(left.permissions)];
    change.adminRoleId = null;
    const wider = left.permissions.find((name) => !link.permissions.includes(name));
    if (wider) throw refuse('delegation.widens');
  }
  return change;
}

/** @throws Refusal `delegation.widens`: widening is a grant, and has to be made under somebody's ceiling. */
export async function isNarrower(db: Kysely<DB>, link: Link, change: LinkChange, at: Date): Promise<void> {
  if (change.endsAt && change.endsAt > link.endsAt) throw refuse('delegation.widens');
  if (change.endsAt && (change.endsAt <= at || change.endsAt <= link.startsAt))
    throw invalid('until', 'until-past-or-early');
  if (change.mayPassOn !== undefined && change.mayPassOn > link.mayPassOn) throw refuse('delegation.widens');
  if (change.seats !== undefined) {
    if (link.delegateKind !== 'organization') throw invalid('seats', 'seats-only-organization');
    if (link.seats !== null && change.seats > link.seats) throw refuse('delegation.widens');
    // Fewer than are taken: the database refuses, which knows of everybody who joins at this moment.
  }
  if (!change.entitlements) return;
  const applicationOf = await loadApplicationOf(db, [change.entitlements, link.entitlements]);
  if (!limitWithin(change.entitlements, link.entitlements, applicationOf)) throw refuse('delegation.widens');
}
