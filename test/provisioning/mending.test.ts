import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { passTime } from '../../src/platform/clock.ts';
import { connectorNamed } from '../../src/provisioning/connectors/all.ts';
import { unmendedRuns } from '../../src/provisioning/reconciling/by-policy.ts';
import type { Mending } from '../../src/provisioning/reconciling/mending-rules.ts';
import { compareNightly, planNight } from '../../src/provisioning/reconciling/nightly.ts';
import { reconcile, startReconciling } from '../../src/provisioning/reconciling/reconcile.ts';
import { askForRun } from '../../src/provisioning/reconciling/reconcile-rows.ts';
import { waitingMarks, workMark } from '../../src/provisioning/sending/marker.ts';
import { sendDue } from '../../src/provisioning/sending/sending.ts';
import type { Output } from '../../src/server/operations.gen.ts';
import { makeStage, type Stage } from './stage.ts';

let stage: Stage;
let targetId: string;
let dropDir: string;
const assignments: string[] = [];
const members = ['acmeMember', 'northMember', 'siteMember', 'southMember', 'acmePeer'] as const;

beforeAll(async () => {
  stage = await makeStage();
  dropDir = await mkdtemp(join(tmpdir(), 'remit-mending-'));
});
afterAll(async () => {
  await stage?.close();
  await rm(dropDir, { recursive: true, force: true });
});

beforeEach(async () => {
  const { world, remote } = stage;
  remote.there.clear();
  await sql`update target set state = 'retired'`.execute(world.db);
  for (const id of assignments.splice(0)) await stage.take(id);
  await sql`delete from mark`.execute(world.db);
  targetId = await stage.connect();
  for (const one of members) assignments.push(await stage.give(one));
  await stage.settleAll(targetId);
  await passTime(world.db, 60);
});

const choose = async (mending: Partial<Mending>, brake = {}): Promise<void> => {
  await sql`update target set mending = ${JSON.stringify(mending)}::jsonb, brake = ${JSON.stringify(brake)}::jsonb
    where id = ${targetId}`.execute(stage.world.db);
};
const list = async (more = {}) =>
  (await stage.as('owner', 'difference.list', {
    provisioningTargetId: targetId,
    ...more,
  })) as Output<'difference.list'>;
/** What a night does: everything is compared, what was chosen is done, and what is due is sent. */
async function night(): Promise<Output<'difference.list'>> {
  const { id } = await askForRun(stage.world.db, targetId, null);
  await reconcile(stage.sending, id);
  await sendDue(stage.sending, targetId);
  await passTime(stage.world.db, 60);
  return list();
}
const writes = (): number =>
  stage.remote.log.filter(({ kind }) => !['list', 'read', 'find'].includes(kind)).length;
const thereOf = (person: (typeof members)[number]) =>
  [...stage.remote.there.values()].find(
    ({ correlation }) => correlation === stage.world.people[person].userId,
  )!;
const stranger = (id: string, enabled = true) =>
  stage.remote.there.set(id, { id, correlation: `of ${id}`, enabled, values: { name: id }, roles: [] });

it('puts right what differs by what was chosen, and a second night writes nothing', async () => {
  await choose({ missing: 'mend', drift: 'mend', orphan: 'disable' });
  stage.remote.there.delete(thereOf('northMember').id);
  const drifting = thereOf('siteMember');
  drifting.values = { ...drifting.values, title: 'Boss' };
  stranger('x1');
  stranger('off already', false);
  const { world } = stage;
  stage.remote.there.set('ours', {
    ...{ id: 'ours', correlation: world.people.betaMember.userId, enabled: true, values: {}, roles: [] },
  });
  const first = await night();
  expect(thereOf('northMember')).toMatchObject({ enabled: true, roles: ['viewers'] });
  expect(thereOf('siteMember').values.title).not.toBe('Boss');
  expect(stage.remote.there.get('x1')).toMatchObject({ enabled: false });
  // What Remit made for another system is nothing to take, and what is off already stays for a person to see.
  expect(stage.remote.there.get('ours')).toMatchObject({ enabled: true });
  expect(first.items.map(({ externalId, ours }) => [externalId, ours]).sort()).toEqual([
    ['off already', false],
    ['ours', true],
  ]);
  const done = writes();
  const { rows: before } = await sql`select count(*)::int as n from difference`.execute(world.db);
  expect((await night()).items).toEqual(first.items);
  expect(writes()).toBe(done);
  expect((await sql`select count(*)::int as n from difference`.execute(world.db)).rows).toEqual(before);
  // Switched on again by somebody there: it differs anew.
  stranger('x1');
  await night();
  expect(stage.remote.there.get('x1')).toMatchObject({ enabled: false });
});

