import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { passTime } from '../../src/platform/clock.ts';
import type { Conditions, Step } from '../../src/requests/policy.ts';
import { wake } from '../../src/requests/wake.ts';
import { apart } from '../harness/separation.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });

type StepInput = Partial<Step> & Pick<Step, 'approvers'>;
const member = (person: PersonName) => world.people[person].membershipId;
const people = (...names: PersonName[]): Step['approvers'] => [
  { kind: 'people', membershipIds: names.map(member) },
];
const policy = (steps: StepInput[], applies: Conditions = {}, by: PersonName = 'acmeManager') =>
  world.as(by, 'approval-policy.create', {
    organizationId: world.organizations[by === 'owner' ? 'root' : 'acme'].id,
    name: `Policy of ${by} ${steps.length}`,
    applies,
    steps: steps.map((one) => ({ name: 'Step', due: { hours: 10 }, ...one })),
  });
const ask = async (who: PersonName = 'northMember') =>
  await world.as(who, 'request.create', { entitlementId: world.entitlements.partsBuyer, reason: '' });
const typesOf = async (requestId: string) => {
  const { rows } = await sql<{ type: string }>`
    select type from event where target_id = ${requestId} order by position`.execute(world.db);
  return rows.map(({ type }) => type);
};

describe('a policy without steps', () => {
  it('approves at once, as its owner’s giving, and says so in the trail', async () => {
    await policy([]);
    const asked = await ask();
    expect(asked).toMatchObject({ state: 'approved', decidedBy: null });
    expect(await typesOf(asked.requestId)).toEqual(['request.created', 'request.rule-approved']);
    const { rows } = await sql<{ under: string; by: string }>`
      select given_under as under, given_by as by from assignment where request_id = ${asked.requestId}`.execute(
      world.db,
    );
    expect(rows).toEqual([{ under: world.delegations.acmeManager, by: world.people.acmeManager.userId }]);
  });

  it('asks people where its owner may not give it any more, or asks themselves', async () => {
    await policy([]);
    expect(await ask('acmeManager')).toMatchObject({ state: 'open', step: { name: 'Managers' } });
    await sql`update delegation set state = 'paused' where id = ${world.delegations.acmeManager}`.execute(
      world.db,
    );
    expect(await ask()).toMatchObject({ state: 'open', step: { name: 'Managers' } });
  });

  it('gives way to every policy that asks somebody (ruling 8)', async () => {
    await policy([]);
    await policy([{ approvers: [{ kind: 'owners' }] }], { risk: ['normal'] }, 'owner');
    expect(await ask()).toMatchObject({ state: 'open', step: { number: 1, of: 1, name: 'Step' } });
  });
});

describe('what time approves', () => {
  it('is one step: what other policies ask for is asked all the same', async () => {
    await policy([{ approvers: people('siteMember'), atEnd: 'approve' }]);
    await policy([{ approvers: [{ kind: 'owners' }] }], {}, 'owner');
    const { requestId } = await ask();
    await passTime(world.db, 60 * 24 * 3600);
    await wake(world.services, requestId);
    expect(await world.as('northMember', 'request.read', { requestId })).toMatchObject({
      state: 'open',
      step: { number: 2, of: 2 },
    });
    expect(await typesOf(requestId)).toContain('request.waived');
    expect(await world.as('secondOwner', 'request.decide', { requestId, approve: true })).toMatchObject({
      state: 'approved',
    });
  });
});

