import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { carryOn } from '../../src/enrolment/people-import/run.ts';
import type { Input } from '../../src/server/operations.gen.ts';
import { makeWorld, type World } from '../harness/world.ts';

/** Changes of many people by sets: how many statements they take, and that each row is decided as by hand all the same. */
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

type As = Parameters<World['as']>[0];
type Columns = Input<'people-import.differ'>['reading']['columns'];
const ask = { after: 0, afterKey: '', limit: 50 };

async function differ(
  heading: string,
  rows: readonly string[],
  columns: Columns,
  as: As = 'acmeManager',
  at: 'acme' | 'root' = 'acme',
) {
  const { importId } = await world.as(as, 'people-import.create', {
    organizationId: world.organizations[at].id,
    fileName: 'people.csv',
  });
  const base64 = Buffer.from(`${heading}\n${rows.join('\n')}\n`).toString('base64');
  await world.as(as, 'people-import.put-part', { importId, n: 1, base64 });
  await world.as(as, 'people-import.differ', { importId, reading: { columns, dates: 'iso' } });
  await carryOn(world.services, importId);
  return importId;
}

/** Does it, and counts what is sent to the database by that. */
async function apply(importId: string, mode: 'all' | 'rows' = 'rows', as: As = 'acmeManager') {
  await world.as(as, 'people-import.apply', { importId, mode });
  const { query } = pg.Client.prototype;
  let statements = 0;
  // biome-ignore lint/suspicious/noExplicitAny: pg's overloads, handed on as they are
  pg.Client.prototype.query = function (this: pg.Client, ...given: any[]): any {
    statements += 1;
    return (query as unknown as (...all: unknown[]) => unknown).apply(this, given);
  };
  try {
    await carryOn(world.services, importId);
  } finally {
    pg.Client.prototype.query = query;
  }
  const seen = await world.as(as, 'people-import.read', { importId, show: 'problem', ...ask });
  return { ...seen, statements };
}

const who = { key: 'Number', name: 'Name' };
const many = 200;
const numbers = Array.from({ length: many }, (_, n) => n);

describe('many people whom a file changes', () => {
  beforeAll(async () => {
    await world.as('acmeManager', 'group.create', {
      organizationId: world.organizations.acme.id,
      name: 'Crew',
      description: '',
    });
    await world.as('owner', 'access-role.create', {
      organizationId: world.organizations.acme.id,
      name: 'Reader',
      description: '',
      entitlementIds: [world.entitlements.partsViewer],
    });
    const rows = [
      'boss,Boss,acme,,',
      'chief,Chief,acme,,',
      ...numbers.map((n) => `p${n},Person ${n},acmeNorth,,`),
    ];
    const importId = await differ('Number,Name,Unit,From,To', rows, {
      ...who,
      organization: 'Unit',
      firstDay: 'From',
      lastDay: 'To',
    });
    expect(await apply(importId, 'all')).toMatchObject({
      state: 'done',
      counts: { new: many + 2, problem: 0 },
    });
  });

  /** Statements for a thousand rows at most. One after the other they took 7,800 (first days) to 15,300 (groups); now 340 to 450. */
  const bounds: Record<string, [Columns, value: string, again: string, bound: number]> = {
    'their line manager': [{ lineManager: 'What' }, 'boss', 'chief', 600],
    'their last day': [{ lastDay: 'What' }, '2098-05-31', '2099-06-30', 600],
    'their first day': [{ firstDay: 'What' }, '2026-01-31', '', 600],
    'their groups': [{ groups: 'What' }, 'Crew', '', 600],
    'their access': [{ accessRole: 'What' }, 'Reader', '', 600],
    'a title': [{ title: 'What' }, 'Fitter', '', 600],
  };
  for (const [what, [columns, first, second, bound]] of Object.entries(bounds))
    it(`take few statements for ${what}`, async () => {
      for (const value of [first, second].filter(Boolean)) {
        const importId = await differ(
          'Number,Name,What',
          numbers.map((n) => `p${n},Person ${n},${value}`),
          { ...who, ...columns },
        );
        const done = await apply(importId);
        expect(done).toMatchObject({ state: 'done', done: many, counts: { changed: many, problem: 0 } });
        expect((done.statements / many) * 1000).toBeLessThan(bound);
      }
    });
});

const memberOf = async (key: string): Promise<{ id: string; version: number; state: unknown }> => {
  const { rows } = await sql<{ id: string; version: number; state: unknown }>`
    select m.id, m.version, jsonb_build_array(m.line_manager_id is not null, m.first_day, m.last_day, m.title) as state
    from import_key k join membership m on m.user_id = k.id where k.key = ${key}`.execute(world.db);
  return rows[0]!;
};

/** People of an import of their own, at the end of a file that is done. */
async function bring(names: readonly string[], unit = 'acmeNorth'): Promise<string[]> {
  const rows = names.map((name) => `${name},Person ${name},${unit}`);
  await apply(await differ('Number,Name,Unit', rows, { ...who, organization: 'Unit' }), 'all');
  return Promise.all(names.map(async (name) => (await memberOf(name)).id));
}

const problemsOf = ({ rows }: { rows: { key: string; problem: { code: string } | null }[] }) =>
  rows.map(({ key, problem }) => [key, problem!.code]);

