import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { passTime } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { wake } from '../../src/requests/wake.ts';
import type { Input } from '../../src/server/operations.gen.ts';
import { addPerson, makeWorld, type Person, type PersonName, type World } from '../harness/world.ts';

// One world for all of it: what a test leaves behind is about people of its own.
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
type Who = PersonName | Person;
const member = (who: Who) => (typeof who === 'string' ? world.people[who] : who).membershipId;
const decide = (who: Who, requestId: string, approve = true) =>
  world.as(who, 'request.decide', { requestId, approve });
const inbox = async (who: Who) =>
  (await world.as(who, 'request.list', { box: 'inbox' })).items.map(({ requestId }) => requestId);
const read = (who: Who, requestId: string) => world.as(who, 'request.read', { requestId });
const newcomer = (place: keyof World['organizations'] = 'acmeNorth') =>
  addPerson(world.db, `newcomer${newId().slice(-8)}`, world.organizations[place]);
const inADay = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const give = async (to: Who, days = 10): Promise<string> => {
  await world.as('acmeManager', 'assignment.grant', {
    membershipIds: [member(to)],
    entitlementIds: [world.entitlements.partsBuyer],
    until: inADay(days),
  });
  await passTime(world.db, 11);
  const { rows } = await sql<{ id: string }>`
    select id from assignment where membership_id = ${member(to)} and state = 'active'`.execute(world.db);
  return rows[0]!.id;
};
const has = (who: Who) => holds(world.db, member(who), world.entitlements.partsBuyer);
const untilOf = async (who: Who) =>
  (
    await sql<{
      at: Date;
    }>`select ends_at as at from assignment where membership_id = ${member(who)} and state = 'active'`.execute(
      world.db,
    )
  ).rows[0]?.at.toISOString();
const leads = (manager: Who, report: Who) =>
  sql`update membership set line_manager_id = ${member(manager)} where id = ${member(report)}`.execute(
    world.db,
  );
const events = async (requestId: string) =>
  (
    await sql<{ type: string }>`select type from event where target_id = ${requestId} order by id`.execute(
      world.db,
    )
  ).rows.map(({ type }) => type);

describe('longer access', () => {
  it('is given until when it was asked for, by whoever could give it anew', async () => {
    const who = await newcomer();
    const assignmentId = await give(who);
    const until = inADay(60);
    const asked = await world.as(who, 'extension.ask', { assignmentId, until });
    expect(asked).toMatchObject({
      kind: 'extension',
      state: 'open',
      created: true,
      whoDecides: { level: 'here' },
    });
    expect(asked.steps).toMatchObject([{ state: 'open' }]);
    expect(asked.steps[0]!.dueAt).not.toBeNull();
    expect((await world.as(who, 'extension.ask', { assignmentId, until: inADay(90) })).requestId).toBe(
      asked.requestId,
    );
    expect(await inbox('northManager')).toContain(asked.requestId);
    expect((await decide('northManager', asked.requestId)).state).toBe('approved');
    await passTime(world.db, 11);
    expect(await untilOf(who)).toBe(until);
  });

  it('is undone like giving', async () => {
    const who = await newcomer();
    const assignmentId = await give(who);
    const before = await untilOf(who);
    const { requestId } = await world.as(who, 'extension.ask', { assignmentId, until: inADay(60) });
    await decide('northManager', requestId);
    await world.as('northManager', 'request.undo', { requestId });
    expect(await untilOf(who)).toBe(before);
    expect((await read(who, requestId)).state).toBe('open');
  });

  it('does not bring back what was taken meanwhile (ruling 3)', async () => {
    const who = await newcomer();
    const assignmentId = await give(who);
    const { requestId } = await world.as(who, 'extension.ask', { assignmentId, until: inADay(60) });
    await world.as('acmeManager', 'assignment.end', { assignmentId });
    await expect(decide('northManager', requestId)).rejects.toEqual(refusal('access.ended'));
    expect((await decide('northManager', requestId, false)).state).toBe('refused');
  });

  it('is not for strangers to ask, nor for what lasts longer anyway', async () => {
    const who = await newcomer();
    const assignmentId = await give(who);
    await expect(world.as('siteMember', 'extension.ask', { assignmentId })).rejects.toEqual(
      refusal('not-found'),
    );
    await expect(world.as('betaMember', 'ending.ask', { assignmentId })).rejects.toEqual(
      refusal('not-found'),
    );
    await expect(world.as(who, 'extension.ask', { assignmentId, until: inADay(5) })).rejects.toEqual(
      refusal('access.lasts-longer'),
    );
  });
});

