import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadHoldings } from '../../src/authority/holds.ts';
import { permissionNames } from '../../src/authority/permissions.ts';
import { fileNames } from '../../src/enrolment/import/files.ts';
import { performImport } from '../../src/enrolment/import/run.ts';
import type { Input, Output } from '../../src/server/operations.gen.ts';
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
const example = read('../../demo/import-example/');
const real = read('../data/kubernetes-org/');

type As = Parameters<World['as']>[0];
const plan = (files: Files, as: As = 'owner', more: Partial<Input<'import.plan'>> = {}) =>
  world.as(as, 'import.plan', { organizationId: world.organizations.root.id, files, ...more });

async function apply(files: Files, as: As = 'owner', more: Partial<Input<'import.plan'>> = {}) {
  const { planHash, errors } = await plan(files, as, more);
  expect(errors).toEqual([]);
  const input = { organizationId: world.organizations.root.id, files, planHash: planHash!, ...more };
  const { importId } = await world.as(as, 'import.apply', input);
  if (!importId) return undefined;
  await performImport(world.services, importId);
  return world.as(as, 'import.read', { importId });
}

const changesOf = (planned: Output<'import.plan'>) =>
  Object.fromEntries(
    planned.changes.map(({ kind, create, change, same, missing, endedHere }) => [
      kind,
      { create, change, same, missing, endedHere },
    ]),
  );
const count = async (table: string) =>
  (await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(world.db)).rows[0]!
    .count;
const one = async <T>(query: ReturnType<typeof sql<T>>) => (await query.execute(world.db)).rows[0]!;
const organizationId = async (name: string) =>
  (await one<{ id: string }>(sql`select id from organization where name = ${name} and state <> 'closed'`)).id;
const personOf = async (userName: string, organization?: string) => {
  const row = await one<{ userId: string; membershipId: string }>(sql`
    select u.id as "userId", m.id as "membershipId" from app_user u join membership m on m.user_id = u.id
    join organization o on o.id = m.organization_id
    where u.user_name = ${userName} and o.name = ${organization ?? ''} or u.user_name = ${userName} and ${organization === undefined} and o.id = u.home_organization_id`);
  return { ...row, name: userName };
};

