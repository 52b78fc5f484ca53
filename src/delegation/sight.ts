import { isInstance } from '../access/rules.ts';
import { decide } from '../authority/decide.ts';
import type { Link } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import type { Permission } from '../authority/permissions.ts';
import { isAtOrBelow, type Place } from '../authority/place.ts';
import type { Names } from './names.ts';

/** Whether this reader may know who holds and who gave a link, and the places that it names. */
export type Sight = {
  holder: (link: Link) => boolean;
  giver: (link: Link) => boolean;
  place: (link: Link, place: Place) => boolean;
  /** taken out of a boundary: whoever holds it was not told what lies there */
  hole: (place: Place) => boolean;
  person: (link: Link, person: { path: string; userId: string }) => boolean;
};

/** For whoever proposes it, and for the instance itself. */
export const everything: Sight = {
  holder: () => true,
  giver: () => true,
  place: () => true,
  hole: () => true,
  person: () => true,
};

/** Holders and places within reach (ruling 9); what is one's own, one was told of when it was given. */
export function sightOf(facts: Facts, names: Names): Sight {
  if (isInstance(facts)) return everything;
  const { actor } = facts;
  const mine = (link: Link): boolean => isMine(facts, link);
  const ownOrganization = (path: string): boolean =>
    actor.kind === 'user' && actor.path !== null && isAtOrBelow(actor.path, path);
  const sees = (permission: Permission, path: string | undefined, userId?: string): boolean =>
    path !== undefined &&
    decide(facts, permission, { kind: 'place', id: null, organizationId: '', path, off: false, userId })
      .effect === 'permit';
  return {
    holder: (link) => {
      if (mine(link) || link.delegateKind === 'root') return true;
      if (link.delegateUserId)
        return sees('user.read', names.memberships.get(link.delegateMembershipId ?? ''), link.delegateUserId);
      const { path } =
        names.organizations.get(link.delegateOrganizationId ?? '') ??
        names.clients.get(link.delegateClientId ?? '') ??
        {};
      return path !== undefined && (ownOrganization(path) || sees('organization.read', path));
    },
    // Whoever acted on me is named to me; anybody else only within reach.
    giver: (link) =>
      mine(link) || sees('user.read', names.users.get(link.giverUserId ?? '')?.path, link.giverUserId ?? ''),
    hole: ({ path }) => sees('organization.read', path),
    person: (link, { path, userId }) => mine(link) || sees('user.read', path, userId),
    place: (link, { path }) =>
      mine(link) ||
      (link.delegateKind === 'organization' && ownOrganization(path)) ||
      sees('organization.read', path),
  };
}

export const isMine = ({ actor, held }: Facts, link: Link): boolean =>
  (link.relation !== null && held.some(({ id }) => id === link.id)) ||
  (actor.kind === 'user' && link.delegateUserId === actor.userId) ||
  (actor.kind === 'client' && link.delegateClientId === actor.clientId);