it('takes no more away than the brake lets, in all its ways together', async () => {
  await choose({ orphan: 'delete', drift: 'mend' }, { atLeast: 3, share: 0 });
  for (const id of ['x1', 'x2', 'x3']) stranger(id);
  expect((await night()).items).toEqual([]);
  expect(stage.remote.there.size).toBe(5);
  // The day's three are gone: neither a role more than somebody should have is taken now, nor another account.
  const grown = thereOf('siteMember');
  await sql`insert into target_role (id, target_id, entitlement_id, name, external_id)
    values (gen_random_uuid(), ${targetId}, ${stage.world.entitlements.partsBuyer}, 'editors', 'editors')`.execute(
    stage.world.db,
  );
  grown.roles = ['viewers', 'editors'];
  stranger('x4');
  const held = await night();
  expect(held.items.map(({ kind, planned }) => [kind, planned])).toEqual([['orphan', 'delete']]);
  expect(stage.remote.there.has('x4')).toBe(true);
  expect(thereOf('siteMember').roles).toEqual(['viewers', 'editors']);
  expect(await stage.as('owner', 'target.read', { provisioningTargetId: targetId })).toMatchObject({
    brakedAt: expect.any(String),
  });
  expect(await stage.as('owner', 'target.release', { provisioningTargetId: targetId })).toEqual({ count: 2 });
  await sendDue(stage.sending, targetId);
  expect(stage.remote.there.has('x4')).toBe(false);
  expect(thereOf('siteMember').roles).toEqual(['viewers']);
});

it('leaves to a person what is changed back again and again', async () => {
  await choose({ drift: 'mend' });
  for (let n = 0; n < 3; n += 1) {
    const one = thereOf('siteMember');
    one.values = { ...one.values, title: 'Boss' };
    await night();
    expect(thereOf('siteMember').values.title === 'Boss').toBe(n === 2);
  }
  expect((await list()).items).toMatchObject([{ kind: 'drift', fields: ['title'] }]);
});

it('leaves what cannot be taken for later, and says why', async () => {
  await choose({ orphan: 'delete' });
  stranger('x1');
  stage.remote.fails((kind) => (kind === 'delete' ? { how: 'status', status: 403 } : undefined));
  expect((await night()).items).toMatchObject([{ planned: 'delete', problem: expect.any(String) }]);
  stage.remote.fails(undefined);
  await passTime(stage.world.db, 400);
  await sendDue(stage.sending, targetId);
  expect(stage.remote.there.has('x1')).toBe(false);
});

it('compares by night, goes on where a process died, and pauses with its system', async () => {
  const { world } = stage;
  await choose({ missing: 'mend', nightly: true });
  await planNight(world.db, targetId);
  expect(await compareNightly(stage.sending)).toBe(0);
  stage.remote.there.delete(thereOf('northMember').id);
  await passTime(world.db, 24 * 3600);
  await sql`update target set state = 'paused' where id = ${targetId}`.execute(world.db);
  expect(await compareNightly(stage.sending)).toBe(0);
  await sql`update target set state = 'active' where id = ${targetId}`.execute(world.db);
  expect(await compareNightly(stage.sending)).toBe(1);
  expect(await compareNightly(stage.sending)).toBe(0);
  const reconciling = startReconciling(stage.sending, (error) => expect.fail(String(error)));
  const [run] = (await list()).comparisons;
  await reconciling.wake(run!.id);
  await vi.waitFor(
    async () => expect((await list()).comparison).toMatchObject({ id: run!.id, state: 'done', read: 4 }),
    { timeout: 20_000 },
  );
  await reconciling.stop();
  await sendDue(stage.sending, targetId);
  expect(thereOf('northMember')).toMatchObject({ enabled: true });
  // It died between the comparison and what was chosen about it.
  stage.remote.there.delete(thereOf('northMember').id);
  await passTime(world.db, 24 * 3600);
  expect(await compareNightly(stage.sending)).toBe(1);
  const [next] = (await list()).comparisons;
  await choose({ nightly: true });
  await reconcile(stage.sending, next!.id);
  await choose({ missing: 'mend', nightly: true });
  await sql`update reconcile_run set mended_at = null where id = ${next!.id}`.execute(world.db);
  const again = startReconciling(stage.sending, (error) => expect.fail(String(error)));
  await again.wakeLost();
  await again.stop();
  expect(await unmendedRuns(world.db)).toEqual([]);
  await sendDue(stage.sending, targetId);
  expect(thereOf('northMember')).toMatchObject({ enabled: true });
});

