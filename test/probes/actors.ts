import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { builtInAdminRoles } from '../../src/authority/permissions.ts';
import { newId } from '../../src/platform/ids.ts';
import { addMembership, addPerson, type OrganizationName, type World } from '../harness/world.ts';
import {
  type Actor,
  type ActorName,
  type Area,
  give,
  keyOf,
  type Landscape,
  nameOf,
  sessionTokenOf,
} from './landscape.ts';

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The subjects: one of each kind of manager, those whose power does not count now, and mere members. */
export async function makeActors(world: World, passwordHash: string): Promise<Landscape['actors']> {
  const { db } = world;
  const area = (place: OrganizationName): Area => ({ path: world.organizations[place].path, below: true });
  const day = 86_400_000;
  const extra = async (name: ActorName, home: OrganizationName) =>
    addPerson(db, nameOf(home, name.toLowerCase()), world.organizations[home]);
  const places = (...names: OrganizationName[]) =>
    names.map((name) => ({ ...world.organizations[name], below: true }));
  const standing = { under: world.delegations.acmeStanding };
  const holed = await extra('holedManager', 'acme');
  await give(
    world,
    'acme',
    { kind: 'user', ...holed },
    {
      ...standing,
      scope: [{ places: places('acme'), holes: places('acmeNorth') }],
    },
  );
  const guardian = await extra('guardian', 'acme');
  const ward = world.people.southMember.userId;
  await give(
    world,
    'acme',
    { kind: 'user', ...guardian },
    { ...standing, scope: [{ places: places('acme'), users: [ward] }] },
  );
  const line = await extra('lineManager', 'acme');
  const reports = [world.people.southMember, world.people.siteMember];
  const related = await give(
    world,
    'acme',
    { kind: 'relation', relation: 'line-managers', organizationId: world.organizations.acme.id, path: 'r.1' },
    { ...standing, scope: [{ places: places('acme'), reports: { depth: 'all' } }] },
  );
  // The second one through the first: a report of a report, in the other branch of acme.
  for (const [index, { membershipId }] of reports.entries())
    await sql`update membership set line_manager_id = ${index === 0 ? line.membershipId : reports[0]!.membershipId}
      where id = ${membershipId}`.execute(db);
  const several = await extra('severalManager', 'root');
  await give(
    world,
    'acmeSouth',
    { kind: 'user', ...several },
    { under: world.delegations.owner, scope: [{ places: places('acmeSouth', 'beta') }] },
  );
  const mixed = await extra('mixedManager', 'acmeSouth');
  await give(world, 'acmeSouth', { kind: 'user', ...mixed });
  const elsewhere = await addMembership(
    db,
    mixed.userId,
    nameOf('acmeSouth', 'mixedmanager'),
    world.organizations.beta,
  );
  const leaver = await extra('leaver', 'acme');
  await give(world, 'acme', { kind: 'user', ...leaver }, standing);
  await sql`update membership set state = 'ended', ended_at = remit_now(), ends_at = remit_now() where id = ${leaver.membershipId}`.execute(
    db,
  );
  const suspended = await extra('suspendedManager', 'acme');
  await give(world, 'acme', { kind: 'user', ...suspended }, standing);
  await sql`update membership set state = 'suspended' where id = ${suspended.membershipId}`.execute(db);
  const paused = await extra('pausedManager', 'acme');
  const pausedLink = await give(world, 'acme', { kind: 'user', ...paused }, standing);
  await sql`update delegation set state = 'paused' where id = ${pausedLink}`.execute(db);
  const expired = await extra('expiredManager', 'acme');
  await give(
    world,
    'acme',
    { kind: 'user', ...expired },
    { ...standing, endsAt: new Date(Date.now() - day) },
  );
  const scheduled = await extra('scheduledManager', 'acme');
  await give(
    world,
    'acme',
    { kind: 'user', ...scheduled },
    { ...standing, startsAt: new Date(Date.now() + day) },
  );

  const key = newId();
  await sql`insert into client (id, organization_id, name, key_hash)
    values (${key}, ${world.organizations.acme.id}, ${nameOf('acme', 'key')}, ${sha256(keyOf('acmeKey'))})`.execute(
    db,
  );
  const machine = builtInAdminRoles.find((role) => role.key === 'delegated-manager')!.permissions;
  await give(world, 'acme', { kind: 'client', clientId: key }, { permissions: machine });

  const actors = {} as Landscape['actors'];
  const add = async (
    name: ActorName,
    person: { userId: string; membershipId: string } | undefined,
    home: OrganizationName,
    base: OrganizationName,
    areas: Area[] = [],
    limits: Partial<
      Pick<Actor, 'holes' | 'people' | 'related' | 'credential' | 'otherMembershipId' | 'otherHome'>
    > = {},
  ): Promise<void> => {
    if (person) {
      await sql`insert into session (id, token_hash, user_id, membership_id, expires_at)
        values (${newId()}, ${sha256(sessionTokenOf(name))}, ${person.userId}, ${person.membershipId}, remit_now() + interval '1 hour')`.execute(
        db,
      );
      await sql`insert into credential (user_id, password_hash) values (${person.userId}, ${passwordHash})`.execute(
        db,
      );
    }
    actors[name] = {
      name,
      credential: { kind: 'session', tokenHash: sha256(sessionTokenOf(name)) },
      userId: person?.userId,
      membershipId: person?.membershipId,
      home,
      base,
      areas,
      holes: [],
      people: undefined,
      ...limits,
    };
  };
  const { people } = world;
  await add('owner', people.owner, 'root', 'beta', [area('root')]);
  await add('auditor', people.auditor, 'root', 'beta', [area('root')]);
  await add('acmeManager', people.acmeManager, 'acme', 'acmeSouth', [area('acme')]);
  await add('acmePeer', people.acmePeer, 'acme', 'acmeSouth', [area('acme')]);
  await add('acmeHelpDesk', people.acmeHelpDesk, 'acme', 'acmeSouth', [area('acme')]);
  await add('acmeApplicationManager', people.acmeApplicationManager, 'acme', 'acmeSouth', [area('acme')]);
  await add('northManager', people.northManager, 'acmeNorth', 'acmeNorthSite', [area('acmeNorth')]);
  await add('acme2Manager', people.acme2Manager, 'acme2', 'acme2North', [area('acme2')]);
  await add('holedManager', holed, 'acme', 'acmeSouth', [area('acme')], { holes: [area('acmeNorth')] });
  await add('guardian', guardian, 'acme', 'acmeSouth', [area('acme')], { people: [ward] });
  await add('lineManager', line, 'acme', 'acmeSouth', [area('acme')], {
    people: reports.map(({ userId }) => userId),
    related,
  });
  await add('severalManager', several, 'root', 'acmeSouth', [area('acmeSouth'), area('beta')]);
  await add('mixedManager', { userId: mixed.userId, membershipId: elsewhere }, 'beta', 'acmeSouth', [], {
    otherMembershipId: mixed.membershipId,
    otherHome: 'acmeSouth',
  });
  await add('leaver', leaver, 'acme', 'acmeSouth');
  await add('suspendedManager', suspended, 'acme', 'acmeSouth');
  await add('pausedManager', paused, 'acme', 'acmeSouth');
  await add('expiredManager', expired, 'acme', 'acmeSouth');
  await add('scheduledManager', scheduled, 'acme', 'acmeSouth');
  await add('acmeMember', people.acmeMember, 'acme', 'acme');
  await add('siteMember', people.siteMember, 'acmeNorthSite', 'acmeNorthSite');
  await add('betaMember', people.betaMember, 'beta', 'beta');
  await add('acmeKey', undefined, 'acme', 'acmeSouth', [area('acme')], {
    credential: { kind: 'key', keyHash: sha256(keyOf('acmeKey')) },
  });
  await add('stranger', undefined, 'root', 'acmeSouth', [], { credential: { kind: 'none' } });
  return actors;
}
