import { sql } from 'kysely';
import type { Target } from '../src/authority/delegation.ts';
import { holders } from '../src/authority/holders.ts';
import { loadFacts } from '../src/authority/load-facts.ts';
import { adminRoleId, permissionNames } from '../src/authority/permissions.ts';
import { dominates, loadPower } from '../src/authority/power.ts';
import { countPeople } from '../src/directory/people.ts';
import { act } from './act.ts';
import { credentialOf, readOne, targetOf } from './check.ts';
import { described, interleaved, mean, percentile, type Times } from './measure.ts';
import { sample, seeded } from './random.ts';
import { type Result, result, say } from './result.ts';
import { boundaries, reachOf, type World } from './world.ts';

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
      baseline: readOne(world, world.managers[1]!.delegationId),
    })),
    { rounds: 15, warmUp: 3 },
  );
  say(`  ours: ${described(timed.ours)}; baseline: ${described(timed.baseline)}`);
  return [
    result('count of memberships', mean(timed.ours) / mean(timed.baseline), 1.25, 'x a primary-key read'),
  ];
}

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
        baseline: readOne(world, manager.delegationId),
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
