import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { carryOn } from '../../src/enrolment/people-import/run.ts';
import { passTime } from '../../src/platform/clock.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { makeWorld, type World } from '../harness/world.ts';
import type { Order, Told } from './import-victim.ts';

/**
 * Every await of an import's work is one on the database, so its statements are all the boundaries there are. Here the
 * connection is lost at one of them, before it is sent or after its answer came, and nothing more is sent: what a process
 * that is killed leaves behind. Another one carries on.
 */
const as = 'acmeManager';
let world: World;
beforeAll(async () => {
  world = await makeWorld();
  await world.as(as, 'group.create', {
    organizationId: world.organizations.acme.id,
    name: 'Crew',
    description: '',
  });
});
const victims: ChildProcess[] = [];
afterAll(async () => {
  for (const child of victims) child.kill('SIGKILL');
  await world.close();
});

type Cut = { at: number; answered: boolean };
let cut: Cut | undefined;
let dead = false;
let sent = 0;
const cutOff = () => new Error('cut off');

const { query } = pg.Client.prototype;
// biome-ignore lint/suspicious/noExplicitAny: pg's overloads, handed on as they are
pg.Client.prototype.query = function (this: pg.Client, ...given: any[]): any {
  const plain = query as unknown as (...all: unknown[]) => unknown;
  if (typeof given.at(-1) === 'function' || !cut) return plain.apply(this, given);
  sent += 1;
  const here = sent === cut.at;
  if (dead || (here && !cut.answered)) {
    dead = true;
    return Promise.reject(cutOff());
  }
  const answer = plain.apply(this, given) as Promise<unknown>;
  if (!here) return answer;
  return answer.then(() => {
    dead = true;
    throw cutOff();
  });
};
afterAll(() => {
  pg.Client.prototype.query = query;
});

/** The work of a process that loses its connection at `at`, or that ends by itself. */
async function processOf(importId: string, at?: Cut): Promise<{ statements: number; whole: boolean }> {
  const own = openDatabase(world.url, { max: 2 });
  cut = at ?? { at: Number.POSITIVE_INFINITY, answered: false };
  dead = false;
  sent = 0;
  try {
    await carryOn({ ...world.services, db: own.db }, importId);
    return { statements: sent, whole: !dead };
  } catch (error) {
    if (!dead) throw error;
    return { statements: sent, whole: false };
  } finally {
    cut = undefined;
    await own.close();
  }
}

