import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { passTime } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { waitingMarks, workMark } from '../../src/provisioning/sending/marker.ts';
import { mark } from '../../src/provisioning/sending/marks.ts';
import { claimDue, nextLook, settle } from '../../src/provisioning/sending/queue.ts';
import { sendDue } from '../../src/provisioning/sending/sending.ts';
import { startTargets } from '../../src/provisioning/sending/turns.ts';
import { startFailingTarget } from '../connectors/failing-target.ts';
import { makeStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await makeStage();
});
afterAll(async () => {
  await stage?.close();
});
afterEach(async () => {
  const { world, remote } = stage;
  remote.fails(undefined);
  remote.there.clear();
  remote.creates.clear();
  remote.log.length = 0;
  await sql`update target set state = 'retired'`.execute(world.db);
  await sql`update assignment set state = 'ended', ended_at = remit_now() where state = 'active'`.execute(
    world.db,
  );
  await sql`delete from mark`.execute(world.db);
});

const there = () => [...stage.remote.there.values()];
const someone = ['acmeMember', 'northMember', 'siteMember', 'southMember', 'acmePeer'] as const;

describe('an account follows what is held', () => {
  it('is made, switched off and on, changed, and gone after its time', async () => {
    const { world, remote } = stage;
    const targetId = await stage.connect({ policy: { onLoss: 'delete-after', deleteAfterDays: 2 } });
    const given = await stage.give('northMember');
    await stage.settleAll(targetId);
    expect(there()).toEqual([
      expect.objectContaining({
        correlation: world.people.northMember.userId,
        enabled: true,
        roles: ['viewers'],
        values: expect.objectContaining({ name: 'northMember', mail: 'northmember@example.org' }),
      }),
    ]);
    expect(await stage.account(targetId, 'northMember')).toMatchObject({ stands: 'enabled', dueAt: null });
    const calls = remote.log.length;
    await stage.settleAll(targetId);
    expect(remote.log.length).toBe(calls);

    await stage.take(given);
    await stage.settleAll(targetId);
    expect(there()).toMatchObject([{ enabled: false, roles: [] }]);
    const again = await stage.give('northMember');
    await stage.settleAll(targetId);
    expect(there()).toMatchObject([{ enabled: true, roles: ['viewers'] }]);

    await stage.take(again);
    await stage.settleAll(targetId);
    await passTime(world.db, 2 * 86_400 + 1);
    await sendDue(stage.sending, targetId);
    expect(there()).toEqual([]);
    expect(await stage.account(targetId, 'northMember')).toMatchObject({
      stands: 'gone',
      wanted: 'none',
      dueAt: null,
    });
    expect([...remote.creates.values()]).toEqual([1]);
  });

  it('changes what was changed, by an event of the portal', async () => {
    const { world } = stage;
    const targetId = await stage.connect();
    await stage.give('northMember');
    await stage.settleAll(targetId);
    const { membershipId } = world.people.northMember;
    await stage.as('acmeManager', 'membership.update', { membershipId, title: 'Fitter' });
    await stage.settleAll(targetId);
    expect(there()).toMatchObject([{ values: { title: 'Fitter' } }]);
    await stage.as('acmeManager', 'membership.suspend', { membershipId });
    await stage.settleAll(targetId);
    expect(there()).toMatchObject([{ enabled: false }]);
    await stage.as('acmeManager', 'membership.resume', { membershipId });
    await stage.settleAll(targetId);
    expect(there()).toMatchObject([{ enabled: true }]);
  });

  it('does what was marked while it was sending, and not only what it saw before', async () => {
    const targetId = await stage.connect();
    const given = await stage.give('northMember');
    await stage.markAll();
    const gate = Promise.withResolvers<void>();
    stage.remote.fails((kind) => (kind === 'create' ? { how: 'slow', until: gate.promise } : undefined));
    const sent = stage.remote.came(stage.remote.requests() + 2);
    const sending = sendDue(stage.sending, targetId);
    await sent;
    await stage.take(given);
    await stage.markAll();
    gate.resolve();
    await sending;
    expect(there()).toMatchObject([{ enabled: false, roles: [] }]);
    expect(await stage.account(targetId, 'northMember')).toMatchObject({ stands: 'disabled', dueAt: null });
  });
});

