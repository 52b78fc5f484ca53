import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { alwaysAfter, alwaysBefore } from '../../src/authority/facts.ts';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { makeProgram, runCommand } from '../../src/cli/program.ts';
import { insertDelegations, loadChain } from '../../src/delegation/store.ts';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeServer } from '../../src/server/http.ts';
import { testSecretKeys } from '../harness/secret-keys.ts';
import { addMembership, makeWorld, type PersonName, type World } from '../harness/world.ts';

let world: World;
let address: string;
const before = { ...process.env };
beforeAll(async () => {
  world = await makeWorld();
  // a socket's address with a host in it, as a setting must have
  address = world.url.replace('@/', '@localhost/');
  process.env.DATABASE_URL = address;
  process.env.REMIT_SECRET_KEYS = testSecretKeys;
});
afterEach(() => {
  delete process.env.REMIT_API_KEY;
});
afterAll(async () => {
  for (const name of ['DATABASE_URL', 'REMIT_DATA_DIR', 'REMIT_SECRET_KEYS'] as const)
    if (before[name] === undefined) delete process.env[name];
  await world.close();
});

async function remit(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  let out = '';
  let error = '';
  const code = await runCommand(args, {
    out: { write: (text) => (out += text) },
    error: { write: (text) => (error += text) },
  });
  return { code, out, error };
}

const mail = (person: PersonName) => `${person.toLowerCase()}@example.org`;

describe('as a named user', () => {
  it.each(['owner', 'acmeManager', 'northManager', 'auditor'] as const)(
    'sees what %s sees in the portal (I10)',
    async (person) => {
      const { code, out } = await remit('user', 'list', '--as', mail(person), '--json');
      expect(code).toBe(0);
      expect(JSON.parse(out)).toEqual(await world.as(person, 'user.list', {}));
    },
  );

  it('does what they may, under their delegation, and prints it for people', async () => {
    const { acme } = world.organizations;
    const made = await remit(
      'organization',
      'create',
      '--parent-id',
      acme.id,
      '--name',
      'West',
      '--as',
      'ACMEMANAGER@example.org',
    );
    expect(made).toMatchObject({ code: 0, error: '' });
    expect(made.out).toMatch(/^id +[0-9a-f-]{36}\nname +West\nversion +1\n$/);
    const { rows } = await sql<{ actor: string; links: string[] }>`
      select actor_id as actor, delegations as links from event where type = 'organization.created' order by position desc limit 1`.execute(
      world.db,
    );
    expect(rows[0]!.actor).toBe(world.people.acmeManager.userId);
    expect(rows[0]!.links[0]).toBe(world.delegations.acmeManager);
    const listed = await remit('organization', 'list', '--search', 'west', '--as', mail('acmeManager'));
    expect(listed.out).toContain('West');
  });

  it('is refused what they may not, with the same words and code', async () => {
    const { beta, acme } = world.organizations;
    const hidden = await remit(
      'organization',
      'create',
      '--parent-id',
      beta.id,
      '--name',
      'x',
      '--as',
      mail('acmeManager'),
    );
    expect(hidden).toMatchObject({ code: 1, out: '' });
    expect(hidden.error).toContain('(not-found)');
    const visible = await remit(
      'organization',
      'create',
      '--parent-id',
      acme.id,
      '--name',
      'x',
      '--as',
      mail('acmeHelpDesk'),
      '--json',
    );
    expect(visible.code).toBe(1);
    expect(JSON.parse(visible.error)).toMatchObject({
      code: 'not-permitted',
      permission: 'organization.create',
    });
  });

  it('asks which organization when there are several, and takes the home when not told', async () => {
    const { userId } = world.people.southMember;
    await addMembership(world.db, userId, 'southMember', world.organizations.beta);
    const home = JSON.parse((await remit('me', 'read', '--as', mail('southMember'), '--json')).out);
    expect(JSON.stringify(home)).toContain('southMember');
    expect((await remit('me', 'read', '--as', mail('southMember'), '--in', 'beta')).code).toBe(0);
    expect(await remit('user', 'list', '--as', mail('southMember'), '--in', 'acme')).toMatchObject({
      code: 1,
    });
    expect(await remit('user', 'list', '--as', 'nobody@example.org')).toMatchObject({ code: 1 });
  });

  it('asks why in a sentence', async () => {
    const yes = await remit('why', 'user.invite', '--organization', 'acmeNorth', '--as', mail('acmeManager'));
    expect(yes).toMatchObject({ code: 0, error: '' });
    expect(yes.out).toMatch(/^Yes\. /);
    const no = await remit('why', 'user.invite', '--as', mail('acmeMember'));
    expect(no.out).toMatch(/^No\. /);
    const hidden = await remit('why', 'user.invite', '--organization', 'beta', '--as', mail('acmeManager'));
    expect(hidden).toMatchObject({ code: 1, out: '' });
  });

  it('takes the input from a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'remit-cli-'));
    const file = join(folder, 'input.json');
    writeFileSync(file, JSON.stringify({ search: 'north', limit: 1 }));
    const { out } = await remit(
      'user',
      'list',
      '--input',
      `@${file}`,
      '--json',
      '--as',
      mail('owner'),
      '--search',
      'site',
    );
    expect(JSON.parse(out).items.map((row: { displayName: string }) => row.displayName)).toEqual([
      'siteMember',
    ]);
    expect(await remit('user', 'list', '--input', '[]', '--as', mail('owner'))).toMatchObject({ code: 2 });
    rmSync(folder, { recursive: true });
  });

  it('prints a file as it is', async () => {
    const { out } = await remit(
      'user',
      'export',
      '--organization-id',
      world.organizations.beta.id,
      '--as',
      mail('owner'),
    );
    expect(out).toMatch(/^\uFEFF?displayName,userName/);
  });
});

