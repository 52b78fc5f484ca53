import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { passTime } from '../../src/platform/clock.ts';
import type { Step } from '../../src/requests/policy.ts';
import { wake } from '../../src/requests/wake.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/** Ways round approvals that somebody who wants in would try. */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

type StepInput = Partial<Step> & Pick<Step, 'approvers'>;
const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const member = (person: PersonName) => world.people[person].membershipId;
const people = (...names: PersonName[]): Step['approvers'] => [
  { kind: 'people', membershipIds: names.map(member) },
];
const policy = (by: PersonName, steps: StepInput[], applies: object = {}) =>
  world.as(by, 'approval-policy.create', {
    organizationId: world.organizations[by === 'owner' ? 'root' : 'acme'].id,
    name: `Policy of ${by}`,
    applies,
    steps: steps.map((one) => ({ name: 'Step', due: { hours: 10 }, ...one })),
  });
const ask = (who: PersonName) =>
  world.as(who, 'request.create', { entitlementId: world.entitlements.partsBuyer, reason: '' });
const has = (person: PersonName) => holds(world.db, member(person), world.entitlements.partsBuyer);

describe('a policy of somebody whom the asker made what they are', () => {
  beforeEach(() =>
    sql`update delegation set giver_user_id = ${world.people.acmeManager.userId} where id = ${world.delegations.acmePeer}`.execute(
      world.db,
    ),
  );

  it('approves nothing by rule for the asker (ruling 8)', async () => {
    await policy('acmePeer', []);
    expect(await ask('acmeManager')).toMatchObject({ state: 'open' });
    expect(await has('acmeManager')).toBe(false);
    expect(await ask('acmeMember')).toMatchObject({ state: 'approved' });
  });

  it('gives the asker nothing by what others said, or by time', async () => {
    await policy('acmePeer', [{ approvers: people('siteMember'), atEnd: 'approve' }]);
    const { requestId } = await ask('acmeManager');
    expect(await world.as('siteMember', 'request.decide', { requestId, approve: true })).toMatchObject({
      state: 'open',
    });
    expect(await has('acmeManager')).toBe(false);
  });
});

describe('a policy of somebody whom the asker invited', () => {
  it('approves nothing by rule for the asker (ruling 8)', async () => {
    await policy('acmePeer', []);
    await sql`insert into invitation (id, organization_id, path, email, email_normal, invited_by, state, accepted_by, expires_at)
      values (gen_random_uuid(), ${world.organizations.acme.id}, 'r.1', 'p@example.org', 'p@example.org', ${world.people.acmeManager.userId},
        'accepted', ${world.people.acmePeer.userId}, remit_now() + interval '1 day')`.execute(world.db);
    expect(await ask('acmeManager')).toMatchObject({ state: 'open' });
  });
});

describe('what time has passed', () => {
  it('is no yes to another policy that asks the same people', async () => {
    await policy('acmeManager', [{ approvers: people('siteMember'), atEnd: 'approve' }]);
    const { requestId } = await ask('northMember');
    await policy('owner', [{ approvers: people('siteMember') }]);
    for (let day = 0; day < 40; day += 1) {
      await passTime(world.db, 86_400);
      await wake(world.services, requestId);
      const { rows } = await sql`select 1 from request where id = ${requestId} and state = 'open'`.execute(
        world.db,
      );
      if (rows.length === 0) break;
    }
    const { state } = await world.as('northMember', 'request.read', { requestId });
    expect(state).toBe('refused');
    expect(await has('northMember')).toBe(false);
  });
});

describe('asking for what another asked for', () => {
  it('shows nothing of what the other wrote (I06)', async () => {
    const asked = { parentId: world.organizations.acme.id, name: 'Harbor' };
    await world.as('acmeMember', 'organization.ask', {
      ...asked,
      description: 'for the merger with Beta',
      reason: 'secret until May',
    });
    const again = await world.as('acmeHelpDesk', 'organization.ask', {
      ...asked,
      description: '',
      reason: '',
    });
    expect(JSON.stringify(again)).not.toMatch(/merger|secret/);
    expect(JSON.stringify(again)).not.toContain('acmeMember');
  });
});

