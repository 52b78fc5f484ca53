import type { Output } from '../../src/server/operations.gen.ts';
import type { OrganizationName, PersonName, World } from './world.ts';

export type Role = keyof World['entitlements'];

/** Makes a set of these roles; the owner's, at the root, unless another place is named. */
export async function apart(
  world: World,
  roles: readonly Role[],
  {
    at = 'root',
    tooMany = 2,
    by = 'owner',
  }: { at?: OrganizationName; tooMany?: number; by?: PersonName } = {},
): Promise<Output<'separation.create'>> {
  return await world.as(by, 'separation.create', {
    organizationId: world.organizations[at].id,
    name: `Apart ${roles.join(' ')} ${at}`,
    entitlementIds: roles.map((role) => world.entitlements[role]),
    tooMany,
  });
}

/** An exception for this person, in days from the clock of the database. */
export async function except(
  world: World,
  separationId: string,
  person: PersonName,
  until: Date,
  from?: Date,
): Promise<Output<'separation.except'>> {
  return await world.as('owner', 'separation.except', {
    separationId,
    membershipId: world.people[person].membershipId,
    ...(from ? { from: from.toISOString() } : {}),
    until: until.toISOString(),
    reason: 'Nobody else is there this month.',
  });
}
