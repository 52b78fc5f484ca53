import { chainIn } from './chain.ts';
import {
  type Chain,
  hasEntitlement,
  hasPermission,
  type Link,
  reachesTarget,
  type Stop,
  scopeCovers,
  stopOf,
  type Target,
} from './delegation.ts';
import { binds, denies, type Exception } from './exception.ts';
import type { Facts, NoStanding } from './facts.ts';
import { type Permission, traitsOf } from './permissions.ts';

/** The smallest thing that was missing, nearest to a permit first in this order from the bottom. */
export type Missing =
  | { piece: 'standing'; reason: NoStanding }
  | { piece: 'delegation' }
  | { piece: 'permission'; permission: Permission }
  | { piece: 'place'; permission: Permission }
  | { piece: 'entitlement'; permission: Permission }
  | { piece: 'off' }
  | { piece: 'exception'; exception: Exception }
  | { piece: 'link'; stop: Stop; held: Link };

export type Permit = { effect: 'permit'; because: Chain };
export type Deny = { effect: 'deny'; because: Missing };
export type Decision = Permit | Deny;

/** How near a denial was to a permit: the explanation names the nearest one. */
const nearness: Record<Missing['piece'], number> = {
  standing: 0,
  delegation: 1,
  permission: 2,
  place: 3,
  entitlement: 4,
  off: 5,
  link: 6,
  exception: 7,
};

/**
 * May this actor do `permission` to `target` at `facts.at`? One act, one chain: permission, place, person,
 * entitlement and period all come from a single delegation. Pure: no clock, no read, no log.
 */
export function decide(facts: Facts, permission: Permission, target: Target): Decision {
  if (facts.noStanding) return { effect: 'deny', because: { piece: 'standing', reason: facts.noStanding } };
  let nearest: Missing = { piece: 'delegation' };
  for (const held of facts.held) {
    const chain = chainIn(facts, held);
    const missing = missingFrom(chain, permission, target, facts);
    if (!missing) return { effect: 'permit', because: chain };
    if (nearness[missing.piece] > nearness[nearest.piece]) nearest = missing;
  }
  if (permission === 'request.decide') {
    const chain = asDeputy(facts, target);
    if (chain) return { effect: 'permit', because: chain };
  }
  return { effect: 'deny', because: nearest };
}

/** What a deputy's giver may decide, the deputy may, within what the deputy was named for; nothing else. */
function asDeputy(facts: Facts, target: Target): Chain | undefined {
  for (const { link, giver } of facts.deputyFor) {
    if (!scopeCovers(link, target, false)) continue;
    if (target.entitlement && !hasEntitlement([link], target.entitlement)) continue;
    const given = decide(giver, 'request.decide', target);
    if (given.effect === 'permit') return [link, ...given.because];
  }
  return undefined;
}

/** What one chain lacks for this act, or undefined when it gives it. */
export function missingFrom(
  chain: Chain,
  permission: Permission,
  target: Target,
  { at, exceptions }: Pick<Facts, 'at' | 'exceptions'>,
): Missing | undefined {
  const held = chain[0]!;
  const traits = traitsOf(permission);
  if (held.kind !== 'administer') return { piece: 'delegation' };
  if (!hasPermission(chain, permission)) return { piece: 'permission', permission };
  if (traits.protectedAct && held.delegateKind === 'client') return { piece: 'permission', permission };
  const reachesOff = traits.reading === true || traits.aboveOff === true;
  if (!reachesTarget(chain, target, true)) return { piece: 'place', permission };
  if (target.entitlement && !hasEntitlement(chain, target.entitlement))
    return { piece: 'entitlement', permission };
  if (target.off && !reachesOff) return { piece: 'off' };
  const stop = stopOf(chain, at);
  if (stop) return { piece: 'link', stop, held };
  // Last: a deny on every path, whatever gave it (I13).
  for (const exception of exceptions)
    if (denies(exception, target) && binds(exception, chain, permission, at))
      return { piece: 'exception', exception };
  return undefined;
}

/** Why an actor may do `permission` nowhere at all; for lists, where there is no one target to name. */
export function missingAnywhere(facts: Facts, permission: Permission): Missing {
  if (facts.noStanding) return { piece: 'standing', reason: facts.noStanding };
  let nearest: Missing = { piece: 'delegation' };
  for (const held of facts.held) {
    const chain = chainIn(facts, held);
    const stop = hasPermission(chain, permission) ? stopOf(chain, facts.at) : undefined;
    const exception =
      hasPermission(chain, permission) && !stop
        ? facts.exceptions.find((one) => binds(one, chain, permission, facts.at))
        : undefined;
    const missing: Missing = stop
      ? { piece: 'link', stop, held }
      : exception
        ? { piece: 'exception', exception }
        : { piece: 'permission', permission };
    if (nearness[missing.piece] > nearness[nearest.piece]) nearest = missing;
  }
  return nearest;
}
