import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { passTime } from '../../src/platform/clock.ts';
import { connectorNamed } from '../../src/provisioning/connectors/all.ts';
import { reconcile } from '../../src/provisioning/reconciling/reconcile.ts';
import { askForRun } from '../../src/provisioning/reconciling/reconcile-rows.ts';
import { sendDue } from '../../src/provisioning/sending/sending.ts';
import { wakeDueTasks } from '../../src/provisioning/tasks/wake.ts';
import type { Output } from '../../src/server/operations.gen.ts';
import type { PersonName } from '../harness/world.ts';
import { makeStage, type Stage } from './stage.ts';

/** A system that people look after: they are asked, and what they say is there is what is there. */
let stage: Stage;
beforeAll(async () => {
  stage = await makeStage();
  stage.sending.connectors = connectorNamed;
  // Every hour of every day is worked, so that a day is a day.
  await sql`insert into calendar (organization_id, days, opens, closes) values
    (${stage.world.organizations.root.id}, '{1,2,3,4,5,6,7}', '00:00', '23:59')`.execute(stage.world.db);
});
afterAll(async () => {
  await stage?.close();
});
afterEach(async () => {
  const { db } = stage.world;
  await sql`update target set state = 'retired'`.execute(db);
  await sql`update assignment set state = 'ended', ended_at = remit_now() where state = 'active'`.execute(db);
  await sql`delete from mark`.execute(db);
});

const day = 86_400;
type Task = Output<'task.list'>['items'][number];

/** By the operations that set it up; asks the help desk, then the peer. */
async function connect({
  settings = {},
  policy = { prepareDays: 0, onLoss: 'delete' as const, deleteAfterDays: 30 },
} = {}): Promise<string> {
  const { world } = stage;
  const { id } = await world.as('owner', 'target.create', {
    organizationId: world.organizations.acme.id,
    connector: 'by-hand',
    name: `By hand ${Math.random()}`,
    settings: {
      who: 'people',
      people: world.people.acmeHelpDesk.membershipId,
      dueDays: '2',
      remindDays: '1',
      // biome-ignore lint/suspicious/noThenProperty: the setting is called so
      then: 'people',
      thenPeople: world.people.acmePeer.membershipId,
      thenDays: '2',
      instructions: 'In the blue cabinet.',
      ...settings,
    },
    mapping: [
      { to: 'displayName', pieces: [{ field: 'displayName' }] },
      { to: 'title', pieces: [{ field: 'title' }] },
    ],
    roles: [{ entitlementId: world.entitlements.partsViewer, name: 'viewers' }],
    policy,
  });
  await world.as('owner', 'target.activate', { provisioningTargetId: id });
  return id;
}

const tasksOf = async (person: PersonName): Promise<Task[]> =>
  (await stage.world.as(person, 'task.list', {})).items;
const done = (person: PersonName, taskId: string, accountName?: string) =>
  stage.world.as(person, 'task.done', { taskId, ...(accountName ? { accountName } : {}) });
const events = async (taskId: string): Promise<string[]> => {
  const { rows } = await sql<{ type: string }>`
    select type from event where target_id = ${taskId} order by position`.execute(stage.world.db);
  return rows.map(({ type }) => type);
};
const refusal = (code: string) => expect.objectContaining({ code });

it('is not on where its tasks would name nobody', async () => {
  const mapping = [{ to: 'title', pieces: [{ field: 'title' as const }] }];
  const unnamed = { provisioningTargetId: await connect(), mapping };
  await expect(stage.world.as('owner', 'target.update', unnamed)).rejects.toMatchObject({
    code: 'input.invalid',
    details: { field: 'mapping.displayName' },
  });
});

it('says how many can do it before it is switched on, and warns where nobody can', async () => {
  const tried = async (settings: object) =>
    (await stage.world.as('owner', 'target.try', { provisioningTargetId: await connect({ settings }) }))
      .findings;
  expect(await tried({})).toEqual([{ level: 'good', text: 'People who can do it now: 1.' }]);
  const { world } = stage;
  const { membershipId } = world.people.acmeHelpDesk;
  const become = (state: string): Promise<unknown> =>
    sql`update membership set state = ${state} where id = ${membershipId}`.execute(world.db);
  await become('suspended');
  expect(await tried({})).toEqual([{ level: 'bad', text: 'Nobody may do it now: choose other people.' }]);
  await become('active');
});

