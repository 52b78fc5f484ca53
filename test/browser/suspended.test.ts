import { afterAll, beforeAll, expect, it } from 'vitest';
import { caller, tabsOf } from './prepared.ts';
import { type Stage, startStage } from './stage.ts';

/** Whoever is suspended in the middle of their work: the next click leads to sign in, and says why. */
let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
}, 120_000);
afterAll(() => stage?.close());

it('says to a manager who is suspended while signed in that they are', async () => {
  const petra = await caller(stage, 'petra');
  const { items } = await petra.call('user.list', { search: 'Mara' });
  const mara = await tabsOf(stage)('mara');
  await mara.open('/');
  await mara.find('link', 'People').waitFor();
  await petra.call('membership.suspend', { membershipId: items[0]!.membershipId });
  await mara.click('link', 'People');
  await mara.find('heading', 'Sign in').waitFor();
  await mara.sees(/^Your place at .+ is suspended\. Ask a manager there, or above/);
  expect(mara.complaints).toEqual([]);
  await mara.open('/people');
  await mara.sees(/^Your place at .+ is suspended\./);
}, 60_000);
