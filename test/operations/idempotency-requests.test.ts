import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { passTime } from '../../src/platform/clock.ts';
import type { Input, OperationName } from '../../src/server/operations.gen.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/** Keys and versions of what people ask for, decide and set up: attacked (I58, I31). */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const member = (who: PersonName) => world.people[who].membershipId;
const count = async (table: string) =>
  (await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(world.db)).rows[0]!.n;
const keyed = <N extends OperationName>(who: PersonName, name: N, input: Input<N>, key = 'the key') =>
  world.as(who, name, input, { idempotencyKey: key });
const ask = (who: PersonName = 'northMember', more: object = {}) =>
  keyed(who, 'request.create', { entitlementId: world.entitlements.partsBuyer, reason: 'fair', ...more });
const pdf = (text: string) => Buffer.from(`%PDF-1.7 ${text}`).toString('base64');
const policy = () => ({
  organizationId: world.organizations.acme.id,
  name: 'One',
  applies: {},
  steps: [{ name: 'One', approvers: [{ kind: 'managers' as const }], due: { hours: 5 } }],
});

describe('a key', () => {
  it('is of one person: with another it is another request, and with another body or act none', async () => {
    const first = await ask();
    expect(await ask()).toEqual(first);
    await expect(ask('northMember', { reason: 'other' })).rejects.toEqual(refusal('idempotency.other-body'));
    await expect(keyed('northMember', 'request.withdraw', { requestId: first.requestId })).rejects.toEqual(
      refusal('idempotency.other-body'),
    );
    const others = await ask('southMember');
    expect(others.requestId).not.toBe(first.requestId);
    expect(await count('request')).toBe(2);
  });

  it('brings no decision back that was taken back, and says no more than before to whoever lost the right', async () => {
    const { requestId } = await ask();
    const decide = () => keyed('northManager', 'request.decide', { requestId, approve: true });
    const first = await decide();
    await keyed('northManager', 'request.undo', { requestId }, 'undo');
    const events = await count('event');
    expect(await decide()).toEqual(first);
    await keyed('northManager', 'request.undo', { requestId }, 'undo');
    expect(await world.as('northMember', 'request.read', { requestId })).toMatchObject({ state: 'open' });
    expect([await count('event'), await count('assignment')]).toEqual([events, 1]);
    await expect(keyed('northManager', 'request.decide', { requestId, approve: false })).rejects.toEqual(
      refusal('idempotency.other-body'),
    );
    // the same key of somebody else decides for them
    expect(await keyed('acmeManager', 'request.decide', { requestId, approve: false })).toMatchObject({
      state: 'refused',
    });
    await world.as('acmeManager', 'delegation.end', { delegationId: world.delegations.northManager });
    await expect(decide()).rejects.toEqual(refusal('not-found'));
  });

  it('adds a file once, and keeps none of it', async () => {
    const { requestId } = await ask();
    const attach = (content: string) =>
      keyed('northMember', 'request.attach', { requestId, name: 'secret.pdf', content }, 'file');
    const first = await attach(pdf('one'));
    expect(await attach(pdf('one'))).toEqual(first);
    await expect(attach(pdf('two'))).rejects.toEqual(refusal('idempotency.other-body'));
    expect(await count('request_attachment')).toBe(1);
    const { rows } = await sql<{
      kept: string;
    }>`select string_agg(to_jsonb(i)::text, '') as kept from idempotency i`.execute(world.db);
    expect(rows[0]!.kept).not.toContain(pdf('one'));
  });

  it('names a deputy once, and makes one policy', async () => {
    const deputy = () =>
      keyed('acmeManager', 'deputy.create', {
        membershipId: member('acmeMember'),
        until: '2999-01-01T00:00:00Z',
      });
    expect(await deputy()).toEqual(await deputy());
    const { rows } = await sql`select 1 from delegation where kind = 'approve'`.execute(world.db);
    expect(rows).toHaveLength(1);
    const made = await keyed('acmeManager', 'approval-policy.create', policy(), 'policy');
    expect(await keyed('acmeManager', 'approval-policy.create', policy(), 'policy')).toEqual(made);
    await expect(
      keyed('acmeManager', 'approval-policy.create', { ...policy(), name: 'Two' }, 'policy'),
    ).rejects.toEqual(refusal('idempotency.other-body'));
    await expect(keyed('acmePeer', 'approval-policy.create', policy(), 'policy')).rejects.toEqual(
      refusal('name-taken'),
    );
  });

  it('never shows the secret of a webhook again, and keeps it nowhere', async () => {
    const create = () =>
      keyed('acmeManager', 'webhook.create', {
        organizationId: world.organizations.acme.id,
        name: 'Hook',
        url: 'https://hooks.example.org/remit',
        types: ['request.approved'],
      });
    const { secret, ...webhook } = await create();
    await expect(create()).rejects.toEqual(refusal('idempotency.other-body'));
    expect(await count('webhook')).toBe(1);
    const rotate = () => keyed('acmeManager', 'webhook.rotate', { webhookId: webhook.id }, 'rotate');
    const turned = await rotate();
    await expect(rotate()).rejects.toEqual(refusal('idempotency.other-body'));
    const { rows } = await sql<{
      kept: string;
    }>`select string_agg(to_jsonb(i)::text, '') as kept from idempotency i`.execute(world.db);
    for (const one of [secret, turned.secret]) expect(rows[0]!.kept).not.toContain(one);
  });

  it('of one sender twice at once has one effect', async () => {
    const { requestId } = await ask();
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => keyed('northManager', 'request.decide', { requestId, approve: true })),
    );
    for (const one of answers) expect(one).toEqual(answers[0]);
    expect([await count('request_decision'), await count('assignment')]).toEqual([1, 1]);
  });
});

