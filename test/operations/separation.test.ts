import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { separationsTouched } from '../../src/access/separations.ts';
import { holds } from '../../src/authority/holds.ts';
import { run } from '../../src/operation/pipeline.ts';
import { passTime } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { operations } from '../../src/server/operations.gen.ts';
import { apart, except, type Role } from '../harness/separation.ts';
import { addMembership, makeWorld, type PersonName, type World } from '../harness/world.ts';

/** Separation of duties where access is given and used, and by its exceptions (I37). */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const broken = { code: 'separation.broken' };
const day = 86_400;
const inDays = async (days: number): Promise<Date> => {
  const { rows } = await sql<{ at: Date }>`select remit_now() + make_interval(days => ${days}) as at`.execute(
    world.db,
  );
  return rows[0]!.at;
};
const member = (person: PersonName) => world.people[person].membershipId;
const give = async (
  role: Role,
  person: PersonName = 'northMember',
  more: { from?: Date; until?: Date } = {},
  by: PersonName = 'acmeManager',
) =>
  await world.as(by, 'assignment.grant', {
    membershipIds: [member(person)],
    entitlementIds: [world.entitlements[role]],
    ...(more.from ? { from: more.from.toISOString() } : {}),
    ...(more.until ? { until: more.until.toISOString() } : {}),
  });
const has = (role: Role, person: PersonName = 'northMember') =>
  holds(world.db, member(person), world.entitlements[role]);
const held = async (person: PersonName = 'northMember') => {
  await passTime(world.db, 11);
  const all: Role[] = ['partsViewer', 'partsBuyer', 'notesReader', 'notesAuthor'];
  const found: Role[] = [];
  for (const role of all) if (await has(role, person)) found.push(role);
  return found;
};

describe('giving', () => {
  it('refuses the second half, naming the set and the roles to whoever sees them (I37)', async () => {
    await apart(world, ['partsBuyer', 'notesAuthor'], { at: 'acme', by: 'acmeManager' });
    await give('partsBuyer');
    await expect(give('notesAuthor')).rejects.toMatchObject({
      ...broken,
      details: { which: 'Apart partsBuyer notesAuthor acme: notes author, parts buyer' },
    });
    await give('notesReader');
    expect(await held()).toEqual(['partsBuyer', 'notesReader']);
    // Others go on: of several people each has an answer.
    const { results } = await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [member('northMember'), member('siteMember')],
      entitlementIds: [world.entitlements.notesAuthor],
    });
    expect(results.map(({ ok, refusal }) => [ok, refusal?.code])).toEqual([
      [false, 'separation.broken'],
      [true, undefined],
    ]);
  });

  it('says one bit to whoever sees neither the set nor the other access (ruling 10)', async () => {
    const { northMember } = world.people;
    const elsewhere = await addMembership(
      world.db,
      northMember.userId,
      'northMember',
      world.organizations.acme2,
    );
    await apart(world, ['partsBuyer', 'partsViewer']);
    await world.as('acme2Manager', 'assignment.grant', {
      membershipIds: [elsewhere],
      entitlementIds: [world.entitlements.partsBuyer],
    });
    const refused = await give('partsViewer').catch((error: unknown) => error);
    expect(refused).toMatchObject({ ...broken, details: { which: 'parts viewer' } });
    // What is given elsewhere counts only where a set counts it.
    await world.as('acme2Manager', 'assignment.grant', {
      membershipIds: [elsewhere],
      entitlementIds: [world.entitlements.notesReader],
    });
    await apart(world, ['notesAuthor', 'notesReader'], { at: 'acme', by: 'acmeManager' });
    await give('notesAuthor');
    expect(await held()).toEqual(['notesAuthor']);
  });

  it('counts what comes later, for as long as it is together', async () => {
    await apart(world, ['partsBuyer', 'notesAuthor']);
    const tenth = await inDays(10);
    await give('partsBuyer', 'northMember', { from: tenth, until: await inDays(20) });
    await expect(give('notesAuthor')).rejects.toMatchObject(broken);
    await expect(
      give('notesAuthor', 'northMember', { from: await inDays(19), until: await inDays(21) }),
    ).rejects.toMatchObject(broken);
    await give('notesAuthor', 'northMember', { until: tenth });
    // Longer, that is together.
    await expect(give('notesAuthor', 'northMember', { until: await inDays(11) })).rejects.toMatchObject(
      broken,
    );
    await passTime(world.db, 15 * day);
    expect(await held()).toEqual(['partsBuyer']);
  });

  it('lets two of three be held where three are too many, and takes back what is undone', async () => {
    await apart(world, ['partsBuyer', 'notesAuthor', 'partsViewer'], { tooMany: 3 });
    await give('partsBuyer');
    const second = await give('notesAuthor');
    await expect(give('partsViewer')).rejects.toMatchObject(broken);
    await world.as('acmeManager', 'assignment.undo', { assignmentIds: second.results[0]!.assignmentIds! });
    await give('partsViewer');
    // What was taken back does not come back either.
    const ids = (await world.as('acmeManager', 'assignment.list', { membershipId: member('northMember') }))
      .items;
    const viewer = ids.find(({ entitlementId }) => entitlementId === world.entitlements.partsViewer)!;
    await world.as('acmeManager', 'assignment.end', { assignmentId: viewer.id });
    await give('notesAuthor');
    await expect(
      world.as('acmeManager', 'assignment.undo', { assignmentIds: [viewer.id] }),
    ).rejects.toMatchObject(broken);
    expect(await held()).toEqual(['partsBuyer', 'notesAuthor']);
  });
});

