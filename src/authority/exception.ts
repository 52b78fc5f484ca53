import type { Chain, EntitlementRef, Target } from './delegation.ts';
import type { Permission } from './permissions.ts';
import { type Place, placeCovers } from './place.ts';

/**
 * What nobody may do in a place, whatever was delegated: all acts or some, for everybody there or one person, for
 * everything or one application or role. It binds everybody but holders of the link it was set under and of links
 * above that one (design, section 2, point 6). A deny on every path (I13). Owners stand beside each other at the top:
 * none of them is bound by another's, or a place could be left without anybody who may act in it (I38).
 */
export type Exception = {
  id: string;
  place: Place;
  /** none named: every act */
  permissions: string[];
  applicationId: string | null;
  entitlementId: string | null;
  userId: string | null;
  /** the link it was set under and those above it: their holders are free of it */
  free: string[];
  startsAt: Date;
  endsAt: Date;
};

/** Does it bind whoever acts under this chain, for this permission, now? */
export const binds = (exception: Exception, chain: Chain, permission: Permission, at: Date): boolean =>
  at >= exception.startsAt &&
  at < exception.endsAt &&
  (exception.permissions.length === 0 || exception.permissions.includes(permission)) &&
  !isOwners(chain) &&
  !exception.free.includes(chain[0]!.id);

/** Held directly below the root row. */
export const isOwners = (chain: Chain): boolean => chain.length === 2 && chain[1]!.delegateKind === 'root';

/** Does it hold the target? One about an entitlement denies only acts on that entitlement. */
export function denies(
  exception: Exception,
  target: Pick<Target, 'path' | 'userId' | 'entitlement'>,
): boolean {
  const { place, userId, applicationId, entitlementId } = exception;
  if (!placeCovers(place, target.path)) return false;
  if (userId && target.userId !== userId) return false;
  return concerns({ applicationId, entitlementId }, target.entitlement);
}

/** Is it about this entitlement, or about none in particular? */
export function concerns(
  { applicationId, entitlementId }: Pick<Exception, 'applicationId' | 'entitlementId'>,
  entitlement: EntitlementRef | undefined,
): boolean {
  if (applicationId) return entitlement?.applicationId === applicationId;
  if (entitlementId) return entitlement?.id === entitlementId;
  return true;
}

/** Exceptions that take places or people out of a list: those about an entitlement deny only acts on it. */
export const cutsLists = ({ applicationId, entitlementId }: Exception): boolean =>
  !applicationId && !entitlementId;
