import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { passTime } from '../../src/platform/clock.ts';
import type { Connector } from '../../src/provisioning/connectors/connector.ts';
import { reconcile } from '../../src/provisioning/reconciling/reconcile.ts';
import { askForRun } from '../../src/provisioning/reconciling/reconcile-rows.ts';
import { mark } from '../../src/provisioning/sending/marks.ts';
import { sendDue } from '../../src/provisioning/sending/sending.ts';
import type { Mapping } from '../../src/provisioning/wanted/mapping.ts';
import type { Output } from '../../src/server/operations.gen.ts';
import { choosePassword } from '../../src/signin/credentials.ts';
import { findPerson } from '../../src/signin/store.ts';
import { testConnector } from '../connectors/failing-target.ts';
import { makeStage, type Stage, testMapping } from './stage.ts';

/** The test system, and whose passwords it was told. */
let told: string[] = [];
const keeping: Connector = {
  ...testConnector,
  description: {
    ...testConnector.description,
    can: { ...testConnector.description.can, passwords: ['clear'] },
  },
  async open(...given) {
    const session = await testConnector.open(...given);
    return { ...session, setPassword: async (id) => void told.push(id) };
  },
};

const members = ['acmeMember', 'northMember', 'siteMember', 'southMember', 'acmePeer'] as const;
type Member = (typeof members)[number];
/** A mapping that calls everybody something else. */
const shouting: Mapping = testMapping.map((row) =>
  row.to === 'name' ? { to: 'name', pieces: [{ field: 'displayName', how: ['upper'] }] } : row,
);

let stage: Stage;
let targetId: string;
const given = new Map<Member, string>();
beforeAll(async () => {
  stage = await makeStage(keeping);
});
afterAll(() => stage?.close());
beforeEach(async () => {
  const { db } = stage.world;
  stage.remote.there.clear();
  told = [];
  await sql`update target set state = 'retired'`.execute(db);
  await sql`update membership set title = ''`.execute(db);
  await sql`update assignment set state = 'ended', ended_at = remit_now() where state = 'active'`.execute(db);
  await sql`delete from mark`.execute(db);
  targetId = await stage.connect({ brake: { atLeast: 2, share: 0 } });
  for (const one of members) given.set(one, await stage.give(one));
  await stage.settleAll(targetId);
  await passTime(db, 60);
  stage.remote.log.length = 0;
});

const thereOf = (person: Member) =>
  [...stage.remote.there.values()].find(
    ({ correlation }) => correlation === stage.world.people[person].userId,
  )!;
const names = (): string[] => members.map((one) => String(thereOf(one).values.name));
const map = async (mapping: Mapping): Promise<void> => {
  await sql`update target set mapping = ${JSON.stringify(mapping)}::jsonb where id = ${targetId}`.execute(
    stage.world.db,
  );
  await mark(stage.world.db, { targetId, everybody: true });
  await stage.settleAll(targetId);
};
/** Somebody is called something else at work. */
const title = async (person: Member, text: string): Promise<void> => {
  const { membershipId } = stage.world.people[person];
  await sql`update membership set title = ${text} where id = ${membershipId}`.execute(stage.world.db);
  await mark(stage.world.db, { memberships: [membershipId] });
  await stage.settleAll(targetId);
};
const held = async (by: 'owner' | 'acmeManager' = 'owner') =>
  (await stage.as(by, 'target.show-held', { provisioningTargetId: targetId })) as Output<'target.show-held'>;
const agree = (seenAt: string | null) =>
  stage.as('owner', 'target.release', {
    provisioningTargetId: targetId,
    what: 'changes',
    ...(seenAt ? { seenAt } : {}),
  });
const events = async (type: string) =>
  (
    await sql<{
      after: unknown;
    }>`select after from event where target_id = ${targetId} and type = ${type} order by at`.execute(
      stage.world.db,
    )
  ).rows.map(({ after }) => after);