describe('an account for oneself', () => {
  it('is not approved by whoever has its address (I32)', async () => {
    await policy('acmeManager', [{ approvers: people('siteMember') }], { kinds: ['account'] });
    const { requestId } = await world.as('acmePeer', 'account.ask', {
      organizationId: world.organizations.acme.id,
      email: 'siteMember@example.org',
      displayName: 'Somebody',
      reason: '',
    } as never);
    await expect(world.as('siteMember', 'request.decide', { requestId, approve: true })).rejects.toEqual(
      refusal('request.own'),
    );
  });
});

describe('trying a policy', () => {
  it('names nobody whom a policy above names (I06)', async () => {
    await policy('owner', [
      { approvers: people('betaMember') },
      { approvers: [{ kind: 'members', organizationId: world.organizations.beta.id }] },
    ]);
    const { requestId } = await ask('northMember');
    const tried = await world.as('acmeManager', 'approval-policy.try', {
      organizationId: world.organizations.acme.id,
      applies: {},
      steps: [],
      requestId,
    });
    expect(JSON.stringify(tried)).not.toContain(member('betaMember'));
    expect(JSON.stringify(tried)).not.toContain(world.organizations.beta.id);
  });
});

describe('somebody whom the asker put where they are', () => {
  it.each([
    ['user.created', 'import.apply'],
    ['membership.created', 'import.apply'],
  ])('is no second person: %s by %s (ruling 8)', async (type, operation) => {
    const south = world.organizations.acmeSouth;
    await policy('owner', [{ approvers: [{ kind: 'members', organizationId: south.id }] }]);
    const { requestId } = await ask('acmeManager');
    const { userId } = world.people.southMember;
    await sql`
      insert into event (id, type, operation, actor_kind, actor_id, organization_id, path, target_kind, target_id, subject_id)
      values (gen_random_uuid(), ${type}, ${operation}, 'user', ${world.people.acmeManager.userId}, ${south.id}, ${south.path}, 'user',
        ${userId}, ${userId})`.execute(world.db);
    await expect(world.as('southMember', 'request.decide', { requestId, approve: true })).rejects.toEqual(
      refusal('request.not-independent'),
    );
  });
});

describe('a stranger', () => {
  it('fills nobody’s inbox by asking many times at once', async () => {
    const organizationId = world.organizations.acme.id;
    await world.as('acmeManager', 'registration.update', { organizationId, open: true, words: '' });
    await Promise.all(
      Array.from({ length: 8 }, () =>
        world.as('acmeManager', 'registration.start', {
          organizationId,
          email: 'victim@example.net',
          displayName: 'V',
          message: '',
        }),
      ),
    );
    const { rows } = await sql`select 1 from registration where email_normal = 'victim@example.net'`.execute(
      world.db,
    );
    expect(rows).toHaveLength(3);
  });
});

describe('an exception from a separation of duties', () => {
  const appointed = () =>
    sql`update delegation set giver_user_id = ${world.people.acmeManager.userId} where id = ${world.delegations.acmePeer}`;
  const invited = () =>
    sql`insert into invitation (id, organization_id, path, email, email_normal, invited_by, state, accepted_by, expires_at)
      values (gen_random_uuid(), ${world.organizations.acme.id}, 'r.1', 'p@example.org', 'p@example.org', ${world.people.acmeManager.userId},
        'accepted', ${world.people.acmePeer.userId}, remit_now() + interval '1 day')`;

  it.each([
    ['appointed', appointed],
    ['invited', invited],
  ])('is not approved by whom the person %s (ruling 8)', async (_, brought) => {
    await brought().execute(world.db);
    const { id } = (await world.as('acmePeer', 'separation.create', {
      organizationId: world.organizations.acme.id,
      name: 'Buy and read',
      reason: '',
      entitlementIds: [world.entitlements.partsBuyer, world.entitlements.notesReader],
      tooMany: 2,
    } as never)) as unknown as { id: string };
    const except = (who: PersonName, whom: PersonName) =>
      world.as(who, 'separation.except', {
        separationId: id,
        membershipId: member(whom),
        until: '2027-01-01T00:00:00Z',
        reason: 'x',
      });
    await expect(except('acmePeer', 'acmeManager')).rejects.toEqual(refusal('request.not-independent'));
    await expect(except('acmePeer', 'acmeMember')).resolves.toBeDefined();
  });
});

