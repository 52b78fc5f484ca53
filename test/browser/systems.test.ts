import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import type { Visitor } from '../harness/visitor.ts';
import { looksRight } from './looks.ts';
import { caller, tabsOf } from './prepared.ts';
import { type Stage, startStage, type Tab } from './stage.ts';

/**
 * What a power user does about a connected system, and the clicks that it may take from its page: a comparison begun in 2,
 * a look in 1, one difference settled in 1, many in 4 with the question first; so much at once agreed to in 1.
 */
let stage: Stage;
let petra: Tab;
let api: Visitor;
let target: string;
let file: string;

beforeAll(async () => {
  stage = await startStage();
  petra = await tabsOf(stage)('petra');
  api = await caller(stage, 'petra');
  target = (await api.call('target.list', {})).items[0]!.id;
  file = join(stage.running.services.config.dropDir, 'company-directory', 'accounts.csv');
  // Access just given begins ten seconds later.
  await petra.tenSeconds();
  await vi.waitFor(async () => expect(await rows()).toBeGreaterThan(3), { timeout: 60_000, interval: 300 });
}, 120_000);
afterAll(async () => {
  await stage?.close();
});

const text = (): Promise<string> => readFile(file, 'utf8').catch(() => '');
const rows = async (): Promise<number> => (await text()).trim().split('\n').length - 1;
const dialog = (tab: Tab) => tab.page.getByRole('dialog');

describe('how a connected system differs', () => {
  it('is compared in 2 clicks, looked at in 1, and settled in 1, many in 4', async () => {
    const [head, ...lines] = (await text()).trim().split('\n');
    const one = lines.findIndex((line) => line.includes('@'));
    const meddled = lines.map((line, n) =>
      n === one ? line.replace(/@[a-z.-]+/, '@meddled.example') : line,
    );
    const twin = (id: string): string => `${id},true,${id},Stranger ${id},,`;
    await writeFile(file, `${[head, ...meddled, twin('x1'), twin('x2')].join('\n')}\n`);
    await petra.open(`/targets/${target}`);
    await petra.within(2, async () => {
      await petra.click('link', 'Differences');
      await petra.click('button', 'Compare now');
      await petra.sees('Nobody’s: 2');
    });
    await petra.within(1, async () => {
      await petra.click('button', /^Look: (?!x)/);
      await petra.sees(/@meddled\.example/);
    });
    await petra.within(1, async () => {
      await petra.click('button', /^Put right: /);
      await petra.sees(/is put right/);
    });
    await expect.poll(text, { timeout: 20_000 }).not.toContain('meddled');
    await petra.within(4, async () => {
      await petra.press(petra.page.getByText('Nobody’s: 2'));
      await petra.click('button', 'Choose all shown');
      await petra.press(
        petra.page.getByRole('group', { name: 'Many at once' }).getByRole('button', { name: 'Switch off' }),
      );
      await petra.press(dialog(petra).getByRole('button', { name: 'Switch off', exact: true }));
    });
    await expect.poll(text, { timeout: 20_000 }).toMatch(/x1,false[\s\S]*x2,false/);
    await petra.sees('Nothing differs');
    await looksRight(petra, 'differences');
  });

  it('asks which of two stays: 2 clicks, and the other is switched off', async () => {
    const { db } = stage.running.services;
    await writeFile(file, `${(await text()).trim()}\nsecond,true,second,Somebody again,,\n`);
    // A file has one row for each; elsewhere a comparison finds two.
    await sql`
      insert into difference (id, run_id, target_id, kind, account_id, external_id)
      select ${newId()}, r.id, r.target_id, 'double', a.id, 'second' from reconcile_run r
      join account a on a.target_id = r.target_id and a.stands = 'enabled'
      where r.target_id = ${target} order by a.id limit 1`.execute(db);
    await petra.open(`/targets/${target}/differences`);
    await petra.within(2, async () => {
      await petra.click('button', /^Keep (?!second)/);
      await looksRight(petra, 'which of two stays');
      await petra.press(dialog(petra).getByRole('button', { name: 'Keep it, and switch the other off' }));
      await petra.sees(/is next/);
    });
    await expect.poll(text, { timeout: 20_000 }).toContain('second,false');
  });
});

describe('so much at once', () => {
  it('is shown with whom and what, and agreed to in 1 click', async () => {
    const { mapping } = await api.call('target.read', { provisioningTargetId: target });
    await api.call('target.update', { provisioningTargetId: target, brake: { atLeast: 1, share: 0 } });
    await api.call('target.update', {
      provisioningTargetId: target,
      mapping: mapping.map((row) =>
        row.to === 'name' ? { ...row, pieces: [{ field: 'displayName', how: ['upper'] }] } : row,
      ) as never,
    });
    await petra.open(`/targets/${target}`);
    await petra.sees(/wait for your word/);
    await petra.sees(/^name becomes [A-Z ]+$/);
    await looksRight(petra, 'what waits');
    expect(await text()).not.toMatch(/,[A-Z]{4,} [A-Z]/);
    await petra.within(1, async () => {
      await petra.click('button', /^Agree, and change/);
      await petra.sees(/are changed now/);
    });
    await expect.poll(text, { timeout: 20_000 }).toMatch(/,[A-Z]{4,} [A-Z]/);
  });
});
