import { type Chain, hasPermission, type Link, type Spot } from './delegation.ts';
import { binds, denies, type Exception } from './exception.ts';
import type { Facts } from './facts.ts';
import { isPermission, type Permission } from './permissions.ts';
import { aboutAccess } from './pieces.ts';
import { placeOverlap } from './place.ts';
import { regionsOf } from './region.ts';
import type { ApplicationOf } from './within.ts';

/**
 * Does an exception take something of `inner` from whoever acts under `outer`, and leave it to whoever has `inner`? Then
 * `inner` is not theirs to give, nor below them.
 * @param people whom alone `inner` is about; everybody that it reaches where none are named
 */
export const isCut = (
  { exceptions, at }: Pick<Facts, 'exceptions' | 'at'>,
  inner: Chain,
  outer: Chain,
  applicationOf: ApplicationOf,
  people?: readonly Spot[],
): boolean =>
  exceptions.some((exception) => {
    const { permissions, startsAt } = exception;
    // One that is still to come counts as if it were there.
    const then = startsAt > at ? startsAt : at;
    const isTaken = (name: Permission): boolean =>
      hasPermission(inner, name) &&
      binds(exception, outer, name, then) &&
      !binds(exception, inner, name, then) &&
      concernsAct(exception, name);
    return (
      (permissions.length === 0 ? inner[0]!.permissions : permissions).filter(isPermission).some(isTaken) &&
      inner.every((link) => mayConcern(exception, link, applicationOf)) &&
      reachesInto(inner, exception, people)
    );
  });

/** One about an application or a role denies only acts that are decided for a role. */
const concernsAct = ({ applicationId, entitlementId }: Exception, name: Permission): boolean =>
  (!applicationId && !entitlementId) || aboutAccess.includes(name);

/** Is there access, of that which the link may give, that the exception is about? Yes where it is not known. */
function mayConcern(
  { applicationId, entitlementId }: Exception,
  { entitlements: limit }: Link,
  applicationOf: ApplicationOf,
): boolean {
  if (limit.all || (!applicationId && !entitlementId)) return true;
  if (applicationId)
    return (
      limit.applications.includes(applicationId) ||
      limit.entitlements.some((id) => (applicationOf(id) ?? applicationId) === applicationId)
    );
  const application = applicationOf(entitlementId!);
  return (
    limit.entitlements.includes(entitlementId!) ||
    (application === undefined ? limit.applications.length > 0 : limit.applications.includes(application))
  );
}

function reachesInto(inner: Chain, exception: Exception, people: readonly Spot[] | undefined): boolean {
  const { place, userId } = exception;
  const anyAccess = { ...exception, applicationId: null, entitlementId: null };
  if (people) return people.some((person) => denies(anyAccess, person));
  return regionsOf(inner).some(
    (region) =>
      placeOverlap(region.place, place) && (!userId || !region.users || region.users.includes(userId)),
  );
}
