import { CompiledQuery } from 'kysely';
import { decide } from '../src/authority/decide.ts';
import type { Target } from '../src/authority/delegation.ts';
import type { Credential } from '../src/authority/facts.ts';
import { loadFacts } from '../src/authority/load-facts.ts';
import { isAtOrBelow } from '../src/authority/place.ts';
import { loadFactsForReading } from '../src/authority/stamp.ts';
import { hashSessionToken } from '../src/platform/sessions.ts';
import type { Manager, Place } from './generate.ts';
import { described, interleaved, mean } from './measure.ts';
import { sample, seeded } from './random.ts';
import { type Result, say } from './result.ts';
import type { World } from './world.ts';

const actors = 60;
/** Links in the chain of every other manager asked, the held one and the root row included. */
const longChain = 9;

const primaryKeyRead = '/* prepared */ select * from delegation where id = $1';

/** The baseline of questions: one row by its primary key, prepared, on the same pool. */
export const readOne = (world: World, id: string) => () =>
  world.db.executeQuery(CompiledQuery.raw(primaryKeyRead, [id]));

/**
 * A check: the actor's session, standing, links and chains by one statement, and the decision; loaded in full, and kept
 * under the stamp; against a prepared read of one row by its primary key, on the same pool.
 */
export async function benchCheck(small: World, large: World): Promise<Result[]> {
  say('A check, against a prepared primary-key read');
  say(`baseline: ${primaryKeyRead}`);
  const results: Result[] = [];
  const times: Record<string, number> = {};
  for (const world of [small, large]) {
    const random = seeded(3);
    const long = world.managers.filter((manager) => length(manager) === longChain);
    const chosen = [...sample(world.managers, actors / 2, random), ...sample(long, actors / 2, random)];
    await compareAnswers(world, chosen);
    for (const [name, load, goal] of [
      ['loaded in full', loadFacts, 2.4],
      ['under the stamp', loadFactsForReading, 1.25],
    ] as const) {
      const run = await interleaved(
        chosen.map((manager) => {
          const credential = credentialOf(manager);
          const target = targetOf(sample(world.organizations.slice(0, 500), 1, random)[0]!);
          return {
            ours: async () => decide(await load(world.db, credential), 'user.invite', target),
            baseline: readOne(world, manager.delegationId),
          };
        }),
        { rounds: 30, warmUp: 5 },
      );
      say(`  ${world.size}, ${name}: ${described(run.ours)}`);
      say(`  ${world.size}, baseline: ${described(run.baseline)}`);
      times[`${world.size} ${name}`] = mean(run.ours) / mean(run.baseline);
      results.push({
        name: `check ${name}, ${world.size}`,
        figure: mean(run.ours) / mean(run.baseline),
        goal,
        unit: 'x a primary-key read',
      });
    }
  }
  results.push({
    name: 'check loaded in full, L against S',
    figure: times['L loaded in full']! / times['S loaded in full']!,
    goal: 1.1,
    unit: 'x (ratios to the same read)',
  });
  return results;
}

export const credentialOf = ({ token }: Manager): Credential => ({
  kind: 'session',
  tokenHash: hashSessionToken(token),
});

export const targetOf = ({ id, path }: Place): Target => ({
  kind: 'organization',
  id,
  organizationId: id,
  path,
  off: false,
});

const length = ({ place }: Manager): number => place.path.split('.').length + 1;

/** Every manager may invite exactly at and below the organization they manage. */
async function compareAnswers({ db, organizations, size }: World, chosen: Manager[]): Promise<void> {
  let permits = 0;
  const asked = sample(organizations, 1_000, seeded(8));
  for (const manager of chosen) {
    for (const load of [loadFacts, loadFactsForReading]) {
      const facts = await load(db, credentialOf(manager));
      for (const place of [...asked, manager.place]) {
        const permitted = decide(facts, 'user.invite', targetOf(place)).effect === 'permit';
        if (permitted !== isAtOrBelow(place.path, manager.place.path))
          throw new Error(`The manager of ${manager.place.path} is answered wrongly at ${place.path}.`);
        if (permitted) permits += 1;
      }
    }
  }
  say(
    `  ${size}: ${chosen.length * 2 * (asked.length + 1)} answers compared with the tree: the same (${permits} permits)`,
  );
}