it('settles many at once, of what the reader sees', async () => {
  for (const one of ['northMember', 'siteMember'] as const) stage.remote.there.delete(thereOf(one).id);
  for (const id of ['x1', 'x2', 'x3']) stranger(id);
  const { counts, items } = await night();
  expect(counts).toEqual({ orphan: 3, missing: 2, drift: 0, double: 0 });
  const settle = (input: object) =>
    stage.as('owner', 'difference.settle-all', { provisioningTargetId: targetId, ...input });
  expect(await settle({ how: 'mend', kind: 'missing' })).toEqual({ count: 2, more: false });
  const orphans = items.filter(({ kind }) => kind === 'orphan');
  expect(await settle({ how: 'leave', differenceIds: [orphans[0]!.id] })).toEqual({ count: 1, more: false });
  expect(await settle({ how: 'mend', kind: 'orphan' })).toEqual({ count: 0, more: false });
  expect(await settle({ how: 'delete', kind: 'orphan' })).toEqual({ count: 2, more: false });
  await sendDue(stage.sending, targetId);
  expect(stage.remote.there.size).toBe(6);
  expect((await list()).items).toEqual([]);
  await expect(settle({ how: 'leave' })).rejects.toMatchObject({ code: 'input.invalid' });
});

it('takes an account there as whose it is, by a person and by what they do not write', async () => {
  const { world } = stage;
  const folder = 'adopting';
  world.services.config = { ...world.services.config, dropDir };
  const sending = { ...stage.sending, ...world.services, connectors: connectorNamed };
  const { id } = (await stage.as('owner', 'target.create', {
    organizationId: world.organizations.acme.id,
    connector: 'csv',
    name: 'File',
    settings: { folder, columns: 'name,mail' },
    mapping: [
      { to: 'name', pieces: [{ field: 'displayName' }] },
      { to: 'mail', pieces: [{ field: 'email' }] },
    ],
    roles: [{ entitlementId: world.entitlements.partsViewer }],
  })) as { id: string };
  targetId = id;
  const settings = { provisioningTargetId: id };
  const mending = { orphan: 'adopt', match: 'mail', nightly: true } as const;
  await expect(
    stage.as('owner', 'target.update', { ...settings, mending: { ...mending, match: 'name' } }),
  ).rejects.toMatchObject({ code: 'target.no-match' });
  await stage.as('owner', 'target.activate', settings);
  for (const markId of await waitingMarks(world.db, -1)) await workMark(world.db, connectorNamed, markId);
  const file = join(dropDir, folder, 'accounts.csv');
  await sendDue(sending, id);
  const rows = (await readFile(file, 'utf8')).trim().split(/\r?\n/);
  expect(rows).toHaveLength(6);
  // Of two people theirs are there under names of before: as if this system had been in use for years.
  const old = await Promise.all(
    (['northMember', 'siteMember'] as const).map(async (person) => {
      const { userId } = world.people[person];
      await sql`update account set stands = 'none', external_id = null, wanted = 'enabled', there_digest = '', due_at = null
        where target_id = ${id} and user_id = ${userId}`.execute(world.db);
      await sql`update app_user set proved_email = email where id = ${userId}`.execute(world.db);
      return userId;
    }),
  );
  let text = await readFile(file, 'utf8');
  for (const [n, userId] of old.entries()) text = text.replace(userId, `old-${n}`);
  await writeFile(file, text);
  await passTime(world.db, 60);
  const compare = async (): Promise<Output<'difference.list'>> => {
    const { id: runId } = await askForRun(world.db, id, null);
    await reconcile(sending, runId);
    await sendDue(sending, id);
    await passTime(world.db, 60);
    return (await stage.as('owner', 'difference.list', settings)) as Output<'difference.list'>;
  };
  const { items } = await compare();
  expect(items.map(({ kind, externalId }) => [kind, externalId]).sort()).toEqual([
    ['orphan', 'old-0'],
    ['orphan', 'old-1'],
  ]);
  const adopt = (person: 'northMember' | 'acmeManager') =>
    stage.as('owner', 'difference.settle', {
      differenceId: items.find(({ externalId }) => externalId === 'old-0')!.id,
      how: 'adopt',
      membershipId: world.people[person].membershipId,
    });
  await expect(adopt('acmeManager')).rejects.toMatchObject({ code: 'difference.nothing-held' });
  expect(await adopt('northMember')).toMatchObject({ settledHow: 'adopted' });
  await stage.as('owner', 'target.update', { ...settings, mending });
  expect((await compare()).items).toEqual([]);
  const { rows: adopted } = await sql`
    select external_id as "externalId", stands from account where target_id = ${id} and user_id = any (${old}::uuid[])
    order by external_id`.execute(world.db);
  expect(adopted).toEqual([
    { externalId: 'old-0', stands: 'enabled' },
    { externalId: 'old-1', stands: 'enabled' },
  ]);
  expect((await readFile(file, 'utf8')).trim().split(/\r?\n/)).toHaveLength(6);
});

