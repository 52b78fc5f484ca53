import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { afterUndo, mayBeUndone } from '../../src/access/rules.ts';
import { holds } from '../../src/authority/holds.ts';
import { databaseNow, passTime } from '../../src/platform/clock.ts';
import { type LetterWorld, makeLetterWorld, told } from '../harness/letters.ts';

/** Ruling 12 to the millisecond: no instant at which a decision has effects outside and can still be taken back. */
let world: LetterWorld;
beforeEach(async () => {
  world = await makeLetterWorld();
});
afterEach(() => world.close());

const tooLate = expect.objectContaining({ name: 'Refusal', code: 'undo.too-late' });

/** Stops the database's clock, for every connection. */
const freeze = async (at: Date): Promise<void> => {
  await sql
    .raw(
      `create or replace function remit_now() returns timestamptz language sql stable as $$ select timestamptz '${at.toISOString()}' $$`,
    )
    .execute(world.db);
};
const after = (at: Date, milliseconds: number): Date => new Date(at.getTime() + milliseconds);
const ask = async () =>
  (
    await world.as('northMember', 'request.create', {
      entitlementId: world.entitlements.partsBuyer,
      reason: '',
    })
  ).requestId;
const has = () => holds(world.db, world.people.northMember.membershipId, world.entitlements.partsBuyer);

it('a decision can be undone until 9.999 s, and has its effects from 10.000 s on', async () => {
  const start = await databaseNow(world.db);
  await freeze(start);
  const requestId = await ask();
  await world.after(0);
  const { undoUntil } = await world.as('northManager', 'request.decide', { requestId, approve: true });
  expect(undoUntil).toBe(afterUndo(start).toISOString());

  await freeze(after(start, 9999));
  expect(await has()).toBe(false);
  expect(await world.after(0)).toEqual([]);
  expect(await world.as('northManager', 'request.undo', { requestId })).toMatchObject({ state: 'open' });
  const again = after(start, 9999);
  await world.as('northManager', 'request.decide', { requestId, approve: true });

  await freeze(after(again, 10_000));
  await expect(world.as('northManager', 'request.undo', { requestId })).rejects.toEqual(tooLate);
  expect(await has()).toBe(true);
  expect(told(await world.after(0))).toEqual(['northmember: Approved: buyer in parts']);
});

it('so can access that was given at once', async () => {
  const start = await databaseNow(world.db);
  const grant = async () => {
    const { results } = await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [world.people.northMember.membershipId],
      entitlementIds: [world.entitlements.partsBuyer],
    });
    return results[0]!.assignmentIds!;
  };
  await freeze(start);
  const first = await grant();
  await freeze(after(start, 9999));
  const undo = (assignmentIds: string[]) => world.as('acmeManager', 'assignment.undo', { assignmentIds });
  expect(await undo(first)).toMatchObject({ results: [{ ok: true }] });
  const second = await grant();
  await freeze(after(start, 19_999));
  expect(await has()).toBe(true);
  await expect(undo(second)).rejects.toEqual(tooLate);
});

const waiting = async () =>
  (
    await sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      world.db,
    )
  ).rows.length;

it.each([
  ['of the last step', []],
  ['of a step before it', [['acmePeer']]],
] as const)('an undo in time that commits late is waited for by the letters: %s', async (_, more) => {
  const steps = [['northManager'], ...more] as const;
  await world.as('acmeManager', 'approval-policy.create', {
    organizationId: world.organizations.acme.id,
    name: 'By name',
    applies: {},
    steps: steps.map((names, n) => ({
      name: `Step ${n + 1}`,
      due: { hours: 5 },
      approvers: [
        { kind: 'people' as const, membershipIds: names.map((name) => world.people[name].membershipId) },
      ],
    })),
  });
  const start = await databaseNow(world.db);
  await freeze(start);
  const requestId = await ask();
  await world.after(0);
  await world.as('northManager', 'request.decide', { requestId, approve: true });
  await freeze(after(start, 9999));
  const atTen = await world.db.transaction().execute(async (trx) => {
    await sql`select 1 from request_decision where request_id = ${requestId} for update`.execute(trx);
    const undo = world.as('northManager', 'request.undo', { requestId });
    // It has the request's row by now, and stands before the decision's.
    await expect.poll(waiting).toBe(1);
    await freeze(after(start, 10_000));
    let done = false;
    const letters = world.after(0).finally(() => {
      done = true;
    });
    await expect.poll(async () => done || (await waiting()) > 1).toBe(true);
    return { undo, letters };
  });
  expect(await atTen.undo).toMatchObject({ state: 'open' });
  expect(told(await atTen.letters)).toEqual([]);
});

it('an undo that waited past the ten seconds is too late', async () => {
  const requestId = await ask();
  await world.as('northManager', 'request.decide', { requestId, approve: true });
  const undone = world.db.transaction().execute(async (trx) => {
    await sql`select 1 from request where id = ${requestId} for update`.execute(trx);
    const undo = world.as('northManager', 'request.undo', { requestId }).catch((error: unknown) => error);
    await expect.poll(waiting).toBe(1);
    await passTime(world.db, 10);
    return { undo };
  });
  expect(await (await undone).undo).toEqual(tooLate);
  expect(mayBeUndone(new Date(0), new Date(10_000))).toBe(false);
});
