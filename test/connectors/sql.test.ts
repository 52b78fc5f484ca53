import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEgress } from '../../src/platform/egress.ts';
import { openEgressSockets } from '../../src/platform/egress-socket.ts';
import type { Session, Settings, Wanted } from '../../src/provisioning/connectors/connector.ts';
import { sqlConnector } from '../../src/provisioning/connectors/sql.ts';
import { type Mariadb, startMariadb } from '../harness/mariadb.ts';
import { describeWith } from '../harness/peers.ts';
import { type PostgresTarget, startPostgresTarget } from '../harness/postgres-target.ts';
import { conforms } from './suite.ts';

type Peer = {
  kind: 'postgresql' | 'mariadb';
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  trust: string;
};

const settingsOf = (peer: Peer, over: Record<string, string> = {}): Settings => ({
  kind: peer.kind,
  host: peer.host,
  port: String(peer.port),
  database: peer.database,
  user: peer.user,
  trust: peer.trust,
  table: 'people',
  correlation: 'ref',
  columns: 'login, full_name, note',
  enabled: 'active',
  enabledWhen: peer.kind === 'mariadb' ? '1' : 'true',
  disabledWhen: peer.kind === 'mariadb' ? '0' : 'false',
  passwordColumn: 'secret',
  passwordForm: 'bcrypt',
  roleTable: 'people_roles',
  roleAccount: 'ref',
  roleName: 'role',
  ...over,
});

async function opened(
  peer: Peer,
  over: Record<string, string> = {},
  password = peer.password,
): Promise<Session> {
  const rules = { networks: ['127.0.0.0/8'], httpHosts: [], ports: [peer.port] };
  return await sqlConnector.open(
    settingsOf(peer, over),
    { password },
    {
      egress: openEgress(rules),
      sockets: openEgressSockets(rules),
      deadline: AbortSignal.timeout(20_000),
      roles: [],
    },
  );
}

const tables = (boolean: string): string => `
  create table people (ref varchar(80) not null primary key, login varchar(200) not null unique, full_name text, note text, active ${boolean} not null, secret text);
  create table people_roles (ref varchar(80) not null references people (ref), role varchar(100) not null, primary key (ref, role));
  create table loose (ref varchar(80), login text, full_name text, note text);`;

const person = (name: string, over: Partial<Wanted> = {}): Wanted => ({
  correlation: `id-${name}`,
  enabled: true,
  values: { login: name, full_name: `${name} Jansen`, note: null },
  roles: [],
  ...over,
});

