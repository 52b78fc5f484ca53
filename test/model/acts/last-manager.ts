/** Nobody leaves an organization without anybody who can look after it, by any path (I38). */
import {
  chainOf,
  gives,
  heldBy,
  holders,
  isAtOrBelow,
  isOff,
  stands,
  type Using,
  usingOf,
} from '../rules.ts';
import type { World } from '../world.ts';

/** Is there a place that these members manage and nobody else could afterwards? */
export function leavesUnmanaged(world: World, membershipIds: string[], outside?: string): boolean {
  for (const link of world.links.values()) {
    if (link.kind !== 'administer' || link.state !== 'active' || link.delegate.kind !== 'user') continue;
    if (!membershipIds.includes(link.delegate.membershipId)) continue;
    for (const { organizationId } of link.scope.flatMap((box) => box.places ?? [])) {
      if (isOff(world, organizationId)) continue;
      if (outside && isAtOrBelow(world, organizationId, outside)) continue;
      const able = holders(world, 'user.invite', { organizationId }).filter(
        ({ userId }) => world.users.get(userId)!.canSignIn,
      );
      const among = able.filter(({ id }) => membershipIds.includes(id));
      if (among.length > 0 && among.length === able.length) return true;
    }
  }
  return false;
}

export const isOwner = (world: World, membershipId: string): boolean =>
  [...world.links.values()].some(
    (link) =>
      link.delegate.kind === 'user' &&
      link.delegate.membershipId === membershipId &&
      link.state !== 'ended' &&
      link.parentId !== null &&
      world.links.get(link.parentId)!.delegate.kind === 'root',
  );

/** An owner is taken out by another owner only, who stays. */
export function ownersAllow(world: World, actor: Using, membershipIds: string[]): boolean {
  if (!membershipIds.some((id) => isOwner(world, id))) return true;
  if (membershipIds.includes(actor.membershipId) || !stands(world, actor.membershipId)) return false;
  const [root] = [...world.organizations.values()].filter(({ parentId }) => parentId === null);
  return heldBy(world, usingOf(world, actor.membershipId)).some((link) => {
    const chain = chainOf(world, link);
    return (
      chain.length === 2 && gives(world, chain, 'delegation.create', { organizationId: root!.id }, actor)
    );
  });
}