describe('an exception', () => {
  it('is the way round for one person until its day, and access ends with it at the next check (I20)', async () => {
    const { id } = await apart(world, ['partsBuyer', 'notesAuthor']);
    await give('partsBuyer');
    await except(world, id, 'northMember', await inDays(30));
    const given = await give('notesAuthor');
    // Asked for without an end, it lasts as long as the exception.
    expect(new Date(given.results[0]!.until!).getTime()).toBeLessThanOrEqual((await inDays(30)).getTime());
    expect(await held()).toEqual(['partsBuyer', 'notesAuthor']);
    await expect(
      give('notesAuthor', 'siteMember').then(() => give('partsBuyer', 'siteMember')),
    ).rejects.toMatchObject(broken);
    await expect(give('notesAuthor', 'northMember', { until: await inDays(31) })).rejects.toMatchObject(
      broken,
    );
    await passTime(world.db, 30 * day);
    expect(await held()).toEqual(['partsBuyer']);
  });

  it('ends early when it is lifted: what came later yields, and is held again once the first ends', async () => {
    const { id } = await apart(world, ['partsBuyer', 'notesAuthor']);
    const exception = await except(world, id, 'northMember', await inDays(30));
    const first = await give('partsBuyer');
    await passTime(world.db, 11);
    await give('notesAuthor', 'northMember', { until: await inDays(20) });
    expect(await held()).toEqual(['partsBuyer', 'notesAuthor']);
    await world.as('owner', 'separation.lift', { separationExceptionId: exception.id });
    expect(await held()).toEqual(['partsBuyer']);
    const { items } = await world.as('owner', 'separation.list-conflicts', {});
    expect(items).toMatchObject([{ userId: world.people.northMember.userId, exceptedUntil: null }]);
    expect(items[0]!.roles.filter(({ yields }) => yields).map(({ name }) => name)).toEqual(['author']);
    await world.as('acmeManager', 'assignment.end', { assignmentId: first.results[0]!.assignmentIds![0]! });
    expect(await held()).toEqual(['notesAuthor']);
  });

  it('is approved by nobody for themselves, nor by whoever asked, nor for more than a year', async () => {
    const { id } = await apart(world, ['partsBuyer', 'notesAuthor'], { at: 'acme', by: 'acmeManager' });
    const until = (await inDays(30)).toISOString();
    const reason = 'For the audit.';
    const ask = (by: PersonName, more: object) =>
      world.as(by, 'separation.except', {
        separationId: id,
        membershipId: member('northMember'),
        until,
        reason,
        ...more,
      });
    await expect(ask('acmeManager', { membershipId: member('acmeManager') })).rejects.toMatchObject({
      code: 'separation.own-exception',
    });
    await expect(ask('acmeManager', { askedByMembershipId: member('acmeManager') })).rejects.toMatchObject({
      code: 'separation.own-exception',
    });
    await expect(ask('acmeManager', { until: (await inDays(367)).toISOString() })).rejects.toMatchObject({
      code: 'input.invalid',
    });
    await expect(ask('acmeManager', { membershipId: member('betaMember') })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(ask('northManager', {})).rejects.toMatchObject({ code: 'not-found' });
    await expect(ask('owner', { membershipId: member('betaMember') })).rejects.toMatchObject({
      code: 'exception.elsewhere',
    });
    const made = await ask('acmeManager', { askedByMembershipId: member('acmePeer') });
    expect(made).toMatchObject({
      displayName: 'northMember',
      approvedBy: 'acmeManager',
      askedBy: 'acmePeer',
      state: 'active',
    });
    expect(
      (await world.as('acmePeer', 'separation.list-exceptions', { separationId: id })).items,
    ).toMatchObject([{ id: made.id }]);
  });
});

describe('what came before the set', () => {
  it('yields at use, the later first, and stands in the list until it is ended or excepted', async () => {
    await give('notesAuthor');
    await passTime(world.db, 11);
    await give('partsBuyer');
    expect(await held()).toEqual(['partsBuyer', 'notesAuthor']);
    const input = {
      organizationId: world.organizations.acme.id,
      name: 'Buying and writing',
      entitlementIds: [world.entitlements.partsBuyer, world.entitlements.notesAuthor],
    };
    const preview = await world.as('acmeManager', 'change.preview', {
      operation: 'separation.create',
      input,
    });
    expect(JSON.stringify(preview)).toContain('northMember');
    const { id } = await world.as('acmeManager', 'separation.create', input);
    expect(await held()).toEqual(['notesAuthor']);
    expect(
      (await world.as('acmeManager', 'separation.list-conflicts', { separationId: id })).items,
    ).toHaveLength(1);
    await except(world, id, 'northMember', await inDays(5));
    expect(await held()).toEqual(['partsBuyer', 'notesAuthor']);
    await passTime(world.db, 6 * day);
    expect(await held()).toEqual(['notesAuthor']);
    await world.as('acmeManager', 'separation.retire', { separationId: id });
    expect(await held()).toEqual(['partsBuyer', 'notesAuthor']);
  });

  it('is given back only by whoever could give it, and by nobody to themselves (I01, I02)', async () => {
    await give('notesAuthor', 'northMember', {}, 'owner');
    await passTime(world.db, 11);
    await give('partsBuyer', 'northMember', {}, 'owner');
    const { id } = await apart(world, ['partsBuyer', 'notesAuthor'], { at: 'acmeNorth', by: 'acmeManager' });
    expect(await held()).toEqual(['notesAuthor']);
    // Whoever looks after north gives no notes; and what a level above set is loosened there.
    const looser = { separationId: id };
    await expect(world.as('northManager', 'separation.retire', looser)).rejects.toMatchObject({
      code: 'lift.from-above',
    });
    await give('notesAuthor', 'acmePeer', {}, 'owner');
    await passTime(world.db, 11);
    await give('partsBuyer', 'acmePeer', {}, 'owner');
    const { id: ofAcme } = await apart(world, ['partsBuyer', 'notesAuthor'], {
      at: 'acme',
      by: 'acmeManager',
    });
    await passTime(world.db, 11);
    await expect(world.as('acmePeer', 'separation.retire', { separationId: ofAcme })).rejects.toMatchObject({
      code: 'user.self',
    });
    await expect(
      world.as('acmePeer', 'separation.update', {
        separationId: ofAcme,
        entitlementIds: [world.entitlements.partsBuyer, world.entitlements.partsViewer],
      }),
    ).rejects.toMatchObject({ code: 'user.self' });
    const wider = await world.as('acmeManager', 'separation.update', {
      separationId: ofAcme,
      entitlementIds: [world.entitlements.partsBuyer, world.entitlements.partsViewer],
    });
    expect(wider.roles.map(({ name }) => name)).toEqual(['buyer', 'viewer']);
    expect(await held('acmePeer')).toEqual(['partsBuyer', 'notesAuthor']);
  });
});

describe('what is read at use', () => {
  it('yields to what was given, whichever came first, in each of a person’s memberships', async () => {
    const { northMember } = world.people;
    const inSouth = await addMembership(
      world.db,
      northMember.userId,
      'northMember',
      world.organizations.acmeSouth,
    );
    await sql`insert into access_rule (id, organization_id, entitlement_id, below)
      values (${newId()}, ${world.organizations.acmeSouth.id}, ${world.entitlements.partsBuyer}, true)`.execute(
      world.db,
    );
    await apart(world, ['partsBuyer', 'notesAuthor'], { at: 'acme', by: 'acmeManager' });
    const bySouth = () => holds(world.db, inSouth, world.entitlements.partsBuyer);
    expect(await bySouth()).toBe(true);
    await give('notesAuthor');
    await passTime(world.db, 11);
    expect(await bySouth()).toBe(false);
    expect(await has('notesAuthor')).toBe(true);
    const [mine] = (await world.as('acmeManager', 'access.of', { membershipId: inSouth })).items;
    expect(mine).toMatchObject({ held: false, stoppedBy: 'separation' });
  });

  it('is the same whoever asks about however much (I11)', async () => {
    for (const role of ['partsBuyer', 'notesAuthor', 'partsViewer'] as const)
      await sql`insert into access_rule (id, organization_id, entitlement_id, below)
        values (${newId()}, ${world.organizations.acme.id}, ${world.entitlements[role]}, true)`.execute(
        world.db,
      );
    await apart(world, ['partsBuyer', 'notesAuthor']);
    await apart(world, ['partsViewer', 'notesAuthor']);
    const of = (await world.as('acmeManager', 'access.of', { membershipId: member('northMember') })).items;
    const whole = of.filter((one) => one.held).map(({ entitlementId }) => entitlementId);
    // The first by rule stays; of the second, which goes with neither, nothing is left to the third's harm.
    const single: string[] = [];
    for (const role of Object.values(world.entitlements))
      if (await holds(world.db, member('northMember'), role)) single.push(role);
    expect(single.sort()).toEqual(whole.sort());
    expect(single).toHaveLength(2);
    expect(single).not.toContain(world.entitlements.notesAuthor);
  });
});

describe('what it costs', () => {
  it('is no statement where nothing is kept apart, and one where something of it is given or used', async () => {
    let asked = 0;
    const counting = world.db.withPlugin({
      transformQuery: ({ node }) => {
        asked += 1;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    const cost = async (act: () => Promise<unknown>): Promise<number> => {
      asked = 0;
      await act();
      return asked;
    };
    const grant = (role: Role, person: PersonName) => () =>
      run({ ...world.services, db: counting }, operations['assignment.grant'], {
        credential: { kind: 'membership', membershipId: member('acmeManager') },
        input: { membershipIds: [member(person)], entitlementIds: [world.entitlements[role]] },
        requestId: 'test',
      });
    const use = (person: PersonName) => () => holds(counting, member(person), world.entitlements.partsBuyer);
    const before = await cost(grant('partsBuyer', 'northMember'));
    await passTime(world.db, 11);
    expect(await cost(use('northMember'))).toBe(1);
    await apart(world, ['notesReader', 'notesAuthor']);
    expect(await cost(grant('partsBuyer', 'siteMember'))).toBe(before);
    await passTime(world.db, 11);
    expect(await cost(use('siteMember'))).toBe(1);
    await apart(world, ['partsBuyer', 'notesAuthor']);
    const besides = await cost(grant('partsViewer', 'southMember'));
    expect(await cost(grant('partsBuyer', 'southMember'))).toBe(besides + 1);
    await passTime(world.db, 11);
    expect(await cost(use('southMember'))).toBe(2);
    // Whoever holds nothing of it pays nothing.
    expect(await cost(use('acmeHelpDesk'))).toBe(1);
  });
});

describe('a look before', () => {
  it('says which sets are touched and which would break', async () => {
    const { id } = await apart(world, ['partsBuyer', 'notesAuthor'], { at: 'acme', by: 'acmeManager' });
    const look = (role: Role) =>
      separationsTouched(world.db, {
        membershipId: member('northMember'),
        entitlementIds: [world.entitlements[role]],
      });
    expect(await look('notesReader')).toEqual([]);
    expect(await look('partsBuyer')).toMatchObject([{ id, breaks: false }]);
    await give('notesAuthor');
    expect(await look('partsBuyer')).toMatchObject([{ id, breaks: true, exceptedUntil: null }]);
    await except(world, id, 'northMember', await inDays(3));
    const [only] = await look('partsBuyer');
    expect(only!.breaksAt).toEqual(only!.exceptedUntil);
  });
});

describe('asking that an access lasts longer', () => {
  const ask = async (days: number | undefined) => {
    const { rows } = await sql<{ id: string }>`
      select id from assignment where membership_id = ${member('northMember')} and state = 'active'
        and entitlement_id = ${world.entitlements.partsBuyer}`.execute(world.db);
    return world.as('northMember', 'extension.ask', {
      assignmentId: rows[0]!.id,
      ...(days === undefined ? {} : { until: (await inDays(days)).toISOString() }),
    });
  };

  it('is refused where it would meet what may not be held with it, unless an exception stands', async () => {
    const { id } = await apart(world, ['partsBuyer', 'notesAuthor'], { at: 'acme', by: 'acmeManager' });
    await give('partsBuyer', 'northMember', { until: await inDays(10) });
    await give('notesAuthor', 'northMember', { from: await inDays(12) });
    // it stays clear of the other, or does not
    await expect(ask(20)).rejects.toMatchObject(broken);
    await expect(ask(undefined)).rejects.toMatchObject(broken);
    expect(await ask(11)).toMatchObject({ state: 'open' });
    expect((await sql`select 1 from request`.execute(world.db)).rows).toHaveLength(1);
    await sql`update request set state = 'withdrawn', next_at = null`.execute(world.db);
    await except(world, id, 'northMember', await inDays(30));
    expect(await ask(20)).toMatchObject({ state: 'open' });
  });

  it('is asked, and warned of beside it, where the other came meanwhile', async () => {
    await apart(world, ['partsBuyer', 'notesAuthor'], { at: 'acme', by: 'acmeManager' });
    await give('partsBuyer', 'northMember', { until: await inDays(10) });
    const { requestId } = await ask(20);
    await give('notesAuthor', 'northMember', { from: await inDays(12) });
    expect((await world.as('acmeManager', 'request.read', { requestId })).beside).toMatchObject({
      separations: [{ breaks: true, roles: ['notes: author', 'parts: buyer'] }],
    });
    await expect(
      world.as('acmeManager', 'request.decide', { requestId, approve: true }),
    ).rejects.toMatchObject(broken);
  });
});
