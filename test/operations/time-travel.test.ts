import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { decide } from '../../src/authority/decide.ts';
import { holds } from '../../src/authority/holds.ts';
import { loadFacts } from '../../src/authority/load-facts.ts';
import { adminRoleId, type Permission } from '../../src/authority/permissions.ts';
import { columnsIn, foldEvents, type PastEvent, rowKinds, tables } from '../../src/delegation/past-rows.ts';
import { fileNames } from '../../src/enrolment/import/files.ts';
import { performImport } from '../../src/enrolment/import/run.ts';
import { run, type Services } from '../../src/operation/pipeline.ts';
import { membershipTarget, organizationTarget, withEntitlement } from '../../src/operation/targets.ts';
import { databaseNow, passTime } from '../../src/platform/clock.ts';
import { readConfig } from '../../src/platform/config.ts';
import { makeLinkSecret } from '../../src/platform/one-time-secrets.ts';
import type { Input, OperationName, Output } from '../../src/server/operations.gen.ts';
import { operations } from '../../src/server/operations.gen.ts';
import { testDatabase } from '../harness/database.ts';
import { randomRun } from '../harness/random-run.ts';
import { makeWorld, type World } from '../harness/world.ts';

/** More worlds in the long run. */
const seeds = (from: number): number[] =>
  Array.from({ length: process.env.REMIT_TEST_LONG === '1' ? 25 : 2 }, (_, index) => from + index);

let close: () => Promise<void> = async () => {};
afterEach(() => close());

/** Rows as the tables have them, in the columns that decide about anything. */
async function standing(services: Services) {
  const found: Record<string, Record<string, unknown>> = {};
  for (const kind of rowKinds) {
    const more =
      kind === 'access-role'
        ? sql`|| jsonb_build_object('entitlement_ids', array(select entitlement_id from access_role_entitlement c where c.access_role_id = t.id))`
        : sql``;
    const { rows } = await sql<{ row: Record<string, unknown> & { id: string } }>`
      select to_jsonb(t) ${more} as row from ${sql.table(tables[kind].table)} t`.execute(services.db);
    for (const { row } of rows) {
      // The built-in admin roles come with the software and are in no log.
      if (kind === 'admin-role' && row.key !== null) continue;
      found[`${kind} ${row.id}`] = comparable({ ...columnsIn(kind, row), id: row.id });
    }
  }
  return found;
}

/** A column that is null and one that no event named are the same. */
const comparable = (row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).filter(
      ([column, value]) => value !== null && column !== 'version' && column !== 'ended_at',
    ),
  );

async function folded(services: Services) {
  const { rows } = await sql<PastEvent>`
    select position, target_kind as "targetKind", target_id as "targetId", before, after from event order by position`.execute(
    services.db,
  );
  const found: Record<string, Record<string, unknown>> = {};
  for (const [kind, of] of foldEvents(rows))
    for (const [id, row] of of) found[`${kind} ${id}`] = comparable(row);
  return found;
}

type Made = Services & {
  as: <N extends OperationName>(membershipId: string, name: N, input: Input<N>) => Promise<Output<N>>;
};

/** An instance from nothing: its first act is its set-up, so that the log holds everything. */
async function fromNothing(): Promise<{ made: Made; owner: string; root: string }> {
  const database = await testDatabase();
  close = () => database.drop();
  const config = { ...readConfig({ REMIT_LOG_LEVEL: 'silent' }), databaseUrl: database.url };
  const services: Services = { db: database.db, config, subscribers: [] };
  const call = async (
    name: OperationName,
    credential: Parameters<typeof run>[2]['credential'],
    input: unknown,
  ) => (await run(services, operations[name], { credential, input, requestId: 'test' })).output as never;
  const token = await makeLinkSecret(database.db, 'setup', null, 60);
  const first: Output<'setup.complete'> = await call(
    'setup.complete',
    { kind: 'none' },
    {
      token,
      organizationName: 'Lumen Energy',
      displayName: 'Olga Owner',
      email: 'olga@example.org',
      password: 'a sentence that nobody guesses',
    },
  );
  const made: Made = {
    ...services,
    as: (membershipId, name, input) => call(name, { kind: 'membership', membershipId }, input),
  };
  return { made, owner: first.membershipId, root: first.organizationId };
}

const example = Object.fromEntries(
  fileNames.map((name) => [
    name,
    readFileSync(new URL(`../../demo/import-example/${name}`, import.meta.url), 'utf8'),
  ]),
);