describe('a task', () => {
  it('comes with a role, says what to do, and done makes the account active; another takes it away', async () => {
    const { world } = stage;
    const targetId = await connect();
    const given = await stage.give('northMember');
    await stage.settleAll(targetId);
    expect(await stage.account(targetId, 'northMember')).toMatchObject({
      stands: 'none',
      dueAt: null,
      deadAt: null,
      lastProblem: 'waiting',
      attempts: 0,
    });
    const [task, ...others] = await tasksOf('acmeHelpDesk');
    expect(others).toEqual([]);
    expect(task).toMatchObject({
      what: 'create',
      whom: 'northMember',
      accountName: null,
      needsName: true,
      instructions: 'In the blue cabinet.',
      overdue: false,
      fields: [
        { key: 'displayName', was: null, shouldBe: 'northMember' },
        { key: 'roles', was: null, shouldBe: ['viewers'] },
        { key: 'enabled', was: null, shouldBe: 'true' },
      ],
    });
    // Marked for something else meanwhile: there is one task still.
    await stage.world.as('owner', 'target.reconcile', { provisioningTargetId: targetId });
    await sql`update account set due_at = remit_now(), generation = generation + 1 where target_id = ${targetId}`.execute(
      world.db,
    );
    await sendDue(stage.sending, targetId);
    expect(await tasksOf('acmeHelpDesk')).toHaveLength(1);

    await expect(done('acmeHelpDesk', task!.taskId)).rejects.toEqual(refusal('task.name-missing'));
    await done('acmeHelpDesk', task!.taskId, 'north.m');
    await sendDue(stage.sending, targetId);
    expect(await stage.account(targetId, 'northMember')).toMatchObject({
      stands: 'enabled',
      externalId: 'north.m',
      roles: ['viewers'],
      lastProblem: null,
      dueAt: null,
    });
    expect(await tasksOf('acmeHelpDesk')).toEqual([]);
    // Said twice by the same person it is said once; by another it is too late.
    expect(await done('acmeHelpDesk', task!.taskId)).toMatchObject({ state: 'done' });
    expect(await events(task!.taskId)).toEqual(['task.opened', 'task.completed']);

    await stage.take(given);
    await stage.settleAll(targetId);
    const [ending] = await tasksOf('acmeHelpDesk');
    expect(ending).toMatchObject({
      what: 'delete',
      accountName: 'north.m',
      whom: 'northMember',
      needsName: false,
    });
    expect(await stage.account(targetId, 'northMember')).toMatchObject({ stands: 'enabled' });
    await done('acmeHelpDesk', ending!.taskId);
    await sendDue(stage.sending, targetId);
    expect(await stage.account(targetId, 'northMember')).toMatchObject({ stands: 'gone', externalId: null });
  });

  it('changes with what is wanted, and is never behind: an ending takes the place of a creation', async () => {
    const targetId = await connect();
    const given = await stage.give('northMember');
    await stage.settleAll(targetId);
    const [before] = await tasksOf('acmeHelpDesk');
    const { membershipId } = stage.world.people.northMember;
    await stage.world.as('acmeManager', 'membership.update', { membershipId, title: 'Fitter' });
    await stage.settleAll(targetId);
    const [changed] = await tasksOf('acmeHelpDesk');
    expect(changed).toMatchObject({ taskId: before!.taskId, what: 'create', version: before!.version + 1 });
    expect(changed!.fields).toContainEqual({
      key: 'title',
      label: 'Title',
      was: null,
      maybe: null,
      shouldBe: 'Fitter',
    });
    // Who still sees what it said before has done something else than it says now.
    await expect(
      stage.world.as(
        'acmeHelpDesk',
        'task.done',
        { taskId: before!.taskId, accountName: 'north.m' },
        { ifMatch: before!.version },
      ),
    ).rejects.toEqual(refusal('version.stale'));

    await stage.take(given);
    await stage.settleAll(targetId);
    const open = await tasksOf('acmeHelpDesk');
    expect(open).toMatchObject([
      { taskId: before!.taskId, what: 'check', mayBeThere: true, needsName: false },
    ]);
    await done('acmeHelpDesk', open[0]!.taskId);
    await sendDue(stage.sending, targetId);
    expect(await stage.account(targetId, 'northMember')).toMatchObject({ stands: 'none', wanted: 'none' });
    expect(await tasksOf('acmeHelpDesk')).toEqual([]);
  });

  it('is taken back where nothing is different any more and nobody can have let anybody in', async () => {
    const targetId = await connect();
    await stage.give('northMember');
    await stage.settleAll(targetId);
    await done('acmeHelpDesk', (await tasksOf('acmeHelpDesk'))[0]!.taskId, 'north.t');
    await sendDue(stage.sending, targetId);
    const { membershipId } = stage.world.people.northMember;
    const title = async (text: string): Promise<void> => {
      await stage.world.as('acmeManager', 'membership.update', { membershipId, title: text });
      await stage.settleAll(targetId);
    };
    await title('Turner');
    const [task] = await tasksOf('acmeHelpDesk');
    expect(task).toMatchObject({ what: 'change', fields: [{ key: 'title', shouldBe: 'Turner' }] });
    await title('Fitter');
    expect(await tasksOf('acmeHelpDesk')).toEqual([]);
    expect(await events(task!.taskId)).toEqual(['task.opened', 'task.withdrawn']);
    expect(await stage.account(targetId, 'northMember')).toMatchObject({
      stands: 'enabled',
      lastProblem: null,
    });
  });

  it('of a leaver is to switch off, and then to delete', async () => {
    const { world } = stage;
    const targetId = await connect({
      policy: { prepareDays: 0, onLoss: 'delete-after', deleteAfterDays: 3 } as never,
    });
    await stage.give('siteMember');
    await stage.settleAll(targetId);
    await done('acmeHelpDesk', (await tasksOf('acmeHelpDesk'))[0]!.taskId, 'site.m');
    await sendDue(stage.sending, targetId);
    await world.as('acmeManager', 'membership.end', { membershipId: world.people.siteMember.membershipId });
    await stage.settleAll(targetId);
    const [off] = await tasksOf('acmeHelpDesk');
    expect(off).toMatchObject({ what: 'disable', accountName: 'site.m' });
    expect(off!.fields).toContainEqual(
      expect.objectContaining({ key: 'enabled', was: 'true', shouldBe: 'false' }),
    );
    await passTime(world.db, 3 * day + 1);
    await sendDue(stage.sending, targetId);
    // Not done yet: what is to be done now is more.
    const [gone] = await tasksOf('acmeHelpDesk');
    expect(gone).toMatchObject({ taskId: off!.taskId, what: 'delete' });
    await done('acmeHelpDesk', gone!.taskId);
    await sendDue(stage.sending, targetId);
    expect(await stage.account(targetId, 'siteMember')).toMatchObject({ stands: 'gone' });
  });

  it('that cannot be done is a dead letter, and a new task when it is tried again', async () => {
    const { world } = stage;
    const targetId = await connect();
    await stage.give('northMember');
    await stage.settleAll(targetId);
    const [task] = await tasksOf('acmeHelpDesk');
    await world.as('acmeHelpDesk', 'task.refuse', { taskId: task!.taskId, reason: 'No licence is left.' });
    await sendDue(stage.sending, targetId);
    const account = await stage.account(targetId, 'northMember');
    expect(account).toMatchObject({ stands: 'none', lastProblem: 'declined', deadAt: expect.any(Date) });
    const { items } = await world.as('owner', 'account.of', {
      membershipId: world.people.northMember.membershipId,
    });
    expect(items).toMatchObject([{ state: 'dead', problem: 'declined', said: 'No licence is left.' }]);
    // Marked again for the same it stays so.
    await sql`update account set due_at = remit_now() where id = ${account!.id}`.execute(world.db);
    await sendDue(stage.sending, targetId);
    expect(await tasksOf('acmeHelpDesk')).toEqual([]);
    await world.as('owner', 'account.retry', { accountId: account!.id });
    await sendDue(stage.sending, targetId);
    expect(await tasksOf('acmeHelpDesk')).toMatchObject([{ what: 'create' }]);
  });
});

