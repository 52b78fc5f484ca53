import { createHash } from 'node:crypto';
import type { RequestKind } from '../policy.ts';

/** What was asked for, whole: whom it is for, what, until when; and where, unless the person's own place says it. */
type Hashed = {
  kind: RequestKind;
  payload: Record<string, unknown>;
  organizationId: string;
  membershipId: string | null;
  entitlementId: string | null;
  accessRoleId: string | null;
  entitlementIds: readonly string[];
  endsAt: Date | null;
};

/** Kinds that are about a place: one that was moved into another organization meanwhile asks for something else. */
const aboutPlaces: readonly RequestKind[] = ['organization', 'delegation', 'account'];

/**
 * A digest of what was asked for (I34). It stands with the request and with each decision; what is applied has to have
 * the same.
 */
export function payloadHash(one: Hashed): string {
  const parts = [
    one.kind,
    sorted(one.payload),
    aboutPlaces.includes(one.kind) ? one.organizationId : null,
    one.membershipId,
    one.entitlementId,
    one.accessRoleId,
    [...one.entitlementIds].sort(),
    one.endsAt?.toISOString() ?? null,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** The database keeps no order of keys. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : value && typeof value === 'object'
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([one], [other]) => (one < other ? -1 : 1))
            .map(([key, of]) => [key, sorted(of)]),
        )
      : value;

/** A digest that says whether two requests ask for the same, without saying for what. */
export const sameness = (clear: string): string => createHash('sha256').update(clear).digest('hex');