describe('folding the event log from empty (I53)', () => {
  it.each(seeds(1))(
    'gives back the authority state after a long random run (seed %i)',
    async (seed) => {
      const { made, owner, root } = await fromNothing();
      await made.as(owner, 'application.register', {
        organizationId: root,
        key: 'parts',
        name: 'Parts',
        redirectUris: [],
        roles: [{ key: 'viewer', name: 'Viewer' }],
      });
      const { planHash, errors } = await made.as(owner, 'import.plan', {
        organizationId: root,
        files: example,
      });
      expect(errors).toEqual([]);
      const { importId } = await made.as(owner, 'import.apply', {
        organizationId: root,
        files: example,
        planHash: planHash!,
      });
      await performImport(made, importId!);
      await made.as(owner, 'partner.onboard', {
        name: 'Acme Solar',
        managerName: 'Mia Manager',
        managerEmail: 'mia@example.org',
        entitlements: 'same',
        adminRoleId: adminRoleId('delegated-manager'),
      } as never);
      await acceptAll(made);
      expect(await folded(made)).toEqual(await standing(made));
      const random = randomRun(made, seed);
      const done: Record<string, number> = {};
      for (let count = 0; count < 250; count += 1) {
        const { name, refused } = await random.step();
        if (!refused) done[name] = (done[name] ?? 0) + 1;
      }
      expect(Object.values(done).reduce((sum, one) => sum + one, 0)).toBeGreaterThan(80);
      expect(await folded(made)).toEqual(await standing(made));
    },
    240_000,
  );
});

/** Takes every open invitation up. */
async function acceptAll(made: Made): Promise<void> {
  const { rows } = await sql<{ id: string }>`select id from invitation where state = 'open'`.execute(made.db);
  for (const { id } of rows)
    await run(made, operations['invitation.accept'], {
      credential: { kind: 'none' },
      input: {
        token: await makeLinkSecret(made.db, 'invitation', id, 3600),
        displayName: 'Somebody Invited',
        password: 'another sentence that nobody guesses',
      },
      requestId: 'test',
    });
}

type Asked = Input<'decision.at'> & { effect: 'permit' | 'deny'; chain: string[] };

const asked: Permission[] = [
  'user.read',
  'user.invite',
  'membership.end',
  'access.grant',
  'delegation.create',
  'organization.read',
  'request.decide',
];