describe('an end', () => {
  it('takes the access at once, and comes back when it is undone', async () => {
    const [who, leader] = [await newcomer(), await newcomer('acme')];
    const assignmentId = await give(who);
    await leads(leader, who);
    const { requestId, kind } = await world.as(leader, 'ending.ask', { assignmentId, reason: 'Moved on.' });
    expect(kind).toBe('ending');
    await decide('northManager', requestId);
    expect(await has(who)).toBe(false);
    await world.as('northManager', 'request.undo', { requestId });
    expect(await has(who)).toBe(true);
    await decide('northManager', requestId);
    expect(await has(who)).toBe(false);
    expect(await events(requestId)).toContain('request.approved');
  });
});

describe('a later last day', () => {
  const lastDayOf = async (who: Who) =>
    (
      await sql<{
        day: string | null;
      }>`select last_day::text as day from membership where id = ${member(who)}`.execute(world.db)
    ).rows[0]!.day;
  const leaves = (who: Who, day: string) =>
    sql`update membership set last_day = ${day}, ends_at = ${day}::date + 1 where id = ${member(who)}`.execute(
      world.db,
    );

  it('is set, and set back', async () => {
    const who = await newcomer();
    await leaves(who, '2090-01-31');
    await expect(world.as(who, 'last-day.ask', { lastDay: '2090-01-31' })).rejects.toEqual(
      refusal('last-day.not-later'),
    );
    const { requestId, details } = await world.as(who, 'last-day.ask', { lastDay: '2090-03-31' });
    expect(details).toMatchObject({ was: '2090-01-31', lastDay: '2090-03-31' });
    await decide('northManager', requestId);
    expect(await lastDayOf(who)).toBe('2090-03-31');
    await world.as('northManager', 'request.undo', { requestId });
    expect(await lastDayOf(who)).toBe('2090-01-31');
    await decide('northManager', requestId);
    expect(await lastDayOf(who)).toBe('2090-03-31');
  });

  it('is nothing that a manager decides who may not give what it keeps (ruling 4)', async () => {
    const who = await newcomer();
    await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [member(who)],
      entitlementIds: [world.entitlements.notesReader],
    });
    await leaves(who, '2090-01-31');
    const { requestId } = await world.as(who, 'last-day.ask', { lastDay: null });
    // The manager of the north gives roles of one application only.
    await expect(decide('northManager', requestId)).rejects.toEqual(refusal('membership.too-long'));
    await decide('acmeManager', requestId);
    expect(await lastDayOf(who)).toBeNull();
  });

  it('never becomes earlier by a request that is older', async () => {
    const who = await newcomer();
    await leaves(who, '2090-01-31');
    const { requestId } = await world.as(who, 'last-day.ask', { lastDay: '2090-03-31' });
    await world.as('acmeManager', 'membership.update', { membershipId: member(who), lastDay: '2090-06-30' });
    await decide('northManager', requestId);
    expect(await lastDayOf(who)).toBe('2090-06-30');
  });
});

describe('access for several people', () => {
  it('is a request each, with a row for each', async () => {
    const [one, other, leader] = [await newcomer(), await newcomer(), await newcomer('acme')];
    await leads(leader, one);
    await leads(leader, other);
    const ask = () =>
      world.as(leader, 'request.create-many', {
        membershipIds: [member(one), member('betaMember'), member(other)],
        entitlementId: world.entitlements.partsBuyer,
      });
    const { results } = await ask();
    expect(results).toMatchObject([
      { ok: true, created: true, state: 'open' },
      { ok: false, refusal: { code: 'not-found' } },
      { ok: true, created: true, state: 'open' },
    ]);
    expect(results[0]!.requestId).not.toBe(results[2]!.requestId);
    const again = await ask();
    expect(again.results[0]).toMatchObject({ created: false, requestId: results[0]!.requestId });
    await decide('northManager', results[0]!.requestId!);
    await passTime(world.db, 11);
    expect([await has(one), await has(other)]).toEqual([true, false]);
  });
});

