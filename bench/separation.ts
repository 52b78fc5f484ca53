import { sql } from 'kysely';
import { newId } from '../src/platform/ids.ts';
import { act } from './act.ts';
import { numbered } from './asked.ts';
import { fillInBulk } from './bulk.ts';
import type { Manager } from './generate.ts';
import { described, interleaved, mean, percentile } from './measure.ts';
import { sample, seeded } from './random.ts';
import { type Result, result, say } from './result.ts';
import type { World } from './world.ts';

/** What separations of duties cost: the list of a hundred thousand conflicts, and a grant where fifty sets stand. */
const conflicts = 100_000;
const rounds = { rounds: 5, warmUp: 1 };
/** The number of a role, as bench/asked.ts made them: a hundred of them. */
const role = (n: number) => numbered('0190e000', sql`${n}::int`);

export async function benchSeparation(world: World): Promise<Result[]> {
  const grant = await grants(world);
  const setIds = await fillConflicts(world);
  const owner = world.managers[0]!;
  const people = () => act(world, owner, 'user.list', { organizationId: owner.place.id, limit: 50 });
  const list = (input: object = {}, by: Manager = owner) =>
    act(world, by, 'separation.list-conflicts', { limit: 50, ...input });
  const middle = sample(
    world.managers.filter(({ place }) => {
      const count = world.people.get(place.path) ?? 0;
      return count >= 100 && count <= 15_000;
    }),
    8,
    seeded(61),
  );
  const cursor = await later(list);
  const pages: [string, number, (() => Promise<unknown>)[]][] = [
    ['first page', 10, [() => list()]],
    ['a page past 1,000', 10, [() => list({ cursor })]],
    ['of one set', 10, [() => list({ separationId: setIds.at(-1) })]],
    ['in eight smaller places', 10, middle.map((by) => () => list({}, by))],
  ];
  const results = [grant];
  for (const [name, goal, asked] of pages) {
    const run = await interleaved(
      asked.map((ours) => ({ ours, baseline: people })),
      rounds,
    );
    say(`  ${name}: ${described(run.ours)}\n  people: ${described(run.baseline)}`);
    results.push(
      result(`conflicts, ${name}`, mean(run.ours) / mean(run.baseline), goal, 'x the page of people'),
    );
  }
  return results;
}

/** Twenty pages on; every page is full, and nobody comes twice. */
async function later(list: (input: object) => Promise<Record<string, unknown>>): Promise<unknown> {
  const seen = new Set<string>();
  let cursor: unknown;
  for (let page = 0; page < 20; page += 1) {
    const { items, next } = await list(cursor ? { cursor } : {});
    const found = items as { userId: string; separationId: string }[];
    for (const one of found) seen.add(`${one.userId} ${one.separationId}`);
    if (found.length !== 50 || seen.size !== 50 * (page + 1) || !next)
      throw new Error(`Page ${page + 1} of conflicts is not a full one of its own.`);
    cursor = next;
  }
  return cursor;
}

/** Two roles for everybody, or for a hundred thousand; then as many sets of both as make a hundred thousand conflicts. */
async function fillConflicts({ db, organizations, managers }: World): Promise<string[]> {
  let people = 0;
  await db.connection().execute((one) =>
    fillInBulk(one, ['assignment'], async () => {
      const { rows } = await sql<{ people: number }>`
        with chosen as (select id from membership where not further order by id limit ${conflicts}),
        given as (
          insert into assignment (id, membership_id, entitlement_id, why, starts_at)
          select gen_random_uuid(), m.id, e.id, 'direct', remit_now() - interval '1 day'
          from chosen m cross join (values (${role(0)}), (${role(1)})) e (id)
          returning membership_id
        )
        select count(distinct membership_id)::int as people from given`.execute(one);
      people = rows[0]!.people;
    }),
  );
  const setIds = Array.from({ length: Math.ceil(conflicts / people) }, () => newId());
  for (const [n, id] of setIds.entries())
    await keepApart({ db }, { id, name: `Conflicts ${n}`, at: organizations[0]!.id, roles: [0, 1] });
  await sql`vacuum analyze assignment`.execute(db);
  await sql`vacuum analyze separation, separation_part`.execute(db);
  say(
    `A page of 50 conflicts of ${people * setIds.length}, of ${people} people and ${setIds.length} sets, against the page of people of ${managers[0]!.place.path}`,
  );
  return setIds;
}

async function keepApart(
  { db }: Pick<World, 'db'>,
  { id, name, at, roles }: { id: string; name: string; at: string; roles: number[] },
): Promise<void> {
  await sql`insert into separation (id, organization_id, name) values (${id}, ${at}, ${name})`.execute(db);
  for (const n of roles)
    await sql`insert into separation_part (separation_id, entitlement_id) values (${id}, ${role(n)})`.execute(
      db,
    );
}

/** A role given to one person after the other, in a place where fifty sets name it and in one where none does. */
async function grants(world: World): Promise<Result> {
  const sets = 50;
  const many = 60;
  const [under, beside] = sample(
    world.managers.slice(1).filter(({ place }) => (world.people.get(place.path) ?? 0) >= many),
    2,
    seeded(63),
  ) as [Manager, Manager];
  say(`A role given where ${sets} sets name it, against one where none does; both of a branch each`);
  const peopleOf = async ({ place }: Manager): Promise<string[]> => {
    const { rows } = await sql<{ id: string }>`
      select id from membership where path >= ${place.path} and path < ${`${place.path}/`} and not further order by id limit ${many}`.execute(
      world.db,
    );
    return rows.map(({ id }) => id);
  };
  const give = (to: string[]) => {
    let n = 0;
    return async () =>
      await act(world, world.managers[0]!, 'assignment.grant', {
        membershipIds: [to[n++]!],
        entitlementIds: ['0190e000-0000-7000-8000-000000000032'],
      });
  };
  for (let n = 0; n < sets; n += 1)
    await keepApart(world, {
      id: newId(),
      name: `Fifty ${n}`,
      at: under.place.id,
      roles: [50, 51 + (n % 49)],
    });
  await sql`analyze separation, separation_part`.execute(world.db);
  const [there, elsewhere] = [await peopleOf(under), await peopleOf(beside)];
  const run = await interleaved([{ ours: give(there), baseline: give(elsewhere) }], {
    rounds: many - 10,
    warmUp: 10,
  });
  say(`  ${sets} sets: ${described(run.ours)}\n  none: ${described(run.baseline)}`);
  return result(
    `a grant where ${sets} sets stand`,
    percentile(run.ours, 0.5) / percentile(run.baseline, 0.5),
    1.5,
    'x one where none does',
  );
}
