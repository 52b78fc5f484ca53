import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { passTime } from '../../src/platform/clock.ts';
import { sendDue } from '../../src/provisioning/sending/sending.ts';
import { makeStage, type Stage } from './stage.ts';
import type { Order, Told } from './victim.ts';

const file = fileURLToPath(new URL('victim.ts', import.meta.url));
/** All boundaries in the long run; in the short one each so many, from a fixed one on. */
const every = process.env.REMIT_TEST_LONG ? 1 : 21;

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

/** Has a process send what is due; it dies at the boundary, or when it is through. */
async function order(targetId: string, kill: Order['kill']): Promise<Told | undefined> {
  const child = waiting.shift()!;
  raise();
  let told: Told | undefined;
  child.once('message', (message) => {
    told = message as Told;
  });
  const gone = once(child, 'exit');
  child.send({ url: stage.world.url, port: stage.remote.port, targetId, kill } satisfies Order);
  const [code, signal] = await gone;
  expect([code, signal]).toEqual([null, 'SIGKILL']);
  return told;
}

/** Two who are to be given an account, one who is to lose theirs. */
async function prepare(): Promise<string> {
  const { world, remote } = stage;
  await sql`update target set state = 'retired'`.execute(world.db);
  await sql`update assignment set state = 'ended', ended_at = remit_now() where state = 'active'`.execute(
    world.db,
  );
  remote.there.clear();
  remote.creates.clear();
  const targetId = await stage.connect();
  const given = await stage.give('acmePeer');
  await stage.settleAll(targetId);
  await stage.take(given);
  await stage.give('northMember');
  await stage.give('southMember');
  await stage.markAll();
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
    const told = (await order(whole, undefined))!;
    await converged(whole, 'not killed');
    let killed = 0;
    for (let nth = 1; nth < told.statements * 2; nth += every) {
      const targetId = await prepare();
      const phase = nth % 2 === 0 ? 'before' : 'answered';
      await order(targetId, { nth: Math.floor(nth / 2), phase });
      await converged(targetId, `killed at statement ${Math.floor(nth / 2)}, ${phase}`);
      killed += 1;
    }
    expect(killed).toBeGreaterThan(2);
  }, 600_000);
});
