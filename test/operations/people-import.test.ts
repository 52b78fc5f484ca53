import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { carryOn } from '../../src/enrolment/people-import/run.ts';
import type { Input, Output } from '../../src/server/operations.gen.ts';
import { makeWorld, type World } from '../harness/world.ts';

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

type As = Parameters<World['as']>[0];
type Reading = Input<'people-import.differ'>['reading'];
type Place = keyof World['organizations'];

const columns = { key: 'Number', name: 'Name', email: 'Mail', organization: 'Unit', title: 'Function' };
let names = 0;
/** Keys and names that no other test has. */
const fresh = (): string => {
  names += 1;
  return `n${names}`;
};

async function upload(file: string | Buffer, as: As = 'acmeManager', at: Place = 'acme'): Promise<string> {
  const { importId } = await world.as(as, 'people-import.create', {
    organizationId: world.organizations[at].id,
    fileName: 'people.csv',
  });
  await world.as(as, 'people-import.put-part', {
    importId,
    n: 1,
    base64: Buffer.from(file).toString('base64'),
  });
  return importId;
}

async function differ(
  file: string | Buffer,
  reading: Partial<Reading> = {},
  as: As = 'acmeManager',
  at: Place = 'acme',
): Promise<{ importId: string } & Output<'people-import.read'>> {
  const importId = await upload(file, as, at);
  await world.as(as, 'people-import.differ', { importId, reading: { columns, dates: 'iso', ...reading } });
  await carryOn(world.services, importId);
  const seen = await world.as(as, 'people-import.read', {
    importId,
    show: 'problem',
    after: 0,
    afterKey: '',
    limit: 200,
  });
  return { ...seen, importId };
}

async function apply(importId: string, mode: 'all' | 'rows' = 'rows', as: As = 'acmeManager') {
  await world.as(as, 'people-import.apply', { importId, mode });
  await carryOn(world.services, importId);
  return world.as(as, 'people-import.read', {
    importId,
    show: 'problem',
    after: 0,
    afterKey: '',
    limit: 200,
  });
}

const problemsOf = ({ rows }: Output<'people-import.read'>) =>
  rows.map(({ line, problem }) => [line, problem!.code, problem!.column] as const);

async function person(key: string) {
  const { rows } = await sql<Record<string, unknown>>`
    select u.display_name as name, u.email, m.title, m.attributes, m.first_day as "firstDay", m.last_day as "lastDay", o.name as place,
      m.state, m.id, m.path, (select k.key from import_key k join membership l on l.user_id = k.id where l.id = m.line_manager_id) as manager
    from import_key k join app_user u on u.id = k.id join membership m on m.user_id = u.id join organization o on o.id = m.organization_id
    where k.key = ${key}`.execute(world.db);
  return rows;
}

describe('row by row', () => {
  it('brings in those who are new, with an event for each row, and changes nothing the second time', async () => {
    const [one, two] = [fresh(), fresh()];
    const file = `Number;Name;Mail;Unit;Function\n${one};Ada Ash;ada@acme.example;acme;Fitter\n${two};Bo Birch;;acmeNorth;\n`;
    const seen = await differ(file);
    expect(seen).toMatchObject({ state: 'compared', counts: { new: 2, changed: 0, same: 0, problem: 0 } });
    const done = await apply(seen.importId);
    expect(done).toMatchObject({ state: 'done', done: 2, total: 2 });
    expect(await person(one)).toMatchObject([
      { name: 'Ada Ash', email: 'ada@acme.example', title: 'Fitter', place: 'acme', state: 'active' },
    ]);
    expect(await person(two)).toMatchObject([
      { name: 'Bo Birch', email: null, title: '', place: 'acmeNorth' },
    ]);
    const { rows: events } = await sql<{ type: string; delegations: string[]; actor: string }>`
      select e.type, e.delegations, e.actor_id as actor from event e join import_key k on k.id = e.subject_id
      where k.key in (${one}, ${two}) order by e.position`.execute(world.db);
    expect(events.map(({ type }) => type).sort()).toEqual([
      'membership.created',
      'membership.created',
      'user.created',
      'user.created',
    ]);
    for (const { delegations, actor } of events) {
      expect(delegations[0]).toBe(world.delegations.acmeManager);
      expect(actor).toBe(world.people.acmeManager.userId);
    }
    const again = await differ(file);
    expect(again.counts).toMatchObject({ new: 0, changed: 0, same: 2, problem: 0 });
  });
});
