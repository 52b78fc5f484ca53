import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { passTime } from '../../src/platform/clock.ts';
import type { Input } from '../../src/server/operations.gen.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/** Rules as managers make, change and end them: nobody gains more by one than whoever saved it could give (I01, I02). */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

type Rule = Partial<Omit<Input<'access-rule.create'>, 'organizationId'>>;
const at = (place: keyof World['organizations'] = 'acme') => world.organizations[place].id;
const member = (person: PersonName) => world.people[person].membershipId;
const ruleIn = (place: keyof World['organizations'], rule: Rule) => ({
  organizationId: at(place),
  name: 'Fitters',
  ...(rule.accessRoleId ? {} : { entitlementId: world.entitlements.partsViewer }),
  ...rule,
});
const make = (rule: Rule, by: PersonName = 'acmeManager', place: keyof World['organizations'] = 'acme') =>
  world.as(by, 'access-rule.create', ruleIn(place, rule));
const attempt = (rule: Rule, by: PersonName = 'acmeManager', place: keyof World['organizations'] = 'acme') =>
  world.as(by, 'access-rule.try', (({ name: _, ...rest }) => rest)(ruleIn(place, rule)));
const has = (person: PersonName, entitlement: keyof World['entitlements'] = 'partsViewer') =>
  holds(world.db, member(person), world.entitlements[entitlement]);
const record = (person: PersonName, facts: { title?: string; attributes?: Record<string, string> }) =>
  world.as('acmePeer', 'membership.update', { membershipId: member(person), ...facts });
const only = async (...entitlements: (keyof World['entitlements'])[]) => {
  const limit = { applications: [], entitlements: entitlements.map((name) => world.entitlements[name]) };
  await sql`update delegation set entitlements = ${JSON.stringify(limit)}::jsonb where id = ${world.delegations.acmeManager}`.execute(
    world.db,
  );
};
const field = (key: string, more: Partial<Input<'attribute.define'>> = {}, by: PersonName = 'acmeManager') =>
  world.as(by, 'attribute.define', { organizationId: at(), key, label: key, kind: 'text', ...more });