describe('a policy that would hang', () => {
  const hangs = (by: PersonName, steps: StepInput[], applies: Conditions = {}) =>
    expect(policy(steps, applies, by)).rejects;

  it('is refused with the state that would hang, in words', async () => {
    const group = await world.as('acmeManager', 'organization.create', {
      parentId: world.organizations.acme.id,
      name: 'Finance',
    });
    const finance: Step['approvers'] = [{ kind: 'members', organizationId: group.id }];
    const first = { approvers: people('siteMember') };
    await hangs('acmeManager', [first, { name: 'Money', approvers: finance }]).toThrow(
      /Step 2 “Money” would never come to a yes: nobody is in Finance/,
    );
    await hangs('acmeManager', [{ approvers: [{ kind: 'line-manager' }] }]).toThrow(
      /nobody in acme and below has a line manager/,
    );
    await sql`update membership set line_manager_id = ${member('siteMember')} where id = ${member('northMember')}`.execute(
      world.db,
    );
    await policy([{ approvers: [{ kind: 'line-manager' }] }]);
  });

  it('asks for more people than may decide there, however they come by it', async () => {
    // two managers, and the owners above; deputies are nobody of their own
    await hangs('acmeManager', [{ approvers: [{ kind: 'managers' }], quorum: { atLeast: 9 } }]).toMatchObject(
      { details: { number: 1, why: 'too-few', needed: 9 } },
    );
    await policy([{ approvers: [{ kind: 'managers' }], quorum: { atLeast: 2 } }]);
  });

  it('is told in the list when people have gone since', async () => {
    await policy([{ approvers: people('siteMember') }]);
    const { id: organizationId } = world.organizations.acme;
    const hangsNow = async () =>
      (await world.as('acmeManager', 'approval-policy.list', { organizationId })).items[0]!.hangs;
    expect(await hangsNow()).toBeNull();
    await sql`update membership set state = 'suspended' where id = ${member('siteMember')}`.execute(world.db);
    expect(await hangsNow()).toEqual({ number: 1, escalation: 0, why: 'nobody', needed: 1 });
  });

  it('is looked at where it is about, and names nothing out of sight', async () => {
    const { acmeNorth, acme2 } = world.organizations;
    await policy([{ approvers: [{ kind: 'managers' }] }], { organizationIds: [acmeNorth.id] });
    await hangs('acmeManager', [], { organizationIds: [acme2.id] }).toEqual(refusal('not-found'));
    await hangs('acmeManager', [], { entitlements: [member('siteMember')] }).toEqual(refusal('not-found'));
  });
});

describe('conditions', () => {
  it('tell places apart', async () => {
    const { acmeNorth, acmeSouth } = world.organizations;
    const asks = { approvers: people('siteMember') };
    await policy([asks], { organizationIds: [acmeSouth.id] });
    expect(await ask()).toMatchObject({ step: { name: 'Managers' } });
    await policy([asks, asks], { organizationIds: [acmeNorth.id], kinds: ['access'] });
    expect(
      await world.as('siteMember', 'request.create', {
        entitlementId: world.entitlements.partsViewer,
        reason: '',
      }),
    ).toMatchObject({ step: { name: 'Step', of: 2 } });
  });
});

describe('the condition of a separation of duties', () => {
  const stepOf = async (role: keyof World['entitlements'], who: PersonName = 'northMember') =>
    (await world.as(who, 'request.create', { entitlementId: world.entitlements[role], reason: '' })).step!
      .name;

  it('knows the sets of every level above, and not those beside; what else is asked for changes nothing', async () => {
    await policy([{ approvers: people('siteMember') }], { separation: true });
    await apart(world, ['partsBuyer', 'notesAuthor']);
    await apart(world, ['partsViewer', 'notesAuthor'], { at: 'acmeNorth' });
    await apart(world, ['notesReader', 'notesAuthor'], { at: 'acmeSouth' });
    // each half is part of its set, whatever is held or waits beside it
    expect(await stepOf('partsBuyer')).toBe('Step');
    expect(await stepOf('notesAuthor')).toBe('Step');
    expect(await stepOf('partsViewer')).toBe('Step');
    expect(await stepOf('notesReader')).toBe('Managers');
    expect(await stepOf('partsViewer', 'southMember')).toBe('Managers');
  });

  it('is looked at again when it is given, with the sets of then, and the other half that was given meanwhile', async () => {
    await policy([{ approvers: people('siteMember') }], { separation: true });
    const buyer = await ask();
    const author = await world.as('northMember', 'request.create', {
      entitlementId: world.entitlements.notesAuthor,
      reason: '',
    });
    expect([buyer.step!.name, author.step!.name]).toEqual(['Managers', 'Managers']);
    await apart(world, ['partsBuyer', 'notesAuthor'], { at: 'acmeNorth' });
    const yes = (by: PersonName, { requestId }: { requestId: string }) =>
      world.as(by, 'request.decide', { requestId, approve: true });
    expect(await yes('acmeManager', buyer)).toMatchObject({ state: 'open' });
    expect(await yes('siteMember', buyer)).toMatchObject({ state: 'approved' });
    expect(await yes('acmeManager', author)).toMatchObject({ state: 'open' });
    await expect(yes('siteMember', author)).rejects.toEqual(refusal('separation.broken'));
  });
});

