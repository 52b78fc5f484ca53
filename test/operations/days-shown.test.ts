import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { addPerson, makeWorld, type Person, type World } from '../harness/world.ts';
import { endOf, startOf } from '../lifecycle/calendar.ts';
import { stopClock } from '../lifecycle/frozen.ts';

/**
 * Lists say on which day something begins and ends, where it stands: a browser elsewhere has nothing to work out. West
 * and east of everybody, so that the day of the instant anywhere else is another one.
 */
let world: World;
let number = 0;
beforeAll(async () => {
  world = await makeWorld();
  await stopClock(world.db, Date.parse('2026-12-10T12:00:00Z'));
});
afterAll(() => world.close());

const [firstDay, lastDay] = ['2026-12-15', '2026-12-31'];
const days = { firstDay, lastDay };
const somebodyAt = (place: 'acme' | 'root'): Promise<Person> => {
  number += 1;
  return addPerson(world.db, `somebody${number}`, world.organizations[place]);
};
const instants = (zone: string) => [startOf(firstDay, zone), endOf(lastDay, zone)];
const ofMember = ({ membershipId }: Person) => ({ membershipId });
const read = ({ from, until }: { from: string | null; until: string | null }) =>
  [from, until].map((text) => Date.parse(text!));

describe.each([['Pacific/Kiritimati'], ['Pacific/Pago_Pago']])('days of an organization in %s', (zone) => {
  let person: Person;
  let manager: Person;
  let delegationId: string;
  const acme = () => world.organizations.acme.id;
  beforeAll(async () => {
    await sql`update organization set time_zone = ${zone} where id = ${acme()}`.execute(world.db);
    [person, manager] = [await somebodyAt('acme'), await somebodyAt('acme')];
    const made = await world.as('owner', 'delegation.create', {
      organizationId: acme(),
      delegate: { membershipId: manager.membershipId },
      adminRoleId: adminRoleId('delegated-manager'),
      lastDay,
    });
    delegationId = made.id;
  });

  it('stand with what is given, and with each way in which somebody has it', async () => {
    const { membershipId } = person;
    const given = { membershipIds: [membershipId], entitlementIds: [world.entitlements.notesReader] };
    await world.as('owner', 'assignment.grant', { ...given, ...days });
    const [listed] = (await world.as('owner', 'assignment.list', { membershipId })).items;
    expect(listed).toMatchObject(days);
    expect(read(listed!)).toEqual(instants(zone));
    const [has] = (await world.as('owner', 'access.of', { membershipId })).items;
    expect(has).toMatchObject(days);
    // An instant that was chosen falls on a day there, too.
    const other = await somebodyAt('acme');
    const until = new Date(endOf(lastDay, zone)).toISOString();
    await world.as('owner', 'assignment.grant', { ...given, membershipIds: [other.membershipId], until });
    expect((await world.as('owner', 'assignment.list', ofMember(other))).items[0]).toMatchObject({ lastDay });
  });

  it('stand with delegations, in lists, on the map, in sentences, and with what needs a look', async () => {
    const later = await somebodyAt('acme');
    const { id } = await world.as('owner', 'delegation.create', {
      organizationId: acme(),
      delegate: { membershipId: later.membershipId },
      adminRoleId: adminRoleId('help-desk'),
      ...days,
    });
    const view = await world.as('owner', 'delegation.read', { delegationId: id });
    expect(view).toMatchObject(days);
    expect(view.sentence).toContain('31 December 2026');
    const { received } = await world.as('owner', 'membership.delegations', ofMember(later));
    expect(received[0]).toMatchObject(days);
    const { delegations } = (await world.as('owner', 'map.read', { organizationId: acme() })).items[0]!;
    expect(delegations.find((mark) => mark.delegationId === delegationId)?.lastDay ?? lastDay).toBe(lastDay);
    const { items } = await world.as('owner', 'attention.list', { kind: 'expiring-delegation' });
    expect(items.find((one) => one.id === id)).toMatchObject({ lastDay });
    const preview = await world.as('owner', 'change.preview', {
      operation: 'delegation.narrow',
      input: { delegationId, lastDay: '2026-12-30' },
    });
    expect(preview.later[0]!.sentence).toMatch(/30 December 2026.*31 December 2026/);
    const why = await world.as(manager, 'decision.explain', {
      permission: 'user.read',
      organizationId: acme(),
    });
    expect(why.sentence).toContain('31 December 2026');
  });

  it('stand with deputies, seen from both sides, on the person and in the receipt', async () => {
    const deputy = await somebodyAt('acme');
    await world.as(manager, 'deputy.create', { membershipId: deputy.membershipId, ...days });
    const { named } = await world.as(manager, 'deputy.list', {});
    const { standsFor } = await world.as(deputy, 'deputy.list', {});
    const { deputies } = await world.as('owner', 'membership.delegations', ofMember(manager));
    expect([named, standsFor, deputies]).toEqual([
      [expect.objectContaining(days)],
      [expect.objectContaining(days)],
      [expect.objectContaining(days)],
    ]);
    expect(read(named[0]!)).toEqual(instants(zone));
    await world.as('owner', 'delegation.end', { delegationId });
    const receipt = await world.as('owner', 'delegation.receipt', { delegationId });
    expect(receipt.deputies).toMatchObject([{ lastDay }]);
  });

  it('stand with requests, and with what they are to make last longer', async () => {
    const asker = await somebodyAt('acme');
    const { entitlements } = world;
    await world.as(asker, 'request.create', {
      entitlementId: entitlements.notesAuthor,
      reason: 'x',
      lastDay,
    });
    const { results } = await world.as('owner', 'assignment.grant', {
      membershipIds: [asker.membershipId],
      entitlementIds: [entitlements.notesReader],
      lastDay,
    });
    const assignmentId = results[0]!.assignmentIds![0]!;
    await world.as(asker, 'extension.ask', { assignmentId, reason: 'x', lastDay: '2027-01-31' });
    const { items } = await world.as(asker, 'request.list', { box: 'mine' });
    const told = items.map(({ kind, details, ...one }) => [kind, one.lastDay, details.wasLastDay]);
    expect(told.sort()).toEqual([
      ['access', lastDay, null],
      ['extension', '2027-01-31', lastDay],
    ]);
  });

  it('stand with exceptions of separations, and with the conflicts that they let stand', async () => {
    const both = [world.entitlements.notesReader, world.entitlements.partsViewer];
    const { id: separationId } = await world.as('owner', 'separation.create', {
      organizationId: acme(),
      name: `Apart ${zone}`,
      entitlementIds: both,
    });
    const one = await somebodyAt('acme');
    await world.as('owner', 'separation.except', {
      separationId,
      membershipId: one.membershipId,
      lastDay,
      reason: 'x',
    });
    await world.as('owner', 'assignment.grant', {
      membershipIds: [one.membershipId],
      entitlementIds: both,
    });
    // What was given can be undone for ten seconds and is held from then on.
    await sql`update assignment set starts_at = remit_now() where membership_id = ${one.membershipId}`.execute(
      world.db,
    );
    const { items } = await world.as('owner', 'separation.list-conflicts', { separationId });
    expect(items.find(({ userId }) => userId === one.userId)).toMatchObject({ exceptedLastDay: lastDay });
    expect((await world.as('owner', 'separation.list-exceptions', { separationId })).items).toMatchObject([
      { lastDay },
    ]);
    await world.as('owner', 'separation.retire', { separationId });
  });

  it('say until when what an arrangement makes lasts, and since when something is taken back', async () => {
    const made = await world.as('owner', 'arrangement.load', {
      key: 'partner-with-branches',
      parentId: acme(),
      name: `Works ${zone}`,
      managerName: 'Ada Boss',
      managerEmail: 'ada@new.example',
      parts: [{ name: 'East' }],
      lastDay,
    });
    const { rows } = await sql<{ at: Date }>`
      select distinct ends_at as at from delegation where id = any (${made.delegationIds}::uuid[])`.execute(
      world.db,
    );
    expect(rows).toEqual([{ at: new Date(endOf(lastDay, zone)) }]);

    const { membershipId } = world.people.owner;
    const since = (day: string) =>
      world.as('secondOwner', 'delegation.take-back-preview', { membershipId, sinceDay: day });
    await sql`update delegation set created_at = ${new Date(startOf('2026-12-01', 'UTC'))} where id = ${made.delegationIds[0]!}`.execute(
      world.db,
    );
    const has = async (day: string) => {
      const { ends, left } = await since(day);
      return [...ends, ...left].some(({ id }) => id === made.delegationIds[0]);
    };
    expect([await has('2026-12-01'), await has('2026-12-02')]).toEqual([true, false]);
    await expect(
      world.as('secondOwner', 'delegation.take-back-preview', { membershipId }),
    ).rejects.toMatchObject({
      code: 'input.invalid',
    });
  });
});