describe('as the operator', () => {
  it('looks at everything, and changes nothing in nobody’s name', async () => {
    const all = await remit('user', 'count', '--json');
    expect(JSON.parse(all.out)).toEqual(await world.as('owner', 'user.count', {}));
    for (const command of [
      ['organization', 'create', '--parent-id', world.organizations.acme.id, '--name', 'x'],
      ['membership', 'end', '--membership-id', world.people.acmeMember.membershipId],
      ['me', 'read'],
    ]) {
      const { code, error } = await remit(...command);
      expect(code).toBe(2);
      expect(error).toContain('--as');
    }
  });
});

describe('with an API key', () => {
  it('acts over HTTP as the key may, and no further', async () => {
    const key = 'remit_test_key';
    const clientId = newId();
    const { acme, beta } = world.organizations;
    await sql`insert into client (id, organization_id, name, key_hash) values (${clientId}, ${acme.id}, 'payroll', ${createHash('sha256').update(key).digest()})`.execute(
      world.db,
    );
    const parent = (await loadChain(world.db, world.delegations.acmeManager))!;
    await insertDelegations(world.db, [
      {
        parent,
        giverUserId: null,
        giverDelegationId: parent[0]!.id,
        delegate: { kind: 'client', clientId },
        adminRoleId: adminRoleId('delegated-manager'),
        permissions: [],
        scope: [{ places: [{ ...acme, below: true }] }],
        entitlements: { all: true },
        startsAt: alwaysBefore,
        endsAt: alwaysAfter,
        mayPassOn: 0,
      },
    ]);
    const app = await makeServer(world.services);
    const server = await app.listen({ host: '127.0.0.1', port: 0 });
    process.env.REMIT_API_KEY = key;
    const listed = await remit(
      'user',
      'list',
      '--server',
      server,
      '--sort',
      '-name',
      '--below',
      'false',
      '--organization-id',
      acme.id,
      '--json',
    );
    expect(listed.error).toBe('');
    expect(JSON.parse(listed.out)).toEqual(
      await world.as('acmeManager', 'user.list', { organizationId: acme.id, below: false, sort: '-name' }),
    );
    const made = await remit(
      'organization',
      'create',
      '--server',
      server,
      '--parent-id',
      acme.id,
      '--name',
      'By key',
      '--json',
    );
    expect(made.code).toBe(0);
    expect(
      await remit('organization', 'create', '--server', server, '--parent-id', beta.id, '--name', 'x'),
    ).toMatchObject({ code: 1 });
    expect(
      await remit('organization', 'create', '--server', server, '--parent-id', 'acme', '--name', 'x'),
    ).toMatchObject({ code: 2 });
    process.env.REMIT_API_KEY = 'wrong';
    expect((await remit('user', 'list', '--server', server)).error).toContain('(auth.required)');
    await app.close();
    expect(await remit('user', 'list', '--server', server)).toMatchObject({ code: 3 });
  });
});