describe('a new organization', () => {
  const ask = (who: Who, name: string, parentId = world.organizations.acmeNorth.id) =>
    world.as(who, 'organization.ask', { parentId, name });
  const made = async (name: string) =>
    (
      await sql<{ id: string; parentId: string; state: string }>`
        select id, parent_id as "parentId", state from organization where name = ${name}`.execute(world.db)
    ).rows[0];

  it('stands below the one that it was asked for, and is closed when that is undone', async () => {
    const who = await newcomer();
    const { requestId } = await ask(who, 'Hall 1');
    expect((await ask(who, 'hall 1')).requestId).toBe(requestId);
    expect(await inbox('northManager')).toContain(requestId);
    expect(await read('northManager', requestId)).toMatchObject({
      requestedBy: who.name,
      forSomebodyElse: false,
    });
    await decide('northManager', requestId);
    expect(await made('Hall 1')).toMatchObject({
      parentId: world.organizations.acmeNorth.id,
      state: 'active',
    });
    await world.as('northManager', 'request.undo', { requestId });
    expect((await made('Hall 1'))!.state).toBe('closed');
    await decide('northManager', requestId);
    expect(await world.as('northManager', 'request.read', { requestId })).toMatchObject({
      state: 'approved',
    });
  });

  it('is nobody’s to ask for or decide who has nothing to do with the place', async () => {
    await expect(ask('betaMember', 'Nowhere')).rejects.toEqual(refusal('not-found'));
    const { requestId } = await ask('northMember', 'Hall 2');
    for (const who of ['acme2Manager', 'acmeHelpDesk', 'betaMember', 'auditor'] as const) {
      await expect(decide(who, requestId)).rejects.toEqual(
        refusal(who === 'acmeHelpDesk' || who === 'auditor' ? 'not-permitted' : 'not-found'),
      );
      expect(await inbox(who)).not.toContain(requestId);
    }
    await expect(decide('northMember', requestId)).rejects.toMatchObject({ name: 'Refusal' });
  });

  it('ends with its parent, and is refused where the name is taken', async () => {
    const { id } = await world.as('acmeManager', 'organization.create', {
      parentId: world.organizations.acmeSouth.id,
      name: 'Short-lived',
    });
    const { requestId } = await ask('acmeManager', 'Never', id);
    await world.as('owner', 'organization.close', { organizationId: id });
    expect((await read('acmeManager', requestId)).state).toBe('ended');
    const taken = await ask('northMember', 'Taken');
    await world.as('acmeManager', 'organization.create', {
      parentId: world.organizations.acmeNorth.id,
      name: 'Taken',
    });
    await expect(decide('northManager', taken.requestId)).rejects.toEqual(refusal('organization.name-taken'));
  });
});

describe('looking after a place', () => {
  const ask = (who: Who, more: Partial<Input<'delegation.ask'>> = {}) =>
    world.as(who, 'delegation.ask', {
      organizationId: world.organizations.acmeNorth.id,
      adminRoleId: adminRoleId('help-desk'),
      until: '2090-01-01T00:00:00Z',
      ...more,
    });
  const held = async (who: Who) =>
    (
      await sql<{ role: string | null; permissions: string[]; until: Date; state: string }>`
        select admin_role_id as role, permissions, ends_at as until, state from delegation
        where delegate_membership_id = ${member(who)} and kind = 'administer' order by created_at desc`.execute(
        world.db,
      )
    ).rows[0];

  it('is given until the day that was asked for, below whoever decides, and taken back', async () => {
    const who = await newcomer();
    const { requestId, details } = await ask(who);
    expect(details).toMatchObject({ below: true, mayDo: expect.arrayContaining(['see people']) });
    await decide('acmeManager', requestId);
    expect(await held(who)).toMatchObject({ role: adminRoleId('help-desk'), state: 'active' });
    expect((await held(who))!.until.toISOString()).toBe('2090-01-01T00:00:00.000Z');
    await world.as('acmeManager', 'request.undo', { requestId });
    expect((await held(who))!.state).toBe('ended');
  });

  it('comes from nobody who could not pass it on (I01)', async () => {
    const who = await newcomer();
    const { requestId } = await ask(who, { permissions: ['organization.move'], adminRoleId: undefined });
    // Managers of the partner hold no such right; neither does the one of the north pass anything on.
    for (const manager of ['northManager', 'acmeManager'] as const) {
      await expect(decide(manager, requestId)).rejects.toEqual(refusal('not-permitted'));
      expect(await inbox(manager)).not.toContain(requestId);
    }
    const small = await ask(await newcomer());
    await expect(decide('northManager', small.requestId)).rejects.toMatchObject({ name: 'Refusal' });
    expect((await read('acmeManager', small.requestId)).state).toBe('open');
  });

  it('gives no more than was asked for when the role has grown (I34)', async () => {
    const { id } = await world.as('acmeManager', 'admin-role.create', {
      organizationId: world.organizations.acme.id,
      name: 'Greeter',
      permissions: ['user.read'],
    });
    const { requestId } = await ask('acmePeer', { adminRoleId: id, membershipId: member('acmeHelpDesk') });
    await world.as('acmeManager', 'admin-role.update', {
      adminRoleId: id,
      permissions: ['user.read', 'membership.end'],
    });
    await decide('acmeManager', requestId);
    expect(await held('acmeHelpDesk')).toMatchObject({ role: null, permissions: ['user.read'] });
  });

  it('is not decided by whom it is for, nor with a deputy of theirs (I32)', async () => {
    const { requestId } = await ask('acmeManager', { membershipId: member('acmePeer') });
    await expect(decide('acmePeer', requestId)).rejects.toEqual(refusal('request.own'));
    await expect(decide('acmeManager', requestId)).rejects.toEqual(refusal('request.own'));
  });
});

