import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { passTime } from '../../src/platform/clock.ts';
import { sendJob } from '../../src/platform/jobs.ts';
import { waitingMarks } from '../../src/provisioning/sending/marker.ts';
import { sendDue } from '../../src/provisioning/sending/sending.ts';
import { makeStage, type Stage } from './stage.ts';
import type { Order, Told } from './victim.ts';

const file = fileURLToPath(new URL('victim.ts', import.meta.url));
/** All boundaries in the long run; in the short one each so many, from a fixed one on. */
const long = Boolean(process.env.REMIT_TEST_LONG);
const every = long ? 1 : 21;

let stage: Stage;
const waiting: ChildProcess[] = [];
/** Started ahead: starting takes longer than what they do. */
const raise = (): void => {
  waiting.push(fork(file, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
};

beforeAll(async () => {
  raise();
  raise();
  stage = await makeStage();
});
afterAll(async () => {
  for (const child of waiting) child.kill('SIGKILL');
  await stage?.close();
});

type Task = Pick<Order, 'kill' | 'markId' | 'works'>;

function begin(targetId: string, task: Task): ChildProcess {
  const child = waiting.shift()!;
  raise();
  child.send({ url: stage.world.url, port: stage.remote.port, targetId, ...task } satisfies Order);
  return child;
}

/** Has a process do something; it dies at the boundary, when it is through, or when it is told to. */
async function order(
  targetId: string,
  task: Task,
  until?: Promise<unknown>,
): Promise<{ statements: number } | undefined> {
  const child = begin(targetId, task);
  let told: Told | undefined;
  child.once('message', (message) => {
    told = message as Told;
  });
  const gone = once(child, 'exit');
  void until?.then(() => child.kill('SIGKILL'));
  const [code, signal] = await gone;
  expect([code, signal]).toEqual([null, 'SIGKILL']);
  return told && 'statements' in told ? told : undefined;
}

/** Two who are to be given an account, one who is to lose theirs. */
async function prepare({ marked = true } = {}): Promise<string> {
  const { world, remote } = stage;
  await sql`update target set state = 'retired'`.execute(world.db);
  await sql`update assignment set state = 'ended', ended_at = remit_now() where state = 'active'`.execute(
    world.db,
  );
  await sql`delete from mark`.execute(world.db);
  remote.there.clear();
  remote.creates.clear();
  const targetId = await stage.connect();
  const given = await stage.give('acmePeer');
  await stage.settleAll(targetId);
  await stage.take(given);
  await stage.give('northMember');
  await stage.give('southMember');
  if (marked) await stage.markAll();
  return targetId;
}

async function converged(targetId: string, at: string): Promise<void> {
  const { world, remote } = stage;
  for (let n = 0; n < 3; n += 1) {
    await passTime(world.db, 61);
    await sendDue(stage.sending, targetId);
  }
  const { northMember, southMember, acmePeer } = world.people;
  const there = new Map([...remote.there.values()].map((one) => [one.correlation, one]));
  expect(there.size, at).toBe(3);
  for (const { userId } of [northMember, southMember])
    expect(there.get(userId), at).toMatchObject({ enabled: true, roles: ['viewers'] });
  expect(there.get(acmePeer.userId), at).toMatchObject({ enabled: false, roles: [] });
  expect([...remote.creates.values()], at).toEqual([1, 1, 1]);
}

describe('a process that is killed while it sends', () => {
  it('loses nothing and doubles nothing, before and after each statement', async () => {
    const whole = await prepare();
    const told = (await order(whole, { kill: undefined }))!;
    await converged(whole, 'not killed');
    let killed = 0;
    for (let nth = 1; nth < told.statements * 2; nth += every) {
      const targetId = await prepare();
      const phase = nth % 2 === 0 ? 'before' : 'answered';
      await order(targetId, { kill: { nth: Math.floor(nth / 2), phase } });
      await converged(targetId, `killed at statement ${Math.floor(nth / 2)}, ${phase}`);
      killed += 1;
    }
    expect(killed).toBeGreaterThan(2);
  }, 600_000);

  it('loses nothing and doubles nothing, in the middle of each request', async () => {
    const { world, remote } = stage;
    // Five: the role is made sure of, two are made, one is changed and switched off. One more is not reached.
    let reached = 0;
    for (let nth = 0; nth < 6; nth += long ? 1 : 3)
      for (const late of long ? [false, true] : [nth > 0]) {
        const targetId = await prepare();
        await sql`update target_role set external_id = null where target_id = ${targetId}`.execute(world.db);
        const there = Promise.withResolvers<void>();
        const gate = Promise.withResolvers<void>();
        let came = 0;
        remote.fails(() => {
          came += 1;
          if (came <= nth) return undefined;
          there.resolve();
          return { how: 'slow', until: gate.promise, late };
        });
        await order(targetId, { kill: undefined }, there.promise);
        if (came > nth) reached += 1;
        remote.fails(undefined);
        // It is carried out by the system before its process dies, or after.
        gate.resolve();
        await converged(
          targetId,
          `killed within request ${nth}, ${late ? 'before' : 'after'} it was carried out`,
        );
      }
    expect(reached).toBeGreaterThan(1);
  }, 600_000);
});

describe('a process that is killed while it turns a mark into accounts', () => {
  it('loses nobody, before and after each statement', async () => {
    const one = async (kill: Order['kill']): Promise<{ statements: number } | undefined> => {
      const targetId = await prepare({ marked: false });
      let told: { statements: number } | undefined;
      for (const markId of await waitingMarks(stage.world.db, -1))
        told = (await order(targetId, { kill, markId })) ?? told;
      await stage.markAll();
      await converged(targetId, kill ? `killed at statement ${kill.nth}, ${kill.phase}` : 'not killed');
      return told;
    };
    // One boundary in the short run; all of them in the long.
    const { statements } = long ? (await one(undefined))! : { statements: 2 };
    for (let nth = 3; nth < statements * 2; nth += 1)
      await one({ nth: Math.floor(nth / 2), phase: nth % 2 === 0 ? 'before' : 'answered' });
  }, 600_000);
});

if (long)
  describe('two processes that take the same jobs, and one of them dies', () => {
    it('make what is wanted there, once, at a system that fails', async () => {
      const { world, remote } = stage;
      await prepare();
      const workers = [0, 1].map(() => begin('', { kill: undefined, works: true }));
      try {
        await Promise.all(workers.map((one) => once(one, 'message')));
        // Every third answer is lost, and every fifth a fault; each account has its turn.
        let n = 0;
        remote.fails(() => {
          n += 1;
          return n % 3 === 0 ? { how: 'lost' } : n % 5 === 0 ? { how: 'lies', status: 500 } : undefined;
        });
        const targetId = await prepare({ marked: false });
        const first = remote.requests();
        await remote.came(first + 2);
        workers[0]!.kill('SIGKILL');
        remote.fails(undefined);
        await expect
          .poll(
            async () => {
              await passTime(world.db, 61);
              await sendJob(world.db, 'target', { provisioningTargetId: targetId });
              const { rows } = await sql`select 1 from account where target_id = ${targetId}
                and (done_generation < generation or due_at is not null or stands = 'unsure')`.execute(
                world.db,
              );
              return rows.length;
            },
            { timeout: 60_000, interval: 1_000 },
          )
          .toBe(0);
        await converged(targetId, 'two worked, one died');
      } finally {
        for (const one of workers) one.kill('SIGKILL');
      }
    }, 120_000);
  });
