import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadFacts } from '../../src/authority/load-facts.ts';
import { everywhere } from '../../src/authority/place.ts';
import { passTime } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { ConnectorError } from '../../src/provisioning/connectors/connector.ts';
import { reconcile, startReconciling } from '../../src/provisioning/reconciling/reconcile.ts';
import { askForRun, claimRun, lostRuns } from '../../src/provisioning/reconciling/reconcile-rows.ts';
import { adopt, lockDifference } from '../../src/provisioning/reconciling/reconcile-settle.ts';
import { sendDue } from '../../src/provisioning/sending/sending.ts';
import type { Output } from '../../src/server/operations.gen.ts';
import { testConnector } from '../connectors/failing-target.ts';
import { makeStage, type Stage } from './stage.ts';

let stage: Stage;
let targetId: string;
/** What becomes of lists: undefined is what is there. */
let listing: 'whole' | 'cut' | 'short' | 'circle' | 'broken' = 'whole';
const connector: typeof testConnector = {
  ...testConnector,
  async open(settings, secrets, reaching) {
    const session = await testConnector.open({ ...settings, page: '2' }, secrets, reaching);
    return {
      ...session,
      async list(from) {
        const page = await session.list(from);
        if (listing === 'cut') return { seen: page.seen, whole: false };
        if (listing === 'short') return { seen: page.seen, whole: true, total: page.total ?? 0 };
        if (listing === 'circle') return { ...page, next: '2', whole: true };
        if (listing === 'broken' && from) throw new ConnectorError('unreachable', 'gone');
        return page;
      },
    };
  },
};

beforeAll(async () => {
  stage = await makeStage(connector);
});
afterAll(async () => {
  await stage?.close();
});

const members = ['acmeMember', 'northMember', 'siteMember', 'southMember', 'acmePeer'] as const;
const assignments: string[] = [];
beforeEach(async () => {
  const { world, remote } = stage;
  listing = 'whole';
  remote.there.clear();
  await sql`update target set state = 'retired'`.execute(world.db);
  for (const id of assignments.splice(0)) await stage.take(id);
  await sql`delete from mark`.execute(world.db);
  targetId = await stage.connect();
  for (const one of members) assignments.push(await stage.give(one));
  await stage.settleAll(targetId);
  expect(remote.there.size).toBe(5);
  await passTime(world.db, 60);
});

const thereOf = (person: (typeof members)[number]) =>
  [...stage.remote.there.values()].find(
    ({ correlation }) => correlation === stage.world.people[person].userId,
  )!;
async function compare(): Promise<Output<'difference.list'>> {
  const { id } = await askForRun(stage.world.db, targetId, null);
  await reconcile(stage.sending, id);
  return (await stage.as('owner', 'difference.list', {
    provisioningTargetId: targetId,
  })) as Output<'difference.list'>;
}
const kinds = ({ items }: Output<'difference.list'>): unknown[] =>
  items.map(({ kind, displayName, externalId, fields }) => [kind, displayName ?? externalId, fields]).sort();

/** All four kinds at once. */
function upset(): void {
  const { there } = stage.remote;
  there.set('x1', { id: 'x1', correlation: 'somebody', enabled: true, values: { name: 'X' }, roles: [] });
  there.delete(thereOf('northMember').id);
  const drifting = thereOf('siteMember');
  drifting.enabled = false;
  drifting.values = { ...drifting.values, title: 'Boss' };
  drifting.roles = [];
  const doubled = thereOf('southMember');
  there.set('x2', { ...doubled, id: 'x2' });
}
const found = [
  ['double', 'southMember', []],
  ['drift', 'siteMember', ['enable', 'roles', 'title']],
  ['missing', 'northMember', []],
  ['orphan', 'x1', []],
];

describe('what is there against what should be', () => {
  it('finds nothing where all is well, and each kind where it is not, once', async () => {
    const { remote, world } = stage;
    expect(await compare()).toMatchObject({ items: [], comparison: { state: 'done', read: 5, total: 5 } });
    upset();
    const writes = remote.log.filter(({ kind }) => kind !== 'list').length;
    const first = await compare();
    expect(kinds(first)).toEqual(found);
    // Both are named, so that a person can look at them there.
    const known = await stage.account(targetId, 'southMember');
    expect(first.items.find(({ kind }) => kind === 'double')!.externalIds).toEqual([known!.externalId, 'x2']);
    // Names of fields, and no value of them.
    expect(JSON.stringify(first)).not.toContain('Boss');
    expect((await sql`select 1 from reconcile_seen`.execute(world.db)).rows).toEqual([]);
    const second = await compare();
    expect(second.items).toEqual(first.items);
    expect(remote.log.filter(({ kind }) => kind !== 'list')).toHaveLength(writes);
  });

  it.each(['cut', 'short', 'circle', 'broken'] as const)(
    'says nothing of anybody by a %s list',
    async (how) => {
      upset();
      listing = how;
      expect(await compare()).toMatchObject({
        items: [],
        comparison: { state: 'failed', problem: how === 'broken' ? 'unreachable' : 'cut' },
      });
      listing = 'whole';
      expect(kinds(await compare())).toEqual(found);
      listing = how;
      // Nor is anything over by it.
      expect(kinds(await compare())).toEqual(found);
    },
  );

  it('says nothing of somebody about whom something is being done', async () => {
    const { world, remote } = stage;
    remote.there.delete(thereOf('northMember').id);
    await sql`update account set due_at = remit_now() where target_id = ${targetId}`.execute(world.db);
    expect((await compare()).items).toEqual([]);
  });
});