describe('every kind', () => {
  it('is nobody’s to see or decide outside the boundary', async () => {
    const [who, manager] = [await newcomer('acmeSouth'), 'acmePeer' as const];
    const assignmentId = await give(who);
    await sql`update membership set last_day = '2090-01-31', ends_at = '2090-02-01' where id = ${member(who)}`.execute(
      world.db,
    );
    const organizationId = world.organizations.acmeSouth.id;
    const asked = [
      await world.as(who, 'request.create', { entitlementId: world.entitlements.partsViewer }),
      await world.as(who, 'extension.ask', { assignmentId }),
      await world.as(who, 'ending.ask', { assignmentId }),
      await world.as(who, 'last-day.ask', { lastDay: '2090-05-31' }),
      await world.as(who, 'organization.ask', { parentId: organizationId, name: 'Hall 9' }),
      await world.as(who, 'delegation.ask', {
        organizationId,
        adminRoleId: adminRoleId('help-desk'),
        until: '2090-01-01T00:00:00Z',
      }),
      await world.as(manager, 'account.ask', { organizationId, email: 'new.south@example.org' }),
    ].map(({ requestId }) => requestId);
    // Nothing stands in the way of a request for an end and one for longer at the same time: the later yes counts.
    expect(new Set(asked).size).toBe(7);
    for (const outside of ['northManager', 'acme2Manager', 'northMember'] as const) {
      const waits = await inbox(outside);
      for (const requestId of asked) {
        expect(waits).not.toContain(requestId);
        await expect(read(outside, requestId)).rejects.toEqual(refusal('not-found'));
        await expect(decide(outside, requestId)).rejects.toEqual(refusal('not-found'));
        await expect(decide(outside, requestId, false)).rejects.toEqual(refusal('not-found'));
      }
    }
    const waits = await inbox('acmeManager');
    for (const requestId of asked) {
      expect(waits).toContain(requestId);
      expect((await decide('acmeManager', requestId)).state).toBe('approved');
    }
  });

  it('follows the policies that are about it, and is applied by the first ceiling that holds it', async () => {
    const organizationId = world.organizations.acmeNorth.id;
    const { id: policyId } = await world.as('acmeManager', 'approval-policy.create', {
      organizationId,
      name: 'Longer stays',
      applies: { kinds: ['last-day'] },
      steps: [
        {
          name: 'Both',
          approvers: [{ kind: 'people', membershipIds: [member('northManager'), member('acmeManager')] }],
          quorum: { atLeast: 2 },
          due: { hours: 10 },
        },
      ],
    });
    const who = await newcomer();
    await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [member(who)],
      entitlementIds: [world.entitlements.notesReader],
    });
    await sql`update membership set last_day = '2090-01-31', ends_at = '2090-02-01' where id = ${member(who)}`.execute(
      world.db,
    );
    const other = await world.as(who, 'organization.ask', { parentId: organizationId, name: 'Hall 10' });
    expect(other.steps.map(({ name }) => name)).toEqual(['Managers']);
    const { requestId, steps } = await world.as(who, 'last-day.ask', { lastDay: '2090-02-28' });
    expect(steps.map(({ name }) => name)).toEqual(['Both']);
    // Who says yes first may not give all that this keeps; the second may.
    expect((await decide('northManager', requestId)).state).toBe('open');
    expect((await decide('acmeManager', requestId)).state).toBe('approved');
    await world.as('acmeManager', 'approval-policy.retire', { policyId });
  });

  it('is given by the right of whom a deputy decides for (I29)', async () => {
    const deputy = await newcomer();
    await world.as('acmeManager', 'deputy.create', {
      membershipId: member(deputy),
      until: '2090-01-01T00:00:00Z',
    });
    const { requestId } = await world.as('northMember', 'organization.ask', {
      parentId: world.organizations.acmeNorth.id,
      name: 'By a deputy',
    });
    expect(await inbox(deputy)).toContain(requestId);
    await decide(deputy, requestId);
    const { rows } = await sql<{ behalf: string; actor: string }>`
      select e.on_behalf_of as behalf, e.actor_id as actor from event e where e.target_id = ${requestId} and e.type = 'request.approved'`.execute(
      world.db,
    );
    expect(rows).toEqual([{ behalf: world.people.acmeManager.userId, actor: deputy.userId }]);
    const account = await world.as('acmePeer', 'account.ask', {
      organizationId: world.organizations.acmeNorth.id,
      email: 'by.deputy@example.org',
    });
    await decide(deputy, account.requestId);
    const { rows: sent } = await sql<{ under: string }>`
      select invited_under as under from invitation where email = 'by.deputy@example.org'`.execute(world.db);
    expect(sent).toEqual([{ under: world.delegations.acmeManager }]);
  });

  it('goes where its place goes', async () => {
    const { id } = await world.as('acmeManager', 'organization.create', {
      parentId: world.organizations.acmeNorth.id,
      name: 'Wanderer',
    });
    const { requestId } = await world.as('acmePeer', 'organization.ask', { parentId: id, name: 'Below it' });
    await world.as('owner', 'organization.move', {
      organizationId: id,
      parentId: world.organizations.acmeSouth.id,
    });
    await expect(decide('northManager', requestId)).rejects.toEqual(refusal('not-found'));
    await decide('acmeManager', requestId);
    const { rows } = await sql<{ parentId: string }>`
      select parent_id as "parentId" from organization where name = 'Below it'`.execute(world.db);
    expect(rows).toEqual([{ parentId: id }]);
  });
});

