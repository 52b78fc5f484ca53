import { type RawBuilder, sql } from 'kysely';
import { adminRoleId } from '../src/authority/permissions.ts';
import { isAtOrBelow } from '../src/authority/place.ts';
import { loadFactsForReading } from '../src/authority/stamp.ts';
import { openDatabase, prepared } from '../src/platform/database.ts';
import { newId } from '../src/platform/ids.ts';
import { act } from './act.ts';
import { credentialOf } from './check.ts';
import { type Manager, membershipIdOf, userIdOf } from './generate.ts';
import { described, interleaved, mean, percentile, type Times } from './measure.ts';
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
  // The same row into a table like it, indexes included: no trigger, no foreign key, no decision, no event.
  await sql`create table plain_delegation (like delegation including indexes)`.execute(world.db);
  const { rows: last } = await sql<{ row: object }>`
    select to_jsonb(d) as row from delegation d where d.delegate_membership_id = ${membershipIdOf(n)} and d.kind = 'administer'`.execute(
    world.db,
  );
  const plain = (): Promise<unknown> =>
    world.db
      .transaction()
      .execute((trx) =>
        sql`${prepared} insert into plain_delegation select * from jsonb_populate_record(null::plain_delegation, ${JSON.stringify({ ...last[0]!.row, id: newId() })}::jsonb)`.execute(
          trx,
        ),
      );
  const timed = await interleaved([{ ours: add, baseline: plain }], { rounds: 60, warmUp: 10 });
  await sql`drop table plain_delegation`.execute(world.db);
  const { rows: settings } = await sql<{ value: string }>`
    select current_setting('fsync') || ', ' || current_setting('synchronous_commit') as value`.execute(
    world.db,
  );
  say(`  fsync, synchronous_commit: ${settings[0]!.value}`);
  say(`  ours: ${described(timed.ours)}; baseline: ${described(timed.baseline)}`);
  const [ours, baseline] = [percentile(timed.ours, 0.5), percentile(timed.baseline, 0.5)];
  return [
    result('a manager added at the root, by the median', ours / baseline, 3, 'x an insert with commit'),
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

/** Ten thousand people who each hold a link below one that is about to be paused: who loses what, counted exactly. */
export async function benchPreview(world: World): Promise<Result[]> {
  say('The preview of a change that takes from 10,000 people');
  const [owner] = world.managers as [Manager];
  const top = world.managers.findLast(
    ({ place }) => (world.people.get(place.path) ?? 0) < 200 && place.path.split('.').length === 3,
  )!;
  await holdersBelow(world, top.delegationId, 10_000, sql`true`);
  const start = performance.now();
  const before = process.cpuUsage();
  const preview = await act(world, owner, 'change.preview', {
    operation: 'delegation.pause',
    input: { delegationId: top.delegationId },
  });
  const took = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  say(
    `  ${preview.sentence} ${took.toFixed(0)} ms, ${((user + system) / 1000).toFixed(0)} of them of our processor`,
  );
  return [result('preview over 10,000 people', took, 5_000, 'ms')];
}

/** Links of single people below one, as many as asked for. */
const holdersBelow = (world: World, delegationId: string, count: number, where: RawBuilder<unknown>) =>
  sql`insert into delegation (id, kind, parent_id, chain, delegate_kind, delegate_user_id, delegate_membership_id, admin_role_id, scope, place_paths, entitlements)
    select gen_random_uuid(), 'administer', d.id, array_prepend(d.id, d.chain), 'user', m.user_id, m.id, ${adminRoleId('help-desk')}, d.scope, d.place_paths, d.entitlements
    from delegation d, (select m.id, m.user_id from membership m where ${where} order by m.id limit ${count}) m where d.id = ${delegationId}`.execute(
    world.db,
  );

/**
 * The link of a manager of some thousand people ended: the managers below, people with links of their own, what the
 * organizations below may hand out and with it access; invitations, deputies, requests that wait, sessions.
 */
export async function benchReceipt(world: World): Promise<Result[]> {
  say('The receipt of a delegation with 10,000 dependents of every kind');
  const [owner] = world.managers as [Manager];
  const top = world.managers.find(({ place }) => {
    const people = world.people.get(place.path) ?? 0;
    return people >= 2_200 && people <= 6_000;
  })!;
  const { path } = top.place;
  const { db } = world;
  const inside = sql`m.path > ${path} and m.path < ${`${path}/`} and m.state <> 'ended' and not m.further`;
  const members = sql`(select m.id, m.user_id, m.organization_id, m.path, row_number() over (order by m.id)::int as n from membership m where ${inside})`;
  await holdersBelow(world, top.delegationId, 2_000, inside);
  await sql`insert into delegation (id, kind, parent_id, chain, delegate_kind, delegate_organization_id, admin_role_id, scope, place_paths, entitlements, may_pass_on)
    select gen_random_uuid(), 'administer', d.id, array_prepend(d.id, d.chain), 'organization', o.id, d.admin_role_id,
      jsonb_build_array(jsonb_build_object('places', jsonb_build_array(jsonb_build_object('id', o.id, 'path', o.path, 'below', true)))), array[o.path], d.entitlements, 20
    from delegation d, organization o where d.id = ${top.delegationId} and o.parent_id = ${top.place.id}`.execute(
    db,
  );
  await sql`insert into invitation (id, organization_id, path, email, email_normal, invited_under, expires_at)
    select gen_random_uuid(), ${top.place.id}, ${path}, n || '@bench.example', n || '@bench.example', ${top.delegationId}, '2100-01-01' from generate_series(1, 2000) n`.execute(
    db,
  );
  await sql`insert into delegation (id, kind, delegate_kind, delegate_user_id, delegate_membership_id, giver_user_id, giver_membership_id, permissions, scope, entitlements)
    select gen_random_uuid(), 'approve', 'user', to_.user_id, to_.id, g.delegate_user_id, g.delegate_membership_id, '{request.decide}', '[]', '{"all": true}'
    from (select d.delegate_user_id, d.delegate_membership_id, row_number() over (order by d.id)::int as n, count(*) over ()::int as count
      from delegation d where d.chain @> array[${top.delegationId}]::uuid[] and d.admin_role_id = ${adminRoleId('delegated-manager')} and d.delegate_kind = 'user') g
    join ${members} to_ on to_.n % g.count + 1 = g.n and to_.user_id <> g.delegate_user_id where to_.n <= 2000`.execute(
    db,
  );
  await sql`insert into assignment (id, membership_id, entitlement_id, why)
    select gen_random_uuid(), m.id, (select id from entitlement order by id limit 1), 'direct' from ${members} m where m.n <= 2000`.execute(
    db,
  );
  await sql`insert into session (id, token_hash, user_id, membership_id, expires_at, ends_at)
    select gen_random_uuid(), sha256(convert_to('receipt-' || m.n, 'UTF8')), m.user_id, m.id, '2100-01-01', '2100-01-01' from ${members} m where m.n <= 2000`.execute(
    db,
  );
  await sql`analyze delegation, invitation, assignment, session`.execute(db);
  const start = performance.now();
  await act(world, owner, 'delegation.end', { delegationId: top.delegationId });
  const ended = performance.now();
  const receipt = await act(world, owner, 'delegation.receipt', { delegationId: top.delegationId });
  const read = performance.now();
  say(
    `  ended in ${(ended - start).toFixed(0)} ms; receipt ${JSON.stringify(receipt.counts)} read in ${(read - ended).toFixed(0)} ms`,
  );
  return [result('ending what 10,000 of every kind rest on, receipt read', read - start, 1_000, 'ms')];
}

/** What managers open first, over whatever they look after. */
export async function benchReads(world: World): Promise<Result[]> {
  say('Pages that look at a whole boundary, by managers of every depth');
  const random = seeded(17);
  const readers = [world.managers[0]!, ...sample(world.managers, 11, random)];
  const results: Result[] = [];
  for (const name of ['attention.list', 'ending.list', 'map.read', 'decision.at'] as const) {
    const times: Times = [];
    for (const by of readers) {
      const input =
        name === 'map.read'
          ? { organizationId: by.place.id }
          : name === 'decision.at'
            ? { membershipId: by.membershipId, permission: 'user.read', at: world.at.toISOString() }
            : {};
      const start = performance.now();
      await act(world, by, name, input);
      times.push(performance.now() - start);
    }
    say(`  ${name}: ${described(times)}`);
    results.push(result(`${name}, worst of ${readers.length}`, Math.max(...times), 200, 'ms'));
  }
  return results;
}