it('takes no more pages in a minute than the system bears', async () => {
  const { world, remote } = stage;
  await sql`update target set limits = '{"perMinute": 2}', settings = settings || '{"page": "2"}' where id = ${targetId}`.execute(
    world.db,
  );
  const lists = () => remote.log.filter(({ kind }) => kind === 'list').length;
  const before = lists();
  const { id } = await askForRun(world.db, targetId, null);
  const running = reconcile(stage.sending, id);
  await expect.poll(lists).toBe(before + 2);
  const { rows } = await sql<{ calls: number }>`
    select minute_calls as calls from target where id = ${targetId}`.execute(world.db);
  expect(rows).toEqual([{ calls: 2 }]);
  await passTime(world.db, 61);
  await running;
  expect(lists()).toBe(before + 3);
  expect(
    (await sql`select 1 from reconcile_run where id = ${id} and state = 'done'`.execute(world.db)).rows,
  ).toHaveLength(1);
});

describe('a difference', () => {
  const settle = (differenceId: string, how: 'mend' | 'adopt' | 'leave', more = {}) =>
    stage.as('owner', 'difference.settle', { differenceId, how, ...more });

  it('is mended by choice, and what was left stays left', async () => {
    const { world, remote } = stage;
    upset();
    const { items } = await compare();
    const of = (kind: string) => items.find((one) => one.kind === kind)!.id;
    await settle(of('missing'), 'mend');
    await settle(of('drift'), 'mend');
    await settle(of('double'), 'leave');
    await expect(settle(of('drift'), 'leave')).rejects.toMatchObject({ code: 'difference.settled' });
    await expect(settle(of('orphan'), 'mend')).rejects.toMatchObject({ code: 'difference.not-mendable' });
    await settle(of('orphan'), 'leave');
    await sendDue(stage.sending, targetId);
    expect(thereOf('siteMember')).toMatchObject({ enabled: true, roles: ['viewers'] });
    expect(thereOf('siteMember').values.title).not.toBe('Boss');
    expect(thereOf('northMember')).toMatchObject({ enabled: true, roles: ['viewers'] });
    await passTime(world.db, 60);
    const writes = remote.log.filter(({ kind }) => kind !== 'list').length;
    expect((await compare()).items).toEqual([]);
    await sendDue(stage.sending, targetId);
    expect(remote.log.filter(({ kind }) => kind !== 'list')).toHaveLength(writes);
    expect([...remote.there.keys()]).toContain('x1');
  });

  it('is over when somebody mended it there', async () => {
    const { there } = stage.remote;
    const away = thereOf('northMember');
    there.delete(away.id);
    expect(kinds(await compare())).toEqual([['missing', 'northMember', []]]);
    there.set(away.id, away);
    expect((await compare()).items).toEqual([]);
    expect(
      await stage.as('owner', 'difference.list', {
        provisioningTargetId: targetId,
        settled: 'true',
      } as never),
    ).toMatchObject({ items: [{ settledHow: 'over' }] });
  });

  it('that is nobody’s becomes the account of who is to have one, and of nobody else', async () => {
    const { world, remote } = stage;
    remote.there.set('x1', { id: 'x1', correlation: 'old', enabled: true, values: { name: 'X' }, roles: [] });
    const { items } = await compare();
    const taken = await lockDifference(world.db, items[0]!.id);
    const facts = await loadFacts(world.db, {
      kind: 'membership',
      membershipId: world.people.owner.membershipId,
    });
    const by = (person: 'acmeManager' | 'northMember') =>
      adopt(world.db, taken, {
        membershipId: world.people[person].membershipId,
        people: {
          regions: [{ place: everywhere, holes: [], users: undefined, reports: [] }],
          reachesOff: true,
        },
        facts,
        connectors: stage.sending.connectors,
      });
    await expect(by('acmeManager')).rejects.toMatchObject({ code: 'difference.nothing-held' });
    await expect(by('northMember')).rejects.toMatchObject({ code: 'difference.has-account' });
    // Their own is gone.
    remote.there.delete(thereOf('northMember').id);
    await sql`update account set stands = 'gone', external_id = null, roles = '{}', there_digest = ''
      where target_id = ${targetId} and user_id = ${world.people.northMember.userId}`.execute(world.db);
    expect(await by('northMember')).toBe(world.people.northMember.userId);
    await sendDue(stage.sending, targetId);
    expect(remote.there.get('x1')).toMatchObject({
      enabled: true,
      roles: ['viewers'],
      values: { name: 'northMember' },
    });
    expect(remote.there.size).toBe(5);
  });
});

it('is gone on with by another process, from the beginning, and by one at a time', async () => {
  const { world } = stage;
  const { id } = await askForRun(world.db, targetId, null);
  expect(await askForRun(world.db, targetId, null)).toEqual({ id, made: false });
  const dead = (await claimRun(world.db, id))!;
  expect(await claimRun(world.db, id)).toBeUndefined();
  await sql`insert into reconcile_seen (run_id, external_id, enabled) values (${id}, ${newId()}, true)`.execute(
    world.db,
  );
  expect(await lostRuns(world.db)).toEqual([]);
  await passTime(world.db, 121);
  expect(await lostRuns(world.db)).toEqual([id]);
  const reconciling = startReconciling(stage.sending, (error) => expect.fail(String(error)));
  const next = (await claimRun(world.db, id))!;
  expect(next.lease).toBe(dead.lease + 1);
  expect((await sql`select 1 from reconcile_seen`.execute(world.db)).rows).toEqual([]);
  await passTime(world.db, 121);
  await reconcile(stage.sending, id);
  await reconciling.stop();
  expect(await stage.as('owner', 'difference.list', { provisioningTargetId: targetId })).toMatchObject({
    items: [],
    comparison: { state: 'done', read: 5 },
  });
});