describe('an account that is made ahead', () => {
  /** Access from three days on, in a system that has accounts ready a week before. */
  const giveLater = async (person: (typeof someone)[number]): Promise<string> => {
    const id = newId();
    const { membershipId } = stage.world.people[person];
    await sql`insert into assignment (id, membership_id, entitlement_id, why, starts_at)
      values (${id}, ${membershipId}, ${stage.world.entitlements.partsViewer}, 'direct', remit_now() + interval '3 days')`.execute(
      stage.world.db,
    );
    await mark(stage.world.db, { assignments: [id] });
    return id;
  };

  it('waits for the ten seconds in which it can be undone, and leaves nothing when it was', async () => {
    const { world, remote } = stage;
    const targetId = await stage.connect({ policy: { prepareDays: 7 } });
    await giveLater('northMember');
    const undone = await giveLater('siteMember');
    const [markId] = await waitingMarks(world.db, -1);
    expect(await workMark(world.db, stage.sending.connectors, markId!)).toEqual(new Set([targetId]));
    await stage.settleAll(targetId);
    expect(remote.log).toEqual([]);
    // Whoever looked has left word of when to look again.
    const { now, at } = (await nextLook(world.db, targetId))!;
    expect(at.getTime() - now.getTime()).toBeGreaterThan(0);
    expect(at.getTime() - now.getTime()).toBeLessThanOrEqual(10_000);
    await stage.take(undone);
    await stage.markAll();
    await passTime(world.db, 11);
    await sendDue(stage.sending, targetId);
    expect(there()).toMatchObject([{ correlation: world.people.northMember.userId, enabled: false }]);
    expect(remote.creates.size).toBe(1);
  });
});

describe('a right that whoever saved the system has no more', () => {
  it('gives nobody anything anew, takes from nobody, and goes on when it is back', async () => {
    const { world } = stage;
    const targetId = await stage.connect();
    const stays = await stage.give('acmePeer');
    await stage.settleAll(targetId);
    const limited = (entitlements: object) =>
      sql`update delegation set entitlements = ${JSON.stringify(entitlements)}::jsonb where id = ${world.delegations.owner}`.execute(
        world.db,
      );
    await limited({ applications: [], entitlements: [] });
    try {
      await stage.give('northMember');
      await stage.settleAll(targetId);
      expect(there()).toMatchObject([
        { correlation: world.people.acmePeer.userId, enabled: true, roles: ['viewers'] },
      ]);
      expect(await stage.as('owner', 'target.read', { provisioningTargetId: targetId })).toMatchObject({
        roles: [{ name: 'viewers', stopped: true }],
      });
      await stage.take(stays);
      await stage.settleAll(targetId);
      expect(there()).toMatchObject([{ enabled: false, roles: [] }]);
    } finally {
      await limited({ all: true });
    }
    await mark(world.db, { delegations: [world.delegations.owner] });
    await stage.settleAll(targetId);
    expect(there().filter(({ enabled }) => enabled)).toMatchObject([
      { correlation: world.people.northMember.userId, roles: ['viewers'] },
    ]);
  });
});