describe('taking over the example', () => {
  it('makes the tree, its people, its managers and their access, under one ceiling', async () => {
    const done = await apply(example);
    expect(done).toMatchObject({ state: 'done', phase: 'done', done: 25, total: 25 });
    const mara = await personOf('mara');
    const tomas = await personOf('tomas');
    const tops = await world.as(mara, 'organization.list', {});
    expect(tops.items.map(({ name, peopleCount }) => [name, peopleCount])).toEqual([['Brightgrid', 7]]);
    expect((await world.as(tomas, 'organization.list', {})).items.map(({ name }) => name)).toEqual([
      'Field work',
    ]);

    const { rows: links } = await sql<Record<string, unknown>>`
      select d.delegate_kind as kind, d.may_pass_on as "mayPassOn", p.delegate_kind as parent, d.giver_user_id as giver
      from delegation d join delegation p on p.id = d.parent_id where d.reason = 'import' order by 1, 2`.execute(
      world.db,
    );
    const giver = world.people.owner.userId;
    expect(links).toEqual([
      { kind: 'organization', mayPassOn: 998, parent: 'user', giver },
      { kind: 'user', mayPassOn: 0, parent: 'organization', giver },
      { kind: 'user', mayPassOn: 997, parent: 'organization', giver },
    ]);
    const ines = await personOf('ines');
    const held = async (membershipId: string) =>
      (await loadHoldings(world.db, { membershipIds: [membershipId] })).holdings
        .filter((holding) => holding.held)
        .map((holding) => `${holding.applicationKey} ${holding.entitlementKey}`)
        .sort();
    // The first row is the home; rights of the two organizations do not mix.
    expect(await held(ines.membershipId)).toEqual(['planner viewer', 'tool-store borrower']);
    expect(await held((await personOf('ines', 'Office')).membershipId)).toEqual([
      'planner planner',
      'planner viewer',
    ]);
  });

  it('records one event for each row', async () => {
    const before = await count('event');
    await apply(example);
    const { rows } = await sql<{ type: string; count: number }>`
      select type, count(*) as count from event where position > ${before} group by type order by type`.execute(
      world.db,
    );
    expect(Object.fromEntries(rows.map(({ type, count }) => [type, count]))).toEqual({
      'application.registered': 2,
      'assignment.given': 3,
      'delegation.created': 3,
      'import.applied': 1,
      'import.started': 1,
      'membership.created': 7,
      'organization.created': 5,
      'user.created': 5,
    });
    const event = await one<{ actor: string; link: string; text: string }>(sql`
      select actor_id as actor, delegations[1] as link, (after || '{}')::text as text from event where type = 'user.created' limit 1`);
    expect(event).toMatchObject({ actor: world.people.owner.userId, link: world.delegations.owner });
    expect(event.text).not.toMatch(/Mara|brightgrid/i);
  });

  it('changes nothing when it runs again', async () => {
    await apply(example);
    const events = await count('event');
    const again = await plan(example);
    expect(again).toMatchObject({ ok: true, nothingToDo: true });
    expect(await apply(example)).toBeUndefined();
    expect(await count('event')).toBe(events);
  });

  it('shows a changed file as a difference first, and then does exactly that', async () => {
    await apply(example);
    const changed = {
      ...example,
      'organizations.csv':
        example['organizations.csv']!.replace(',North,', ',North shore,').replace(/.*Office.*\n/, '') +
        'brightgrid/lab,brightgrid,Lab,\n',
      'users.csv': `${example['users.csv']!.replace('Wim Peeters', 'Wim Pieters')}eva,Eva Lab,\n`,
      'memberships.csv': `${example['memberships.csv']!.replace(/ines,brightgrid\/office\n/, '')}eva,brightgrid/lab\n`,
      'managers.csv': example['managers.csv']!.replace(
        'tomas,brightgrid/field,delegated-manager,false',
        'tomas,brightgrid/field,delegated-manager,true',
      ),
      'applications.csv': `${example['applications.csv']}lab-book,writer\n`,
      'assignments.csv': example['assignments.csv']!.replace(
        'brightgrid/office,planner,planner',
        'brightgrid/lab,lab-book,writer',
      ),
    };
    const planned = await plan(changed);
    expect(changesOf(planned)).toEqual({
      organizations: { create: 1, change: 1, same: 3, missing: 1, endedHere: 0 },
      users: { create: 1, change: 1, same: 4, missing: 0, endedHere: 0 },
      memberships: { create: 1, change: 0, same: 6, missing: 1, endedHere: 0 },
      managers: { create: 0, change: 1, same: 1, missing: 0, endedHere: 0 },
      applications: { create: 1, change: 0, same: 3, missing: 0, endedHere: 0 },
      assignments: { create: 1, change: 0, same: 2, missing: 1, endedHere: 0 },
    });
    expect(planned.changes.flatMap(({ examples }) => examples)).toEqual(
      expect.arrayContaining([
        'change North shore: name from North',
        'add Lab below brightgrid',
        'not in the files: Office (stays)',
        'change Wim Pieters: name from Wim Peeters',
        'change tomas, brightgrid/field: may appoint others now',
      ]),
    );
    await apply(changed);
    expect(await plan(changed)).toMatchObject({ nothingToDo: true });
    // Rows missing from a file are proposals: nobody lost anything.
    expect(await organizationId('Office')).toBeTruthy();
    const eva = await personOf('eva');
    const { holdings } = await loadHoldings(world.db, { membershipIds: [eva.membershipId] });
    expect(
      holdings
        .filter((holding) => holding.held)
        .map((holding) => holding.applicationKey)
        .sort(),
    ).toEqual(['lab-book', 'planner']);
  });

  it('brings nothing back that was ended here', async () => {
    await apply(example);
    await world.as('owner', 'membership.end', { membershipId: (await personOf('jonas')).membershipId });
    await world.as('owner', 'organization.close', { organizationId: await organizationId('Office') });
    const without = {
      ...example,
      'organizations.csv': example['organizations.csv']!.replace(/.*Office.*\n/, ''),
    };
    const rest = {
      ...without,
      'memberships.csv': example['memberships.csv']!.replace(/.*office\n/, ''),
      'assignments.csv': example['assignments.csv']!.replace(/.*office.*\n/, ''),
    };
    const planned = await plan(rest);
    expect(planned).toMatchObject({ ok: true, nothingToDo: true });
    expect(changesOf(planned).memberships).toMatchObject({ create: 0, endedHere: 1 });
    expect((await plan(example)).errors).toMatchObject([
      { code: 'closed', file: 'organizations.csv', line: 6 },
    ]);
  });

  it('leaves a person’s own name and address to them', async () => {
    await apply(example);
    await sql`update app_user set proved_email = email, email_proved_at = remit_now(), display_name = 'Mara L.' where user_name = 'mara'`.execute(
      world.db,
    );
    expect(await plan(example)).toMatchObject({ nothingToDo: true });
  });
});