describe('a trial', () => {
  const tryIt = async (steps: StepInput[], applies: Conditions = {}, by: PersonName = 'acmeManager') => {
    const { requestId } = await ask();
    return world.as(by, 'approval-policy.try', {
      organizationId: world.organizations.acme.id,
      applies,
      steps: steps.map((one) => ({ name: 'Step', due: { hours: 10 }, ...one })),
      requestId,
    });
  };

  it('says who could decide, when what comes, and how it ends when nobody acts', async () => {
    const tried = await tryIt([
      {
        approvers: people('siteMember'),
        remind: [{ hours: 2 }],
        escalation: [{ approvers: people('southMember'), due: { hours: 5 } }],
      },
    ]);
    const [step] = tried.steps;
    expect(tried.unmet).toEqual([]);
    expect(step!.levels.map(({ people }) => people.map(({ displayName }) => displayName))).toEqual([
      ['siteMember'],
      ['southMember'],
      [],
    ]);
    // the owners are outside the boundary of whoever looks: neither named nor counted (ruling 9)
    expect(step!.levels[2]).toMatchObject({ others: true });
    const start = Date.parse(step!.happens[0]!.at) - 8 * 3_600_000;
    const hours = step!.happens.map(({ what, at }) => [what, (Date.parse(at) - start) / 3_600_000]);
    expect(hours.slice(0, 4)).toEqual([
      ['reminder', 8],
      ['escalation', 10],
      ['reminder', 13],
      ['escalation', 15],
    ]);
    expect(step!.happens.at(-1)).toMatchObject({ what: 'refused', level: 2 });
    expect(tried.nobodyActs).toEqual({ what: 'refused', at: step!.happens.at(-1)!.at });
    expect(await world.db.selectFrom('approval_policy').select('id').execute()).toEqual([]);
  });

  it('opens a later step at its earliest now, and at its latest when the one before took all its time', async () => {
    const tried = await tryIt([
      { approvers: people('siteMember'), atEnd: 'approve', escalation: [] },
      { approvers: people('southMember'), due: { hours: 4 } },
    ]);
    const [first, second] = tried.steps;
    expect(first!.opens.latest).toBe(first!.opens.earliest);
    expect(second!.opens).toEqual({ earliest: first!.opens.earliest, latest: first!.happens.at(-1)!.at });
    expect(second!.happens[0]).toMatchObject({ what: 'escalation' });
    expect(Date.parse(second!.happens[0]!.at)).toBe(Date.parse(second!.opens.latest) + 4 * 3_600_000);
    expect(tried.nobodyActs).toEqual({ what: 'refused', at: second!.happens.at(-1)!.at });
  });

  it('says why a request is not concerned, and what it takes then', async () => {
    const tried = await tryIt([{ approvers: people('siteMember') }], {
      risk: ['high'],
      membership: 'internal',
    });
    expect(tried.unmet).toEqual(['risk', 'membership']);
    expect(tried.steps).toMatchObject([{ usual: true, tried: false }]);
  });

  it('of a policy without steps approves at once, but never for its owner', async () => {
    expect(await tryIt([])).toMatchObject({
      steps: [{ automatic: true, tried: true }],
      nobodyActs: { what: 'approved' },
    });
    const { requestId } = await ask('acmePeer');
    const mine = await world.as('acmePeer', 'approval-policy.try', {
      organizationId: world.organizations.acme.id,
      applies: {},
      steps: [],
      requestId,
    });
    expect(mine).toMatchObject({ steps: [{ automatic: false, usual: true }] });
  });

  it('is for those who may set policies there, on requests of people they see', async () => {
    await expect(tryIt([], {}, 'northMember')).rejects.toEqual(refusal('not-found'));
    const { requestId } = await ask('acme2Member');
    const input = { organizationId: world.organizations.acme.id, applies: {}, steps: [], requestId };
    await expect(world.as('acmeManager', 'approval-policy.try', input)).rejects.toEqual(refusal('not-found'));
  });
});