describe('a version', () => {
  const at = <N extends OperationName>(who: PersonName, name: N, input: Input<N>, ifMatch: number) =>
    world.as(who, name, input, { ifMatch });

  it('that is stale decides, withdraws and passes on nothing: what they saw is what they decide about', async () => {
    const { requestId, version } = await ask();
    await world.as('northMember', 'request.attach', { requestId, name: 'a.pdf', content: pdf('one') });
    const yes = { requestId, approve: true };
    await expect(at('northManager', 'request.decide', yes, version)).rejects.toEqual(
      refusal('version.stale'),
    );
    await expect(at('northMember', 'request.withdraw', { requestId }, version)).rejects.toEqual(
      refusal('version.stale'),
    );
    await expect(
      at('northManager', 'request.pass-on', { requestId, membershipId: member('acmeManager') }, version),
    ).rejects.toEqual(refusal('version.stale'));
    const now = (await world.as('northManager', 'request.read', { requestId })).version;
    const decided = await at('northManager', 'request.decide', yes, now);
    expect(decided).toMatchObject({ state: 'approved' });
    // sent again it is the same answer, though the version has moved on
    expect(await at('northManager', 'request.decide', yes, now)).toEqual(decided);
  });

  it('of a policy counts for one of two who change it at once', async () => {
    const { id, version } = await world.as('acmeManager', 'approval-policy.create', policy());
    const outcomes = await Promise.allSettled([
      at('acmeManager', 'approval-policy.update', { policyId: id, name: 'A' }, version),
      at('acmePeer', 'approval-policy.update', { policyId: id, name: 'B' }, version),
      at('acmeManager', 'approval-policy.retire', { policyId: id }, version),
    ]);
    const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused).toEqual([refusal('version.stale'), refusal('version.stale')]);
    await expect(at('acmeManager', 'approval-policy.retire', { policyId: id }, version)).rejects.toEqual(
      refusal('version.stale'),
    );
  });

  it('of a webhook guards changing, turning and removing it', async () => {
    const webhook = await world.as('acmeManager', 'webhook.create', {
      organizationId: world.organizations.acme.id,
      name: 'Hook',
      url: 'https://hooks.example.org/remit',
      types: ['request.approved'],
    });
    const before = { webhookId: webhook.id };
    await at('acmeManager', 'webhook.update', { ...before, name: 'Other' }, webhook.version);
    await passTime(world.db, 1);
    for (const name of ['webhook.update', 'webhook.rotate', 'webhook.retire'] as const)
      await expect(at('acmeManager', name, before, webhook.version)).rejects.toEqual(
        refusal('version.stale'),
      );
  });
});