describe('what is asked and what is done are one', () => {
  it('refuses a plan that is no longer so', async () => {
    const { planHash } = await plan(example);
    await apply(example);
    await expect(
      world.as('owner', 'import.apply', {
        organizationId: world.organizations.root.id,
        files: example,
        planHash: planHash!,
      }),
    ).rejects.toMatchObject({ code: 'import.changed' });
  });

  it('is decided again when the work is done, and imports nothing when it may not', async () => {
    const powerUser = await giveRole('power-user', { all: true });
    const { planHash } = await plan(example, 'rootMember');
    const { importId } = await world.as('rootMember', 'import.apply', {
      organizationId: world.organizations.root.id,
      files: example,
      planHash: planHash!,
    });
    const before = await count('organization');
    await world.as('owner', 'delegation.end', { delegationId: powerUser });
    await performImport(world.services, importId!);
    expect(await count('organization')).toBe(before);
    expect(await world.as('owner', 'import.read', { importId: importId! })).toMatchObject({
      state: 'failed',
      failure: { code: 'not-found' },
    });
  });

  it('is done once, of two workers at once and of a job tried again', async () => {
    const { planHash } = await plan(example);
    const input = { organizationId: world.organizations.root.id, files: example, planHash: planHash! };
    const { importId } = await world.as('owner', 'import.apply', input);
    await Promise.all([performImport(world.services, importId!), performImport(world.services, importId!)]);
    await performImport(world.services, importId!);
    expect(await world.as('owner', 'import.read', { importId: importId! })).toMatchObject({ state: 'done' });
    expect(
      (await sql`select 1 from organization where name = 'Brightgrid'`.execute(world.db)).rows,
    ).toHaveLength(1);
    expect((await one<{ files: unknown }>(sql`select files from import_run`)).files).toBeNull();
  });

  it('lets one of two imports of the same files win', async () => {
    const { planHash } = await plan(example);
    const input = { organizationId: world.organizations.root.id, files: example, planHash: planHash! };
    const ids = [
      (await world.as('owner', 'import.apply', input)).importId!,
      (await world.as('secondOwner', 'import.apply', input)).importId!,
    ];
    await Promise.all(ids.map((id) => performImport(world.services, id)));
    const states = await Promise.all(ids.map((importId) => world.as('owner', 'import.read', { importId })));
    expect(states.map(({ state }) => state).sort()).toEqual(['done', 'failed']);
    expect(states.find(({ state }) => state === 'failed')!.failure!.code).toBe('import.changed');
  });

  it('lands nothing when a row cannot be written', async () => {
    const before = await Promise.all(['organization', 'app_user', 'membership', 'delegation'].map(count));
    const { planHash } = await plan(example);
    const { importId } = await world.as('owner', 'import.apply', {
      organizationId: world.organizations.root.id,
      files: example,
      planHash: planHash!,
    });
    // The last kind of row fails.
    await sql`create function refuse_it() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$`.execute(
      world.db,
    );
    await sql`create trigger refuse_it before insert on assignment for each row execute function refuse_it()`.execute(
      world.db,
    );
    await expect(performImport(world.services, importId!)).rejects.toThrow('disk full');
    expect(await Promise.all(['organization', 'app_user', 'membership', 'delegation'].map(count))).toEqual(
      before,
    );
    await sql`drop trigger refuse_it on assignment`.execute(world.db);
    await performImport(world.services, importId!);
    expect(await world.as('owner', 'import.read', { importId: importId! })).toMatchObject({ state: 'done' });
  });
});

