import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../harness/peers.ts';
import { type Slapd, startSlapd } from '../harness/slapd.ts';
import { looksRight } from './looks.ts';
import { tabsOf } from './prepared.ts';
import { type Stage, startStage, type Tab } from './stage.ts';

/**
 * What a manager does about a directory, against a real one, and the clicks that it may take: connected and tried before
 * in 4, switched on in 1, more caution in 2, so much at once agreed to in 2, somebody who is gone decided about in 2,
 * paused in 2.
 */
describeWith('slapd', 'a directory', () => {
  let slapd: Slapd;
  let stage: Stage;
  let mara: Tab;
  const dnOf = (uid: string): string => `uid=${uid},${slapd.people}`;
  const person = (uid: string): string =>
    `dn: ${dnOf(uid)}\nobjectClass: inetOrgPerson\ncn: ${uid} Ash\nsn: Ash\nmail: ${uid}@directory.example\n`;
  const change = (uid: string, what: string): Promise<void> =>
    slapd.change(`dn: ${dnOf(uid)}\nchangetype: modify\n${what}\n`);

  beforeAll(async () => {
    slapd = await startSlapd();
    await slapd.change(['ada', 'bo', 'cy', 'di'].map(person).join('\n'));
    stage = await startStage();
    Object.assign(stage.running.services.config, {
      egress: { networks: ['127.0.0.1'], httpHosts: [], ports: [slapd.tlsPort] },
    });
    mara = await tabsOf(stage)('mara');
  }, 120_000);
  afterAll(async () => {
    await stage?.close();
    await slapd?.close();
  });
  const dialog = () => mara.page.getByRole('dialog');

  it('is connected and tried before anything is kept in 4 clicks, and read at once when switched on', async () => {
    await mara.open('/sources');
    await mara.within(4, async () => {
      await mara.click('button', 'Read a directory');
      await mara.fill('Name', 'Head office');
      await mara.fill('Address of the server', slapd.host);
      await mara.fill('Our account there', slapd.manager.dn);
      await mara.fill('Its password', 'not this one');
      await mara.fill('People stand below', slapd.people);
      await mara.click('button', 'Port and certificate');
      await mara.fill('Port', String(slapd.tlsPort));
      await mara.fill('Certificate of your own authority', slapd.trust);
      await mara.press(dialog().getByRole('button', { name: 'Try it first' }));
      await mara.sees(/does not take the name and password/);
    });
    await looksRight(mara, 'a directory that is tried');
    await mara.within(2, async () => {
      await mara.fill('Its password', slapd.manager.password);
      await mara.press(dialog().getByRole('button', { name: 'Try it first' }));
      await mara.sees('4 people were found.');
      await mara.press(dialog().getByRole('button', { name: 'Read a directory' }));
      await mara.sees('Not switched on yet');
    });
    await mara.within(1, async () => {
      await mara.click('button', 'Switch on');
      await mara.sees('Read: 4 people.');
    });
    await mara.sees('4 new');
  });

  it('asks where more would change than was said in 2 clicks, and goes on in 2', async () => {
    await mara.within(2, async () => {
      await mara.click('button', 'Edit how often, and how much at once');
      await mara.fill('People a day without asking', '1');
      await mara.fill('Or this share of its people', '0');
      await mara.press(dialog().getByRole('button', { name: 'Save' }));
      await mara.sees('Head office is saved.');
    });
    await mara.sees('Read: 4 people.');
    for (const uid of ['ada', 'bo']) await change(uid, 'replace: title\ntitle: Fitter');
    await mara.within(1, async () => {
      await expect.poll(() => mara.find('button', 'Read now').isEnabled(), { timeout: 20_000 }).toBe(true);
      await mara.click('button', 'Read now');
      await mara.sees('Unusually much would change: go on?');
      await mara.sees('2 of 4 people would change.');
    });
    await mara.open('/');
    await mara.sees(/^Head office would change so much at once/);
    await mara.open('/sources');
    await mara.sees('Waits for your word');
    await looksRight(mara, 'directories');
    await mara.click('link', 'Head office');
    await mara.within(2, async () => {
      await mara.click('button', 'Agree and go on');
      await mara.press(dialog().getByRole('button', { name: 'Agree and go on' }));
      await mara.sees('2 changed');
    });
  });

  it('asks about whoever is gone, which is decided in 2 clicks, and is paused in 2', async () => {
    await slapd.change(`dn: ${dnOf('di')}\nchangetype: delete\n`);
    await expect.poll(() => mara.find('button', 'Read now').isEnabled(), { timeout: 20_000 }).toBe(true);
    await mara.click('button', 'Read now');
    await mara.sees(/not in the directory any more since/);
    await mara.open('/');
    await mara.sees(/^di Ash is gone from the directory/);
    await mara.open('/sources');
    await looksRight(mara, 'who is gone');
    await mara.within(2, async () => {
      await mara.click('button', /^Suspend di Ash in /);
      await mara.press(dialog().getByRole('button', { name: 'Suspend' }));
      await mara.sees(/di Ash is suspended/);
    });
    await mara.click('link', 'Head office');
    await mara.within(2, async () => {
      await mara.click('button', 'Pause');
      await mara.press(dialog().getByRole('button', { name: 'Pause' }));
      await mara.sees('Head office is paused.');
    });
    await looksRight(mara, 'a directory');
  });
});