describe('asking what somebody could do then', () => {
  it.each(seeds(101))(
    'answers as was answered then (seed %i)',
    async (seed) => {
      const world = await makeWorld();
      close = world.close;
      const random = randomRun(world.services, seed);
      const before: Asked[] = [];
      for (let count = 0; count < 60; count += 1) {
        await random.step();
        // Instants are whole milliseconds: what comes next is later than what was asked.
        await passTime(world.db, 1);
        for (let one = 0; one < 4; one += 1) before.push(await askNow(world, random));
        await passTime(world.db, 1);
      }
      const permits = before.filter(({ effect }) => effect === 'permit').length;
      expect(permits).toBeGreaterThan(before.length / 12);
      expect(permits).toBeLessThan(before.length - 20);
      for (const { effect, chain, ...question } of before) {
        const answer = await world.as('owner', 'decision.at', question);
        expect({ ...question, effect: answer.effect, sentence: answer.sentence }).toMatchObject({ effect });
        if (question.permission && effect === 'permit')
          expect(answer.because.map(({ delegationId }) => delegationId)).toEqual(chain);
      }
    },
    240_000,
  );

  it('knows what a rule gave, by title, fields and relation of then', async () => {
    const world = await makeWorld();
    close = world.close;
    const { acme } = world.organizations;
    const { membershipId } = world.people.southMember;
    const { partsViewer, partsBuyer } = world.entitlements;
    const rule = (what: string, more: ReturnType<typeof sql>) => sql`
      insert into access_rule (id, organization_id, entitlement_id, title, relation)
      values (gen_random_uuid(), ${acme.id}, ${what}, ${more})`;
    await rule(partsViewer, sql`'Fitter', null`).execute(world.db);
    await rule(partsBuyer, sql`null, 'line-managers'`).execute(world.db);
    const moments: { at: string; viewer: boolean; buyer: boolean }[] = [];
    const look = async (): Promise<void> => {
      await passTime(world.db, 60);
      moments.push({
        at: (await databaseNow(world.db)).toISOString(),
        viewer: await holds(world.db, membershipId, partsViewer),
        buyer: await holds(world.db, membershipId, partsBuyer),
      });
      await passTime(world.db, 60);
    };
    const report = world.people.acmeMember.membershipId;
    await look();
    await world.as('acmeManager', 'membership.update', { membershipId, title: 'fitter' });
    await look();
    await world.as('owner', 'membership.update', { membershipId: report, lineManagerId: membershipId });
    await look();
    await world.as('acmeManager', 'membership.update', { membershipId, title: 'Clerk' });
    await look();
    await world.as('owner', 'membership.update', { membershipId: report, lineManagerId: null });
    await look();
    expect(moments.map(({ viewer, buyer }) => [viewer, buyer])).toEqual([
      [false, false],
      [true, false],
      [true, true],
      [false, true],
      [false, false],
    ]);
    for (const { at, viewer, buyer } of moments)
      for (const [entitlementId, held] of [
        [partsViewer, viewer],
        [partsBuyer, buyer],
      ] as const)
        expect(await world.as('owner', 'decision.at', { membershipId, entitlementId, at })).toMatchObject({
          effect: held ? 'permit' : 'deny',
        });
  });

  it('says who gave it, and what was missing', async () => {
    const world = await makeWorld();
    close = world.close;
    const { acme, acmeSouth } = world.organizations;
    const { membershipId } = world.people.southMember;
    const ask = async (at: Date) =>
      world.as('acmeManager', 'decision.at', {
        membershipId,
        permission: 'user.invite',
        organizationId: acmeSouth.id,
        at: at.toISOString(),
      });
    const first = await databaseNow(world.db);
    await passTime(world.db, 86_400);
    const { id } = await world.as('acmeManager', 'delegation.create', {
      organizationId: acmeSouth.id,
      delegate: { membershipId },
      adminRoleId: adminRoleId('delegated-manager'),
    });
    await passTime(world.db, 86_400);
    const second = await databaseNow(world.db);
    await passTime(world.db, 60);
    await world.as('acmeManager', 'delegation.end', { delegationId: id });
    await passTime(world.db, 60);
    expect(await ask(first)).toMatchObject({ effect: 'deny', because: [] });
    expect((await ask(first)).sentence).toContain('nothing that was delegated to them gave it there');
    const then = await ask(second);
    expect(then).toMatchObject({
      effect: 'permit',
      because: [
        { delegationId: id, givenBy: 'acmeManager' },
        { givenBy: 'owner' },
        { who: 'acme', givenBy: 'a level above' },
        { delegationId: null },
      ],
    });
    // The standing delegation is acme's own; what stands above is not for acme's manager to know.
    expect(then.because.at(-1)).toMatchObject({ delegationId: null, who: 'a level above' });
    expect(then.sentence).toMatch(
      /^southMember could invite people in acmeSouth on .* given by acmeManager\.$/,
    );
    expect(await ask(await databaseNow(world.db))).toMatchObject({ effect: 'deny' });
    const own = await world.as('southMember', 'decision.at', {
      membershipId,
      permission: 'user.invite',
      organizationId: acmeSouth.id,
      at: second.toISOString(),
    });
    expect(own.sentence).toContain('You could invite people');
    // Both ends have to be in reach today.
    const outside = { permission: 'user.read' as const, at: second.toISOString() };
    for (const question of [
      { ...outside, membershipId: world.people.acme2Manager.membershipId, organizationId: acme.id },
      { ...outside, membershipId, organizationId: world.organizations.acme2.id },
      { ...outside, membershipId, targetMembershipId: world.people.acme2Member.membershipId },
    ])
      await expect(world.as('acmeManager', 'decision.at', question)).rejects.toMatchObject({
        code: 'not-found',
      });
    await expect(
      world.as('owner', 'decision.at', { ...outside, membershipId, at: '2090-01-01T00:00:00Z' }),
    ).rejects.toMatchObject({ code: 'input.invalid' });
  });
});

/** One random question, answered as of now by what answers every request. */
async function askNow(world: World, { pick, chance, ids }: ReturnType<typeof randomRun>): Promise<Asked> {
  const { db } = world;
  const membershipId = pick(
    chance(0.7)
      ? await ids("select distinct delegate_membership_id as id from delegation where delegate_kind = 'user'")
      : await ids('select id from membership'),
  );
  const at = (await databaseNow(db)).toISOString();
  if (chance(0.2)) {
    const given = await ids(
      'select distinct entitlement_id as id from assignment where entitlement_id is not null',
    );
    const entitlementId = pick(given.length > 0 && chance(0.8) ? given : Object.values(world.entitlements));
    const effect = (await holds(db, membershipId, entitlementId)) ? 'permit' : 'deny';
    return { membershipId, entitlementId, at, effect, chain: [] };
  }
  const facts = await loadFacts(db, { kind: 'membership', membershipId });
  const permission = pick(asked);
  const organizationId = pick(await ids('select id from organization'));
  const targetMembershipId = chance(0.5) ? pick(await ids('select id from membership')) : undefined;
  const bare = targetMembershipId
    ? await membershipTarget(db, targetMembershipId)
    : await organizationTarget(db, organizationId);
  const entitlementId = permission === 'access.grant' ? world.entitlements.partsViewer : undefined;
  const target = entitlementId
    ? withEntitlement(bare!, { id: entitlementId, applicationId: world.applications.parts })
    : bare!;
  const decision = decide(facts, permission, target);
  return {
    membershipId,
    permission,
    ...(targetMembershipId ? { targetMembershipId } : { organizationId }),
    ...(entitlementId ? { entitlementId } : {}),
    at,
    effect: decision.effect,
    chain:
      decision.effect === 'permit'
        ? decision.because.filter(({ delegateKind }) => delegateKind !== 'root').map(({ id }) => id)
        : [],
  };
}
