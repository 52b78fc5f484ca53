import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { carryOn } from '../../src/enrolment/people-import/run.ts';
import { run } from '../../src/operation/pipeline.ts';
import { makeLinkSecret } from '../../src/platform/one-time-secrets.ts';
import { operations } from '../../src/server/operations.gen.ts';
import { makeWorld, type World } from '../harness/world.ts';

/** An address of a file that somebody has already: said where the importer sees them, and not a word beyond (I06, I08, I40). */
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

const reading = {
  columns: { key: 'Number', name: 'Name', email: 'Mail', organization: 'Unit' },
  dates: 'iso' as const,
};
type As = 'acmeManager' | 'owner';
const ask = { after: 0, afterKey: '', limit: 50 };

async function differ(rows: readonly string[], as: As = 'acmeManager'): Promise<string> {
  const { importId } = await world.as(as, 'people-import.create', {
    organizationId: world.organizations.acme.id,
    fileName: 'people.csv',
  });
  const base64 = Buffer.from(`Number,Name,Mail,Unit\n${rows.join('\n')}\n`).toString('base64');
  await world.as(as, 'people-import.put-part', { importId, n: 1, base64 });
  await world.as(as, 'people-import.differ', { importId, reading });
  await carryOn(world.services, importId);
  return importId;
}

/** All that an importer can learn of a dry run, without what every import has of its own. */
async function learned(importId: string, as: As = 'acmeManager'): Promise<string> {
  const shows = ['new', 'changed', 'noted', 'same', 'problem', 'missing'] as const;
  const seen = await Promise.all(
    shows.map((show) => world.as(as, 'people-import.read', { importId, show, ...ask })),
  );
  const file = await world.as(as, 'people-import.errors', { importId });
  return JSON.stringify([seen.map(({ counts, rows, missing }) => ({ counts, rows, missing })), file]);
}

async function statementsOf(act: () => Promise<unknown>): Promise<number> {
  const { query } = pg.Client.prototype;
  let count = 0;
  // biome-ignore lint/suspicious/noExplicitAny: pg's overloads, handed on as they are
  pg.Client.prototype.query = function (this: pg.Client, ...given: any[]): any {
    count += 1;
    return (query as unknown as (...all: unknown[]) => unknown).apply(this, given);
  };
  try {
    await act();
    return count;
  } finally {
    pg.Client.prototype.query = query;
  }
}

const notesOf = async (importId: string, as: As = 'acmeManager') =>
  (await world.as(as, 'people-import.read', { importId, show: 'noted', ...ask })).rows.map(
    ({ line, note }) => [line, note!.code, note!.text] as const,
  );

it('is said of somebody whom the importer sees, and of a second row, and both come in', async () => {
  const importId = await differ([
    'k1,Nora,NorthMember@example.org,acme',
    'k2,Ola,ola@acme.example,acme',
    'k3,Pim,Ola@acme.example,acmeNorth',
    'k4,Quin,quin@acme.example,acme',
  ]);
  const read = await world.as('acmeManager', 'people-import.read', { importId, ...ask });
  expect(read.counts).toMatchObject({ new: 4, noted: 2, problem: 0 });
  expect(await notesOf(importId)).toEqual([
    [2, 'address-known', expect.stringContaining('northMember (acmeNorth) has this address')],
    [4, 'address-twice', expect.stringContaining('Line 3')],
  ]);
  expect(await world.as('acmeManager', 'people-import.errors', { importId })).not.toContain('northMember');
  await world.as('acmeManager', 'people-import.apply', { importId, mode: 'all' });
  await carryOn(world.services, importId);
  expect(await world.as('acmeManager', 'people-import.read', { importId, ...ask })).toMatchObject({
    state: 'done',
    done: 4,
  });
});

it('is not said of somebody beyond their reach: each answer, count and statement is that of an unknown one', async () => {
  const rows = (email: string) => ['b1,Bea,not-an-address,acme', `b2,Beta,${email},acme`];
  const imports: string[] = [];
  const learn = async (email: string) => {
    const statements = await statementsOf(async () => imports.push(await differ(rows(email))));
    return { statements, learned: (await learned(imports.at(-1)!)).replaceAll(email, 'the address') };
  };
  // Its own plans and caches are warm from here on.
  await learn('warm@nowhere.example');
  const unknown = await learn('nobody@nowhere.example');
  expect(await learn('betamember@example.org')).toEqual(unknown);
  expect(await learn('BetaMember@Example.org'.toLowerCase())).toEqual(unknown);
  const { rows: notes } = await sql`
    select 1 from people_import_row where import_id = any (${imports}::uuid[]) and note is not null`.execute(
    world.db,
  );
  expect(notes).toEqual([]);
  // Whoever sees both is told.
  expect(
    (await notesOf(await differ(rows('betamember@example.org'), 'owner'), 'owner')).map(([, code]) => code),
  ).toEqual(['address-known']);
});

it('is not said any more when whoever it is about went out of reach', async () => {
  const importId = await differ(['o1,Site,sitemember@example.org,acme'], 'owner');
  expect(await notesOf(importId, 'owner')).toHaveLength(1);
  const { siteMember } = world.people;
  await world.as('acmeManager', 'membership.end', { membershipId: siteMember.membershipId });
  const { rows } = await world.as('owner', 'people-import.read', { importId, show: 'noted', ...ask });
  expect(rows.map(({ note }) => note)).toEqual([null]);
});

it('the invitation goes out as to anybody, and whoever accepts it signed in has one account', async () => {
  const importId = await differ([
    'j1,Beta Here,betamember@example.org,acme',
    'j2,Una,una@nowhere.example,acme',
  ]);
  await world.as('acmeManager', 'people-import.apply', { importId, mode: 'all' });
  await carryOn(world.services, importId);
  const { rows } = await sql<{ id: string }>`
    select m.id from import_key k join membership m on m.user_id = k.id where k.key in ('j1', 'j2') order by k.key`.execute(
    world.db,
  );
  const membershipIds = rows.map(({ id }) => id);
  const { results } = await world.as('acmeManager', 'membership.invite', { membershipIds });
  expect(results.map(({ ok, refusal }) => [ok, refusal])).toEqual([
    [true, undefined],
    [true, undefined],
  ]);
  const token = await makeLinkSecret(world.db, 'invitation', results[0]!.invitationId!, 3600);
  const { betaMember } = world.people;
  const { output } = await run(world.services, operations['invitation.accept'], {
    credential: { kind: 'membership', membershipId: betaMember.membershipId },
    input: { token },
    requestId: 'test',
  });
  expect(output).toMatchObject({ userId: betaMember.userId, membershipId: membershipIds[0] });
  // The next file finds them by the key, and says nothing of an address that is their own.
  const again = await differ(['j1,Beta Here,betamember@example.org,acme']);
  expect(
    (await world.as('acmeManager', 'people-import.read', { importId: again, ...ask })).counts,
  ).toMatchObject({
    new: 0,
    noted: 0,
    problem: 0,
  });
});