describe('values of many at once (I49)', () => {
  it('are planned, shown and sent when a person agrees, each once', async () => {
    const before = names();
    await map(shouting);
    await stage.settleAll(targetId);
    expect(names()).toEqual(before);
    expect(stage.remote.log).toEqual([]);
    expect(await events('target.braked')).toEqual([{ what: 'changes', waiting: 5 }]);
    const shown = await held();
    expect(shown).toMatchObject({ count: 5, fields: [{ label: 'name', count: 5 }] });
    expect(shown.items.map(({ displayName }) => displayName).sort()).toEqual([...before].sort());
    expect(await stage.as('owner', 'target.read', { provisioningTargetId: targetId })).toMatchObject({
      changesHeldAt: expect.any(String),
      brakedAt: null,
      waiting: 5,
    });
    expect(await agree(shown.at)).toEqual({ count: 5 });
    await sendDue(stage.sending, targetId);
    expect(names()).toEqual(before.map((name) => name.toUpperCase()));
    expect(stage.remote.log.filter(({ kind }) => kind === 'update')).toHaveLength(5);
    expect(await held()).toMatchObject({ count: 0, at: null });
    await expect(agree(shown.at)).rejects.toMatchObject({ code: 'target.not-braked' });
  });

  it('let others go on meanwhile: who is new, who leaves, whom only little changes', async () => {
    const before = names();
    await map(shouting);
    await stage.give('acmeManager');
    await stage.take(given.get('southMember')!);
    await stage.settleAll(targetId);
    expect(stage.remote.there.size).toBe(6);
    expect(thereOf('southMember').enabled).toBe(false);
    expect(names()).toEqual(before);
    // Only those wait who were shown: whoever is new has the new names, and what becomes of them later is little.
    await title('acmePeer', 'Boss');
    expect(thereOf('acmePeer').values.title).not.toBe('Boss');
    const manager = stage.world.people.acmeManager;
    await sql`update membership set title = 'Chair' where id = ${manager.membershipId}`.execute(
      stage.world.db,
    );
    await mark(stage.world.db, { memberships: [manager.membershipId] });
    await stage.settleAll(targetId);
    const made = [...stage.remote.there.values()].find(({ correlation }) => correlation === manager.userId)!;
    expect(made.values).toMatchObject({ name: expect.stringMatching(/^[A-Z ]+$/), title: 'Chair' });
    expect(await events('target.braked')).toHaveLength(1);
  });

  it('never keep a password from its account, nor somebody from being switched off', async () => {
    const { world } = stage;
    await sql`update target set password = ${JSON.stringify({ form: 'clear', sync: true, initial: false })}::jsonb
      where id = ${targetId}`.execute(world.db);
    await map(shouting);
    const person = (await findPerson(world.db, world.people.northMember.userId))!;
    await world.db
      .transaction()
      .execute((db) =>
        choosePassword({ db, config: world.services.config }, person, 'Vlissingen-canary-4410'),
      );
    await sendDue(stage.sending, targetId);
    expect(told).toEqual([thereOf('northMember').id]);
    expect(thereOf('northMember').values.name).not.toMatch(/^[A-Z ]+$/);
    expect((await held()).count).toBe(5);
  });

  it('are sent as they were shown: what became something else since waits again', async () => {
    const before = names();
    await map(shouting);
    const { at } = await held();
    await passTime(stage.world.db, 60);
    await title('siteMember', 'Boss');
    expect(await agree(at)).toEqual({ count: 4 });
    // One more is little by now, and goes by itself.
    await sendDue(stage.sending, targetId);
    expect(names()).toEqual(before.map((name) => name.toUpperCase()));
    expect(thereOf('siteMember').values.title).toBe('Boss');
    // All of it something else: nobody agreed to that.
    await map(testMapping);
    const second = await held();
    expect(second.count).toBe(5);
    await passTime(stage.world.db, 60);
    await map(shouting.map((row) => (row.to === 'mail' ? { to: 'mail', pieces: [{ text: 'x' }] } : row)));
    await expect(agree(second.at)).rejects.toMatchObject({ code: 'target.look-first' });
    expect((await held()).fields).toEqual([{ label: 'mail', count: 5 }]);
  });

  it('are nothing when they are taken back, and the count begins anew', async () => {
    await map(shouting);
    expect((await held()).count).toBe(5);
    await map(testMapping);
    expect((await held()).count).toBe(0);
    expect(await stage.as('owner', 'target.read', { provisioningTargetId: targetId })).toMatchObject({
      changesHeldAt: null,
      waiting: 0,
    });
    await title('acmePeer', 'Boss');
    expect(thereOf('acmePeer').values.title).toBe('Boss');
    expect(stage.remote.log.filter(({ kind }) => kind === 'update')).toHaveLength(1);
  });

  it('are counted over a day, whether or not they have been sent', async () => {
    stage.remote.fails(() => ({ how: 'status', status: 503 }));
    for (const one of ['acmePeer', 'northMember', 'siteMember'] as const) await title(one, `Boss ${one}`);
    stage.remote.fails(undefined);
    await passTime(stage.world.db, 3600);
    await stage.settleAll(targetId);
    expect(members.filter((one) => String(thereOf(one).values.title).startsWith('Boss'))).toHaveLength(2);
    expect((await held()).count).toBe(1);
    // Another day: what waits goes on waiting for somebody, others are few again.
    await passTime(stage.world.db, 24 * 3600);
    await title('southMember', 'Boss');
    expect(thereOf('southMember').values.title).toBe('Boss');
    expect((await held()).count).toBe(1);
  });

  it('are shown as far as the reader sees the people', async () => {
    await map(shouting);
    await sql`update target set connector = 'csv', settings = '{"columns": "name,mail,title"}' where id = ${targetId}`.execute(
      stage.world.db,
    );
    const { items } = await held();
    expect(items.find(({ userId }) => userId === stage.world.people.northMember.userId)?.values).toEqual([
      { label: expect.stringMatching(/name/i), to: expect.stringMatching(/^[A-Z ]+$/), hidden: false },
    ]);
  });

  it('are held at night, too, where many were changed there', async () => {
    await sql`update target set mending = '{"drift": "mend"}'::jsonb where id = ${targetId}`.execute(
      stage.world.db,
    );
    const night = async (): Promise<void> => {
      const { id } = await askForRun(stage.world.db, targetId, null);
      await reconcile(stage.sending, id);
      await sendDue(stage.sending, targetId);
      await passTime(stage.world.db, 60);
    };
    const meddle = (people: readonly Member[]): void => {
      for (const one of people) thereOf(one).values = { ...thereOf(one).values, title: 'Meddled' };
    };
    const meddled = (): number => members.filter((one) => thereOf(one).values.title === 'Meddled').length;
    meddle(members.slice(0, 2));
    await night();
    expect(meddled()).toBe(0);
    await passTime(stage.world.db, 24 * 3600);
    meddle(members);
    await night();
    expect(meddled()).toBe(5);
    const shown = await held();
    expect(shown).toMatchObject({ count: 5, fields: [{ label: 'title', count: 5 }] });
    await night();
    expect(await held()).toEqual(shown);
    await agree(shown.at);
    await sendDue(stage.sending, targetId);
    expect(meddled()).toBe(0);
  });
});
