/** Ways past the brake that an attacker found; each stays shut. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { passTime } from '../../src/platform/clock.ts';
import type { Connector } from '../../src/provisioning/connectors/connector.ts';
import { tellsWhose } from '../../src/provisioning/reconciling/match.ts';
import { reconcile } from '../../src/provisioning/reconciling/reconcile.ts';
import { askForRun } from '../../src/provisioning/reconciling/reconcile-rows.ts';
import { mark } from '../../src/provisioning/sending/marks.ts';
import { sendDue } from '../../src/provisioning/sending/sending.ts';
import type { How, Mapping } from '../../src/provisioning/wanted/mapping.ts';
import type { Output } from '../../src/server/operations.gen.ts';
import { testConnector } from '../connectors/failing-target.ts';
import { makeStage, type Stage, testMapping } from './stage.ts';

const members = ['acmeMember', 'northMember', 'siteMember', 'southMember', 'acmePeer'] as const;
type Member = (typeof members)[number];
const shouting: Mapping = testMapping.map((row) =>
  row.to === 'name' ? { to: 'name', pieces: [{ field: 'displayName', how: ['upper'] }] } : row,
);
const few = { atLeast: 2, share: 0 };

let stage: Stage;
let targetId: string;
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
beforeAll(async () => {
  stage = await makeStage(keeping);
});
afterAll(() => stage?.close());
beforeEach(async () => {
  const { db } = stage.world;
  stage.remote.fails(undefined);
  stage.remote.there.clear();
  await sql`update target set state = 'retired'`.execute(db);
  await sql`update assignment set state = 'ended', ended_at = remit_now() where state = 'active'`.execute(db);
  await sql`delete from mark`.execute(db);
  targetId = await stage.connect({ brake: few });
  for (const one of members) await stage.give(one);
  await stage.settleAll(targetId);
  await passTime(db, 60);
});

const thereOf = (person: Member) =>
  [...stage.remote.there.values()].find(
    ({ correlation }) => correlation === stage.world.people[person].userId,
  )!;
const names = (): string[] => members.map((one) => String(thereOf(one).values.name));
const held = async () =>
  (await stage.as('owner', 'target.show-held', {
    provisioningTargetId: targetId,
  })) as Output<'target.show-held'>;
const settings = async (set: ReturnType<typeof sql>): Promise<void> => {
  await sql`update target set ${set} where id = ${targetId}`.execute(stage.world.db);
};
const night = async (): Promise<void> => {
  const { id } = await askForRun(stage.world.db, targetId, null);
  await reconcile(stage.sending, id);
  await sendDue(stage.sending, targetId);
  await passTime(stage.world.db, 60);
};

it('writes nothing over accounts of many by removing a system and connecting it anew', async () => {
  const before = names();
  await stage.as('owner', 'target.retire', { provisioningTargetId: targetId });
  targetId = await stage.connect({ brake: few, mapping: shouting });
  told = [];
  await settings(sql`password = '{"form": "clear", "sync": false, "initial": true}'::jsonb`);
  await stage.settleAll(targetId);
  expect(names()).toEqual(before);
  const { count, at } = await held();
  expect(count).toBe(5);
  await stage.as('owner', 'target.release', {
    provisioningTargetId: targetId,
    what: 'changes',
    seenAt: at!,
  });
  await sendDue(stage.sending, targetId);
  expect(names()).toEqual(before.map((name) => name.toUpperCase()));
  // Nor does everybody get a password anew; who really gets an account has one.
  expect(told).toEqual([]);
  await stage.give('acmeManager');
  await stage.settleAll(targetId);
  expect(told).toHaveLength(1);
});

/** Everybody has a role more there, which this system hands out too. */
const more = async (): Promise<void> => {
  await sql`insert into target_role (id, target_id, entitlement_id, name, external_id)
    values (gen_random_uuid(), ${targetId}, ${stage.world.entitlements.partsBuyer}, 'editors', 'editors')`.execute(
    stage.world.db,
  );
  for (const one of members) thereOf(one).roles = ['viewers', 'editors'];
};
const editors = (): number =>
  [...stage.remote.there.values()].filter(({ roles }) => roles.includes('editors')).length;

