import type { OperationName } from '../../src/server/operations.gen.ts';
import type { OrganizationName } from '../harness/world.ts';
import { type Actor, nameOf, places } from './landscape.ts';
import type { Stage } from './stage.ts';

/** Paths strictly above a place. */
const above = (path: string): string[] =>
  path.split('.').flatMap((_, index, codes) => (index > 0 ? [codes.slice(0, index).join('.')] : []));

/** Operations that show what an organization's people can be given or have filled in. */
const showsBundles: OperationName[] = [
  'access-role.list',
  'access-rule.create',
  'access-rule.update',
  'assignment.grant',
  'entitlement.grantable',
  'invitation.create',
  'request.catalogue',
  'request.create',
  'user.enrol',
];
const showsAttributes: OperationName[] = [
  'attribute.list',
  'me.read',
  'me.update',
  'membership.read',
  'people-import.check',
  'user.list',
  'scim-schema.list',
  'scim-schema.read',
];

/**
 * What stands outside a boundary and is still shown, by the design's own words and nothing else:
 * - an access role can be given at and below the organization it stands in, so those below see it;
 * - an organization's attributes are filled in for those below it;
 * - whoever acted on me is named to me (ruling 9): the giver of my own delegation.
 */
export function allowedTo(actor: Actor, name: OperationName, stage: Stage): string[] {
  const { things } = stage;
  const ancestors = placesAbove(actor, stage);
  const allowed: string[] = [];
  for (const place of ancestors) {
    if (showsBundles.includes(name)) allowed.push(things[place].accessRoleId, nameOf(place, 'access-role'));
    // What one's own organization may have can be asked for; beta and the root are under no ceiling but the top's.
    if (name === 'request.catalogue' || name === 'request.create')
      allowed.push(
        things[place].applicationId,
        things[place].entitlementId,
        nameOf(place, 'application'),
        nameOf(place, 'entitlement'),
        ...(actor.home === 'beta' || actor.home === 'root'
          ? [stage.world.applications.ledger, stage.world.entitlements.ledgerClerk, nameOf('root', 'ledger')]
          : []),
      );
    if (showsAttributes.includes(name)) allowed.push(nameOf(place, 'attribute'));
  }
  const givers: OperationName[] = [
    'delegation.mine',
    'delegation.list',
    'delegation.read',
    'decision.at',
    'decision.explain',
    'membership.delegations',
    'home.read',
  ];
  const given = stage.givers.get(actor.membershipId ?? '');
  if (givers.includes(name) && given) allowed.push(given.userId, given.name);
  if (givers.includes(name) && actor.related) allowed.push(actor.related);
  // One's own is one's own in every membership, also in the one that one does not act in now.
  const elsewhere = stage.givers.get(actor.otherMembershipId ?? '');
  if ((name === 'membership.delegations' || name === 'decision.at') && elsewhere)
    allowed.push(elsewhere.userId, elsewhere.name);
  return allowed;
}

function placesAbove(actor: Actor, { world }: Stage): OrganizationName[] {
  const { path } = world.organizations[actor.home];
  const paths = new Set(
    [actor, ...actor.areas].flatMap((one) => ('path' in one ? above(one.path) : above(path))),
  );
  // Their own organizations, the one that they do not act in now too.
  for (const home of [actor.home, actor.otherHome])
    if (home)
      for (const own of [world.organizations[home].path, ...above(world.organizations[home].path)])
        paths.add(own);
  return places.filter((place) => paths.has(world.organizations[place].path));
}
