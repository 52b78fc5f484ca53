import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fileNames } from '../../src/enrolment/import/files.ts';
import { performImport } from '../../src/enrolment/import/run.ts';
import { readTake } from '../../src/enrolment/import/take.ts';
import { makeWorld, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

type Files = Record<string, string>;
const read = (folder: string): Files =>
  Object.fromEntries(
    fileNames.map((name) => [name, readFileSync(new URL(folder + name, import.meta.url), 'utf8')]),
  );

async function take(files: Files, below: keyof World['organizations'] = 'root'): Promise<void> {
  const input = { organizationId: world.organizations[below].id, files };
  const { planHash, errors } = await world.as('owner', 'import.plan', input);
  expect(errors).toEqual([]);
  const { importId } = await world.as('owner', 'import.apply', { ...input, planHash: planHash! });
  await performImport(world.services, importId!);
  expect(await world.as('owner', 'import.read', { importId: importId! })).toMatchObject({ state: 'done' });
}

async function exported(name: string): Promise<Files> {
  const { rows } = await sql<{ id: string }>`select id from organization where name = ${name}`.execute(
    world.db,
  );
  return (await world.as('owner', 'organization.export', { organizationId: rows[0]!.id })).files;
}

/** A tree as sets: the order of rows says nothing but which membership is the home. */
function asSets(files: Files) {
  const { take, problems } = readTake(files);
  expect(problems.shown).toEqual([]);
  const set = (rows: readonly { line: number }[]) =>
    rows.map(({ line: _, ...row }) => JSON.stringify(row, Object.keys(row).sort())).sort();
  return {
    organizations: set(take.organizations),
    users: set(take.users.map(({ email, ...user }) => ({ ...user, address: email?.address ?? null }))),
    memberships: set(take.memberships),
    managers: set(take.managers),
    applications: set(take.applications),
    assignments: set(take.assignments),
  };
}

it('gives an imported tree back as it was, and importing it again changes nothing', async () => {
  const files = read('../../demo/import-example/');
  await take(files);
  const back = await exported('Brightgrid');
  expect(asSets(back)).toEqual(asSets(files));
  const again = await world.as('owner', 'import.plan', {
    organizationId: world.organizations.root.id,
    files: back,
  });
  expect(again).toMatchObject({ ok: true, nothingToDo: true });
});

it('gives the real one back', async () => {
  const files = read('../data/kubernetes-org/');
  await take(files);
  const started = performance.now();
  const back = await exported('Kubernetes project');
  console.log(`exported in ${Math.round(performance.now() - started)} ms`);
  expect(asSets(back)).toEqual(asSets(files));
});

it('defuses formulas and takes the apostrophe off again', async () => {
  const files = {
    'organizations.csv':
      'id,parent,name,description\ntop,,\'=Top,"=HYPERLINK(""http://evil.example""), really"\n',
    'users.csv': "username,displayName,email\nanna,'-Anna,\n",
    'memberships.csv': 'user,organization\nanna,top\n',
  };
  await take(files);
  const back = await exported('=Top');
  expect(back['organizations.csv']).toContain("'=Top,\"'=HYPERLINK");
  expect(back['users.csv']).toContain("'-Anna");
  const again = await world.as('owner', 'import.plan', {
    organizationId: world.organizations.root.id,
    files: back,
  });
  expect(again).toMatchObject({ nothingToDo: true });
});

it('gives a tree that no file brought, and knows it again', async () => {
  const back = (
    await world.as('owner', 'organization.export', { organizationId: world.organizations.acme.id })
  ).files;
  const { take: tree, problems } = readTake(back);
  expect(problems.shown).toEqual([]);
  expect(tree.organizations.map(({ name }) => name)).toEqual([
    'acme',
    'acmeNorth',
    'acmeSouth',
    'acmeNorthSite',
  ]);
  expect(tree.managers.map(({ role }) => role).sort()).toEqual([
    'application-manager',
    'delegated-manager',
    'delegated-manager',
    'delegated-manager',
    'help-desk',
  ]);
  const again = await world.as('owner', 'import.plan', {
    organizationId: world.organizations.root.id,
    files: back,
  });
  expect(again).toMatchObject({ ok: true, nothingToDo: true });
});

it('shows no more than the lists do (I06)', async () => {
  const files = (
    await world.as('northManager', 'organization.export', {
      organizationId: world.organizations.acmeNorth.id,
    })
  ).files;
  expect(files['organizations.csv']!.split('\n')).toHaveLength(4);
  expect(JSON.stringify(files)).not.toMatch(/acme2|southMember|acmeManager/);
  await expect(
    world.as('northManager', 'organization.export', { organizationId: world.organizations.acme.id }),
  ).rejects.toMatchObject({ code: 'not-found' });
  await expect(
    world.as('acmeMember', 'organization.export', { organizationId: world.organizations.acme.id }),
  ).rejects.toMatchObject({ code: 'not-found' });
});