describe('a rule', () => {
  it('gives to those of whom all of it is recorded, from now on and while it is', async () => {
    await field('depot', { kind: 'choice', choices: ['north', 'south', 'west'] });
    const rule = await make({ title: 'Fitter', fields: [{ key: 'depot', in: ['north', 'west'] }] });
    expect(rule).toMatchObject({ state: 'active', title: 'Fitter', gives: { name: 'viewer' } });
    await record('northMember', { title: 'fitter', attributes: { depot: 'west' } });
    await record('southMember', { title: 'Fitter', attributes: { depot: 'south' } });
    expect([await has('northMember'), await has('southMember')]).toEqual([true, false]);
    const { people } = await world.as('acmeManager', 'access-rule.read', { accessRuleId: rule.id });
    expect(people).toMatchObject({ count: 1, people: [{ membershipId: member('northMember') }] });
    await record('northMember', { attributes: { depot: 'south' } });
    expect(await has('northMember')).toBe(false);
  });

  it('is named to those who look after its organization, and to nobody below it', async () => {
    await record('northMember', { title: 'Fitter' });
    await make({ title: 'Fitter' });
    const words = async (reader: PersonName) =>
      (await world.as(reader, 'access.of', { membershipId: member('northMember') })).items.map(
        ({ words }) => words,
      );
    expect(await words('acmeManager')).toEqual(['By itself, by the rule “Fitters”.']);
    expect(await words('northManager')).toEqual(['By itself, by a rule.']);
  });

  it('is paused, resumed, renamed, changed and ended, each told in the trail', async () => {
    await record('northMember', { title: 'Fitter' });
    const { id } = await make({ title: 'Fitter' });
    const on = { accessRuleId: id };
    await world.as('acmeManager', 'access-rule.pause', on);
    expect(await has('northMember')).toBe(false);
    await world.as('acmeManager', 'access-rule.pause', on);
    await world.as('acmePeer', 'access-rule.resume', on);
    expect(await has('northMember')).toBe(true);
    await world.as('acmeManager', 'access-rule.update', { ...on, name: 'Those who fit' });
    await world.as('acmeManager', 'access-rule.update', {
      ...on,
      title: null,
      inOrganizationId: at('acmeSouth'),
    });
    expect([await has('northMember'), await has('southMember')]).toEqual([false, true]);
    await world.as('acmeManager', 'access-rule.end', on);
    expect(await has('southMember')).toBe(false);
    for (const verb of ['pause', 'resume', 'update'] as const)
      await expect(world.as('acmeManager', `access-rule.${verb}`, on)).rejects.toMatchObject({
        code: 'access-rule.ended',
      });
    expect((await world.as('acmeManager', 'access-rule.list', {})).items).toEqual([]);
    const { rows } = await sql<{ type: string }>`
      select type from event where target_kind = 'access-rule' order by position`.execute(world.db);
    expect(rows.map(({ type }) => type.replace('rule.', ''))).toEqual([
      'created',
      'paused',
      'resumed',
      'updated',
      'updated',
      'ended',
    ]);
  });

  it('leaves out whom it names, and reads relations and groups', async () => {
    await make({ inOrganizationId: at('acmeNorth'), exceptMembershipIds: [member('siteMember')] });
    expect([await has('northMember'), await has('siteMember')]).toEqual([true, false]);
    await make({
      inOrganizationId: at('acmeNorth'),
      relation: 'managers',
      entitlementId: world.entitlements.partsBuyer,
    });
    expect([await has('northManager', 'partsBuyer'), await has('northMember', 'partsBuyer')]).toEqual([
      true,
      false,
    ]);
    const group = await world.as('acmeManager', 'group.create', { organizationId: at(), name: 'Readers' });
    await make({ groupId: group.id, entitlementId: world.entitlements.notesReader });
    await world.as('acmeManager', 'group.add-members', {
      groupId: group.id,
      membershipIds: [member('southMember')],
    });
    expect([await has('southMember', 'notesReader'), await has('northMember', 'notesReader')]).toEqual([
      true,
      false,
    ]);
  });

  it('ends with its organization, and does not come back with it (ruling 3)', async () => {
    const { id } = await make({}, 'acmeManager', 'acmeSouth');
    await world.as('owner', 'organization.close', { organizationId: at('acmeSouth') });
    const { rows } = await sql`select state from access_rule where id = ${id}`.execute(world.db);
    expect(rows).toEqual([{ state: 'ended' }]);
  });

  it('ends with the organization in which it stands, also when what it is about went elsewhere', async () => {
    const { id } = await make({ inOrganizationId: at('acmeNorthSite') }, 'acmeManager', 'acmeNorth');
    const move = { organizationId: at('acmeNorthSite'), parentId: at('acmeSouth') };
    await world.as('owner', 'organization.move', move);
    await world.as('owner', 'organization.close', { organizationId: at('acmeNorth') });
    const { rows } = await sql`select state from access_rule where id = ${id}`.execute(world.db);
    expect(rows).toEqual([{ state: 'ended' }]);
  });
});

describe('what would come of it', () => {
  it('is what then happens: counted, and named in reach', async () => {
    await record('siteMember', { title: 'Fitter' });
    await record('southMember', { title: 'Fitter' });
    const tried = await attempt({ title: 'Fitter' });
    expect(tried.gains).toMatchObject({ count: 2, elsewhere: false });
    expect(tried.gains.people.map(({ membershipId }) => membershipId).sort()).toEqual(
      [member('siteMember'), member('southMember')].sort(),
    );
    expect(await has('siteMember')).toBe(false);
    const { id } = await make({ title: 'Fitter' });
    expect([await has('siteMember'), await has('southMember')]).toEqual([true, true]);
    const less = await world.as('acmeManager', 'access-rule.try', {
      organizationId: at(),
      accessRuleId: id,
      title: 'Fitter',
      inOrganizationId: at('acmeNorth'),
      entitlementId: world.entitlements.partsViewer,
    });
    expect(less).toMatchObject({
      gains: { count: 0 },
      loses: { count: 1, people: [{ membershipId: member('southMember') }] },
    });
  });
});