describe('one ceiling binds it (I01)', () => {
  it('is for those who may import there, and unseen by others', async () => {
    await expect(plan(example, 'acmeManager')).rejects.toMatchObject({ code: 'not-found' });
    await expect(plan(example, 'auditor')).rejects.toMatchObject({ code: 'not-permitted' });
    await expect(
      plan(example, 'acmeManager', { organizationId: world.organizations.acme.id }),
    ).rejects.toMatchObject({ code: 'not-permitted' });
    const { planHash } = await plan(example);
    const { importId } = await world.as('owner', 'import.apply', {
      organizationId: world.organizations.root.id,
      files: example,
      planHash: planHash!,
    });
    await expect(world.as('acmeManager', 'import.read', { importId: importId! })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('takes a link that may be passed on, and hands out only what the importer has', async () => {
    await giveRole('power-user', { all: true }, 'root', 0);
    await expect(plan(example, 'rootMember')).rejects.toMatchObject({ code: 'delegation.outside' });
    const handOut = (id: string) =>
      plan(example, 'owner', { handOut: { applicationIds: [id], entitlementIds: [] } });
    await expect(handOut(world.people.owner.userId)).rejects.toMatchObject({ code: 'not-found' });
    expect(await handOut(world.applications.parts)).toMatchObject({ ok: true });
    const more = { handOut: { applicationIds: [], entitlementIds: [world.entitlements.notesReader] } };
    await apply(example, 'owner', more);
    const mara = await personOf('mara');
    const give = (entitlementId: string) =>
      world.as(mara, 'assignment.grant', {
        organizationId: tops,
        entitlementIds: [entitlementId],
        accessRoleIds: [],
      });
    const tops = await organizationId('Office');
    expect((await give(world.entitlements.notesReader)).results[0]!.ok).toBe(true);
    await expect(give(world.entitlements.notesAuthor)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('names each role above the ceiling by its line', async () => {
    await giveRole('power-user', { applications: [world.applications.parts], entitlements: [] });
    const planned = await plan(example, 'rootMember');
    expect(planned.ok).toBe(false);
    expect(planned.errors.map(({ file, line, column, code }) => [file, line, column, code])).toEqual([
      ['assignments.csv', 2, 'role', 'above-ceiling'],
      ['assignments.csv', 3, 'role', 'above-ceiling'],
      ['assignments.csv', 4, 'role', 'above-ceiling'],
    ]);
    await expect(
      world.as('rootMember', 'import.apply', {
        organizationId: world.organizations.root.id,
        files: example,
        planHash: 'x',
      }),
    ).rejects.toMatchObject({ code: 'import.invalid', details: { count: 3 } });
  });

  it('lets nobody below a ceiling bring applications of their own into it', async () => {
    await giveRole('owner', { all: true }, 'acme');
    const planned = await plan(example, 'rootMember', { organizationId: world.organizations.acme.id });
    expect(planned.errors.map(({ file, code }) => [file, code])).toEqual(
      Array(3).fill(['assignments.csv', 'above-ceiling']),
    );
  });

  it('names a manager’s role that the importer may not give', async () => {
    await giveRole('power-user', { all: true });
    const planned = await plan(
      {
        ...example,
        'managers.csv': 'user,organization,role\nmara,brightgrid,owner\ntomas,brightgrid,wizard\n',
      },
      'rootMember',
    );
    expect(planned.errors.map(({ line, code }) => [line, code])).toEqual([
      [3, 'admin-role-unknown'],
      [2, 'above-ceiling'],
    ]);
  });

  it('adds nothing where the tree’s own ceiling was narrowed', async () => {
    await apply(example);
    const { id, planner } = await one<{ id: string; planner: string }>(sql`
      select d.id, (select a.id from application a where a.key = 'planner') as planner from delegation d
      where d.delegate_kind = 'organization' and d.reason = 'import'`);
    await world.as('owner', 'delegation.narrow', {
      delegationId: id,
      entitlements: { applicationIds: [planner] },
    });
    expect(await plan(example)).toMatchObject({ nothingToDo: true });
    const more = {
      ...example,
      'assignments.csv': `${example['assignments.csv']}brightgrid/office,tool-store,borrower\n`,
    };
    expect((await plan(more)).errors).toMatchObject([
      { file: 'assignments.csv', line: 5, code: 'above-ceiling' },
    ]);
  });
});

it('imports nothing of a file with bad rows, and names each (500 of them too)', async () => {
  const before = await Promise.all(['organization', 'app_user', 'event'].map(count));
  const rows = Array.from({ length: 1500 }, (_, index) => `x${index},nowhere,X${index},`).join('\n');
  const planned = await plan({
    ...example,
    'organizations.csv': `${example['organizations.csv']}${rows}\n`,
    'users.csv': `${example['users.csv']}bad,Bad,bad\n`,
  });
  expect(planned).toMatchObject({ ok: false, errorCount: 1502, changes: [] });
  expect(planned.errors).toHaveLength(1000);
  expect(planned.planHash).toBeUndefined();
  expect(await Promise.all(['organization', 'app_user', 'event'].map(count))).toEqual(before);
});

it('reads bytes of any encoding, and names the line that is not of the one declared', async () => {
  const files = {
    ...example,
    'users.csv': { base64: Buffer.from(`\ufeff${example['users.csv']}`, 'utf16le').toString('base64') },
  };
  const planned = await world.as('owner', 'import.plan', {
    organizationId: world.organizations.root.id,
    files,
  });
  expect(planned).toMatchObject({ ok: true });
  const latin = Buffer.from(example['users.csv']!, 'latin1').toString('base64');
  const wrong = await world.as('owner', 'import.plan', {
    organizationId: world.organizations.root.id,
    files: { ...example, 'users.csv': { base64: latin, encoding: 'utf-8' } },
  });
  expect(wrong.errors).toContainEqual(
    expect.objectContaining({ file: 'users.csv', line: 3, code: 'encoding' }),
  );
});

it('takes over a real project in one go, and changes nothing the second time', async () => {
  const started = performance.now();
  const done = await apply(real);
  console.log(`839 organizations, 1,509 people: ${Math.round(performance.now() - started)} ms`);
  expect(done).toMatchObject({ state: 'done' });
  expect(Object.fromEntries(done!.counts!.map(({ kind, create }) => [kind, create]))).toEqual({
    organizations: 839,
    users: 1509,
    memberships: 6281,
    managers: 220,
    applications: 593,
    assignments: 631,
  });
  expect(await plan(real)).toMatchObject({ ok: true, nothingToDo: true });
});

/** Gives rootMember an admin role by SQL-free means: the owner appoints them. */
async function giveRole(
  key: string,
  limit: { all: true } | { applications: string[]; entitlements: string[] },
  place: keyof World['organizations'] = 'root',
  mayPassOn: 'same' | number = 'same',
): Promise<string> {
  const { items } = await world.as('owner', 'admin-role.list', {});
  const { id } = await world.as('owner', 'delegation.create', {
    organizationId: world.organizations[place].id,
    delegate: { membershipId: world.people.rootMember.membershipId },
    adminRoleId: items.find((role) => role.key === key)!.id,
    entitlements:
      'all' in limit ? 'same' : { applicationIds: limit.applications, entitlementIds: limit.entitlements },
    mayPassOn,
  });
  return id;
}

describe('an address that a file changes (ATT17)', () => {
  const importer = async () => {
    await world.as('owner', 'delegation.create', {
      organizationId: world.organizations.root.id,
      delegate: { membershipId: world.people.rootMember.membershipId },
      permissions: [
        'organization.import',
        'organization.read',
        'user.read',
        'user.invite',
        'membership.update',
        'access.grant',
      ],
      entitlements: 'same',
    });
    return world.people.rootMember;
  };
  const withAddress = (of: string): Files => ({
    ...example,
    'users.csv': example['users.csv']!.replace(`${of}@brightgrid.example`, 'thief@brightgrid.example'),
  });

  it('needs the whole power of the person whose invitation goes there (I12)', async () => {
    await apply(example);
    const as = await importer();
    const errors = async (of: string, who: As) =>
      (await plan(withAddress(of), who)).errors.map(({ code, file, column }) => [code, file, column]);
    for (const protectedOne of ['mara', 'tomas'])
      expect(await errors(protectedOne, as)).toEqual([['protected', 'users.csv', 'email']]);
    expect(await errors('mara', 'owner')).toEqual([]);
    // All have some access by their organization: whoever may give it may also say where the invitation goes.
    expect(await errors('jonas', as)).toEqual([]);
  });

  it('takes back the invitation that went to the one before', async () => {
    await apply(example);
    const jonas = await personOf('jonas');
    const { results } = await world.as('owner', 'membership.invite', {
      membershipIds: [jonas.membershipId],
    });
    await apply(withAddress('jonas'), await importer());
    const invitation = await world.as('owner', 'invitation.read', {
      invitationId: results[0]!.invitationId!,
    });
    expect(invitation.state).toBe('revoked');
  });
});

it('makes nobody a manager to whom "managers of" gives what the importer could not pass on (I01)', async () => {
  const { root } = world.organizations;
  await world.as('owner', 'delegation.create', {
    organizationId: root.id,
    delegate: { membershipId: world.people.rootMember.membershipId },
    permissions: permissionNames.filter((name) => name !== 'organization.move'),
    entitlements: 'same',
    mayPassOn: 9,
  });
  const given = await world.as('owner', 'delegation.create', {
    organizationId: root.id,
    delegate: { relation: 'managers', organizationId: root.id },
    whereRelation: true,
    permissions: ['organization.move', 'organization.read'],
  });
  expect(await apply(example, 'rootMember')).toMatchObject({
    state: 'failed',
    failure: { code: 'membership.gives-power' },
  });
  await world.as('owner', 'delegation.end', { delegationId: given.id });
  expect(await apply(example, 'rootMember')).toMatchObject({ state: 'done' });
});