describe('a line manager', () => {
  const asked = { membershipId: '', lineManagerId: '' };
  beforeEach(async () => {
    await sql`update membership set line_manager_id = ${member('acmeMember')} where id = ${member('northMember')}`.execute(
      world.db,
    );
    await policy('acmeManager', [{ approvers: [{ kind: 'line-manager' }] }]);
    asked.membershipId = member('northMember');
  });
  const askNotes = async (who: PersonName) =>
    (
      await world.as(who, 'request.create', {
        membershipId: member('northMember'),
        entitlementId: world.entitlements.notesAuthor,
        reason: '',
      })
    ).requestId;

  it('who made themselves one decides nothing by it (ruling 2)', async () => {
    await world.as('northManager', 'membership.update', {
      ...asked,
      lineManagerId: member('northManager'),
    });
    const requestId = await askNotes('northMember');
    await expect(world.as('northManager', 'request.decide', { requestId, approve: true })).rejects.toEqual(
      refusal('not-permitted'),
    );
  });

  it('whom the asker made one decides nothing for them', async () => {
    await world.as('northManager', 'membership.update', { ...asked, lineManagerId: member('siteMember') });
    const requestId = await askNotes('northManager');
    await expect(world.as('siteMember', 'request.decide', { requestId, approve: true })).rejects.toEqual(
      refusal('not-found'),
    );
    await world.as('northMember', 'request.withdraw', { requestId }).catch(() => undefined);
  });

  it('whom another made one decides', async () => {
    await world.as('northManager', 'membership.update', { ...asked, lineManagerId: member('siteMember') });
    const requestId = await askNotes('northMember');
    expect(await world.as('siteMember', 'request.decide', { requestId, approve: true })).toMatchObject({
      state: 'approved',
    });
  });
});

describe('a policy that wants a file by now', () => {
  it('is not met by an approval without one (ruling 8)', async () => {
    const { id } = await policy('acmeManager', [{ approvers: people('siteMember') }]);
    const { requestId } = await ask('northMember');
    await world.as('acmeManager', 'approval-policy.update', {
      policyId: id,
      steps: [{ name: 'Step', approvers: people('siteMember'), due: { hours: 10 }, attachment: 'required' }],
    });
    expect(await world.as('siteMember', 'request.decide', { requestId, approve: true })).toMatchObject({
      state: 'open',
    });
    expect(await has('northMember')).toBe(false);
  });
});

describe('who has it, too', () => {
  it('is beside a request only for who may see access (I06)', async () => {
    await sql`insert into assignment (id, membership_id, entitlement_id, why)
      values (gen_random_uuid(), ${member('acmeMember')}, ${world.entitlements.partsBuyer}, 'direct')`.execute(
      world.db,
    );
    await sql`update delegation set admin_role_id = null, permissions = '{organization.read,user.read}'
      where delegate_user_id = ${world.people.acmeHelpDesk.userId}`.execute(world.db);
    await policy('acmeManager', [{ approvers: people('acmeHelpDesk') }]);
    const { requestId } = await ask('acmePeer');
    const { beside } = await world.as('acmeHelpDesk', 'request.read', { requestId });
    expect(beside?.alsoHave).toEqual({ count: 0, names: [] });
  });
});

describe('a request with very many steps', () => {
  it('is not given past a stricter policy of later (ruling 8)', async () => {
    const steps = Array.from({ length: 8 }, () => ({ approvers: people('siteMember') }));
    await policy('acmeManager', steps);
    const { requestId } = await ask('northMember');
    // As if more policies had been about it.
    await sql`update request q set plan = (select jsonb_agg(s) from generate_series(1, 8) n, jsonb_array_elements(q.plan) s), step = 63
      where id = ${requestId}`.execute(world.db);
    await sql`insert into request_decision (id, request_id, step, user_id, membership_id, approve, decided_at, payload_hash, stood)
      select gen_random_uuid(), q.id, n, ${world.people.siteMember.userId}, ${member('siteMember')}, true, remit_now(), q.payload_hash, '{"level": 0}'
      from request q, generate_series(0, 62) n where q.id = ${requestId}`.execute(world.db);
    await policy('owner', [{ approvers: people('rootMember') }]);
    const { state } = await world.as('siteMember', 'request.decide', { requestId, approve: true });
    expect(state).toBe('refused');
    expect(await has('northMember')).toBe(false);
  });
});
