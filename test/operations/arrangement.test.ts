import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/operation/pipeline.ts';
import { makeLinkSecret } from '../../src/platform/one-time-secrets.ts';
import type { Input } from '../../src/server/operations.gen.ts';
import { operations } from '../../src/server/operations.gen.ts';
import { makeWorld, type Person, type PersonName, type World } from '../harness/world.ts';

/** The usual arrangements: each by the ordinary rules under the actor's own links, all of it or nothing. */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

type Answers = Input<'arrangement.load'>;
const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const load = (answers: Answers, by: PersonName = 'owner') => world.as(by, 'arrangement.load', answers);
const boss = { managerName: 'Ada Boss', managerEmail: 'ada@new.example' };
const count = async (table: string): Promise<number> =>
  Number(
    (await sql<{ count: string }>`select count(*) from ${sql.table(table)}`.execute(world.db)).rows[0]!.count,
  );
const tables = ['organization', 'delegation', 'invitation', 'access_role', 'event'];
const counts = () => Promise.all(tables.map(count));

async function accept(invitationId: string): Promise<Person> {
  const token = await makeLinkSecret(world.db, 'invitation', invitationId, 3600);
  const { output } = await run(world.services, operations['invitation.accept'], {
    credential: { kind: 'none' },
    input: { token, password: 'a walrus in the garden' },
    requestId: 'test',
  });
  const joined = output as { userId: string; membershipId: string };
  return { ...joined, name: 'joined' };
}

describe('arrangement.list', () => {
  it('gives each with the questions that differ', async () => {
    const { items } = await world.as('acmeMember', 'arrangement.list', {});
    expect(items.map(({ key }) => key)).toEqual([
      'partner-with-branches',
      'franchise',
      'agency-with-brokers',
      'departments',
      'supplier-application',
    ]);
    for (const { questions, makes } of items) {
      expect(questions.length).toBeGreaterThan(1);
      expect(makes.length).toBeGreaterThan(1);
    }
  });
});