describe('wrong use', () => {
  it.each([
    ['nonsense'],
    ['user', 'nonsense'],
    ['user', 'list', '--nonsense'],
    ['user', 'list', '--sort', 'shoe', '--as', 'owner@example.org'],
    ['organization', 'read', '--organization-id', 'acme', '--as', 'owner@example.org'],
    ['user', 'list', '--as', 'a', '--api-key', 'b'],
    ['user', 'list', '--server', 'http://localhost:1'],
    ['why'],
  ])('%j ends with 2', async (...args) => {
    const { code, out, error } = await remit(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error).not.toBe('');
  });

  it('names every bad setting', async () => {
    process.env.PORT = 'high';
    process.env.REMIT_PROT = '1';
    const { code, error } = await remit('config', 'check');
    delete process.env.PORT;
    delete process.env.REMIT_PROT;
    expect(code).toBe(2);
    expect(error).toMatch(/REMIT_PROT is not a setting[\s\S]*PORT must be/);
    const { code: right, out } = await remit('config', 'check', '--json');
    expect(right).toBe(0);
    // a password in an address is a secret
    expect(out).not.toContain('postgres://');
    expect(out).not.toContain(testSecretKeys.slice(5));
    delete process.env.REMIT_SECRET_KEYS;
    expect(await remit('config', 'check')).toMatchObject({
      code: 2,
      error: expect.stringContaining('REMIT_SECRET_KEYS is missing'),
    });
    // What needs no secret goes on without.
    expect((await remit('user', 'count', '--json')).code).toBe(0);
    process.env.REMIT_SECRET_KEYS = testSecretKeys;
  });

  it('says that the database is away', async () => {
    process.env.DATABASE_URL = 'postgres://nobody@127.0.0.1:1/none';
    expect(await remit('user', 'list')).toMatchObject({ code: 3, out: '' });
    process.env.DATABASE_URL = address;
  });
});

it('reaches the embedded database, whether a server runs on it or not', async () => {
  const dataDir = mkdtempSync(join('/tmp', 'remit-cli-data-'));
  delete process.env.DATABASE_URL;
  process.env.REMIT_DATA_DIR = dataDir;
  try {
    expect(await remit('user', 'count')).toMatchObject({ code: 3 });
    expect((await remit('migrate')).out).toMatch(/^Applied 0001/);
    expect(await remit('migrate')).toMatchObject({ code: 0, out: 'Nothing to do: up to date.\n' });
    expect(await remit('user', 'count', '--json')).toMatchObject({ code: 0 });
    const server = await startEmbeddedPostgres({ dataDir });
    const counted = await remit('user', 'count', '--json');
    expect(counted.code).toBe(0);
    expect(JSON.parse(counted.out)).toEqual({ count: 0, people: { atLeast: 0, atMost: 0 } });
    await server.stop();
  } finally {
    process.env.DATABASE_URL = address;
    rmSync(dataDir, { recursive: true, force: true });
  }
});

