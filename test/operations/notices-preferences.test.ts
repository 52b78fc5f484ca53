import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseNow } from '../../src/platform/clock.ts';
import { type LetterWorld, makeLetterWorld, told } from '../harness/letters.ts';
import type { PersonName } from '../harness/world.ts';

let world: LetterWorld;
beforeEach(async () => {
  world = await makeLetterWorld();
});
afterEach(() => world.close());

const hour = 3600;
const member = (person: PersonName) => world.people[person].membershipId;
const ask = async (who: PersonName = 'northMember') =>
  (await world.as(who, 'request.create', { entitlementId: world.entitlements.partsBuyer, reason: '' }))
    .requestId;
const choose = (who: PersonName, input: object) => world.as(who, 'notice-preferences.update', input);

/** A time of day, UTC, so many hours from now. */
async function hourIn(hours: number): Promise<number> {
  const now = await databaseNow(world.db);
  return new Date(now.getTime() + hours * hour * 1000).getUTCHours();
}
const time = (at: number): string => `${String(at).padStart(2, '0')}:00`;

describe('one mail a day', () => {
  it('lists what waits at its hour, made then, with one button; and none comes when nothing waits', async () => {
    await choose('northManager', { daily: true, dailyHour: await hourIn(3), timeZone: 'UTC' });
    const first = await ask('northMember');
    await ask('siteMember');
    expect(await world.after(1 * hour)).toEqual([]);
    await world.as('northMember', 'request.withdraw', { requestId: first });
    await world.after(0);
    const mails = await world.after(2 * hour);
    expect(told(mails)).toEqual(['northmanager: 1 request waits for you']);
    const { text, html } = mails[0]!.email;
    expect(text).toContain('Waits for you to decide:\n- buyer in parts for siteMember, acmeNorthSite');
    expect(text).toContain('- buyer in parts for northMember: withdrawn');
    expect([...html!.matchAll(/href="([^"]+)"/g)].map(([, link]) => link)).toEqual([
      'http://localhost:4000/requests',
    ]);
    // The next day it still waits; nothing is new.
    const next = await world.after(24 * hour);
    expect(next[0]!.email.text).not.toContain('withdrawn');
    const { rows } = await sql<{ id: string }>`select id from request where state = 'open'`.execute(world.db);
    await world.as('siteMember', 'request.withdraw', { requestId: rows[0]!.id });
    await world.after(0);
    await world.after(24 * hour);
    expect(await world.after(24 * hour)).toEqual([]);
  });

  it('tells what became of one’s own, and never what is no longer one’s to know', async () => {
    await choose('northMember', { daily: true, dailyHour: await hourIn(3), timeZone: 'UTC' });
    await choose('northManager', { daily: true, dailyHour: await hourIn(3), timeZone: 'UTC' });
    const requestId = await ask();
    await ask('siteMember');
    await world.as('acmeManager', 'request.decide', { requestId, approve: false });
    await sql`update membership set state = 'suspended' where id = ${member('northManager')}`.execute(
      world.db,
    );
    await world.after(11);
    const mails = await world.after(3 * hour);
    expect(told(mails)).toEqual(['northmember: News about 1 request']);
    expect(mails[0]!.email.text).toContain('- buyer in parts for northMember: not approved');
  });

  it('comes once, also when its job comes twice, and after the mail server was away', async () => {
    await choose('northManager', { daily: true, dailyHour: await hourIn(2), timeZone: 'UTC' });
    await ask();
    await world.after(0);
    const { rows } = await sql<{ data: object }>`
      select data from pgboss.job where name = 'event' and data ->> 'subscriber' = 'mail-daily'`.execute(
      world.db,
    );
    expect(rows).toHaveLength(1);
    await sql`insert into pgboss.job (name, data, start_after)
      select name, data, start_after from pgboss.job where data ->> 'subscriber' = 'mail-daily'`.execute(
      world.db,
    );
    world.mailServer(false);
    await expect(world.after(3 * hour)).rejects.toThrow(/mail-daily/);
    world.mailServer(true);
    // Both the day's own rounds and the one that failed are due by now.
    expect(told(await world.after(24 * hour))).toEqual(['northmanager: 1 request waits for you']);
    expect(told(await world.after(24 * hour))).toEqual(['northmanager: 1 request waits for you']);
  });

  it('turned off brings what was kept for it, and mails come at once again', async () => {
    await choose('northManager', { daily: true, dailyHour: await hourIn(5), timeZone: 'UTC' });
    await ask();
    expect(await world.after(0)).toEqual([]);
    await choose('northManager', { daily: false });
    expect(told(await world.after(0))).toEqual(['northmanager: 1 request waits for you']);
    await ask('siteMember');
    expect(told(await world.after(0))).toEqual(['northmanager: siteMember asks for buyer in parts']);
    expect(await world.after(48 * hour - 60)).toEqual([]);
  });
});

describe('quiet hours', () => {
  it('hold what comes until they end, and send it if it is still true', async () => {
    const quiet = { from: time(await hourIn(-1)), until: time(await hourIn(4)) };
    await choose('northManager', { quiet, timeZone: 'UTC' });
    const first = await ask();
    await ask('siteMember');
    expect(await world.after(0)).toEqual([]);
    await world.as('northMember', 'request.withdraw', { requestId: first });
    expect(await world.after(1 * hour)).toEqual([]);
    expect(told(await world.after(3 * hour))).toEqual(['northmanager: siteMember asks for buyer in parts']);
  });

  it('send nothing to whoever lost the right meanwhile', async () => {
    const quiet = { from: time(await hourIn(-1)), until: time(await hourIn(4)) };
    await choose('northManager', { quiet, timeZone: 'UTC' });
    await ask();
    await world.after(0);
    await sql`update membership set state = 'suspended' where id = ${member('northManager')}`.execute(
      world.db,
    );
    const mails = await world.after(4 * hour);
    expect(told(mails).join()).not.toContain('northmanager');
  });

  it('do not hold what somebody waits for', async () => {
    const quiet = { from: time(await hourIn(-1)), until: time(await hourIn(4)) };
    await choose('acmeMember', { quiet, timeZone: 'UTC' });
    await world.as('acmeManager', 'credential.recover', { membershipId: member('acmeMember') });
    expect(told(await world.after(0))).toEqual(['acmemember: Set a new password']);
  });
});

describe('the choice', () => {
  it('is one’s own, kept with a version, and refuses what is no time or zone', async () => {
    const before = await world.as('northManager', 'notice-preferences.read', {});
    expect(before).toEqual({
      daily: false,
      dailyHour: 8,
      quiet: null,
      timeZone: 'Europe/Amsterdam',
      ownTimeZone: null,
      version: 0,
    });
    const refusal = expect.objectContaining({ name: 'Refusal', code: 'input.invalid' });
    await expect(choose('northManager', { timeZone: 'Mars/Base' })).rejects.toEqual(refusal);
    await expect(choose('northManager', { quiet: { from: '07:00', until: '07:00' } })).rejects.toEqual(
      refusal,
    );
    await expect(choose('northManager', { dailyHour: 24 })).rejects.toEqual(refusal);
    const after = await choose('northManager', { quiet: { from: '22:00', until: '07:00' } });
    expect(after).toMatchObject({ quiet: { from: '22:00', until: '07:00' }, version: 1 });
    expect(await world.as('northManager', 'notice-preferences.read', {})).toEqual(after);
    expect(await world.as('acmeManager', 'notice-preferences.read', {})).toEqual(before);
    const none = await choose('northManager', { quiet: null });
    expect(none).toMatchObject({ quiet: null, version: 2 });
  });
});
