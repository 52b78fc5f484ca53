import { sql } from 'kysely';
import { adminRoleId } from '../src/authority/permissions.ts';
import { isAtOrBelow } from '../src/authority/place.ts';
import { loadFactsForReading } from '../src/authority/stamp.ts';
import { openDatabase } from '../src/platform/database.ts';
import { newId } from '../src/platform/ids.ts';
import { act } from './act.ts';
import { credentialOf } from './check.ts';
import { type Manager, membershipIdOf, userIdOf } from './generate.ts';
import { described, interleaved, mean, type Times } from './measure.ts';
import { sample, seeded } from './random.ts';
import { type Result, result, say } from './result.ts';
import type { World } from './world.ts';

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