describe('who does it', () => {
  it('is whom the system names, while they may; others find nothing, and nobody does their own', async () => {
    const { world } = stage;
    const targetId = await connect();
    await stage.give('northMember');
    await stage.settleAll(targetId);
    const [task] = await tasksOf('acmeHelpDesk');
    for (const other of ['acmePeer', 'acmeManager', 'northMember', 'acme2Manager', 'owner'] as const) {
      expect(await tasksOf(other)).toEqual([]);
      for (const act of [
        () => world.as(other, 'task.read', { taskId: task!.taskId }),
        () => done(other, task!.taskId, 'x'),
        () => world.as(other, 'task.refuse', { taskId: task!.taskId, reason: 'no' }),
      ])
        await expect(act()).rejects.toEqual(refusal('not-found'));
    }
    // Somebody else is named: at once, and for what is open.
    const settings = { who: 'people', people: world.people.northMember.membershipId };
    await sql`update target set settings = settings || ${JSON.stringify(settings)}::jsonb where id = ${targetId}`.execute(
      world.db,
    );
    expect(await tasksOf('acmeHelpDesk')).toEqual([]);
    await expect(done('acmeHelpDesk', task!.taskId, 'x')).rejects.toEqual(refusal('not-found'));
    // It is about them.
    expect(await tasksOf('northMember')).toEqual([]);
    await expect(done('northMember', task!.taskId, 'x')).rejects.toEqual(refusal('not-found'));
    // Whoever operates the system; suspended, nobody.
    await sql`update target set settings = settings || '{"who": "operators"}' where id = ${targetId}`.execute(
      world.db,
    );
    expect(await tasksOf('owner')).toHaveLength(1);
    expect(await tasksOf('auditor')).toEqual([]);
    await sql`update target set settings = settings || '{"who": "application-managers"}' where id = ${targetId}`.execute(
      world.db,
    );
    expect(await tasksOf('acmeApplicationManager')).toHaveLength(1);
    expect(await tasksOf('acmeMember')).toEqual([]);
    const { membershipId } = world.people.acmeApplicationManager;
    await world.as('owner', 'membership.suspend', { membershipId });
    expect(
      await world.as('acmeApplicationManager', 'task.list', {}).catch(() => 'refused'),
    ).not.toMatchObject({
      items: [expect.anything()],
    });
    await world.as('owner', 'membership.resume', { membershipId });
  });

  it('is reminded, then others are asked, too, and a deputy does it while they are away', async () => {
    const { world } = stage;
    const targetId = await connect();
    await stage.give('northMember');
    await stage.settleAll(targetId);
    const [task] = await tasksOf('acmeHelpDesk');
    const due = new Date(task!.dueAt).getTime() / 1000;
    const { rows } = await sql<{ now: Date }>`select remit_now() as now`.execute(world.db);
    const left = due - rows[0]!.now.getTime() / 1000;
    await passTime(world.db, left - day + 300);
    await wakeDueTasks(stage.sending);
    await wakeDueTasks(stage.sending);
    expect(await events(task!.taskId)).toEqual(['task.opened', 'task.reminded']);
    expect(await tasksOf('acmePeer')).toEqual([]);
    await passTime(world.db, day);
    await wakeDueTasks(stage.sending);
    expect(await events(task!.taskId)).toEqual(['task.opened', 'task.reminded', 'task.escalated']);
    expect(await tasksOf('acmePeer')).toHaveLength(1);
    expect(await tasksOf('acmeHelpDesk')).toHaveLength(1);
    // In vain again: it does not lapse, and is told of again.
    await passTime(world.db, 2 * day + 300);
    await wakeDueTasks(stage.sending);
    expect((await events(task!.taskId)).slice(3)).toEqual(['task.reminded']);
    expect(await tasksOf('acmePeer')).toMatchObject([{ overdue: true }]);

    await world.as('acmePeer', 'deputy.create', {
      membershipId: world.people.acmeMember.membershipId,
      until: new Date(Date.now() + 100 * day * 1000).toISOString(),
    } as never);
    expect(await tasksOf('acmeMember')).toHaveLength(1);
    await done('acmeMember', task!.taskId, 'north.d');
    await sendDue(stage.sending, targetId);
    expect(await stage.account(targetId, 'northMember')).toMatchObject({ stands: 'enabled' });
  });
});

