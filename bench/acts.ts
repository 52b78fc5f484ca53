import { CompiledQuery, sql } from 'kysely';
import type { Target } from '../src/authority/delegation.ts';
import { holders } from '../src/authority/holders.ts';
import { loadFacts } from '../src/authority/load-facts.ts';
import { adminRoleId, permissionNames } from '../src/authority/permissions.ts';
import { isAtOrBelow } from '../src/authority/place.ts';
import { dominates, loadPower } from '../src/authority/power.ts';
import { loadFactsForReading } from '../src/authority/stamp.ts';
import { countPeople } from '../src/directory/people.ts';
import { run, type Services } from '../src/operation/pipeline.ts';
import { readConfig } from '../src/platform/config.ts';
import { openDatabase } from '../src/platform/database.ts';
import { newId } from '../src/platform/ids.ts';
import { type OperationName, operations } from '../src/server/operations.gen.ts';
import { credentialOf, primaryKeyRead, targetOf } from './check.ts';
import { type Manager, membershipIdOf, userIdOf } from './generate.ts';
import { described, interleaved, mean, percentile, type Times } from './measure.ts';
import { sample, seeded } from './random.ts';
import { type Result, say } from './result.ts';
import { boundaries, reachOf, type World } from './world.ts';

const servicesOf = ({ db, url }: World): Services => ({
  db,
  config: { ...readConfig({ REMIT_LOG_LEVEL: 'silent' }), databaseUrl: url },
  subscribers: [],
});

async function act<N extends OperationName>(
  world: World,
  by: Manager,
  name: N,
  input: object,
): Promise<Record<string, unknown>> {
  const call = { credential: credentialOf(by), input, requestId: 'bench' };
  return (await run(servicesOf(world), operations[name], call)).output as Record<string, unknown>;
}

const read = (world: World, id: string) => () =>
  world.db.executeQuery(CompiledQuery.raw(primaryKeyRead, [id]));

/** How many memberships a boundary holds, by the counts that are kept. */
export async function benchCount(world: World): Promise<Result[]> {
  say('Memberships of a boundary counted, against a primary-key read');
  const places = boundaries(world, 2, 10);
  for (const place of places) {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from membership m where m.path >= ${place.path} and m.path < ${`${place.path}/`}
        and m.state <> 'ended' and m.ends_at > ${world.at}`.execute(world.db);
    if ((await countPeople(world.db, { reach: reachOf([place]) }, world.at)) !== rows[0]!.count)
      throw new Error(`The count of ${place.path} is not what counting gives.`);
  }
  const timed = await interleaved(
    places.map((place) => ({
      ours: () => countPeople(world.db, { reach: reachOf([place]) }, world.at),
      baseline: read(world, world.managers[1]!.delegationId),
    })),
    { rounds: 15, warmUp: 3 },
  );
  say(`  ours: ${described(timed.ours)}; baseline: ${described(timed.baseline)}`);
  return [
    result('count of memberships', mean(timed.ours) / mean(timed.baseline), 1.25, 'x a primary-key read'),
  ];
}

const result = (name: string, figure: number, goal: number, unit: string): Result => ({
  name,
  figure,
  goal,
  unit,
});

/** Who may do something to somebody, in all depths. */
export async function benchHolders(world: World): Promise<Result[]> {
  say('Who may: holders of a permission over a person, against a primary-key read');
  const chosen = sample(world.managers, 60, seeded(12));
  const timed = await interleaved(
    chosen.map((manager) => {
      const target: Target = {
        ...targetOf(manager.place),
        kind: 'membership',
        userId: manager.userId,
        line: [],
      };
      return {
        ours: () => holders(world.db, 'user.read', target),
        baseline: read(world, manager.delegationId),
      };
    }),
    { rounds: 6, warmUp: 1 },
  );
  say(`  ours: ${described(timed.ours)}; baseline: ${described(timed.baseline)}`);
  return [
    result('holders', mean(timed.ours) / mean(timed.baseline), 5, 'x a primary-key read'),
    result('holders, p99', percentile(timed.ours, 0.99), 15, 'ms'),
  ];
}

/** Two people of one branch: the one has 200 links, the other 200 below them. */
export async function benchPower(world: World): Promise<Result[]> {
  say('Protected power between two people with 200 delegations each, everything loaded');
  const [actor, other] = [world.managers[1]!, world.managers[2]!];
  for (const [to, above] of [
    [actor, undefined],
    [other, actor],
  ] as const)
    await sql`insert into delegation (id, kind, parent_id, chain, delegate_kind, delegate_user_id, delegate_membership_id, admin_role_id, scope, place_paths, entitlements, may_pass_on)
      select gen_random_uuid(), 'administer', p.id, array_prepend(p.id, p.chain), 'user', ${to.userId}, ${to.membershipId}, ${adminRoleId('delegated-manager')},
        jsonb_build_array(jsonb_build_object('places', jsonb_build_array(jsonb_build_object('id', o.id, 'path', o.path, 'below', true)))), array[o.path], '{"all": true}', ${above ? 3 : 5}
      from (select id, path, row_number() over (order by path) as n from organization where parent_id is not null order by path limit 200) o
      join lateral (
        select d.id, d.chain from delegation d where ${above ? sql`d.delegate_user_id = ${above.userId} and d.place_paths = array[o.path] and d.may_pass_on = 5` : sql`d.id = ${world.managers[0]!.delegationId}`} limit 1
      ) p on true`.execute(world.db);
  const facts = await loadFacts(world.db, credentialOf(actor));
  const power = await loadPower(world.db, other.userId);
  say(
    `  ${facts.held.length} links held, ${power.chains.length} in the other's power: ${dominates(facts, power)}`,
  );
  const times: Times = [];
  for (let at = -20; at < 200; at += 1) {
    const before = process.threadCpuUsage();
    dominates(facts, power);
    const { user, system } = process.threadCpuUsage(before);
    if (at >= 0) times.push((user + system) / 1e3);
  }
  const loading: Times = [];
  for (let at = 0; at < 20; at += 1) {
    const start = performance.now();
    await loadPower(world.db, other.userId);
    loading.push(performance.now() - start);
  }
  say(`  comparing: ${described(times)}; loading the other's power: ${described(loading)}`);
  return [result('protected power, 200 and 200, facts in hand', mean(times), 1, 'ms')];
}

