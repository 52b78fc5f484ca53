import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseNow } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeWorld, type World } from '../harness/world.ts';

/** Rules that the tables hold by themselves, whatever code writes to them. */
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

const violates = (constraint: string) => expect.objectContaining({ constraint });

it('keeps one membership of a person in an organization (I40)', async () => {
  const { userId } = world.people.betaMember;
  const { id, path } = world.organizations.beta;
  await expect(
    sql`insert into membership (id, user_id, organization_id, path, sort_name) values (${newId()}, ${userId}, ${id}, ${path}, 'x')`.execute(
      world.db,
    ),
  ).rejects.toEqual(violates('membership_once'));
});

it('keeps the names of children apart, in any writing (I40)', async () => {
  await expect(
    sql`insert into organization (id, parent_id, path, name) values (${newId()}, ${world.organizations.acme.id}, 'r.1.9', 'ACMEnorth')`.execute(
      world.db,
    ),
  ).rejects.toEqual(violates('organization_child_name'));
});

it('has one root of all delegations, and whole links only', async () => {
  const link = (columns: string, values: string) =>
    sql`insert into delegation (id, kind, scope, entitlements, ${sql.raw(columns)}) values (${newId()}, 'administer', '[]', '{"all":true}', ${sql.raw(values)})`.execute(
      world.db,
    );
  await expect(link('delegate_kind', "'root'")).rejects.toEqual(violates('delegation_one_root'));
  await expect(
    link('delegate_kind, parent_id', `'relation', '${world.delegations.rootRow}'`),
  ).rejects.toMatchObject({ code: '23514' });
});

it('gives instants that the process reads without rounding (I15)', async () => {
  for (let asked = 0; asked < 20; asked += 1) {
    const { rows } = await sql<{ micros: string }>`
      select extract(microseconds from remit_now())::bigint % 1000 as micros`.execute(world.db);
    expect(Number(rows[0]!.micros)).toBe(0);
  }
  expect(Number.isInteger((await databaseNow(world.db)).getTime())).toBe(true);
});

it('keeps reporting lines as they are written, in whatever order, and round no circle twice', async () => {
  const names = ['southMember', 'northMember', 'siteMember', 'acmeMember'] as const;
  const [south, north, site, member] = names.map((name) => world.people[name].membershipId) as [
    string,
    string,
    string,
    string,
  ];
  const reportsTo = (id: string, head: string | null) =>
    sql`update membership set line_manager_id = ${head} where id = ${id}`.execute(world.db);
  const lines = async () => {
    const { rows } = await sql<{ id: string; line: string[] }>`
      select id, line from membership where id = any (${[south, north, site, member]}::uuid[])`.execute(
      world.db,
    );
    const found = new Map(rows.map(({ id, line }) => [id, line]));
    return [south, north, site, member].map((id) => found.get(id));
  };
  // From the bottom up: whoever stands below follows.
  await reportsTo(south, north);
  await reportsTo(north, site);
  await reportsTo(site, member);
  expect(await lines()).toEqual([[north, site, member], [site, member], [member], []]);
  await reportsTo(member, south);
  expect(await lines()).toEqual([
    [north, site, member],
    [site, member, south],
    [member, south, north],
    [south, north, site],
  ]);
  await reportsTo(north, null);
  expect(await lines()).toEqual([[north], [], [member, south, north], [south, north]]);
  for (const id of [south, site, member]) await reportsTo(id, null);
});
