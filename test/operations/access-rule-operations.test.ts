import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
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
