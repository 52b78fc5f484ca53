import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Permission } from '../../src/authority/permissions.ts';
import { hashKey } from '../../src/delegation/clients.ts';
import { mailLeftBehind } from '../../src/notices/left-behind-letters.ts';
import type { Rendered } from '../../src/notices/letter.ts';
import { eventColumns, type StoredEvent } from '../../src/operation/events.ts';
import { run } from '../../src/operation/pipeline.ts';
import { passTime } from '../../src/platform/clock.ts';
import { operations } from '../../src/server/operations.gen.ts';
import {
  addMembership,
  addPerson,
  makeWorld,
  type OrganizationName,
  type Person,
  type World,
} from '../harness/world.ts';

/** Ways round a limit that an attack found: through moves, days, keys made anew. */
let world: World;
let names = 0;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const place = (name: OrganizationName) => world.organizations[name].id;
const somebody = (at: OrganizationName): Promise<Person> => {
  names += 1;
  return addPerson(world.db, `somebody${names}`, world.organizations[at]);
};
/** What an owner lets somebody do at a place. */
const appoint = async (who: Person, at: OrganizationName, permissions: Permission[], more = {}) => {
  const { id } = await world.as('owner', 'delegation.create', {
    organizationId: place(at),
    delegate: { membershipId: who.membershipId },
    permissions,
    ...more,
  } as never);
  await passTime(world.db, 11);
  return id;
};

const seeing: Permission[] = ['organization.read', 'user.read'];
const moving: Permission[] = ['user.invite', 'membership.end'];

describe('moving people', () => {
  it('tells nobody who is where they see nobody', async () => {
    const mover = await somebody('acme');
    await appoint(mover, 'acme', ['organization.read', ...moving]);
    await appoint(mover, 'acmeSouth', seeing);
    const [here, both] = [await somebody('acmeSouth'), await somebody('acmeSouth')];
    await addMembership(world.db, both.userId, both.name, world.organizations.acmeNorth);
    const move = (who: Person) =>
      world
        .as(mover, 'membership.move', { membershipId: who.membershipId, organizationId: place('acmeNorth') })
        .then(
          () => 'moved',
          (error) => error.code,
        );
    expect([await move(both), await move(here)]).toEqual(['not-permitted', 'not-permitted']);
  });

  it('brings nobody’s account under the hand of whoever moves them', async () => {
    const mover = await somebody('acme');
    await appoint(mover, 'acme', [...seeing, ...moving]);
    await appoint(mover, 'acmeNorth', [
      ...seeing,
      'credential.recover',
      'credential.reset',
      'membership.update',
    ]);
    const them = await somebody('acmeSouth');
    const reset = (membershipId: string) => world.as(mover, 'credential.reset', { membershipId } as never);
    await expect(reset(them.membershipId)).rejects.toEqual(refusal('not-permitted'));
    const moved = await world.as(mover, 'membership.move', {
      membershipId: them.membershipId,
      organizationId: place('acmeNorth'),
    });
    await expect(reset(moved.membershipId)).rejects.toMatchObject({ name: 'Refusal' });
  });
});

it('is told no count of what a mover may not see', async () => {
  const mover = await somebody('acme');
  await appoint(mover, 'acme', [...seeing, ...moving]);
  const them = await somebody('acmeSouth');
  await world.as('acmeManager', 'assignment.grant', {
    membershipIds: [them.membershipId],
    entitlementIds: [world.entitlements.partsBuyer],
  });
  await appoint(them, 'acmeSouth', seeing);
  const { ended } = await world.as(mover, 'membership.move', {
    membershipId: them.membershipId,
    organizationId: place('acmeNorth'),
  });
  expect(ended).toEqual({ assignments: 0, requests: 0, delegations: 0 });
});

it('a successor does not bring the end about by a key of their own (I01)', async () => {
  const [leaver, successor] = [await somebody('acmeNorth'), await somebody('acmeNorth')];
  const left = await appoint(leaver, 'acmeNorth', [...seeing, 'access.read']);
  await appoint(
    successor,
    'acmeNorth',
    [...seeing, 'membership.end', 'client.configure', 'delegation.create'],
    {
      mayPassOn: 2,
    },
  );
  await world.as('owner', 'membership.name-successor', {
    membershipId: leaver.membershipId,
    successorId: successor.membershipId,
  });
  const { key } = await world.as(successor, 'client.create', {
    organizationId: place('acmeNorth'),
    name: 'ends people',
    permissions: [...seeing, 'membership.end'],
  });
  await passTime(world.db, 11);
  await run(world.services, operations['membership.end'], {
    credential: { kind: 'key', keyHash: hashKey(key) },
    input: { membershipId: leaver.membershipId },
    requestId: 'test',
  });
  const { rows } = await sql<{ state: string }>`select state from delegation where id = ${left}`.execute(
    world.db,
  );
  expect(rows).toEqual([{ state: 'active' }]);
});