describe('each row of a set is decided as by hand', () => {
  it('line managers: those who fit, no circle, and none who comes to more than could be passed on', async () => {
    await bring(['c1', 'c2', 'c3', 'c4', 'lead']);
    await bring(['south'], 'acmeSouth');
    const [head] = await bring(['head'], 'acme');
    await sql`insert into delegation (id, kind, parent_id, chain, delegate_kind, delegate_user_id, delegate_membership_id, giver_user_id,
        permissions, scope, place_paths, entitlements)
      select gen_random_uuid(), 'administer', d.id, d.id || d.chain, 'user', m.user_id, m.id, ${world.people.owner.userId},
        '{organization.move}', '[{"reports": {}}]', '{}', '{"all": true}'
      from delegation d, membership m where d.id = ${world.delegations.owner} and m.id = ${head}`.execute(
      world.db,
    );
    const importId = await differ(
      'Number,Name,Boss',
      [
        'c1,Person c1,c2',
        'c2,Person c2,c1',
        'c3,Person c3,lead',
        'c4,Person c4,head',
        'lead,Person lead,south',
      ],
      { ...who, lineManager: 'Boss' },
    );
    const done = await apply(importId);
    // Of the two who name each other one comes first, as by hand.
    expect(problemsOf(done)).toEqual([
      ['c2', 'membership.line-manager'],
      ['c4', 'membership.gives-power'],
      ['lead', 'membership.line-manager'],
    ]);
    const state = async (key: string) => ((await memberOf(key)).state as unknown[])[0];
    expect(await Promise.all(['c1', 'c2', 'c3', 'c4', 'lead'].map(state))).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
    const { rows } = await sql<{
      line: string[];
    }>`select line from membership where id = ${(await memberOf('c1')).id}`.execute(world.db);
    expect(rows[0]!.line).toEqual([(await memberOf('c2')).id]);
  });

  it('days: none longer than the importer could give what the person has, and owners have no last day', async () => {
    const [, richId] = await bring(['d1', 'rich', 'd3']);
    await sql`update membership set ends_at = '2050-01-01', last_day = '2049-12-31' where id = ${richId}`.execute(
      world.db,
    );
    await sql`insert into assignment (id, membership_id, entitlement_id, why)
      values (gen_random_uuid(), ${richId}, ${world.entitlements.ledgerClerk}, 'direct')`.execute(world.db);
    const columns = { ...who, lastDay: 'To' };
    const rows = ['d1', 'rich', 'd3'].map((key) => `${key},Person ${key},2051-06-30`);
    const done = await apply(await differ('Number,Name,To', rows, columns));
    const byHand = world.as('acmeManager', 'membership.update', {
      membershipId: richId!,
      lastDay: '2051-06-30',
    });
    await expect(byHand).rejects.toMatchObject({ code: 'membership.too-long' });
    expect(problemsOf(done)).toEqual([['rich', 'membership.too-long']]);
    expect(((await memberOf('d3')).state as unknown[])[2]).toBe('2051-06-30');

    await sql`insert into import_key (top_organization_id, kind, key, id) values
      (${world.organizations.root.id}, 'user', 'own', ${world.people.secondOwner.userId}),
      (${world.organizations.root.id}, 'user', 'north', ${world.people.northManager.userId})`.execute(
      world.db,
    );
    const above = await differ(
      'Number,Name,To',
      ['own,secondOwner,2051-06-30', 'north,northManager,2051-06-30'],
      columns,
      'owner',
      'root',
    );
    expect(problemsOf(await apply(above, 'rows', 'owner'))).toEqual([['own', 'membership.owner']]);
    expect(((await memberOf('north')).state as unknown[])[2]).toBe('2051-06-30');
  });
});

it('two imports of the same people at once bring in and change each of them once', async () => {
  const keys = Array.from({ length: 20 }, (_, n) => `both${n}`);
  const rows = (name: string, boss: string) =>
    keys.map((key) => `${key},${name} ${key},${key === 'both0' ? '' : boss}`);
  const both = async (names: readonly [string, string]) => {
    const imports = await Promise.all([
      differ('Number,Name,Boss', rows(names[0], 'both0'), { ...who, lineManager: 'Boss' }),
      differ(
        'Number,Name,Boss',
        rows(names[1], 'both0').reverse(),
        { ...who, lineManager: 'Boss' },
        'acmePeer',
      ),
    ]);
    await world.as('acmeManager', 'people-import.apply', { importId: imports[0], mode: 'rows' });
    await world.as('acmePeer', 'people-import.apply', { importId: imports[1], mode: 'rows' });
    await Promise.all(imports.map((importId) => carryOn(world.services, importId)));
    const { rows: ended } = await sql<{ state: string; problems: number }>`
      select i.state, (select count(*) from people_import_row r where r.import_id = i.id and r.problem is not null) as problems
      from people_import i where i.id = any (${imports}::uuid[])`.execute(world.db);
    return ended;
  };
  const came = await both(['Ann', 'Ann']);
  expect(came.map(({ state }) => state)).toEqual(['done', 'done']);
  const { rows: there } = await sql<{ people: number; made: number; users: number }>`
    select count(*) as people, sum((select count(*) from event e where e.target_id = m.id and e.type = 'membership.created')) as made,
      count(distinct m.user_id) as users
    from app_user u join membership m on m.user_id = u.id where u.display_name like 'Ann both%'`.execute(
    world.db,
  );
  expect(there.map(({ people, made, users }) => [people, Number(made), users])).toEqual([[20, 20, 20]]);
  expect(came.reduce((sum, { problems }) => sum + problems, 0)).toBe(20);
  // Each person is changed by one of them; the other says that something changed since it looked.
  const changed = await both(['Bob', 'Cy']);
  expect(changed.map(({ state }) => state)).toEqual(['done', 'done']);
  expect(changed.reduce((sum, { problems }) => sum + problems, 0)).toBe(20);
  const { rows: named } = await sql<{ version: number }>`
    select distinct u.version from import_key k join app_user u on u.id = k.id where k.key like 'both%'`.execute(
    world.db,
  );
  expect(named).toEqual([{ version: 2 }]);
});