describe('what bounds whoever saves it', () => {
  it('is what they may give there, by one delegation, now and at each change (I01)', async () => {
    await make({ inOrganizationId: at('acmeSouth'), entitlementId: world.entitlements.partsBuyer });
    const [above] = (await world.as('acmeManager', 'access-rule.list', {})).items;
    const { id } = await make({ inOrganizationId: at('acmeNorth') });
    await only('partsViewer');
    const refused = { code: 'not-permitted' };
    const buyer = world.entitlements.partsBuyer;
    await expect(make({ entitlementId: buyer, title: 'x' })).rejects.toMatchObject({
      code: expect.stringMatching(/not-found|not-permitted/),
    });
    await expect(
      world.as('acmeManager', 'access-rule.update', { accessRuleId: id, entitlementId: buyer }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/not-found|not-permitted/) });
    for (const verb of ['pause', 'end'] as const)
      await expect(
        world.as('acmeManager', `access-rule.${verb}`, { accessRuleId: above!.id }),
      ).rejects.toMatchObject(refused);
    // What they do not know of is not named.
    await world.as('acmePeer', 'access-rule.pause', { accessRuleId: above!.id });
    await expect(
      world.as('acmeManager', 'access-rule.resume', { accessRuleId: above!.id }),
    ).rejects.toMatchObject({ kind: expect.stringMatching(/absent|forbidden/) });
  });

  it('is their place, and the limit of the organization', async () => {
    await expect(make({}, 'northManager')).rejects.toMatchObject({ kind: 'absent' });
    await expect(
      make({ inOrganizationId: at('acmeSouth') }, 'northManager', 'acmeNorth'),
    ).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(
      make({ inOrganizationId: at('acmeSouth') }, 'acmeManager', 'acmeNorth'),
    ).rejects.toMatchObject({
      code: 'access-rule.elsewhere',
    });
    await expect(
      make({ title: 'x', entitlementId: world.entitlements.ledgerClerk }, 'owner'),
    ).rejects.toMatchObject({ code: 'entitlement.above-ceiling' });
    await expect(make({ title: 'x' }, 'acmeHelpDesk')).rejects.toMatchObject({ code: 'not-permitted' });
  });

  it('gives them nothing themselves, unless they have it already (I02)', async () => {
    await expect(make({})).rejects.toMatchObject({ code: 'access-rule.own' });
    await expect(make({ relation: 'managers' })).rejects.toMatchObject({ code: 'access-rule.own' });
    const { id } = await make({ exceptMembershipIds: [member('acmeManager')] });
    await expect(
      world.as('acmeManager', 'access-rule.update', { accessRuleId: id, exceptMembershipIds: [] }),
    ).rejects.toMatchObject({ code: 'access-rule.own' });
    // Another manager’s decision, and then it is theirs already.
    await world.as('owner', 'access-rule.update', { accessRuleId: id, exceptMembershipIds: [] });
    expect(await has('acmeManager')).toBe(true);
    await make({ name: 'Again' });
  });

  it('is what they may see: fields and groups out of sight are not there', async () => {
    await expect(make({ fields: [{ key: 'nothing', in: ['x'] }] })).rejects.toMatchObject({
      code: 'input.invalid',
    });
    const group = await world.as('acmeManager', 'group.create', { organizationId: at(), name: 'Above' });
    await expect(make({ groupId: group.id }, 'northManager', 'acmeNorth')).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('no rule reads what its subject writes (ruling 2)', () => {
  const own = { changedBy: 'self', seenBy: 'self' } as const;
  it('whichever comes first', async () => {
    await field('shirt', own);
    const rule = { fields: [{ key: 'shirt', in: ['xl'] }] };
    await expect(make(rule)).rejects.toMatchObject({ code: 'attribute.own' });
    await field('shirt', { changedBy: 'managers' });
    const { id } = await make(rule);
    await expect(field('shirt', own)).rejects.toMatchObject({ code: 'attribute.own' });
    // A paused one may be resumed.
    await world.as('acmeManager', 'access-rule.pause', { accessRuleId: id });
    await expect(field('shirt', own)).rejects.toMatchObject({ code: 'attribute.own' });
    await world.as('acmeManager', 'access-rule.end', { accessRuleId: id });
    await field('shirt', own);
  });

  it('not below where it is read either, nor after a nearer field is gone, and a partner hears of no rule', async () => {
    await field('shirt');
    await make({ fields: [{ key: 'shirt', in: ['xl'] }], exceptMembershipIds: [member('acmeManager')] });
    const below = (more: object) =>
      world.as('northManager', 'attribute.define', {
        organizationId: at('acmeNorth'),
        key: 'shirt',
        label: 'shirt',
        kind: 'text',
        ...more,
      });
    await expect(below(own)).rejects.toMatchObject({ code: 'attribute.defined-above' });
    await below({});
    await field('cap', own);
    await world.as('northManager', 'attribute.define', {
      organizationId: at('acmeNorth'),
      key: 'cap',
      label: 'cap',
      kind: 'text',
    });
    await make({ fields: [{ key: 'cap', in: ['red'] }] }, 'northManager', 'acmeNorth');
    await expect(
      world.as('northManager', 'attribute.remove', { organizationId: at('acmeNorth'), key: 'cap' }),
    ).rejects.toMatchObject({ code: 'attribute.own' });
  });

  it('by the database itself, whoever writes the rows', async () => {
    await field('shirt', own);
    await expect(
      sql`insert into access_rule (id, organization_id, any_of, entitlement_id)
        values (gen_random_uuid(), ${at('acmeNorth')}, '[{"key": "shirt", "in": ["xl"]}]', ${world.entitlements.partsViewer})`.execute(
        world.db,
      ),
    ).rejects.toMatchObject({ code: 'RM004' });
  });
});

describe('days of a rule', () => {
  const day = (from: number) => new Date(Date.now() + from * 86_400_000).toISOString().slice(0, 10);
  const zone = (timeZone: string) =>
    sql`update organization set time_zone = ${timeZone} where id = ${at()}`.execute(world.db);
  const instants = async (id: string) =>
    (
      await sql<{ from: Date; until: Date }>`
        select starts_at as "from", ends_at as "until" from access_rule where id = ${id}`.execute(world.db)
    ).rows[0]!;
  const list = async (input: Input<'access-rule.list'> = {}) =>
    (await world.as('acmeManager', 'access-rule.list', input)).items;

  it('are read in the zone of its organization, to the instant; before and after, nobody has anything', async () => {
    await zone('Pacific/Kiritimati');
    await record('northMember', { title: 'Fitter' });
    const rule = await make({ title: 'Fitter', firstDay: '2099-03-01', lastDay: '2099-03-02' });
    expect(rule).toMatchObject({ firstDay: '2099-03-01', lastDay: '2099-03-02' });
    expect(await instants(rule.id)).toEqual({
      from: new Date('2099-02-28T10:00:00Z'),
      until: new Date('2099-03-02T10:00:00Z'),
    });
    expect(await has('northMember')).toBe(false);
    const go = async (to: string, ms: number) => {
      const { rows } = await sql<{ at: Date }>`select remit_now() as at`.execute(world.db);
      await passTime(world.db, (Date.parse(to) + ms - rows[0]!.at.getTime()) / 1000);
    };
    await go('2099-02-28T10:00:00Z', -2000);
    expect(await has('northMember')).toBe(false);
    await go('2099-02-28T10:00:00Z', 0);
    expect(await has('northMember')).toBe(true);
    await go('2099-03-02T10:00:00Z', -2000);
    expect(await has('northMember')).toBe(true);
    await go('2099-03-02T10:00:00Z', 0);
    expect(await has('northMember')).toBe(false);
    expect([await list(), (await list({ ended: true })).map(({ id }) => id)]).toEqual([[], [rule.id]]);
    await expect(
      world.as('acmeManager', 'access-rule.update', { accessRuleId: rule.id, lastDay: '2100-01-01' }),
    ).rejects.toMatchObject({ code: 'access-rule.ended' });
  });

  it('are changed and taken away; who will have it is shown before it begins', async () => {
    await record('northMember', { title: 'Fitter' });
    const tried = await attempt({ title: 'Fitter', firstDay: day(9) });
    expect(tried.gains).toMatchObject({ count: 1, people: [{ membershipId: member('northMember') }] });
    const { id } = await make({ title: 'Fitter', firstDay: day(9) });
    expect(await has('northMember')).toBe(false);
    const change = (days: { firstDay?: string | null; lastDay?: string | null }) =>
      world.as('acmeManager', 'access-rule.update', { accessRuleId: id, ...days });
    expect(await change({ firstDay: null })).toMatchObject({ firstDay: null, lastDay: null });
    expect(await has('northMember')).toBe(true);
    const { from } = await instants(id);
    expect(await change({ lastDay: day(20) })).toMatchObject({ firstDay: null, lastDay: day(20) });
    // It has begun, and does not begin again.
    expect((await instants(id)).from).toEqual(from);
    const later = (({ name: _, ...rest }) => rest)(ruleIn('acme', { title: 'Fitter', firstDay: day(9) }));
    const lost = await world.as('acmeManager', 'access-rule.try', { ...later, accessRuleId: id });
    expect([lost.gains.count, lost.loses.count]).toEqual([0, 1]);
    await change({ firstDay: day(9) });
    expect(await has('northMember')).toBe(false);
    await change({ firstDay: null, lastDay: null });
    expect(await has('northMember')).toBe(true);
  });

  it('lie one after the other, not in the past, and no later than whoever saves it may give (I01)', async () => {
    for (const days of [{ firstDay: day(9), lastDay: day(8) }, { lastDay: day(-2) }])
      await expect(make({ title: 'Fitter', ...days })).rejects.toMatchObject({ code: 'input.invalid' });
    await sql`update delegation set ends_at = ${`${day(30)}T12:00:00Z`} where id = ${world.delegations.acmeManager}`.execute(
      world.db,
    );
    for (const days of [{ lastDay: day(30) }, { firstDay: day(31) }])
      await expect(make({ title: 'Fitter', ...days })).rejects.toMatchObject({ code: 'delegation.outside' });
    const { until, lastDay } = await make({ title: 'Fitter', lastDay: day(28) });
    expect([lastDay, until! < `${day(30)}`]).toEqual([day(28), true]);
    expect(await make({ title: 'Fitter', name: 'Without an end' })).toMatchObject({
      until: `${day(30)}T12:00:00.000Z`,
    });
  });

  it('begin no earlier for whoever saves it (I02)', async () => {
    const rule = await make({ title: 'Fitter', firstDay: day(9) }, 'acmePeer');
    await record('acmeManager', { title: 'Fitter' });
    const on = { accessRuleId: rule.id };
    await expect(
      world.as('acmeManager', 'access-rule.update', { ...on, firstDay: day(4) }),
    ).rejects.toMatchObject({ code: 'access-rule.own' });
    await expect(
      world.as('acmeManager', 'access-rule.update', { ...on, firstDay: null }),
    ).rejects.toMatchObject({ code: 'access-rule.own' });
    await world.as('acmeManager', 'access-rule.update', { ...on, firstDay: day(12) });
  });

  it('mean other instants in another zone, longer only by whoever could give that', async () => {
    await zone('Europe/Amsterdam');
    const rule = await make({ title: 'Fitter', firstDay: '2099-01-02', lastDay: '2099-01-03' });
    const move = (timeZone: string, by: PersonName) =>
      world.as(by, 'organization.update', { organizationId: at(), timeZone });
    // The manager belongs there, and so does what everybody there has: it gets no longer by their own act.
    await move('America/New_York', 'acmeManager');
    expect(await instants(rule.id)).toEqual({
      from: new Date('2099-01-02T05:00:00Z'),
      until: new Date('2099-01-03T23:00:00Z'),
    });
    await move('Europe/London', 'owner');
    expect(await instants(rule.id)).toEqual({
      from: new Date('2099-01-02T00:00:00Z'),
      until: new Date('2099-01-04T00:00:00Z'),
    });
    const { rows } = await sql<{ type: string; actor_id: string }>`
      select type from event where target_id = ${rule.id} order by position`.execute(world.db);
    expect(rows.map(({ type }) => type)).toEqual(['rule.created', 'rule.refiled', 'rule.refiled']);
  });
});
