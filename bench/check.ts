import { CompiledQuery, type Kysely } from 'kysely';
import { decide } from '../src/authority/decide.ts';
import type { Target } from '../src/authority/delegation.ts';
import { type Credential, loadFacts } from '../src/authority/facts.ts';
import { isAtOrBelow } from '../src/authority/place.ts';
import type { DB } from '../src/platform/schema.gen.ts';
import { hashSessionToken } from '../src/platform/sessions.ts';
import type { Generated, Manager, Place } from './generate.ts';
import { described, interleaved, mean } from './measure.ts';
import { sample, seeded } from './random.ts';
import { type Result, say } from './result.ts';

const goal = 2.4;
const actors = 100;

const primaryKeyRead = '/* prepared */ select * from delegation where id = $1';

/**
 * A check in full: the actor's session, standing, links and chains by one statement, and the decision; against
 * a prepared read of one row by its primary key, on the same pool.
 */
export async function benchCheck(db: Kysely<DB>, { organizations, managers }: Generated): Promise<Result> {
  say('A check (facts loaded in full, then decided), against a prepared primary-key read');
  say(`baseline: ${primaryKeyRead}`);
  const random = seeded(3);
  const chosen = sample(managers, actors, random);
  await compareAnswers(db, chosen, organizations);
  const run = await interleaved(
    chosen.map((manager) => {
      const credential = credentialOf(manager);
      const target = targetOf(sample(organizations, 1, random)[0]!);
      const link = manager.delegationId;
      return {
        ours: async () => decide(await loadFacts(db, credential), 'user.invite', target),
        baseline: () => db.executeQuery(CompiledQuery.raw(primaryKeyRead, [link])),
      };
    }),
    { rounds: 30, warmUp: 5 },
  );
  say(`  chains of ${Math.min(...chosen.map(length))} to ${Math.max(...chosen.map(length))} links`);
  say(`  ours:     ${described(run.ours)}`);
  say(`  baseline: ${described(run.baseline)}`);
  return {
    name: 'check',
    figure: mean(run.ours) / mean(run.baseline),
    goal,
    unit: 'x a primary-key read (mean)',
  };
}

const credentialOf = ({ token }: Manager): Credential => ({
  kind: 'session',
  tokenHash: hashSessionToken(token),
});

const targetOf = ({ id, path }: Place): Target => ({
  kind: 'organization',
  id,
  organizationId: id,
  path,
  off: false,
});

const length = ({ place }: Manager): number => place.path.split('.').length + 1;

/** Every manager may invite exactly at and below the organization they manage. */
async function compareAnswers(db: Kysely<DB>, chosen: Manager[], organizations: Place[]): Promise<void> {
  let permits = 0;
  for (const manager of chosen) {
    const facts = await loadFacts(db, credentialOf(manager));
    for (const place of organizations) {
      const permitted = decide(facts, 'user.invite', targetOf(place)).effect === 'permit';
      if (permitted !== isAtOrBelow(place.path, manager.place.path))
        throw new Error(`The manager of ${manager.place.path} is answered wrongly at ${place.path}.`);
      if (permitted) permits += 1;
    }
  }
  say(
    `  ${chosen.length * organizations.length} answers compared with the tree: the same (${permits} permits)`,
  );
}