describe('at most one account', () => {
  it.each(['lost', 'lies'] as const)('is there when the answer to making it %s', async (how) => {
    const { world, remote } = stage;
    const targetId = await stage.connect();
    await stage.give('northMember');
    remote.fails((kind, _, nth) =>
      kind === 'create' && nth === 0 ? (how === 'lost' ? { how } : { how, status: 500 }) : undefined,
    );
    await stage.settleAll(targetId);
    expect(await stage.account(targetId, 'northMember')).toMatchObject({ stands: 'unsure' });
    await passTime(world.db, 61);
    await sendDue(stage.sending, targetId);
    expect(await stage.account(targetId, 'northMember')).toMatchObject({ stands: 'enabled' });
    expect([...remote.creates.values()]).toEqual([1]);
    expect(remote.log.filter(({ kind }) => kind === 'create')).toHaveLength(1);
    // What may still come late is looked for once more.
    const calls = remote.log.length;
    await passTime(world.db, 601);
    await sendDue(stage.sending, targetId);
    expect(remote.log.slice(calls).map(({ kind }) => kind)).toEqual(['read']);
    expect(await stage.account(targetId, 'northMember')).toMatchObject({ stands: 'enabled', dueAt: null });
  });

  it('is mended when a request that was given up is carried out long after', async () => {
    const { world, remote } = stage;
    const targetId = await stage.connect();
    const given = await stage.give('northMember');
    await stage.settleAll(targetId);
    remote.fails((kind) => (kind === 'disable' ? { how: 'lost' } : undefined));
    await stage.take(given);
    await stage.settleAll(targetId);
    remote.fails(undefined);
    await passTime(world.db, 61);
    await sendDue(stage.sending, targetId);
    expect(there()).toMatchObject([{ enabled: false }]);
    // An old request wakes up at the target and opens it again.
    there()[0]!.enabled = true;
    await passTime(world.db, 601);
    await sendDue(stage.sending, targetId);
    expect(there()).toMatchObject([{ enabled: false }]);
  });

  it('settles nothing for a claim whose lease another has', async () => {
    const { world } = stage;
    const targetId = await stage.connect();
    await stage.give('northMember');
    await stage.markAll();
    const first = (await claimDue(world.db, targetId))!;
    expect(await claimDue(world.db, targetId)).toBeUndefined();
    await passTime(world.db, 61);
    const second = (await claimDue(world.db, targetId))!;
    expect(second.accounts).toMatchObject([{ lease: first.accounts[0]!.lease + 1, stands: 'unsure' }]);
    const done = (lease: number, externalId: string) => ({
      ...{
        id: first.accounts[0]!.id,
        lease,
        generation: 1,
        outcome: 'done' as const,
        what: ['create'],
        calls: 1,
      },
      ...{
        wanted: 'enabled' as const,
        stands: 'enabled' as const,
        externalId,
        thereDigest: 'x',
        roles: [],
        took: false,
      },
      ...{ withheld: false, changesTo: null, changing: [], thereMarks: null },
      ...{
        verifies: false,
        verified: false,
        nextChangeAt: null,
        deleteAfter: null,
        after: 0,
        problem: null,
        status: null,
      },
    });
    expect(await settle(world.db, [done(first.accounts[0]!.lease, 'older')])).toBe(0);
    expect(await settle(world.db, [done(second.accounts[0]!.lease, 'newer')])).toBe(1);
    expect(await settle(world.db, [done(second.accounts[0]!.lease, 'twice')])).toBe(0);
    expect(await stage.account(targetId, 'northMember')).toMatchObject({
      externalId: 'newer',
      stands: 'enabled',
    });
  });

  it('is made once by two who send at the same time', async () => {
    const targetId = await stage.connect();
    for (const person of someone) await stage.give(person);
    await stage.markAll();
    await Promise.all([1, 2, 3].map(() => sendDue(stage.sending, targetId)));
    await sendDue(stage.sending, targetId);
    expect(there()).toHaveLength(someone.length);
    expect(new Set(stage.remote.creates.values())).toEqual(new Set([1]));
  });
});

