import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { passTime } from '../../src/platform/clock.ts';
import type { Conditions, Step } from '../../src/requests/policy.ts';
import { wake } from '../../src/requests/wake.ts';
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
    expect(await typesOf(asked.requestId)).toEqual(['request.created', 'request.approved-by-rule']);
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