/** Started ahead: starting takes longer than what they do. */
const raise = (): void => {
  const file = fileURLToPath(new URL('import-victim.ts', import.meta.url));
  victims.push(fork(file, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
};

/** The same by a process of its own, which is killed with signal 9: at the statement, or when it is through. */
async function killed(importId: string, at?: Cut): Promise<{ statements: number; whole: boolean }> {
  if (victims.length === 0) raise();
  raise();
  const child = victims.shift()!;
  let told: Told | undefined;
  child.once('message', (message) => {
    told = message as Told;
  });
  const gone = once(child, 'exit');
  child.send({ url: world.url, importId, kill: at } satisfies Order);
  expect(await gone).toEqual([null, 'SIGKILL']);
  return { statements: told?.statements ?? 0, whole: told !== undefined };
}

async function upload(name: string): Promise<string> {
  const file = `key,name,organization,title,manager,last,groups
${name}1,One,acme,Chief,,,
${name}2,Two,acme,,${name}1,,
${name}3,Three,acmeNorth,,${name}2,,Crew
${name}4,Four,nowhere,,,,
${name}known,Known anew,acme,Senior,,,
${name}line,Known,acme,,${name}1,,Crew
${name}long,Known,acme,,,2098-12-31,
`;
  const { importId } = await world.as(as, 'people-import.create', {
    organizationId: world.organizations.acme.id,
    fileName: name,
  });
  await world.as(as, 'people-import.put-part', {
    importId,
    n: 1,
    base64: Buffer.from(file).toString('base64'),
  });
  return importId;
}

const reading = {
  columns: {
    key: 'key',
    name: 'name',
    organization: 'organization',
    title: 'title',
    lineManager: 'manager',
    lastDay: 'last',
    groups: 'groups',
  },
  dates: 'iso' as const,
};

/** People of an earlier file, each of whom this one changes by another of its steps. */
async function known(name: string): Promise<void> {
  for (const who of ['known', 'line', 'long']) await one(`${name}${who}`);
}

async function one(key: string): Promise<void> {
  await sql`with u as (
      insert into app_user (id, home_organization_id, display_name) values (gen_random_uuid(), ${world.organizations.acme.id}, 'Known') returning id
    ), k as (
      insert into import_key (top_organization_id, kind, key, id) select ${world.organizations.acme.id}, 'user', ${key}, id from u
    ) select id from u`.execute(world.db);
  await sql`insert into membership (id, user_id, organization_id, path, sort_name)
    select gen_random_uuid(), k.id, ${world.organizations.acme.id}, 'r.1', 'known' from import_key k where k.key = ${key}`.execute(
    world.db,
  );
}

/** What there is in the end: people with what is recorded of them, and one event for each. */
async function outcome(name: string): Promise<unknown> {
  const { rows } = await sql`
    select k.key, u.display_name as name, m.title, m.last_day as last, count(*) over (partition by k.key) as times,
      (select l.key from import_key l join membership b on b.user_id = l.id where b.id = m.line_manager_id) as manager,
      (select count(*) from group_member g where g.membership_id = m.id) as groups,
      (select count(*) from event e where e.subject_id = u.id and e.type = 'group.member-added') as joined,
      (select count(*) from event e where e.subject_id = u.id and e.type = 'membership.created') as created,
      (select count(*) from event e where e.subject_id = u.id and e.type = 'membership.updated') as updated,
      (select count(*) from event e where e.subject_id = u.id and e.type = 'user.created') as users
    from import_key k join app_user u on u.id = k.id join membership m on m.user_id = u.id
    where starts_with(k.key, ${name}) order by k.key`.execute(world.db);
  return JSON.parse(JSON.stringify(rows).replaceAll(name, ''));
}

async function whole(
  name: string,
  at?: { differ?: Cut; apply?: Cut },
  perform: typeof processOf = processOf,
): Promise<{ differ: number; apply: number; outcome: unknown }> {
  await known(name);
  const importId = await upload(name);
  await world.as(as, 'people-import.differ', { importId, reading });
  const differ = await perform(importId, at?.differ);
  if (!differ.whole) {
    // Whoever was reading it is believed to be there for a minute.
    await passTime(world.db, 61);
    await processOf(importId);
  }
  expect(
    (await world.as(as, 'people-import.read', { importId, after: 0, afterKey: '', limit: 50 })).counts,
  ).toMatchObject({
    new: 3,
    changed: 3,
    problem: 1,
  });
  await world.as(as, 'people-import.apply', { importId, mode: 'rows' });
  const apply = await perform(importId, at?.apply);
  if (!apply.whole) await processOf(importId);
  const read = await world.as(as, 'people-import.read', { importId, after: 0, afterKey: '', limit: 50 });
  expect(read).toMatchObject({ state: 'done', done: 6, total: 6 });
  return { differ: differ.statements, apply: apply.statements, outcome: await outcome(name) };
}

it('loses nothing and does nothing twice, wherever it is cut off', async () => {
  const plain = await whole('plain-');
  expect(plain.outcome).toMatchObject([
    { key: '1', title: 'Chief', times: 1, created: 1, users: 1 },
    { key: '2', manager: '1', created: 1 },
    { key: '3', manager: '2', created: 1, groups: 1, joined: 1 },
    { key: 'known', title: 'Senior', updated: 1 },
    { key: 'line', manager: '1', updated: 1, groups: 1, joined: 1 },
    { key: 'long', last: '2098-12-31', updated: 1 },
  ]);
  expect(plain.apply).toBeGreaterThan(60);
  // Some of them, at another offset before than after.
  const step = Number(process.env.REMIT_TEST_EVERY ?? 37);
  for (const part of ['differ', 'apply'] as const)
    for (let at = 2; at <= plain[part]; at += step) {
      const name = `${part}${at}-`;
      const found = await whole(name, { [part]: { at, answered: at % 2 === 0 } });
      expect(found.outcome, `${part}, statement ${at}`).toEqual(plain.outcome);
    }
}, 180_000);

/** All boundaries in the long run; in the short one a few, from a fixed one on. */
const every = process.env.REMIT_TEST_LONG ? 1 : 139;

it('and wherever a process is killed', async () => {
  raise();
  const plain = await whole('alive-', undefined, killed);
  let count = 0;
  for (const part of ['differ', 'apply'] as const)
    for (let nth = 5; nth <= plain[part] * 2; nth += every) {
      const at = { at: Math.floor(nth / 2), answered: nth % 2 === 0 };
      const found = await whole(`kill-${part}${nth}-`, { [part]: at }, killed);
      expect(found.outcome, `${part}, ${nth}`).toEqual(plain.outcome);
      count += 1;
    }
  expect(count).toBeGreaterThan(2);
  if (process.env.REMIT_TEST_LONG) console.info(`killed at ${count} points: nothing lost, nothing twice`);
}, 3_600_000);
