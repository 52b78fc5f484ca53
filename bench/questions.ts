import { sql } from 'kysely';
import type { Target } from '../src/authority/delegation.ts';
import { holders } from '../src/authority/holders.ts';
import { loadFacts } from '../src/authority/load-facts.ts';
import { adminRoleId, permissionNames } from '../src/authority/permissions.ts';
import { dominates, loadPower } from '../src/authority/power.ts';
import { countPeople } from '../src/directory/people.ts';
import { openDatabase } from '../src/platform/database.ts';
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

/** Two people of one branch with 200 links each, the one's below the other's; compared as in a change: everything new. */
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
      from (select id, path from organization where parent_id is not null order by path limit 199) o
      join lateral (
        select d.id, d.chain from delegation d where ${above ? sql`d.delegate_user_id = ${above.userId} and d.place_paths = array[o.path] and d.may_pass_on = 5` : sql`d.id = ${world.managers[0]!.delegationId}`} limit 1
      ) p on true`.execute(world.db);
  // Whoever acts for somebody else inside applications is above everybody, which would end the question at once.
  await sql`delete from delegation where kind = 'represent' and delegate_user_id = ${other.userId}`.execute(
    world.db,
  );
  const times: Times = [];
  const loading: Times = [];
  for (let at = -5; at < 40; at += 1) {
    const facts = await loadFacts(world.db, credentialOf(actor));
    const start = performance.now();
    const power = await loadPower(world.db, other.userId);
    const loaded = performance.now();
    const dominated = dominates(facts, power);
    const done = performance.now();
    if (facts.held.length !== 200 || power.chains.length !== 200 || !dominated)
      throw new Error(`${facts.held.length} and ${power.chains.length} links are compared: ${dominated}.`);
    if (at < 0) continue;
    loading.push(loaded - start);
    times.push(done - loaded);
  }
  say(`  comparing: ${described(times)}; loading the other's power: ${described(loading)}`);
  return [result('protected power, 200 and 200, facts in hand', percentile(times, 0.5), 1, 'ms, median')];
}

/** Why, and why not: each asked twice, by two workers at once; the second answer has to be the first one. */
export async function benchExplain(large: World, count = 10_000): Promise<Result[]> {
  say(`${count} random explanations, each asked twice, by two workers at once`);
  const { db, close } = openDatabase(large.url, { max: 2 });
  const world = { ...large, db };
  const random = seeded(14);
  const any = () => world.managers[Math.floor(random() * world.managers.length)]!;
  const questions = Array.from({ length: count }, () => {
    const by = any();
    const { place } = random() < 0.6 ? by : any();
    const permission = permissionNames[Math.floor(random() * permissionNames.length)]!;
    return { by, question: { permission, organizationId: place.id } };
  });
  const times: Times = [];
  const answers: Record<string, number> = {};
  const ask = async ({ by, question }: (typeof questions)[number]) => {
    const start = performance.now();
    const answer = await act(world, by, 'decision.explain', question).catch(
      (error: { name: string; code?: string }) => {
        if (error.name !== 'Refusal') throw error;
        return { effect: error.code };
      },
    );
    times.push(performance.now() - start);
    return answer;
  };
  const worker = async (first: number) => {
    for (let at = first; at < count; at += 2) {
      const answer = await ask(questions[at]!);
      const effect = String(answer.effect);
      answers[effect] = (answers[effect] ?? 0) + 1;
      if (JSON.stringify(await ask(questions[at]!)) !== JSON.stringify(answer))
        throw new Error(`Asked again, ${JSON.stringify(questions[at]!.question)} is answered otherwise.`);
    }
  };
  try {
    await Promise.all([worker(0), worker(1)]);
  } finally {
    await close();
  }
  say(`  ${described(times)}; ${JSON.stringify(answers)}; each asked again: the same`);
  return [result('why and why not, p99', percentile(times, 0.99), 50, 'ms')];
}
