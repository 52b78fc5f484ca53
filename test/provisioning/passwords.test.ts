import { verify } from '@node-rs/argon2';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { addMembership } from '../../src/directory/store.ts';
import { passTime } from '../../src/platform/clock.ts';
import type { Connector, PasswordForm } from '../../src/provisioning/connectors/connector.ts';
import { ConnectorError } from '../../src/provisioning/connectors/connector.ts';
import { newPassword } from '../../src/provisioning/sending/passwords.ts';
import { sendDue } from '../../src/provisioning/sending/sending.ts';
import { choosePassword } from '../../src/signin/credentials.ts';
import { findPerson } from '../../src/signin/store.ts';
import { testConnector } from '../connectors/failing-target.ts';
import type { PersonName } from '../harness/world.ts';
import { makeStage, type Stage } from './stage.ts';

const canary = 'Zoutelande-canary-7719';
let taken: { id: string; form: PasswordForm; value: string }[] = [];
let away = false;

/** The test system, and what it was told of passwords. */
const keeping: Connector = {
  ...testConnector,
  description: {
    ...testConnector.description,
    can: { ...testConnector.description.can, passwords: ['clear', 'argon2id'] },
  },
  async open(...given) {
    const session = await testConnector.open(...given);
    return {
      ...session,
      async setPassword(id, form, value) {
        if (away) throw new ConnectorError('unreachable', 'nobody answers');
        taken.push({ id, form, value });
      },
    };
  },
};

let stage: Stage;
beforeAll(async () => {
  stage = await makeStage(keeping);
});
afterAll(() => stage?.close());
afterEach(async () => {
  const { db } = stage.world;
  taken = [];
  away = false;
  stage.remote.there.clear();
  await sql`update target set state = 'retired'`.execute(db);
  await sql`delete from queued_password`.execute(db);
  await sql`update assignment set state = 'ended', ended_at = remit_now() where state = 'active'`.execute(db);
});

async function connected(password: object): Promise<string> {
  const id = await stage.connect();
  await sql`update target set password = ${JSON.stringify(password)}::jsonb where id = ${id}`.execute(
    stage.world.db,
  );
  return id;
}

async function choose(person: PersonName, password = canary): Promise<void> {
  const { world } = stage;
  const found = (await findPerson(world.db, world.people[person].userId))!;
  await world.db
    .transaction()
    .execute((db) => choosePassword({ db, config: world.services.config }, found, password));
}

const waiting = async (): Promise<{ kind: string; sealed: string }[]> =>
  (
    await sql<{ kind: string; sealed: string }>`select kind, sealed from queued_password`.execute(
      stage.world.db,
    )
  ).rows;

/** Every table of the database and of the queue that holds the text in clear. */
async function tablesWith(text: string): Promise<string[]> {
  const { db } = stage.world;
  const { rows } = await sql<{ name: string }>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'pgboss')`.execute(
    db,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const { rows: hit } = await sql<{ n: number }>`
      select count(*)::int as n from ${sql.raw(name)} one where one::text like ${`%${text}%`}`.execute(db);
    if (hit[0]!.n > 0) found.push(name);
  }
  return found;
}

describe('a password that somebody sets', () => {
  it('reaches the system that takes it as it is, sealed on its way, and is gone afterwards', async () => {
    const targetId = await connected({ form: 'clear', sync: true, initial: false });
    await stage.give('northMember');
    await stage.settleAll(targetId);
    await choose('northMember');
    expect(await waiting()).toHaveLength(1);
    expect(await tablesWith(canary)).toEqual([]);
    await sendDue(stage.sending, targetId);
    expect(taken).toMatchObject([{ form: 'clear', value: canary }]);
    expect(await waiting()).toEqual([]);
    expect(await tablesWith(canary)).toEqual([]);
    await sendDue(stage.sending, targetId);
    expect(taken).toHaveLength(1);
  });

  it('reaches one with a hash of its own as that hash only', async () => {
    const targetId = await connected({ form: 'argon2id', sync: true, initial: false });
    await stage.give('siteMember');
    await stage.settleAll(targetId);
    await choose('siteMember');
    await sendDue(stage.sending, targetId);
    expect(taken).toHaveLength(1);
    expect(taken[0]!.value).not.toContain(canary);
    expect(await verify(taken[0]!.value, canary)).toBe(true);
  });

  it('waits for an account that is not there yet, and for a system that is away; the newest is sent', async () => {
    const targetId = await connected({ form: 'clear', sync: true, initial: false });
    await choose('southMember', 'An-older-password-1');
    await choose('southMember');
    away = true;
    await stage.give('southMember');
    await stage.settleAll(targetId);
    expect([taken.length, (await waiting()).length]).toEqual([0, 1]);
    away = false;
    await passTime(stage.world.db, 120);
    await sendDue(stage.sending, targetId);
    expect(taken.map(({ value }) => value)).toEqual([canary]);
  });

  it('is not sent when it waited for longer than three days', async () => {
    const targetId = await connected({ form: 'clear', sync: true, initial: false });
    await choose('acmePeer');
    await passTime(stage.world.db, 73 * 3600);
    await stage.give('acmePeer');
    await stage.settleAll(targetId);
    expect(taken).toEqual([]);
  });

  it('stays here where who connected the system could not hand that person a new sign-in', async () => {
    const targetId = await connected({ form: 'clear', sync: true, initial: false });
    const { db, organizations, people } = stage.world;
    const { owner } = people;
    // The owner connected it, and belongs here too: their own password would be as much as theirs.
    const membership = await addMembership(db, {
      userId: owner.userId,
      organizationId: organizations.acme.id,
      displayName: 'owner',
    });
    await stage.give({ ...owner, membershipId: membership.id });
    await stage.settleAll(targetId);
    expect(await stage.account(targetId, 'owner')).toMatchObject({ stands: 'enabled' });
    await choose('owner');
    await sendDue(stage.sending, targetId);
    expect(taken).toEqual([]);
    expect(await waiting()).toEqual([]);
  });
});

describe('a first password', () => {
  it('is made with the account, and shown to its owner once', async () => {
    const targetId = await connected({ form: 'clear', sync: false, initial: true });
    const input = { provisioningTargetId: targetId };
    await stage.give('acmePeer');
    await stage.settleAll(targetId);
    expect(taken).toHaveLength(1);
    const first = taken[0]!.value;
    expect(await tablesWith(first)).toEqual([]);
    expect(await stage.as('acmePeer', 'initial-password.list', {})).toMatchObject({
      items: [{ provisioningTargetId: targetId }],
    });
    await expect(stage.as('acmeMember', 'initial-password.take', input)).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(stage.as('acmeManager', 'initial-password.take', input)).rejects.toMatchObject({
      code: 'not-found',
    });
    const both = await Promise.allSettled([
      stage.as('acmePeer', 'initial-password.take', input),
      stage.as('acmePeer', 'initial-password.take', input),
    ]);
    expect(both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))).toMatchObject([
      { password: first },
    ]);
    expect(await stage.as('acmePeer', 'initial-password.list', {})).toEqual({ items: [] });
    expect(await tablesWith(first)).toEqual([]);
    await sendDue(stage.sending, targetId);
    expect(taken).toHaveLength(1);
  });

  it('is long, of four kinds, and never the same', () => {
    const made = Array.from({ length: 200 }, newPassword);
    expect(new Set(made).size).toBe(200);
    for (const one of made)
      expect(one).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*[2-9])(?=.*[-+=#%])[-a-zA-Z2-9+=#%]{20}$/);
  });
});