it('takes roles of many neither while a mark goes by, nor from accounts that it took over', async () => {
  await more();
  await settings(sql`mending = '{"drift": "mend"}'::jsonb`);
  await night();
  expect(editors()).toBe(5);
  // Whoever saves the system has everybody looked at anew: what waits for the brake goes on waiting.
  await mark(stage.world.db, { targetId, everybody: true });
  await stage.settleAll(targetId);
  expect(editors()).toBe(5);
  expect(await stage.as('owner', 'target.release', { provisioningTargetId: targetId })).toEqual({ count: 5 });
  await sendDue(stage.sending, targetId);
  expect(editors()).toBe(0);
});

it('takes roles of many from accounts that it adopted by itself only by a word', async () => {
  for (const one of members) thereOf(one).correlation = `theirs ${one}`;
  const kept = [...stage.remote.there.values()];
  await stage.as('owner', 'target.retire', { provisioningTargetId: targetId });
  stage.remote.there.clear();
  stage.remote.fails((kind) => (kind === 'create' ? { how: 'status', status: 503 } : undefined));
  targetId = await stage.connect({ brake: few });
  await sql`insert into target_role (id, target_id, entitlement_id, name, external_id)
    values (gen_random_uuid(), ${targetId}, ${stage.world.entitlements.partsBuyer}, 'editors', 'editors')`.execute(
    stage.world.db,
  );
  await sql`update target_role set external_id = name where target_id = ${targetId}`.execute(stage.world.db);
  await stage.settleAll(targetId);
  for (const one of kept) stage.remote.there.set(one.id, { ...one, roles: ['viewers', 'editors'] });
  await sql`update app_user set proved_email = lower(email) where email is not null and proved_email is null`.execute(
    stage.world.db,
  );
  // Well again: all of them go together, and not one to see whether it is.
  await settings(
    sql`mending = '{"orphan": "adopt", "match": "mail"}'::jsonb, rests_until = null, failing_since = null, failures = 0`,
  );
  await night();
  const { rows } = await sql<{
    n: number;
  }>`select count(*)::int as n from account where target_id = ${targetId}
    and external_id is not null`.execute(stage.world.db);
  expect(rows[0]!.n).toBe(5);
  stage.remote.fails(undefined);
  await passTime(stage.world.db, 600);
  await stage.settleAll(targetId);
  expect(editors()).toBe(5);
  expect(await stage.as('owner', 'target.release', { provisioningTargetId: targetId })).toEqual({ count: 5 });
});

it('agrees to nothing that was not on the list when it was looked at', async () => {
  await settings(sql`mapping = ${JSON.stringify(shouting)}::jsonb`);
  await mark(stage.world.db, { targetId, everybody: true });
  await stage.settleAll(targetId);
  const { userId } = stage.world.people.siteMember;
  await sql`update account set dead_at = remit_now(), last_problem = 'refused' where target_id = ${targetId}
    and user_id = ${userId}`.execute(stage.world.db);
  const shown = await held();
  expect(shown.count).toBe(4);
  await passTime(stage.world.db, 60);
  const { id } = (await stage.account(targetId, 'siteMember'))!;
  await stage.as('owner', 'account.retry', { accountId: id });
  expect((await held()).count).toBe(5);
  expect(
    await stage.as('owner', 'target.release', {
      provisioningTargetId: targetId,
      what: 'changes',
      seenAt: shown.at!,
    }),
  ).toEqual({ count: 4 });
});

it('knows nobody by a part of their address, nor by one that looks like it', async () => {
  const by = async (...how: How[]): Promise<boolean> =>
    await tellsWhose(stage.world.db, '', [{ to: 'login', pieces: [{ field: 'email', how }] }], 'login');
  expect(await by()).toBe(true);
  expect(await by('lower')).toBe(true);
  // ceoa@cme.example is no ceo@acme.example, and ceo@acmé.example neither.
  for (const how of ['login', 'ascii', 'initial', 'first-word', 'last-word', 'upper'] as const)
    expect(await by('lower', how), how).toBe(false);
});