describe('a target that fails', () => {
  it('is down for ten minutes: converged without a hand, and nothing doubled', async () => {
    const { world, remote } = stage;
    const targetId = await stage.connect();
    const given = await stage.give('acmePeer');
    await stage.settleAll(targetId);
    remote.fails((kind, _, nth) => (kind === 'create' && nth % 2 === 1 ? { how: 'lost' } : { how: 'down' }));
    for (const person of someone.slice(0, 4)) await stage.give(person);
    await stage.take(given);
    const before = remote.log.length;
    await stage.settleAll(targetId);
    for (let minute = 0; minute < 10; minute += 1) {
      await passTime(world.db, 60);
      await sendDue(stage.sending, targetId);
    }
    // It is left in peace meanwhile: about one attempt a minute, of some calls.
    expect(remote.log.length - before).toBeLessThan(60);
    remote.fails(undefined);
    for (let minute = 0; minute < 5; minute += 1) {
      await passTime(world.db, 60);
      await sendDue(stage.sending, targetId);
    }
    expect(there().filter(({ enabled }) => enabled)).toHaveLength(4);
    expect(there().filter(({ enabled }) => !enabled)).toHaveLength(1);
    expect(new Set(remote.creates.values())).toEqual(new Set([1]));
    const { rows } = await sql<{
      n: number;
    }>`select count(*)::int as n from account where target_id = ${targetId}
      and (attempts > 0 or dead_at is not null or stands = 'unsure')`.execute(world.db);
    expect(rows[0]!.n).toBe(0);
  });

  it('is left in peace for as long as it asks', async () => {
    const { world, remote } = stage;
    const targetId = await stage.connect();
    for (const person of someone) await stage.give(person);
    remote.fails((kind) => (kind === 'create' ? { how: 'status', status: 429, retryAfter: 300 } : undefined));
    await stage.settleAll(targetId);
    const calls = remote.log.length;
    await passTime(world.db, 290);
    await sendDue(stage.sending, targetId);
    expect(remote.log.length).toBe(calls);
    remote.fails(undefined);
    await passTime(world.db, 20);
    await sendDue(stage.sending, targetId);
    expect(there()).toHaveLength(someone.length);
  });

  it('takes no more at once, and in a minute, than it bears', async () => {
    const { world, remote } = stage;
    const targetId = await stage.connect({
      roles: [['partsViewer', null]],
      limits: { atOnce: 2, perMinute: 3 },
    });
    for (const person of someone) await stage.give(person);
    await stage.settleAll(targetId);
    expect(there()).toHaveLength(3);
    await passTime(world.db, 61);
    await sendDue(stage.sending, targetId);
    expect(there()).toHaveLength(5);
    expect(remote.atOnce()).toBeLessThanOrEqual(8);
  });

  it('refuses one for good: the others go on, and a person decides about it', async () => {
    const { world, remote } = stage;
    const targetId = await stage.connect();
    for (const person of someone) await stage.give(person);
    const poison = world.people.northMember.userId;
    remote.fails((kind, about) =>
      kind === 'create' && about === poison ? { how: 'status', status: 400 } : undefined,
    );
    await stage.settleAll(targetId);
    expect(there()).toHaveLength(4);
    for (let n = 0; n < 11; n += 1) {
      await passTime(world.db, 2 * 86_400);
      await sendDue(stage.sending, targetId);
    }
    expect((await stage.account(targetId, 'northMember'))!.deadAt).toBeInstanceOf(Date);
    const calls = remote.log.length;
    await passTime(world.db, 86_400);
    await sendDue(stage.sending, targetId);
    expect(remote.log.length).toBe(calls);

    const { id: accountId } = (await stage.account(targetId, 'northMember'))!;
    await stage.as('owner', 'account.ignore', { accountId, reason: 'has another one there' });
    expect(await stage.as('owner', 'account.retry-all', { provisioningTargetId: targetId })).toEqual({
      count: 0,
    });
    remote.fails(undefined);
    await stage.as('owner', 'account.retry', { accountId });
    await sendDue(stage.sending, targetId);
    expect(await stage.account(targetId, 'northMember')).toMatchObject({
      stands: 'enabled',
      attempts: 0,
      deadAt: null,
    });
    expect(there()).toHaveLength(5);
  });

  it('delays no other', async () => {
    const slow = await startFailingTarget();
    const gate = Promise.withResolvers<void>();
    slow.fails(() => ({ how: 'slow', until: gate.promise, late: true }));
    const first = await stage.connect({ remote: slow });
    const second = await stage.connect();
    await stage.give('northMember');
    await stage.markAll();
    const faults: unknown[] = [];
    const targets = startTargets(stage.sending, (error) => faults.push(error));
    await targets.wake(first);
    await slow.came(1);
    await targets.wake(second);
    await expect.poll(() => there().length).toBe(1);
    gate.resolve();
    await targets.stop();
    expect(faults).toEqual([]);
  });
});

describe('the brake', () => {
  it('counts before anything is taken, lets adding go on, and waits for a person', async () => {
    const { world, remote } = stage;
    const targetId = await stage.connect({ brake: { atLeast: 2, share: 0.1 } });
    const given: string[] = [];
    for (const person of someone.slice(0, 4)) given.push(await stage.give(person));
    await stage.settleAll(targetId);
    for (const one of given.slice(0, 3)) await stage.take(one);
    await stage.give('acmePeer');
    await stage.settleAll(targetId);
    expect(there().filter(({ enabled }) => enabled)).toHaveLength(5);
    const { rows } = await sql<{
      type: string;
      after: unknown;
    }>`select type, after from event where target_id = ${targetId}`.execute(world.db);
    expect(rows).toEqual([{ type: 'target.braked', after: { what: 'removals', waiting: 3 } }]);

    expect(await stage.as('owner', 'target.release', { provisioningTargetId: targetId })).toEqual({
      count: 3,
    });
    await sendDue(stage.sending, targetId);
    expect(there().filter(({ enabled }) => enabled)).toHaveLength(2);
    expect(remote.log.filter(({ kind }) => kind === 'disable')).toHaveLength(3);
  });

  it('counts what was taken little by little', async () => {
    const targetId = await stage.connect({ brake: { atLeast: 2, share: 0.1 } });
    const given: string[] = [];
    for (const person of someone) given.push(await stage.give(person));
    await stage.settleAll(targetId);
    for (const one of given) {
      await stage.take(one);
      await stage.settleAll(targetId);
    }
    expect(there().filter(({ enabled }) => !enabled)).toHaveLength(2);
  });
});