describe('a key made anew', () => {
  const key = async (by: Person | 'owner', permissions: Permission[]) => {
    names += 1;
    const made = await world.as(by, 'client.create', {
      organizationId: place('acmeNorth'),
      name: `key ${names}`,
      permissions,
    } as never);
    await passTime(world.db, 11);
    return made;
  };
  const asKey = (held: string, name: 'client.rotate', input: object) =>
    run(world.services, operations[name], {
      credential: { kind: 'key', keyHash: hashKey(held) },
      input,
      requestId: 'test',
    });

  it('is not had by a lesser key of whoever made both', async () => {
    const maker = await somebody('acme');
    await appoint(
      maker,
      'acme',
      [...seeing, 'client.configure', 'delegation.create', 'membership.end', 'membership.suspend'],
      { mayPassOn: 3 },
    );
    const strong = await key(maker, [...seeing, 'membership.end']);
    const weak = await key(maker, ['organization.read', 'client.configure']);
    await expect(asKey(weak.key, 'client.rotate', { clientId: strong.id })).rejects.toEqual(
      refusal('delegation.not-above'),
    );
  });

  it('is not had by its maker once they may do less', async () => {
    const maker = await somebody('acme');
    await appoint(maker, 'acme', [...seeing, 'client.configure', 'delegation.create', 'membership.end'], {
      mayPassOn: 3,
    });
    const { id: clientId } = await key(maker, [...seeing, 'membership.end']);
    const elsewhere: Person = {
      ...maker,
      membershipId: await addMembership(world.db, maker.userId, maker.name, world.organizations.beta),
    };
    await appoint(elsewhere, 'acmeNorth', [...seeing, 'client.configure']);
    await world.as('owner', 'membership.end', { membershipId: maker.membershipId });
    await expect(world.as(elsewhere, 'client.rotate', { clientId } as never)).rejects.toEqual(
      refusal('delegation.not-above'),
    );
    await world.as('owner', 'client.rotate', { clientId } as never);
  });
});

it('a letter about what a leaver left counts nobody whom its reader may not change (I06)', async () => {
  const [leaver, seen, hidden] = [
    await somebody('acmeSouth'),
    await somebody('acmeSouth'),
    await somebody('acmeSouth'),
  ];
  const helper = await somebody('acmeSouth');
  await appoint(helper, 'acmeSouth', [...seeing, 'membership.update']);
  await sql`update membership set line_manager_id = ${leaver.membershipId} where id in (${seen.membershipId}, ${hidden.membershipId})`.execute(
    world.db,
  );
  await world.as('owner', 'exception.create', {
    organizationId: place('acmeSouth'),
    membershipId: hidden.membershipId,
    permissions: ['user.read', 'membership.update'],
  });
  await passTime(world.db, 11);
  await world.as('owner', 'membership.end', { membershipId: leaver.membershipId });
  const box: Rendered[] = [];
  const { run: send } = mailLeftBehind({
    send: async (mail) => {
      box.push(mail);
      return 'sent';
    },
    close: () => {},
  });
  const { rows } = await sql<StoredEvent>`
    select ${eventColumns} from event e where e.type = 'membership.ended' and e.target_id = ${leaver.membershipId}`.execute(
    world.db,
  );
  for (const event of rows) await send!(event, world.services);
  expect(box.find(({ to }) => to.name === helper.name)!.text).toContain('without a line manager now: 1');
});

describe('days', () => {
  const dayIn = async (days: number): Promise<string> => {
    const { rows } = await sql<{ day: string }>`
      select to_char(remit_now() + make_interval(days => ${days}), 'YYYY-MM-DD') as day`.execute(world.db);
    return rows[0]!.day;
  };

  it('a rule that begins later is given when it is saved, and to nobody by whoever could not', async () => {
    const maker = await somebody('acmeSouth');
    await appoint(
      maker,
      'acmeSouth',
      [
        ...seeing,
        'access.read',
        'access-rule.configure',
        'access.grant',
        'access.end',
        'application.read',
        'user.enrol',
      ],
      {
        entitlements: { applicationIds: [world.applications.parts] },
      },
    );
    const rule = {
      organizationId: place('acmeSouth'),
      name: 'later',
      entitlementId: world.entitlements.partsBuyer,
      firstDay: await dayIn(5),
    };
    await expect(world.as(maker, 'access-rule.create', rule)).rejects.toEqual(refusal('access-rule.own'));
    const enroller = await somebody('acmeSouth');
    await appoint(enroller, 'acmeSouth', [...seeing, 'user.enrol', 'membership.update']);
    const enrol = () =>
      world.as(enroller, 'user.enrol', {
        organizationId: place('acmeSouth'),
        displayName: 'New',
        userName: `new${names}`,
      } as never);
    await enrol();
    const { id } = await world.as('owner', 'access-rule.create', rule);
    names += 1;
    await expect(enrol()).rejects.toEqual(refusal('membership.gives-access'));
    await world.as('owner', 'access-rule.end', { accessRuleId: id } as never);
  });

  it('one click revives nobody whose last day is over, though nobody swept', async () => {
    const them = await somebody('acmeSouth');
    await world.as('acmeManager', 'membership.update', {
      membershipId: them.membershipId,
      lastDay: await dayIn(2),
    });
    await passTime(world.db, 4 * 86_400);
    for (const lastDay of [await dayIn(30), null])
      await expect(
        world.as('acmeManager', 'membership.extend', { membershipId: them.membershipId, lastDay }),
      ).rejects.toEqual(refusal('membership.ended'));
    await expect(
      world.as('acmeManager', 'membership.move', {
        membershipId: them.membershipId,
        organizationId: place('acmeNorth'),
      }),
    ).rejects.toEqual(refusal('membership.ended'));
  });
});