it('docs/cli.md tells of every exit code and command', () => {
  const text = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
  for (const { code, means } of Object.values(exitCodes)) expect(text).toContain(`| ${code} | ${means}`);
  const named = makeProgram({ out: { write: () => {} }, error: { write: () => {} } }).commands.filter(
    (one) => one.commands.length === 0,
  );
  for (const command of named) expect(text).toContain(`remit ${command.name()}`);
});

describe('import', () => {
  const example = fileURLToPath(new URL('../../demo/import-example', import.meta.url));

  it('shows the difference, does it once, and then has nothing to do', async () => {
    const below = ['--below', 'beta', '--as', mail('owner')];
    const looked = await remit('import', example, ...below, '--dry-run');
    expect(looked).toMatchObject({ code: 0, error: '' });
    expect(looked.out).toMatch(/organization/);
    expect(await remit('import', example, ...below)).toMatchObject({ code: 2 });
    const done = await remit('import', example, ...below, '--yes', '--json');
    expect(done.code, done.error).toBe(0);
    expect(JSON.parse(done.out)).toMatchObject({ state: 'done' });
    expect((await remit('import', example, ...below, '--yes')).out).toMatch(/^Nothing to do/);
  });

  it('brings in the people of one file, and says which rows stay out', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'remit-cli-people-'));
    const file = join(folder, 'people.csv');
    writeFileSync(file, 'Number;Full name;Unit\ncli-1;Ann Asp;beta\ncli-2;Bob Bay;nowhere\n');
    const people = ['people-import', 'file', file, '--below', 'beta', '--as', mail('owner'), '--json'];
    const columns = ['--column', 'key=Number', 'name=Full name'];
    const looked = await remit(...people, ...columns, '--dry-run');
    expect(JSON.parse(looked.out), looked.error).toMatchObject({ state: 'compared', new: 1, problem: 1 });
    const done = await remit(...people, ...columns);
    expect(JSON.parse(done.out), done.error).toMatchObject({ state: 'done', new: 1, problem: 1 });
    expect(done.error).toMatch(/line 3: There is no organization nowhere here/);
    expect(JSON.parse((await remit(...people, ...columns)).out)).toMatchObject({ new: 0, same: 1 });
    rmSync(folder, { recursive: true });
  });

  it('exports what it took over as files that give the same again', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'remit-cli-export-')), 'out');
    const { items } = await world.as('owner', 'organization.list', { parentId: world.organizations.beta.id });
    const done = await remit('export', items[0]!.id, folder, '--as', mail('owner'));
    expect(done.code, done.error).toBe(0);
    expect(readFileSync(join(folder, 'organizations.csv'), 'utf8')).toContain(items[0]!.name);
    expect((await remit('import', folder, '--below', 'beta', '--as', mail('owner'))).out).toMatch(
      /^Nothing to do/,
    );
    expect(await remit('export', items[0]!.id, folder, '--as', mail('owner'))).toMatchObject({ code: 2 });
    rmSync(folder, { recursive: true });
  });

  it('names file and line of what is wrong, and imports nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'remit-cli-import-'));
    writeFileSync(
      join(folder, 'organizations.csv'),
      'id,parent,name,description\ntop,,Top,\nlost,nowhere,Lost,\n',
    );
    const { code, out, error } = await remit(
      'import',
      folder,
      '--below',
      'beta',
      '--yes',
      '--as',
      mail('owner'),
    );
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(error).toMatch(/organizations\.csv:3.*\n1 error; nothing was imported/);
    expect(await remit('import', join(folder, 'none'), '--below', 'beta')).toMatchObject({ code: 2 });
    rmSync(folder, { recursive: true });
  });

  it('works for the operator too', async () => {
    const done = await remit('import', example, '--below', 'Lumen Energy', '--yes');
    expect(done.code, done.error).toBe(0);
  });
});

it('audit tells what was done', async () => {
  const { code, out, error } = await remit('audit', '--type', 'import.started', '--as', mail('owner'));
  expect(code, error).toBe(0);
  expect(out.trim().split('\n').length).toBeGreaterThan(0);
  expect(out).toMatch(/^\d{4}-\d{2}-\d{2}T/);
});