/** A manager added at the root: one link, one event, one stamp; and in force at the next check. */
export async function benchAppoint(world: World): Promise<Result[]> {
  say('A manager added at the root, against a plain insert of the same row with commit');
  const owner = world.managers[0]!;
  const [root] = world.organizations;
  const rows = async () =>
    (
      await sql<{ links: number; events: number; stamps: number }>`
    select (select count(*) from delegation) as links, (select count(*) from event) as events, (select coalesce(sum(value), 0)::bigint from stamp) as stamps`.execute(
        world.db,
      )
    ).rows[0]!;
  // People who manage nothing yet.
  let n = world.organizations.length + 1_000;
  const add = async () => {
    n += 1;
    await act(world, owner, 'delegation.create', {
      organizationId: root!.id,
      delegate: { membershipId: membershipIdOf(n) },
      adminRoleId: adminRoleId('help-desk'),
    });
  };
  await add();
  const before = await rows();
  await add();
  const after = await rows();
  say(
    `  ${after.links - before.links} link, ${after.events - before.events} event, ${after.stamps - before.stamps} stamp`,
  );
  const session = newId();
  const token = `bench-root-${n}`;
  await sql`insert into session (id, token_hash, user_id, membership_id, expires_at, ends_at)
    values (${session}, sha256(convert_to(${token}, 'UTF8')), ${userIdOf(n + 1)}, ${membershipIdOf(n + 1)}, '2100-01-01', '2100-01-01')`.execute(
    world.db,
  );
  const newcomer: Manager = { ...owner, token };
  const held = async () => (await loadFactsForReading(world.db, credentialOf(newcomer))).held.length;
  const [none] = [await held()];
  await add();
  if (none !== 0 || (await held()) !== 1)
    throw new Error('The new manager is not in force at the next check.');
  const timed = await interleaved(
    [
      {
        ours: add,
        baseline: async () => {
          await world.db
            .transaction()
            .execute((trx) =>
              sql`insert into import_key (top_organization_id, kind, key, id) values (${root!.id}, 'user', ${newId()}, ${newId()})`.execute(
                trx,
              ),
            );
        },
      },
    ],
    { rounds: 40, warmUp: 5 },
  );
  say(`  ours: ${described(timed.ours)}; baseline: ${described(timed.baseline)}`);
  return [
    result(
      'a manager added at the root',
      mean(timed.ours) / mean(timed.baseline),
      3,
      'x an insert with commit',
    ),
  ];
}

/** A subtree of some 85 organizations put below another one, and back again. */
export async function benchMove(world: World): Promise<Result[]> {
  say('A subtree of some 85 organizations moved');
  const owner = world.managers[0]!;
  const sizesOf = new Map<string, number>();
  for (const { path } of world.organizations)
    for (let above = path; above.includes('.'); above = above.slice(0, above.lastIndexOf('.')))
      sizesOf.set(above, (sizesOf.get(above) ?? 0) + 1);
  const movable = world.organizations.filter(({ path }) => {
    const size = sizesOf.get(path) ?? 0;
    return size >= 75 && size <= 95 && path.split('.').length <= 8;
  });
  const times: Times = [];
  for (const place of sample(movable, 3, seeded(13))) {
    const parent = world.organizations.find(
      ({ path }) => path.split('.').length === 2 && !isAtOrBelow(place.path, path),
    )!;
    const start = performance.now();
    const { organizations, delegations } = (await act(world, owner, 'organization.move', {
      organizationId: place.id,
      parentId: parent.id,
    })) as { organizations: number; delegations: unknown[] };
    times.push(performance.now() - start);
    say(
      `  ${organizations} organizations, ${delegations.length} crossing links listed: ${times.at(-1)!.toFixed(0)} ms`,
    );
  }
  return [result('a subtree of 85 organizations moved', mean(times), 250, 'ms')];
}