describe('what is there', () => {
  it('is what was said, and is compared with what should be', async () => {
    const { world } = stage;
    const targetId = await connect();
    await stage.give('northMember');
    await stage.give('southMember');
    await stage.settleAll(targetId);
    const [first, second] = await tasksOf('acmeHelpDesk');
    await done('acmeHelpDesk', first!.taskId, 'one');
    await expect(done('acmeHelpDesk', second!.taskId, 'one')).rejects.toEqual(refusal('task.name-taken'));
    await done('acmeHelpDesk', second!.taskId, 'two');
    await sendDue(stage.sending, targetId);
    const { id } = await askForRun(world.db, targetId, null);
    await reconcile(stage.sending, id);
    const { rows } = await sql`select state, whole, read, counts from reconcile_run where id = ${id}`.execute(
      world.db,
    );
    expect(rows).toMatchObject([{ state: 'done', whole: true, read: 2 }]);
    const { rows: differences } = await sql`select kind from difference where run_id = ${id}`.execute(
      world.db,
    );
    expect(differences).toEqual([]);
  });

  it('survives a process that dies after it asked: one task, and what was said is found', async () => {
    const { world } = stage;
    const targetId = await connect();
    await stage.give('northMember');
    await stage.settleAll(targetId);
    // As if the process had died between asking and writing it down.
    await sql`update account set leased_until = remit_now() - interval '1 second', lease = lease + 1, due_at = remit_now()
      where target_id = ${targetId}`.execute(world.db);
    await sendDue(stage.sending, targetId);
    const open = await tasksOf('acmeHelpDesk');
    expect(open).toHaveLength(1);
    expect(await stage.account(targetId, 'northMember')).toMatchObject({
      stands: 'none',
      lastProblem: 'waiting',
    });
    await done('acmeHelpDesk', open[0]!.taskId, 'north.k');
    await sql`update account set leased_until = remit_now() - interval '1 second', lease = lease + 1
      where target_id = ${targetId}`.execute(world.db);
    await sendDue(stage.sending, targetId);
    expect(await stage.account(targetId, 'northMember')).toMatchObject({
      stands: 'enabled',
      externalId: 'north.k',
    });
    expect(await tasksOf('acmeHelpDesk')).toEqual([]);
  });
});