function accounts(title: string, peer: () => Peer): void {
  conforms(title, sqlConnector, () => ({
    connector: sqlConnector,
    settings: settingsOf(peer()),
    secrets: { password: peer().password },
    allowed: { ports: [peer().port] },
    person: (name) => ({ login: name, full_name: `${name} Jansen`, note: null }),
    text: 'note',
    other: 'full_name',
    rename: (name) => ({ login: name }),
    wrongSecrets: { password: 'Canary-Wrong' },
  }));

  it('makes, finds, changes, disables, enables and deletes an account', async () => {
    const session = await opened(peer());
    expect((await session.test()).map(({ level }) => level)).toEqual(['good']);
    const strange = `O'Neil "x"; drop table people; -- ü 🙂`;
    await session.create(
      person('sam', { roles: ['staff'], values: { ...person('sam').values, note: strange } }),
    );
    expect(await session.find('id-sam')).toEqual({
      id: 'id-sam',
      correlation: 'id-sam',
      enabled: true,
      values: { login: 'sam', full_name: 'sam Jansen', note: strange },
      roles: ['staff'],
    });
    await expect(session.create(person('sam'))).rejects.toMatchObject({ problem: 'exists' });
    await session.update('id-sam', {
      values: { note: null },
      rolesAdded: ['boss', 'staff'],
      rolesRemoved: ['staff', 'never'],
    });
    // What was added and removed in one change is removed: `staff` stood in both.
    expect(await session.read('id-sam')).toMatchObject({
      values: { login: 'sam', full_name: 'sam Jansen', note: null },
      roles: ['boss'],
    });
    await session.disable('id-sam');
    await session.disable('id-sam');
    expect(await session.read('id-sam')).toMatchObject({ enabled: false });
    await session.enable('id-sam');
    await session.setPassword('id-sam', 'bcrypt', '$2b$10$abc');
    await session.delete('id-sam');
    await session.delete('id-sam');
    expect(await session.find('id-sam')).toBeUndefined();
    await expect(
      session.update('id-sam', { values: { note: 'x' }, rolesAdded: [], rolesRemoved: [] }),
    ).rejects.toMatchObject({ problem: 'absent' });
    await session.close();
  });

  it('undoes a creation whose roles were refused, and lets several accounts go at once', async () => {
    const session = await opened(peer());
    await expect(session.create(person('tess', { roles: ['x'.repeat(101)] }))).rejects.toMatchObject({
      problem: 'refused',
    });
    expect(await session.find('id-tess')).toBeUndefined();
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        session.create(person(`p${String(n).padStart(2, '0')}`, { roles: ['r'] })),
      ),
    );
    const page = await session.list();
    expect(page).toMatchObject({ whole: true });
    const made = page.seen.filter(({ id }) => id.startsWith('id-p'));
    expect(made.map(({ roles }) => roles)).toEqual(Array(20).fill(['r']));
    await session.close();
  });

  it('says what is wrong with settings, without a value or a secret', async () => {
    const findings = async (over: Record<string, string>) => {
      const session = await opened(peer(), over);
      const found = await session.test();
      await session.close();
      return found.map(({ text }) => text);
    };
    expect(await findings({ table: 'nobody' })).toEqual(['There is no table nobody, or we may not read it.']);
    expect(await findings({ columns: 'login, nonsense' })).toEqual([
      'The table people has no column nonsense.',
    ]);
    expect(await findings({ table: 'loose', enabled: '', passwordColumn: '', roleTable: '' })).toEqual([
      'The column ref is not unique: two accounts could stand for one person. Put a unique index on it.',
    ]);
    const error = await opened(peer(), {}, 'not-the-password').then(
      () => expect.fail('let in'),
      (caught: Error) => caught,
    );
    expect(error).toMatchObject({ problem: 'no-permission' });
    expect(`${error.message}${error.cause}`).not.toContain('not-the-password');
  });

  it('trusts no certificate but the one it was told of', async () => {
    await expect(opened(peer(), { trust: '' })).rejects.toMatchObject({ problem: 'no-trust' });
  });
}

describe('the SQL connector at PostgreSQL', () => {
  let server: PostgresTarget;
  beforeAll(async () => {
    server = await startPostgresTarget();
    await server.sql(`set role application; ${tables('boolean')} reset role`);
  });
  afterAll(() => server?.close());
  const peer = (): Peer => ({ kind: 'postgresql', ...server });
  accounts('as every connector', peer);

  it('does not take the database of an instance for a target', async () => {
    await server.sql(
      'create schema pgboss; create table pgboss.job_common (id int); create table delegation (id int)',
    );
    await expect(opened(peer())).rejects.toThrow('database of this instance itself');
    await server.sql('drop schema pgboss cascade; drop table delegation');
  });
});

describeWith('mariadb', 'the SQL connector at MariaDB', () => {
  let server: Mariadb;
  beforeAll(async () => {
    server = await startMariadb();
    await server.sql(`use ${server.database}; ${tables('boolean')}`);
  });
  afterAll(() => server?.close());
  accounts('as every connector', () => ({ kind: 'mariadb', ...server }));
});

describe('settings of the SQL connector', () => {
  const base = settingsOf({
    kind: 'postgresql',
    host: 'db.example',
    port: 5432,
    database: 'd',
    user: 'u',
    password: 'p',
    trust: '',
  });
  it.each([
    ['table', 'people; drop table x'],
    ['table', 'a.b.c'],
    ['table', 'pe"ople'],
    ['correlation', '1st'],
    ['columns', 'login, full name'],
    ['columns', ''],
    ['columns', 'login, active'],
    ['roleName', ''],
    ['port', '70000'],
  ])('refuse %s = %s', (field, value) => {
    const wrong = sqlConnector.check({ ...base, [field]: value });
    expect(wrong).toHaveLength(1);
  });
  it('stand', () => {
    expect(sqlConnector.check(base)).toEqual([]);
  });
});