describe('arrangement.load', () => {
  it('makes a partner with branches, whose manager appoints in them and hands out what was chosen', async () => {
    const made = await load({
      key: 'partner-with-branches',
      name: 'Sun Works',
      ...boss,
      parts: [{ name: 'East' }, { name: 'West', managerName: 'Wes', managerEmail: 'wes@new.example' }],
      applicationIds: [world.applications.parts],
      everydayEntitlementIds: [world.entitlements.partsViewer],
    });
    expect([
      made.organizationIds.length,
      made.delegationIds.length,
      made.accessRoleIds.length,
      made.invitationIds.length,
    ]).toEqual([3, 1, 1, 2]);
    const ada = await accept(made.invitationIds[1]!);
    const map = await world.as(ada, 'map.read', { organizationId: made.organizationId });
    expect(map.items.map(({ name }) => name)).toEqual(['East', 'West']);
    const grantable = await world.as(ada, 'entitlement.grantable', { organizationId: made.organizationId });
    expect(grantable.applications.map(({ name }) => name)).toEqual(['parts']);
    expect(grantable.accessRoles.map(({ name }) => name)).toEqual(['Everyday access']);
    const wes = await accept(made.invitationIds[0]!);
    const tops = await world.as(wes, 'organization.list', {});
    expect(tops.items.map(({ name }) => name)).toEqual(['West']);
  });

  it('gives each business of a franchise a limit of its own, below that of the franchise', async () => {
    const made = await load({
      key: 'franchise',
      name: 'Bakers',
      ...boss,
      parts: [{ name: 'Baker One', managerName: 'One', managerEmail: 'one@new.example' }],
      applicationIds: [world.applications.notes],
    });
    const [whole, part] = made.delegationIds;
    const { rows } = await sql<{
      parent_id: string;
    }>`select parent_id from delegation where id = ${part!}`.execute(world.db);
    expect(rows[0]!.parent_id).toBe(whole);
    const one = await accept(made.invitationIds[0]!);
    await world.as('owner', 'delegation.end', { delegationId: part! });
    await expect(world.as(one, 'user.list', {})).rejects.toEqual(refusal('not-permitted'));
  });

  it('lets a broker look after the own office and appoint nobody', async () => {
    const made = await load({
      key: 'agency-with-brokers',
      name: 'Agents',
      ...boss,
      parts: [{ name: 'Office', managerName: 'Bo', managerEmail: 'bo@new.example' }],
    });
    const bo = await accept(made.invitationIds[0]!);
    const office = made.organizationIds[1]!;
    const enrolled = await world.as(bo, 'user.enrol', {
      organizationId: office,
      displayName: 'Cleo Client',
      userName: 'cleo',
    });
    await expect(
      world.as(bo, 'delegation.create', {
        organizationId: office,
        delegate: { membershipId: enrolled.membershipId },
        permissions: ['user.read'],
      }),
    ).rejects.toEqual(refusal('delegation.outside'));
  });

  it('lets line managers of departments look after their own reports, and nobody else', async () => {
    const { id, path } = world.organizations.acme;
    const before = await count('delegation');
    await load({ key: 'departments', parentId: id, parts: [{ name: 'Sales' }, { name: 'Stores' }] });
    expect(await count('delegation')).toBe(before + 1);
    const { acmeMember, northMember } = world.people;
    await sql`update membership set line_manager_id = ${acmeMember.membershipId} where id = ${northMember.membershipId} and path > ${path}`.execute(
      world.db,
    );
    const seen = await world.as('acmeMember', 'user.list', {});
    expect(seen.items.map(({ displayName }) => displayName)).toEqual(['northMember']);
  });

  it('gives a supplier one application, for so many people, until a date', async () => {
    const answers: Answers = {
      key: 'supplier-application',
      name: 'Bolts',
      ...boss,
      applicationIds: [world.applications.parts],
      seats: 5,
      until: '2099-01-01T00:00:00Z',
    };
    const made = await load(answers);
    const { rows } = await sql<{ seats: number; entitlements: object; until: string }>`
      select seats, entitlements, to_char(ends_at at time zone 'UTC', 'YYYY-MM-DD') as until from delegation where id = ${made.delegationIds[0]!}`.execute(
      world.db,
    );
    expect(rows[0]).toMatchObject({
      seats: 5,
      entitlements: { applications: [world.applications.parts] },
      until: '2099-01-01',
    });
    await expect(
      load({
        ...answers,
        name: 'Nuts',
        applicationIds: [world.applications.parts, world.applications.notes],
      }),
    ).rejects.toEqual(refusal('input.invalid'));
  });

  it('asks for what it needs, and takes nothing that it does not ask for', async () => {
    await expect(load({ key: 'franchise', name: 'No manager' })).rejects.toEqual(refusal('input.invalid'));
    await expect(
      load({ key: 'departments', name: 'No name here', parts: [{ name: 'Sales' }] }),
    ).rejects.toEqual(refusal('input.invalid'));
  });

  it('takes no everyday access that nobody there could give', async () => {
    const before = await counts();
    const answers: Answers = { key: 'partner-with-branches', name: 'Sun Works', ...boss };
    for (const applicationIds of [[], [world.applications.notes]])
      await expect(
        load({ ...answers, applicationIds, everydayEntitlementIds: [world.entitlements.partsViewer] }),
      ).rejects.toMatchObject({
        code: 'input.invalid',
        details: { problem: expect.stringMatching(/choose that application, too$/) },
      });
    expect(await counts()).toEqual(before);
  });

  it('leaves nothing when one piece is refused', async () => {
    const before = await counts();
    const answers: Answers = { key: 'partner-with-branches', name: 'Half', ...boss };
    // the same name twice: the second branch is refused
    await expect(load({ ...answers, parts: [{ name: 'Twin' }, { name: 'twin' }] })).rejects.toEqual(
      refusal('organization.name-taken'),
    );
    // a manager of a partner may hand out less than this
    await expect(
      load(
        { ...answers, parentId: world.organizations.acme.id, applicationIds: [world.applications.ledger] },
        'acmeManager',
      ),
    ).rejects.toEqual(refusal('delegation.outside'));
    expect(await counts()).toEqual(before);
  });

  it('answers out of reach as it answers what does not exist, and refuses those who may make nothing', async () => {
    const answers: Answers = { key: 'partner-with-branches', name: 'Elsewhere', ...boss };
    await expect(load({ ...answers, parentId: world.organizations.acme2.id }, 'acmeManager')).rejects.toEqual(
      refusal('not-found'),
    );
    await expect(load(answers, 'acmeHelpDesk')).rejects.toEqual(refusal('not-permitted'));
  });
});