describe('the catalogue', () => {
  it('says what harm it can do and who has it, to whoever sees the people there', async () => {
    const who = await newcomer('acmeSouth');
    const holder = await newcomer('acmeSouth');
    await give(holder);
    await sql`update entitlement set risk = 'high' where id = ${world.entitlements.partsBuyer}`.execute(
      world.db,
    );
    const buyer = async (reader: Who) =>
      (await world.as(reader, 'request.catalogue', { membershipId: member(who) })).items.find(
        ({ id }) => id === world.entitlements.partsBuyer,
      );
    const seen = await buyer('acmeManager');
    expect(seen).toMatchObject({ risk: 'high', atMostUntil: null });
    expect(seen!.whoHas!.names).toContain(holder.name);
    expect(await buyer(who)).toMatchObject({ risk: 'high', whoHas: null });
  });
});

describe('what is approved', () => {
  it('is what was asked for: anything else is not given (I34)', async () => {
    const { requestId } = await world.as('northMember', 'organization.ask', {
      parentId: world.organizations.acmeNorth.id,
      name: 'As asked',
    });
    await sql`update request set payload = payload || '{"name": "Something else"}' where id = ${requestId}`.execute(
      world.db,
    );
    await expect(decide('northManager', requestId)).rejects.toEqual(refusal('request.changed'));
  });

  it('is nobody’s wish any more once whoever asked has left (I35)', async () => {
    const who = await newcomer();
    const { requestId } = await world.as(who, 'organization.ask', {
      parentId: world.organizations.acmeNorth.id,
      name: 'Of a leaver',
    });
    await world.as('acmeManager', 'membership.end', { membershipId: who.membershipId });
    await expect(decide('northManager', requestId)).rejects.toEqual(refusal('membership.ended'));
    await passTime(world.db, 120 * 86_400);
    await wake(world.services, requestId);
    expect((await read('northManager', requestId)).state).toBe('refused');
  });
});