it('keeps of two the one that a person chose, and takes the other while that one is there', async () => {
  const known = thereOf('southMember');
  const beside = { ...known, id: 'beside', values: { ...known.values, title: 'Newer' } };
  const doubled = async () => {
    const { items } = await night();
    return items.find(({ kind }) => kind === 'double')!;
  };
  const settle = (differenceId: string, keep: string, how: 'disable' | 'delete' = 'disable') =>
    stage.as('owner', 'difference.settle', { differenceId, how, keep });
  stage.remote.there.set('beside', beside);
  const first = await doubled();
  expect(first.externalIds).toEqual([known.id, 'beside']);
  await expect(settle(first.id, 'another')).rejects.toMatchObject({ code: 'difference.not-takeable' });
  expect(await settle(first.id, 'beside')).toMatchObject({
    planned: 'disable',
    externalIds: ['beside', known.id],
  });
  await sendDue(stage.sending, targetId);
  // The chosen one is looked after, with what should stand in it; the other is off, and found no more.
  expect(await stage.account(targetId, 'southMember')).toMatchObject({
    externalId: 'beside',
    stands: 'enabled',
  });
  expect(stage.remote.there.get('beside')).toMatchObject({ enabled: true });
  expect(stage.remote.there.get('beside')!.values.title).not.toBe('Newer');
  expect(stage.remote.there.get(known.id)).toMatchObject({ enabled: false });
  expect(await doubled()).toBeUndefined();

  // The chosen one is gone before the other is taken: then nothing is.
  const north = thereOf('northMember');
  stage.remote.there.set('second', { ...north, id: 'second' });
  const second = await doubled();
  await settle(second.id, north.id, 'delete');
  stage.remote.there.delete(north.id);
  await sendDue(stage.sending, targetId);
  expect(stage.remote.there.has('second')).toBe(true);

  // Nobody chooses among their own.
  const { userId } = stage.world.people.owner;
  await sql`update account set user_id = ${userId} where target_id = ${targetId} and external_id = 'beside'`.execute(
    stage.world.db,
  );
  await sql`update difference set settled_at = null, settled_how = null, planned = null, fields = '{}' where id = ${first.id}`.execute(
    stage.world.db,
  );
  await expect(settle(first.id, 'beside')).rejects.toMatchObject({ code: 'user.self' });
});

it('takes nothing by the policy of somebody who may no longer, though it was planned before', async () => {
  await choose({ orphan: 'delete' }, { atLeast: 0, share: 0 });
  stranger('x1');
  stranger('x2');
  const { items } = await night();
  expect(items.map(({ planned }) => planned)).toEqual(['delete', 'delete']);
  const own = items.find(({ externalId }) => externalId === 'x2')!;
  await stage.as('owner', 'difference.settle', { differenceId: own.id, how: 'delete' });
  await sql`update target set saved_under = null where id = ${targetId}`.execute(stage.world.db);
  await stage.as('owner', 'target.release', { provisioningTargetId: targetId });
  await sendDue(stage.sending, targetId);
  // What a person said goes by that person's right.
  expect([...stage.remote.there.keys()].filter((id) => id.startsWith('x'))).toEqual(['x1']);
  expect((await list()).items).toMatchObject([{ externalId: 'x1', planned: null }]);
});