describe('a calendar', () => {
  const read = (by: PersonName, place: keyof World['organizations']) =>
    world.as(by, 'calendar.read', { organizationId: world.organizations[place].id });
  const set = (by: PersonName, place: keyof World['organizations'], hours: object | null) =>
    world.as(by, 'calendar.update', {
      organizationId: world.organizations[place].id,
      hours: hours as never,
    });
  const short = { days: [2, 1], from: '10:00', until: '12:00', holidays: ['2026-12-25'] };

  it('is the organization’s own, or the nearest above', async () => {
    expect(await read('acmeManager', 'acmeNorth')).toMatchObject({ own: false, from: '09:00', version: 0 });
    expect(await set('acmeManager', 'acme', short)).toMatchObject({ own: true, days: [1, 2] });
    expect(await read('acmeManager', 'acmeNorth')).toMatchObject({ own: false, ...short, days: [1, 2] });
    await set('acmeManager', 'acmeNorth', { ...short, from: '08:00' });
    expect(await set('acmeManager', 'acmeNorth', null)).toMatchObject({ own: false, from: '10:00' });
    await expect(set('acmeManager', 'acme', { ...short, until: '09:00' })).rejects.toEqual(
      refusal('input.invalid'),
    );
    await expect(set('northMember', 'acme', short)).rejects.toEqual(refusal('not-found'));
    const { rows } = await sql`select 1 from event where type = 'calendar.updated'`.execute(world.db);
    expect(rows.length).toBe(3);
  });

  it('moves what is due at the next look, and never beyond the deadline', async () => {
    await policy([{ approvers: people('siteMember'), due: { workingHours: 8 } }]);
    const { requestId } = await ask();
    const next = async () => {
      const { rows } = await sql<{ next: Date; deadline: Date }>`
        select next_at as next, deadline from request where id = ${requestId}`.execute(world.db);
      return rows[0]!;
    };
    const before = await next();
    await set('acmeManager', 'acme', short);
    expect(await next()).toEqual(before);
    const { rows } = await sql<{ left: number }>`
      select extract(epoch from next_at - remit_now())::float8 as left from request where id = ${requestId}`.execute(
      world.db,
    );
    await passTime(world.db, Math.ceil(rows[0]!.left) + 1);
    expect(await wake(world.services, requestId)).toEqual([]);
    const after = await next();
    expect(after.next.getTime()).toBeGreaterThan(before.next.getTime());
    expect(after.next.getTime()).toBeLessThanOrEqual(before.deadline.getTime());
    expect(after.deadline).toEqual(before.deadline);
  });
});

