import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { run } from '../../src/operation/pipeline.ts';
import { passTime } from '../../src/platform/clock.ts';
import { operations } from '../../src/server/operations.gen.ts';
import { addMembership, addPerson, makeWorld, type PersonName, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const absent = '00000000-0000-7000-8000-00000000dead';
const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const member = (person: PersonName) => world.people[person].membershipId;
const grant = (by: PersonName, to: PersonName, role: keyof World['entitlements'], more: object = {}) =>
  world.as(by, 'assignment.grant', {
    membershipIds: [member(to)],
    entitlementIds: [world.entitlements[role]],
    ...more,
  });
const has = (person: PersonName, role: keyof World['entitlements']) =>
  holds(world.db, member(person), world.entitlements[role]);
const events = async (type: string) =>
  (
    await sql<{ delegations: string[]; subject_id: string; after: Record<string, unknown> }>`
      select delegations, subject_id, after from event where type = ${type} order by position`.execute(
      world.db,
    )
  ).rows;

/** A bundle of one role in two applications, standing at the root. */
const bundle = async (...roles: (keyof World['entitlements'])[]) =>
  (
    await world.as('owner', 'access-role.create', {
      organizationId: world.organizations.root.id,
      name: `bundle of ${roles.join(' and ')}`,
      entitlementIds: roles.map((role) => world.entitlements[role]),
    })
  ).id;

describe('assignment.grant', () => {
  it('gives a role to several people, ten seconds later, one event each', async () => {
    const answer = await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [member('northMember'), member('southMember')],
      entitlementIds: [world.entitlements.partsBuyer],
      reason: 'They order for the plant.',
    });
    expect(answer.results).toMatchObject([
      { ok: true, changed: true, membershipId: member('northMember') },
      { ok: true, changed: true, membershipId: member('southMember') },
    ]);
    expect(await has('northMember', 'partsBuyer')).toBe(false);
    await passTime(world.db, 10);
    expect(await has('northMember', 'partsBuyer')).toBe(true);
    expect(await has('southMember', 'partsBuyer')).toBe(true);
    const given = await events('assignment.given');
    expect(given).toHaveLength(2);
    expect(given[0]!.delegations[0]).toBe(world.delegations.acmeManager);
    expect(given[0]!.subject_id).toBe(world.people.northMember.userId);
    expect(JSON.stringify(given)).not.toContain('order for the plant');
  });

  it.each([
    ['somebody outside', 'acmeManager', 'acme2Member', 'partsBuyer', 'not-found'],
    [
      'somebody in the look-alike sibling, from below',
      'northManager',
      'southMember',
      'partsBuyer',
      'not-found',
    ],
    ['access beyond the delegation', 'northManager', 'northMember', 'notesReader', 'not-found'],
    [
      'access beyond the ceiling of the organization',
      'owner',
      'acmeMember',
      'ledgerClerk',
      'entitlement.above-ceiling',
    ],
    ['themselves', 'acmeManager', 'acmeManager', 'partsBuyer', 'user.self'],
    ['without the right, but seeing them', 'acmeHelpDesk', 'acmeMember', 'partsBuyer', 'not-permitted'],
    ['without any delegation', 'acmeMember', 'northMember', 'partsBuyer', 'not-permitted'],
  ] as const)('refuses to give %s', async (_, by, to, role, code) => {
    await expect(grant(by, to, role)).rejects.toEqual(refusal(code));
    expect(await events('assignment.given')).toEqual([]);
  });

  it('gives what was refused to others to those who may have it', async () => {
    await grant('northManager', 'northMember', 'partsBuyer');
    await grant('acmeManager', 'northMember', 'notesReader');
    await grant('owner', 'betaMember', 'ledgerClerk');
    await grant('acmePeer', 'acmeManager', 'partsBuyer');
    await grant('acmeApplicationManager', 'acmeMember', 'partsViewer');
    expect(await events('assignment.given')).toHaveLength(5);
  });

  it('answers what does not exist like what lies outside (I08)', async () => {
    const give = (membershipId: string, entitlementId: string) =>
      world.as('northManager', 'assignment.grant', {
        membershipIds: [membershipId],
        entitlementIds: [entitlementId],
      });
    const outside = await give(member('acme2Member'), world.entitlements.partsBuyer).catch((error) => error);
    const nobody = await give(absent, world.entitlements.partsBuyer).catch((error) => error);
    expect({ ...outside }).toEqual({ ...nobody });
    await expect(give(member('northMember'), absent)).rejects.toEqual(refusal('not-found'));
  });

  it('hides a role of an application that stands in another branch', async () => {
    const elsewhere = await world.as('owner', 'application.register', {
      organizationId: world.organizations.acme2.id,
      key: 'own',
      name: 'Their own',
      roles: [{ key: 'user', name: 'User' }],
    });
    const entitlementId = elsewhere.roles[0]!.entitlementId;
    const give = (by: PersonName, to: PersonName) =>
      world.as(by, 'assignment.grant', { membershipIds: [member(to)], entitlementIds: [entitlementId] });
    await expect(give('acmeManager', 'acmeMember')).rejects.toEqual(refusal('not-found'));
    await give('owner', 'rootMember');
  });

  it('decides every row by itself, and gives each all or nothing', async () => {
    const answer = await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [member('northMember'), member('acmeManager'), member('acme2Member'), absent],
      entitlementIds: [world.entitlements.partsBuyer, world.entitlements.notesReader],
    });
    expect(answer.results.map((row) => row.refusal?.code)).toEqual([
      undefined,
      'user.self',
      'not-found',
      'not-found',
    ]);
    expect(answer.results[0]!.assignmentIds).toHaveLength(2);
    expect(await events('assignment.given')).toHaveLength(2);
  });

  it('changes nothing when they have it already, and lengthens when asked for longer', async () => {
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const first = await grant('acmeManager', 'northMember', 'partsBuyer', { until });
    const again = await grant('acmeManager', 'northMember', 'partsBuyer', { until });
    expect(again.results[0]).toMatchObject({ ok: true, changed: false });
    expect(again.results[0]!.assignmentIds).toEqual(first.results[0]!.assignmentIds);
    await passTime(world.db, 60);
    const longer = await grant('acmeManager', 'northMember', 'partsBuyer');
    expect(longer.results[0]).toMatchObject({ ok: true, changed: true, until: null });
    // Had without a gap, and the row that was decided first stays as it was.
    expect(await has('northMember', 'partsBuyer')).toBe(true);
    await world.as('acmeManager', 'assignment.undo', {
      assignmentIds: longer.results[0]!.assignmentIds!,
    });
    const { items } = await world.as('acmeManager', 'access.of', { membershipId: member('northMember') });
    expect(items.map((item) => item.until)).toEqual([until]);
  });

  it('gives again what has run out', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await grant('acmeManager', 'northMember', 'partsBuyer', { until });
    await passTime(world.db, 7200);
    expect(await has('northMember', 'partsBuyer')).toBe(false);
    await grant('acmeManager', 'northMember', 'partsBuyer');
    await passTime(world.db, 10);
    expect(await has('northMember', 'partsBuyer')).toBe(true);
  });

  it('never lasts longer than what the giver was given (I01)', async () => {
    const ends = new Date(Date.now() + 7 * 86_400_000);
    await sql`update delegation set ends_at = ${ends} where id = ${world.delegations.acmeManager}`.execute(
      world.db,
    );
    const later = new Date(ends.getTime() + 1000).toISOString();
    await expect(grant('acmeManager', 'northMember', 'partsBuyer', { until: later })).rejects.toEqual(
      refusal('delegation.outside'),
    );
    const open = await grant('acmeManager', 'northMember', 'partsBuyer');
    expect(open.results[0]!.until).toBe(ends.toISOString());
    expect((await grant('acmePeer', 'southMember', 'partsBuyer')).results[0]!.until).toBe(null);
  });

  it('refuses dates that run backwards', async () => {
    const until = new Date(Date.now() - 1000).toISOString();
    await expect(grant('acmeManager', 'northMember', 'partsBuyer', { until })).rejects.toEqual(
      refusal('input.invalid'),
    );
  });

  it('refuses what is retired, and people who have left', async () => {
    await world.as('owner', 'entitlement.retire', { entitlementId: world.entitlements.partsBuyer });
    await expect(grant('acmeManager', 'northMember', 'partsBuyer')).rejects.toEqual(
      refusal('entitlement.retired'),
    );
    await sql`update membership set state = 'ended' where id = ${member('northMember')}`.execute(world.db);
    await expect(grant('acmeManager', 'northMember', 'partsViewer')).rejects.toEqual(
      refusal('membership.ended'),
    );
    await grant('acmeManager', 'southMember', 'partsViewer');
  });

  it('needs no more statements for many people than for one', async () => {
    const crowd: string[] = [];
    for (let index = 0; index < 41; index += 1)
      crowd.push((await addPerson(world.db, `crowd${index}`, world.organizations.acmeNorth)).membershipId);
    let statements = 0;
    const counted = world.db.withPlugin({
      transformQuery: ({ node }) => {
        statements += 1;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    const statementsFor = async (membershipIds: string[]) => {
      statements = 0;
      await run({ ...world.services, db: counted }, operations['assignment.grant'], {
        credential: { kind: 'membership', membershipId: member('northManager') },
        input: { membershipIds, entitlementIds: [world.entitlements.partsBuyer] },
        requestId: 'test',
      });
      return statements;
    };
    const forOne = await statementsFor(crowd.slice(0, 1));
    expect(forOne).toBeGreaterThan(3);
    expect(await statementsFor(crowd.slice(1))).toBe(forOne);
    expect(await events('assignment.given')).toHaveLength(41);
  });
});

describe('access roles', () => {
  it('give roles of two applications as one, to those who may have both', async () => {
    const accessRoleId = await bundle('partsBuyer', 'notesReader');
    const give = (by: PersonName, to: PersonName) =>
      world.as(by, 'assignment.grant', { membershipIds: [member(to)], accessRoleIds: [accessRoleId] });
    await expect(give('northManager', 'northMember')).rejects.toEqual(refusal('not-found'));
    await give('acmeManager', 'northMember');
    await passTime(world.db, 10);
    expect(await has('northMember', 'partsBuyer')).toBe(true);
    expect(await has('northMember', 'notesReader')).toBe(true);
  });

  it('are one act: two delegations that give half of it each do not make a whole (ruling 1)', async () => {
    const accessRoleId = await bundle('partsBuyer', 'notesReader');
    const halves = await addPerson(world.db, 'halves', world.organizations.acme);
    for (const application of ['parts', 'notes'] as const)
      await world.as('acmeManager', 'delegation.create', {
        organizationId: world.organizations.acme.id,
        delegate: { membershipId: halves.membershipId },
        adminRoleId: adminRoleId('application-manager'),
        entitlements: { applicationIds: [world.applications[application]] },
      });
    await expect(
      world.as(halves, 'assignment.grant', {
        membershipIds: [member('northMember')],
        accessRoleIds: [accessRoleId],
      }),
    ).rejects.toEqual(refusal('not-permitted'));
    await world.as(halves, 'assignment.grant', {
      membershipIds: [member('northMember')],
      entitlementIds: [world.entitlements.partsBuyer],
    });
  });

  it('are given only at or below the organization that they stand in (ruling 7)', async () => {
    const made = await world.as('owner', 'access-role.create', {
      organizationId: world.organizations.acmeNorth.id,
      name: 'north only',
      entitlementIds: [world.entitlements.partsBuyer],
    });
    const give = (to: PersonName) =>
      world.as('owner', 'assignment.grant', { membershipIds: [member(to)], accessRoleIds: [made.id] });
    await expect(give('southMember')).rejects.toEqual(refusal('access-role.too-high'));
    await give('siteMember');
  });

  it('hold nothing that their maker may not give (I01)', async () => {
    const maker = await addPerson(world.db, 'maker', world.organizations.acme);
    await world.as('owner', 'delegation.create', {
      organizationId: world.organizations.acme.id,
      delegate: { membershipId: maker.membershipId },
      permissions: [
        'organization.read',
        'application.read',
        'access-role.configure',
        'access.grant',
        'access.end',
        'user.read',
      ],
      entitlements: { applicationIds: [world.applications.parts] },
    });
    const make = (role: keyof World['entitlements']) =>
      world.as(maker, 'access-role.create', {
        organizationId: world.organizations.acmeNorth.id,
        name: role,
        entitlementIds: [world.entitlements[role]],
      });
    await expect(make('notesReader')).rejects.toEqual(refusal('not-found'));
    const made = await make('partsBuyer');
    // Editing is giving, to each who has it: the same holds.
    const edit = (roles: (keyof World['entitlements'])[]) =>
      world.as(maker, 'access-role.update', {
        accessRoleId: made.id,
        entitlementIds: roles.map((role) => world.entitlements[role]),
      });
    await expect(edit(['partsBuyer', 'notesReader'])).rejects.toEqual(refusal('not-found'));
    await world.as(maker, 'assignment.grant', {
      membershipIds: [member('northMember')],
      accessRoleIds: [made.id],
    });
    await edit(['partsBuyer', 'partsViewer']);
    await passTime(world.db, 10);
    expect(await has('northMember', 'partsViewer')).toBe(true);
    await edit(['partsBuyer']);
    expect(await has('northMember', 'partsViewer')).toBe(false);
  });

  it('are not enlarged by somebody who has them (I02), nor over holders out of reach (ruling 9)', async () => {
    const accessRoleId = await bundle('partsBuyer');
    await world.as('secondOwner', 'assignment.grant', {
      membershipIds: [member('owner')],
      accessRoleIds: [accessRoleId],
    });
    const edit = (by: PersonName) =>
      world.as(by, 'access-role.update', {
        accessRoleId,
        entitlementIds: [world.entitlements.partsBuyer, world.entitlements.ledgerClerk],
      });
    await expect(edit('owner')).rejects.toEqual(refusal('user.self'));
    await expect(edit('acmeManager')).rejects.toEqual(refusal('not-found'));
    await edit('secondOwner');
    await passTime(world.db, 10);
    expect(await has('owner', 'ledgerClerk')).toBe(true);
  });

  it('end for everybody when retired', async () => {
    const accessRoleId = await bundle('partsBuyer');
    await world.as('owner', 'assignment.grant', {
      membershipIds: [member('acmeMember')],
      accessRoleIds: [accessRoleId],
    });
    await passTime(world.db, 10);
    expect(await has('acmeMember', 'partsBuyer')).toBe(true);
    await world.as('owner', 'access-role.retire', { accessRoleId });
    expect(await has('acmeMember', 'partsBuyer')).toBe(false);
  });
});

describe('access for everybody in an organization', () => {
  const everybody = (by: PersonName, place: keyof World['organizations']) =>
    world.as(by, 'assignment.grant', {
      organizationId: world.organizations[place].id,
      entitlementIds: [world.entitlements.partsBuyer],
    });

  it('reaches those below, now and later, and nobody beside', async () => {
    await everybody('acmeManager', 'acmeNorth');
    await passTime(world.db, 10);
    const late = await addPerson(world.db, 'late', world.organizations.acmeNorthSite);
    for (const [membershipId, expected] of [
      [member('northMember'), true],
      [member('siteMember'), true],
      [late.membershipId, true],
      [member('southMember'), false],
      [member('acme2NorthMember'), false],
    ] as const)
      expect(await holds(world.db, membershipId, world.entitlements.partsBuyer)).toBe(expected);
    const { items } = await world.as('northManager', 'access.of', { membershipId: member('siteMember') });
    expect(items[0]).toMatchObject({ source: { kind: 'organization', name: 'acmeNorth' }, mayEnd: false });
  });

  it('names an organization above only to those who see it (ruling 9)', async () => {
    await everybody('owner', 'acme');
    await passTime(world.db, 10);
    const source = async (by: PersonName) =>
      (await world.as(by, 'access.of', { membershipId: member('northMember') })).items[0]!;
    expect(await source('northManager')).toMatchObject({
      source: { name: null },
      words: 'By itself, as everybody at a level above has it.',
    });
    expect(await source('acmeManager')).toMatchObject({ source: { name: 'acme' } });
    const words = async (who: PersonName) =>
      (await world.as(who, 'access.mine', {})).applications[0]!.roles[0]!.words;
    expect(await words('northMember')).toBe('By itself, as everybody at a level above has it.');
    expect(await words('acmeMember')).toBe('By itself, as everybody in acme has it.');
  });

  it('is refused where the giver belongs, because they would have it too (I02)', async () => {
    await expect(everybody('acmeManager', 'acme')).rejects.toEqual(refusal('user.self'));
    await expect(everybody('northManager', 'acme')).rejects.toEqual(refusal('not-found'));
    await everybody('owner', 'acme');
  });

  it('is refused over a hole in the delegation', async () => {
    const scope = [
      {
        places: [{ ...world.organizations.acme, below: true }],
        holes: [{ ...world.organizations.acmeNorthSite, below: true }],
      },
    ];
    await sql`update delegation set scope = ${JSON.stringify(scope)}::jsonb where id = ${world.delegations.acmeManager}`.execute(
      world.db,
    );
    await expect(everybody('acmeManager', 'acmeNorth')).rejects.toEqual(refusal('not-permitted'));
    await everybody('acmeManager', 'acmeSouth');
  });
});

describe('taking access', () => {
  const one = async (by: PersonName, to: PersonName, role: keyof World['entitlements']) =>
    (await grant(by, to, role)).results[0]!.assignmentIds![0]!;

  it('is in force at once, and can be undone for ten seconds by whoever did it', async () => {
    const assignmentId = await one('acmeManager', 'northMember', 'partsBuyer');
    await passTime(world.db, 60);
    await world.as('acmeManager', 'assignment.end', { assignmentId });
    expect(await has('northMember', 'partsBuyer')).toBe(false);
    await expect(world.as('acmePeer', 'assignment.undo', { assignmentIds: [assignmentId] })).rejects.toEqual(
      refusal('undo.too-late'),
    );
    const undone = await world.as('acmeManager', 'assignment.undo', { assignmentIds: [assignmentId] });
    expect(undone.results[0]).toMatchObject({ ok: true, became: 'given-back' });
    expect(await has('northMember', 'partsBuyer')).toBe(true);
    await world.as('acmeManager', 'assignment.end', { assignmentId });
    await passTime(world.db, 11);
    await expect(
      world.as('acmeManager', 'assignment.undo', { assignmentIds: [assignmentId] }),
    ).rejects.toEqual(refusal('undo.too-late'));
    expect(await has('northMember', 'partsBuyer')).toBe(false);
  });

  it('takes back what was just given before it is in force', async () => {
    const assignmentId = await one('acmeManager', 'northMember', 'partsBuyer');
    const undone = await world.as('acmeManager', 'assignment.undo', { assignmentIds: [assignmentId] });
    expect(undone.results[0]).toMatchObject({ became: 'taken-back' });
    await passTime(world.db, 60);
    expect(await has('northMember', 'partsBuyer')).toBe(false);
  });

  it('decides the undo anew (ruling 12)', async () => {
    const assignmentId = await one('acmeManager', 'northMember', 'partsBuyer');
    await world.as('acmeManager', 'assignment.end', { assignmentId });
    await sql`update delegation set entitlements = ${JSON.stringify({ applications: [world.applications.notes], entitlements: [] })}::jsonb
      where id = ${world.delegations.acmeStanding}`.execute(world.db);
    await expect(
      world.as('acmeManager', 'assignment.undo', { assignmentIds: [assignmentId] }),
    ).rejects.toEqual(refusal('not-permitted'));
  });

  it('is refused outside the boundary, beyond the access one looks after, and of oneself', async () => {
    const outside = await one('owner', 'acme2Member', 'partsBuyer');
    const beyond = await one('acmeManager', 'northMember', 'notesReader');
    const own = await one('owner', 'acmeManager', 'partsBuyer');
    const end = (by: PersonName, assignmentId: string) => world.as(by, 'assignment.end', { assignmentId });
    await expect(end('acmeManager', outside)).rejects.toEqual(refusal('not-found'));
    await expect(end('acmeManager', absent)).rejects.toEqual(refusal('not-found'));
    await expect(end('northManager', beyond)).rejects.toEqual(refusal('not-permitted'));
    await expect(end('acmeManager', own)).rejects.toEqual(refusal('user.self'));
    await end('owner', outside);
    const many = await world.as('acmePeer', 'assignment.end-many', { assignmentIds: [beyond, own, outside] });
    expect(many.results.map((row) => row.ok)).toEqual([true, true, false]);
  });
});

describe('the ceiling', () => {
  it('ends access at the next check when narrowed, and says where it stops (I14)', async () => {
    await grant('acmeManager', 'acmeMember', 'partsBuyer');
    await grant('acmeManager', 'acmeMember', 'notesReader');
    await passTime(world.db, 10);
    await world.as('owner', 'delegation.narrow', {
      delegationId: world.delegations.acmeStanding,
      entitlements: { applicationIds: [world.applications.notes] },
    });
    expect(await has('acmeMember', 'partsBuyer')).toBe(false);
    expect(await has('acmeMember', 'notesReader')).toBe(true);
    const mine = await world.as('acmeMember', 'access.mine', {});
    expect(mine.applications.map(({ key, held }) => [key, held])).toEqual([
      ['notes', true],
      ['parts', false],
    ]);
    expect(mine.applications[1]!.roles[0]!.stop).toBe(
      'What may be handed out, set at a level above, does not include this.',
    );
    const seen = await world.as('owner', 'access.of', { membershipId: member('acmeMember') });
    expect(seen.items.find((item) => !item.held)!.stop).toBe('What acme may hand out does not include this.');
    await expect(grant('acmeManager', 'northMember', 'partsBuyer')).rejects.toEqual(refusal('not-permitted'));
  });
});

describe('reading access', () => {
  it('shows own access of the membership one acts in, and of no other', async () => {
    const second = await addMembership(
      world.db,
      world.people.acmeMember.userId,
      'acmeMember',
      world.organizations.acme2,
    );
    await grant('acmeManager', 'acmeMember', 'partsBuyer');
    await passTime(world.db, 10);
    const here = await world.as('acmeMember', 'access.mine', {});
    expect(here.applications[0]!.roles[0]!.words).toBe('By itself, given by acmeManager.');
    const there = await world.as({ ...world.people.acmeMember, membershipId: second }, 'access.mine', {});
    expect(there.applications).toEqual([]);
  });

  it('shows others’ access within reach only', async () => {
    await grant('owner', 'northMember', 'notesReader');
    const seen = await world.as('northManager', 'access.of', { membershipId: member('northMember') });
    expect(seen.items).toMatchObject([{ entitlementName: 'reader', givenBy: null, mayEnd: false }]);
    expect(
      (await world.as('acmeManager', 'access.of', { membershipId: member('northMember') })).items,
    ).toMatchObject([{ mayEnd: true }]);
    await expect(
      world.as('acme2Manager', 'access.of', { membershipId: member('northMember') }),
    ).rejects.toEqual(refusal('not-found'));
    const names = async (by: PersonName) =>
      (await world.as(by, 'assignment.list', {})).items.map(({ displayName }) => displayName);
    await grant('owner', 'acme2Member', 'notesReader');
    expect(await names('acmeManager')).toEqual(['northMember']);
    expect(await names('acme2Manager')).toEqual(['acme2Member']);
    expect(await names('owner')).toEqual(['acme2Member', 'northMember']);
    await expect(names('acmeMember')).rejects.toEqual(refusal('not-permitted'));
  });

  it('offers exactly what can then be given', async () => {
    await bundle('partsBuyer', 'notesReader');
    await bundle('partsBuyer', 'ledgerClerk');
    const offered = async (by: PersonName, organization: keyof World['organizations']) => {
      const answer = await world.as(by, 'entitlement.grantable', {
        organizationId: world.organizations[organization].id,
      });
      return [...answer.applications.map(({ name }) => name), ...answer.accessRoles.map(({ name }) => name)];
    };
    expect(await offered('northManager', 'acmeNorth')).toEqual(['parts']);
    expect(await offered('acmeManager', 'acmeNorth')).toEqual([
      'notes',
      'parts',
      'bundle of partsBuyer and notesReader',
    ]);
    expect(await offered('owner', 'beta')).toHaveLength(5);
    await expect(offered('acmeManager', 'acme2')).rejects.toEqual(refusal('not-found'));
  });

  it('offers for a new limit what may be decided from above, whatever bounded the organization', async () => {
    const offered = async (
      by: PersonName,
      organization: keyof World['organizations'],
      toHandOut: boolean,
    ) => {
      const organizationId = world.organizations[organization].id;
      const answer = await world.as(by, 'entitlement.grantable', { organizationId, toHandOut });
      return answer.applications.map(({ id, name }) => ({ id, name }));
    };
    // Nobody who may not decide it is offered anything, and nobody more than they may hand out themselves.
    expect(await offered('northManager', 'acmeNorth', true)).toEqual([]);
    expect((await offered('acmeManager', 'acmeNorth', true)).map(({ name }) => name)).toEqual([
      'notes',
      'parts',
    ]);
    const { items } = await world.as('owner', 'delegation.list', {
      organizationId: world.organizations.acme.id,
      delegate: 'organization',
    });
    const standing = items.find(({ delegate }) => delegate.organizationId === world.organizations.acme.id)!;
    const { applications } = standing.entitlements;
    await world.as('owner', 'delegation.end', { delegationId: standing.id });
    expect(await offered('owner', 'acme', false)).toEqual([]);
    const choices = await offered('owner', 'acme', true);
    expect(choices.length).toBeGreaterThan(applications.length);
    await world.as('owner', 'delegation.create', {
      organizationId: world.organizations.acme.id,
      delegate: 'organization',
      entitlements: { applicationIds: choices.map(({ id }) => id) },
    });
  });
});

describe('applications', () => {
  const register = (by: PersonName, more: object = {}) =>
    world.as(by, 'application.register', {
      organizationId: world.organizations.acme.id,
      key: 'shop',
      name: 'Shop',
      redirectUris: ['https://shop.example.org/callback', 'http://127.0.0.1:5001/callback'],
      roles: [{ key: 'buyer', name: 'Buyer' }],
      ...more,
    });

  it('are registered with their roles on one form, by those who configure there', async () => {
    const made = await register('owner');
    expect(made).toMatchObject({ confidential: false, roles: [{ key: 'buyer', name: 'Buyer' }] });
    expect(made.clientSecret).toBeUndefined();
    await expect(register('owner')).rejects.toEqual(refusal('application.key-taken'));
    await expect(register('acmeManager', { key: 'other' })).rejects.toEqual(refusal('not-permitted'));
    await expect(register('acme2Manager', { key: 'other' })).rejects.toEqual(refusal('not-found'));
  });

  it('show a secret once and keep only its hash (I54)', async () => {
    const { clientSecret, id } = await register('owner', { confidential: true });
    expect(clientSecret).toMatch(/^[\w-]{43}$/);
    expect(await world.as('owner', 'application.read', { applicationId: id })).not.toHaveProperty(
      'clientSecret',
    );
    const { rows } = await sql<{ text: string }>`
      select (select string_agg(to_jsonb(e)::text, '') from event e) || (select string_agg(to_jsonb(a)::text, '') from application a) as text`.execute(
      world.db,
    );
    expect(rows[0]!.text).not.toContain(clientSecret);
  });

  it.each([
    'http://shop.example.org/callback',
    'https://*.example.org/callback',
    'https://shop.example.org/callback#x',
    'https://user@shop.example.org/',
    'javascript:alert(1)',
    'http://localhost.example.org/',
    '/callback',
  ])('refuse the redirect %s', async (address) => {
    await expect(register('owner', { redirectUris: [address] })).rejects.toEqual(refusal('input.invalid'));
  });

  it('change their addresses only with the right over everybody who uses them (ruling 7)', async () => {
    const keeper = await addPerson(world.db, 'keeper', world.organizations.acme);
    await world.as('owner', 'delegation.create', {
      organizationId: world.organizations.acme.id,
      delegate: { membershipId: keeper.membershipId },
      permissions: ['organization.read', 'application.read', 'application.configure'],
    });
    const { id, roles } = await register('owner');
    const move = () =>
      world.as(keeper, 'application.update', {
        applicationId: id,
        redirectUris: ['https://elsewhere.example.org/callback'],
      });
    await world.as('owner', 'assignment.grant', {
      membershipIds: [member('betaMember')],
      entitlementIds: [roles[0]!.entitlementId],
    });
    await expect(move()).rejects.toEqual(refusal('not-permitted'));
    await world.as(keeper, 'application.update', { applicationId: id, name: 'Web shop' });
    await sql`update assignment set state = 'ended'`.execute(world.db);
    expect((await move()).redirectUris).toEqual(['https://elsewhere.example.org/callback']);
  });

  it('are listed by reach, and retired for everybody', async () => {
    await register('owner');
    const names = async (by: PersonName) =>
      (await world.as(by, 'application.list', {})).items.map(({ name }) => name);
    expect(await names('acmeManager')).toEqual(['Shop']);
    expect(await names('acme2Manager')).toEqual([]);
    expect(await names('owner')).toEqual(['Shop', 'ledger', 'notes', 'parts']);
    await grant('acmeManager', 'acmeMember', 'partsBuyer');
    await passTime(world.db, 10);
    const applicationId = world.applications.parts;
    await expect(world.as('acmeManager', 'application.retire', { applicationId })).rejects.toEqual(
      refusal('not-found'),
    );
    await world.as('owner', 'application.retire', { applicationId });
    expect(await has('acmeMember', 'partsBuyer')).toBe(false);
  });
});