/** Why, and why not; and the same question again gives the same answer. */
export async function benchExplain(world: World, count = 10_000): Promise<Result[]> {
  say(`${count} random explanations`);
  const random = seeded(14);
  const times: Times = [];
  let permits = 0;
  for (let at = 0; at < count; at += 1) {
    const by = world.managers[Math.floor(random() * world.managers.length)]!;
    const near = random() < 0.6 ? by : world.managers[Math.floor(random() * world.managers.length)]!;
    const question = {
      permission: permissionNames[Math.floor(random() * permissionNames.length)]!,
      organizationId: near.place.id,
    };
    const ask = () =>
      act(world, by, 'decision.explain', question).catch((error: { name: string; code?: string }) => {
        if (error.name !== 'Refusal') throw error;
        return { refused: error.code };
      });
    const start = performance.now();
    const answer = await ask();
    times.push(performance.now() - start);
    if ('effect' in answer && answer.effect === 'permit') permits += 1;
    if (at % 4 === 0 && JSON.stringify(await ask()) !== JSON.stringify(answer))
      throw new Error(`Asked again, ${JSON.stringify(question)} is answered otherwise.`);
  }
  say(`  ${described(times)}; ${permits} permits; every fourth asked again: the same`);
  return [result('why and why not, p99', percentile(times, 0.99), 50, 'ms')];
}

/** Eight writers at once in one branch, with and without stamps. */
export async function benchStamp(world: World): Promise<Result[]> {
  say('Eight writers at once in one branch, each changing a link of its own');
  const branch = world.managers
    .filter(({ place }) => isAtOrBelow(place.path, world.organizations[1]!.path))
    .slice(0, 64);
  const { db, close } = openDatabase(world.url, { max: 8 });
  const second = async (): Promise<number> => {
    let done = 0;
    const until = performance.now() + 1_000;
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        while (performance.now() < until) {
          const { delegationId } = branch[(writer * 8 + (done % 8)) % branch.length]!;
          await db.transaction().execute(async (trx) => {
            await sql`update delegation set version = version + 1 where id = ${delegationId}`.execute(trx);
            await sql`select 1`.execute(trx);
          });
          done += 1;
        }
      }),
    );
    return done;
  };
  const rates = { stamped: 0, bare: 0 };
  for (let round = 0; round < 4; round += 1) {
    rates.stamped += (await second()) / 4;
    await sql`alter table delegation disable trigger delegation_stamp_changed`.execute(db);
    rates.bare += (await second()) / 4;
    await sql`alter table delegation enable trigger delegation_stamp_changed`.execute(db);
  }
  const { rows } = await sql<{
    slots: number;
  }>`select max(n)::int as slots from (select count(*) as n from stamp group by key) s`.execute(db);
  await close();
  say(
    `  ${rates.stamped.toFixed(0)} changes a second with stamps, ${rates.bare.toFixed(0)} without; at most ${rows[0]!.slots} rows of a stamp`,
  );
  return [
    result('8 writers without stamps, against with', rates.bare / rates.stamped, 2, 'x as many changes'),
  ];
}

/** A link with 10,000 below it ended, and what ended with it read back. */
export async function benchReceipt(world: World): Promise<Result[]> {
  say('The receipt of a delegation with 10,000 dependents');
  const [owner] = world.managers as [Manager];
  const top = world.managers.find(
    ({ place }) => (world.people.get(place.path) ?? 0) < 200 && place.path.split('.').length === 3,
  )!;
  await sql`insert into delegation (id, kind, parent_id, chain, delegate_kind, delegate_user_id, delegate_membership_id, admin_role_id, scope, place_paths, entitlements)
    select gen_random_uuid(), 'administer', d.id, array_prepend(d.id, d.chain), 'user', m.user_id, m.id, ${adminRoleId('help-desk')}, d.scope, d.place_paths, d.entitlements
    from delegation d, (select m.id, m.user_id from membership m where m.id >= ${membershipIdOf(1_000)} order by m.id limit 10000) m where d.id = ${top.delegationId}`.execute(
    world.db,
  );
  const start = performance.now();
  await act(world, owner, 'delegation.end', { delegationId: top.delegationId });
  const ended = performance.now();
  const receipt = await act(world, owner, 'delegation.receipt', { delegationId: top.delegationId });
  const read = performance.now();
  say(
    `  ended in ${(ended - start).toFixed(0)} ms; receipt ${JSON.stringify(receipt.counts)} read in ${(read - ended).toFixed(0)} ms`,
  );
  return [
    result('ending a link with 10,000 below it, receipt written', ended - start, 1_000, 'ms'),
    result('its receipt read', read - ended, 1_000, 'ms'),
  ];
}