describe('when an organization is no more', () => {
  const policiesOf = async (organizationId: string) => {
    const { rows } = await sql<{ name: string; state: string }>`
      select name, state from approval_policy where organization_id = ${organizationId} order by name`.execute(
      world.db,
    );
    return rows.map(({ name, state }) => `${name} ${state}`);
  };
  const at = (place: keyof World['organizations'], name: string, steps: StepInput[]) =>
    world.as('owner', 'approval-policy.create', {
      organizationId: world.organizations[place].id,
      name,
      applies: {},
      steps: steps.map((one) => ({ name: 'Step', due: { hours: 10 }, ...one })),
    });
  const asks = [{ approvers: [{ kind: 'managers' as const }] }];

  it('its policies retire with it, and do not come back', async () => {
    const { acmeSouth } = world.organizations;
    await at('acmeSouth', 'Ask', asks);
    await world.as('owner', 'organization.close', { organizationId: acmeSouth.id });
    expect(await policiesOf(acmeSouth.id)).toEqual(['Ask retired']);
  });

  it('they go to the one that took it, under another name where theirs is taken, and loosen nothing', async () => {
    const { acmeSouth, acmeNorth, acme } = world.organizations;
    await at('acmeSouth', 'Ask', asks);
    await at('acmeSouth', 'At once', []);
    await at('acmeNorth', 'ask', asks);
    const above = await world.as('owner', 'approval-policy.create', {
      organizationId: acme.id,
      name: 'About the south',
      applies: { organizationIds: [acmeSouth.id] },
      steps: [{ name: 'Step', due: { hours: 10 }, ...asks[0]! }],
    });
    await world.as('owner', 'organization.merge', { organizationId: acmeSouth.id, intoId: acmeNorth.id });
    expect(await policiesOf(acmeNorth.id)).toEqual(['Ask (acmeSouth) active', 'ask active']);
    expect(await policiesOf(acmeSouth.id)).toEqual(['At once retired']);
    const { items, names } = await world.as('owner', 'approval-policy.list', {
      organizationId: acme.id,
    });
    expect(items.find(({ id }) => id === above.id)?.applies).toEqual({ organizationIds: [acmeNorth.id] });
    expect(names).toEqual({ [acmeNorth.id]: 'acmeNorth' });
  });
});

describe('requests at an organization that becomes part of another', () => {
  it('go on with their person, and end at once where they are about the place', async () => {
    const { acmeSouth: from, acmeNorth: into } = world.organizations;
    const access = await ask('southMember');
    const soon = new Date(Date.now() + 20 * 86_400_000).toISOString();
    const places = [
      await world.as('acmePeer', 'account.ask', {
        organizationId: from.id,
        email: 'new@example.org',
        displayName: 'New',
      }),
      await world.as('southMember', 'organization.ask', { parentId: from.id, name: 'Below' }),
      await world.as('southMember', 'delegation.ask', {
        organizationId: from.id,
        permissions: ['user.read'],
        until: soon,
      }),
    ];
    await world.as('owner', 'organization.merge', { organizationId: from.id, intoId: into.id });
    const { rows } = await sql<{ id: string; state: string; at: string }>`
      select id, state, organization_id as at from request`.execute(world.db);
    const now = new Map(rows.map(({ id, ...row }) => [id, row]));
    expect(now.get(access.requestId)).toEqual({ state: 'open', at: into.id });
    for (const { requestId } of places) {
      expect(now.get(requestId)).toEqual({ state: 'ended', at: from.id });
      expect(await typesOf(requestId)).toEqual(['request.created', 'request.ended']);
    }
    const { requestId } = access;
    expect(await world.as('acmeManager', 'request.decide', { requestId, approve: true })).toMatchObject({
      state: 'approved',
    });
  });
});

describe('the risk of a role', () => {
  it('is set with the role and changed by whoever looks after the application', async () => {
    const application = await world.as('owner', 'application.register', {
      organizationId: world.organizations.root.id,
      key: 'pay',
      name: 'Pay',
      roles: [
        { key: 'reader', name: 'Reader', risk: 'low' },
        { key: 'payer', name: 'Payer' },
      ],
    });
    expect(application.roles.map(({ key, risk }) => [key, risk])).toEqual([
      ['payer', 'normal'],
      ['reader', 'low'],
    ]);
    const entitlementId = application.roles[0]!.entitlementId;
    const added = await world.as('owner', 'application.add-role', {
      applicationId: application.id,
      key: 'chief',
      name: 'Chief',
      risk: 'high',
    });
    expect(added).toMatchObject({ key: 'chief', risk: 'high' });
    expect(await world.as('owner', 'entitlement.update', { entitlementId, risk: 'high' })).toMatchObject({
      risk: 'high',
      name: 'Payer',
    });
    await expect(
      world.as('acmeManager', 'entitlement.update', { entitlementId, risk: 'low' }),
    ).rejects.toEqual(refusal('not-found'));
    const { rows } = await sql<{ was: string; is: string }>`
      select before->>'risk' as was, after->>'risk' as is from event where type = 'entitlement.updated'`.execute(
      world.db,
    );
    expect(rows).toEqual([{ was: 'normal', is: 'high' }]);
  });
});
