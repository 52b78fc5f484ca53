import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Box } from '../../src/authority/delegation.ts';
import { alwaysAfter, alwaysBefore } from '../../src/authority/facts.ts';
import { holds } from '../../src/authority/holds.ts';
import { loadFacts } from '../../src/authority/load-facts.ts';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { powersOf } from '../../src/authority/pieces.ts';
import { type Delegate, insertDelegations, loadChain } from '../../src/delegation/store.ts';
import {
  addPerson,
  cutChains,
  makeWorld,
  type OrganizationName,
  type Person,
  type PersonName,
  type World,
} from '../harness/world.ts';

/** An organization goes elsewhere: what it takes along, what it leaves, and who gains nothing by it. */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const id = (name: OrganizationName): string => world.organizations[name].id;
const move = (by: PersonName | Person, what: OrganizationName, to: OrganizationName, fingerprint?: string) =>
  world.as(by, 'organization.move', { organizationId: id(what), parentId: id(to), fingerprint });
const preview = (by: PersonName | Person, what: OrganizationName, to: OrganizationName) =>
  world.as(by, 'organization.move-preview', { organizationId: id(what), parentId: id(to) });
const pathOf = async (name: OrganizationName): Promise<string> =>
  (await sql<{ path: string }>`select path from organization where id = ${id(name)}`.execute(world.db))
    .rows[0]!.path;
const code = (one: unknown): string => (one as { code?: string }).code ?? String(one);
const refusal = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'ok', code);
const user = ({ userId, membershipId }: Person): Delegate => ({ kind: 'user', userId, membershipId });

type Given = {
  under?: string;
  permissions?: string[];
  role?: string;
  scope?: Box[];
  mayPassOn?: number;
  by?: Person;
};

async function give(to: Delegate, place: OrganizationName, given: Given = {}): Promise<string> {
  const parent = (await loadChain(world.db, given.under ?? world.delegations.owner))!;
  const by = given.by ?? world.people.owner;
  const [state] = await insertDelegations(world.db, [
    {
      parent,
      giverUserId: by.userId,
      giverDelegationId: parent[0]!.id,
      giverMembershipId: by.membershipId,
      delegate: to,
      adminRoleId: given.permissions ? null : adminRoleId(given.role ?? 'delegated-manager'),
      permissions: given.permissions ?? [],
      scope: given.scope ?? [{ places: [{ ...world.organizations[place], below: true }] }],
      entitlements: { all: true },
      startsAt: alwaysBefore,
      endsAt: alwaysAfter,
      mayPassOn: given.mayPassOn ?? 0,
    },
  ]);
  return state!.id;
}

/** What each of these may do, to what: the engine's own answer, as text. */
async function powers(...names: PersonName[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) {
    const facts = await loadFacts(world.db, {
      kind: 'membership',
      membershipId: world.people[name].membershipId,
    });
    const of = powersOf(facts, () => undefined);
    found.push(
      ...[...of].map(
        ([act, bundles]) =>
          `${name} ${act} ${bundles
            .map(({ text }) => text)
            .sort()
            .join(' | ')}`,
      ),
    );
  }
  return found.sort();
}

describe('what goes along', () => {
  it('takes everything below it to the new place, and nothing of a look-alike', async () => {
    // r.1 goes below r.2; r.10 has the same beginning.
    await move('owner', 'acme', 'beta');
    const to = await pathOf('acme');
    expect(to).toMatch(/^r\.2\.[a-z0-9]+$/);
    expect(await pathOf('acmeNorthSite')).toBe(`${to}.1.1`);
    expect(await pathOf('acme2')).toBe('r.10');
    expect(await pathOf('acme2North')).toBe('r.10.1');
    const former = await sql<{ path: string }>`select path from former_place order by path`.execute(world.db);
    expect(former.rows.map(({ path }) => path)).toEqual(['r.1', 'r.1.1', 'r.1.1.1', 'r.1.2']);
    const { rows } = await sql<{ path: string; copy: string }>`
      select o.path, m.path as copy from membership m join organization o on o.id = m.organization_id`.execute(
      world.db,
    );
    expect(rows.filter(({ path, copy }) => path !== copy)).toEqual([]);
  });

  it('rewrites every copy of a path in the database', async () => {
    const { acmeNorth, acmeNorthSite } = world.organizations;
    await give(user(world.people.auditor), 'acme', {
      scope: [
        {
          places: [{ ...world.organizations.acme, below: true }],
          holes: [{ ...acmeNorthSite, below: true }],
        },
      ],
    });
    await give(
      { kind: 'relation', relation: 'managers', organizationId: acmeNorth.id, path: acmeNorth.path },
      'acmeNorth',
      {
        permissions: ['user.read'],
      },
    );
    await sql`insert into exception (id, organization_id, path, user_id) values (gen_random_uuid(), ${acmeNorth.id}, ${acmeNorth.path}, ${world.people.siteMember.userId})`.execute(
      world.db,
    );
    await sql`insert into invitation (id, organization_id, path, email, email_normal, expires_at)
      values (gen_random_uuid(), ${acmeNorthSite.id}, ${acmeNorthSite.path}, 'x@example.org', 'x@example.org', remit_now() + interval '1 day')`.execute(
      world.db,
    );
    await world.as('northMember', 'request.create', { entitlementId: world.entitlements.partsBuyer });
    await sql`insert into import_run (id, organization_id, path, actor, plan_hash) values (gen_random_uuid(), ${acmeNorth.id}, ${acmeNorth.path}, '{}', '')`.execute(
      world.db,
    );
    await move('owner', 'acmeNorth', 'beta');
    expect(await stale('r.1.1')).toEqual([]);
  });

  it('moves up, down and between branches, and back', async () => {
    await move('owner', 'acmeNorthSite', 'acme');
    expect(await pathOf('acmeNorthSite')).toMatch(/^r\.1\.[^.]+$/);
    await move('owner', 'acmeNorthSite', 'acmeSouth');
    expect(await pathOf('acmeNorthSite')).toMatch(/^r\.1\.2\.[^.]+$/);
    await move('owner', 'acmeNorthSite', 'root');
    expect(await pathOf('acmeNorthSite')).toMatch(/^r\.[^.]+$/);
    await move('owner', 'acmeNorthSite', 'acmeNorth');
    // A code is never given twice, so a former path names one organization for good.
    expect(await pathOf('acmeNorthSite')).not.toBe('r.1.1.1');
    expect(await pathOf('acmeNorthSite')).toMatch(/^r\.1\.1\.[^.]+$/);
  });

  it('takes links along that lie wholly inside, unchanged but for the place', async () => {
    const north = world.organizations.acmeNorth;
    const standing = await give({ kind: 'organization', organizationId: north.id }, 'acmeNorth', {
      mayPassOn: 5,
      role: 'owner',
    });
    const site = await give(user(world.people.siteMember), 'acmeNorthSite', { under: standing });
    const receipt = await move('owner', 'acmeNorth', 'beta');
    expect(receipt.delegations.map(({ delegationId }) => delegationId)).not.toContain(site);
    const chain = (await loadChain(world.db, site))!;
    expect(chain.map(({ id: link }) => link)).toEqual([
      site,
      standing,
      world.delegations.owner,
      world.delegations.rootRow,
    ]);
    const users = await world.as(world.people.siteMember, 'user.list', {});
    expect(users.items.map(({ displayName }) => displayName)).toContain('siteMember');
  });
});

/** Copies of paths that still begin there: every text, list and document of every table, but what keeps history. */
async function stale(path: string): Promise<string[]> {
  const { rows } = await sql<{ table: string; column: string }>`
    select c.table_name as table, c.column_name as column from information_schema.columns c join information_schema.tables t
      on t.table_name = c.table_name and t.table_schema = c.table_schema
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and (c.data_type in ('jsonb', 'ARRAY') or c.data_type = 'text')
      and c.table_name not in ('event', 'former_place', 'people_anchor', 'people_total', 'people_delta', 'stamp', 'idempotency')`.execute(
    world.db,
  );
  const found: string[] = [];
  for (const { table, column } of rows) {
    const { rows: hits } = await sql`
      select 1 from ${sql.table(table)} where ${sql.ref(column)}::text ~ ${`(^|["{,])${path.replaceAll('.', '\\.')}(["},.]|$)`} limit 1`.execute(
      world.db,
    );
    if (hits.length > 0) found.push(`${table}.${column}`);
  }
  return found;
}

describe('links that would cross out of their chain', () => {
  it('are given anew below the mover, with what both chains give', async () => {
    // acmeManager made northManager a manager of acmeNorth; below beta, nothing of acme reaches that.
    const seen = await preview('owner', 'acmeNorth', 'beta');
    const receipt = await move('owner', 'acmeNorth', 'beta', seen.fingerprint);
    expect(receipt).toMatchObject({ delegations: seen.delegations, elsewhere: false, organizations: 2 });
    expect(seen.delegations).toEqual([
      expect.objectContaining({ delegationId: world.delegations.northManager, outcome: 'given-again' }),
    ]);
    const chain = (await loadChain(world.db, world.delegations.northManager))!;
    expect(chain.map((link) => link.id)).toEqual([
      world.delegations.northManager,
      world.delegations.owner,
      world.delegations.rootRow,
    ]);
    // No more access than the old chain gave: parts only, and not what the owner could give.
    expect(chain[0]!.entitlements).toEqual({ applications: [world.applications.parts], entitlements: [] });
    expect(chain[0]).toMatchObject({ giverUserId: world.people.owner.userId, mayPassOn: 0 });
    const people = await world.as('northManager', 'user.list', {});
    expect(people.items.map(({ displayName }) => displayName).sort()).toEqual([
      'northManager',
      'northMember',
      'siteMember',
    ]);
    expect(
      await refusal(world.as('acmeManager', 'organization.read', { organizationId: id('acmeNorth') })),
    ).toBe('not-found');
  });

  it('hang below the standing delegation of the new place, and shrink to it', async () => {
    const receipt = await move('owner', 'acmeNorth', 'acme2');
    expect(receipt.delegations).toMatchObject([{ outcome: 'given-again' }]);
    const chain = (await loadChain(world.db, world.delegations.northManager))!;
    expect(chain[1]!.id).toBe(world.delegations.acme2Standing);
    await world.as('owner', 'delegation.end', { delegationId: world.delegations.acme2Standing });
    expect(await refusal(world.as('northManager', 'user.list', {}))).toBe('not-permitted');
  });

  it('lose what the old chain had lost, and what the new one does not give', async () => {
    await world.as('owner', 'delegation.narrow', {
      delegationId: world.delegations.acmeManager,
      permissions: ['user.read', 'user.invite', 'organization.read', 'delegation.create'],
    });
    const receipt = await move('owner', 'acmeNorth', 'beta');
    expect(receipt.delegations).toMatchObject([{ outcome: 'given-again-less' }]);
    const [link] = (await loadChain(world.db, world.delegations.northManager))!;
    expect([...link!.permissions].sort()).toEqual([
      'delegation.create',
      'organization.read',
      'user.invite',
      'user.read',
    ]);
    expect(link!.adminRoleId).toBeNull();
  });

  it('end where what stood above them was over, and stay paused where it was paused', async () => {
    const under = world.delegations.acmePeer;
    const beneath = await give(user(world.people.siteMember), 'acmeNorthSite', { under });
    await world.as('owner', 'delegation.pause', { delegationId: under });
    await world.as('owner', 'delegation.end', { delegationId: world.delegations.acmeManager });
    await move('owner', 'acmeNorth', 'beta');
    const states = await stateOf(beneath, world.delegations.northManager);
    expect(states).toEqual({ [beneath]: 'paused', [world.delegations.northManager]: 'ended' });
  });

  it('are split where they name places that stay, too', async () => {
    const { acmeNorth, acmeSouth } = world.organizations;
    const both = await give(user(world.people.acmeMember), 'acme', {
      under: world.delegations.acmeManager,
      scope: [
        {
          places: [
            { ...acmeNorth, below: true },
            { ...acmeSouth, below: true },
          ],
        },
      ],
    });
    const receipt = await move('owner', 'acmeNorth', 'beta');
    expect(receipt.delegations.map(({ delegationId }) => delegationId)).toContain(both);
    const [stays] = (await loadChain(world.db, both))!;
    expect(stays!.scope).toEqual([{ places: [{ ...acmeSouth, below: true }] }]);
    const { rows } = await sql<{ id: string; parent_id: string }>`
      select id, parent_id from delegation where delegate_membership_id = ${world.people.acmeMember.membershipId} and id <> ${both}`.execute(
      world.db,
    );
    expect(rows).toEqual([{ id: rows[0]!.id, parent_id: world.delegations.owner }]);
    for (const name of ['northMember', 'southMember'] as const)
      expect(
        await refusal(
          world.as('acmeMember', 'membership.read', { membershipId: world.people[name].membershipId }),
        ),
      ).toBe('ok');
  });

  it('keep relations and reports as they were said', async () => {
    const { acmeNorth } = world.organizations;
    const relation = await give(
      { kind: 'relation', relation: 'managers', organizationId: acmeNorth.id, path: acmeNorth.path },
      'acmeNorth',
      {
        under: world.delegations.acmeManager,
        scope: [{ where: 'relation' }],
        permissions: ['membership.end'],
      },
    );
    await sql`update membership set line_manager_id = ${world.people.siteMember.membershipId} where id = ${world.people.northMember.membershipId}`.execute(
      world.db,
    );
    const reports = await give(user(world.people.siteMember), 'acmeNorth', {
      under: world.delegations.acmeManager,
      permissions: ['user.read'],
      scope: [{ places: [{ ...acmeNorth, below: true }], reports: { depth: 'all' } }],
    });
    await move('owner', 'acmeNorth', 'beta');
    const path = await pathOf('acmeNorth');
    const [as] = (await loadChain(world.db, relation))!;
    expect(as).toMatchObject({
      relationPath: path,
      parentId: world.delegations.owner,
      scope: [{ where: 'relation' }],
    });
    const [line] = (await loadChain(world.db, reports))!;
    expect(line!.scope).toEqual([
      { places: [{ id: acmeNorth.id, path, below: true }], reports: { depth: 'all' } },
    ]);
    const { items } = await world.as('siteMember', 'user.list', {});
    expect(items.map(({ displayName }) => displayName)).toEqual(['northMember']);
  });

  it('keep the places in which a relation holds, where these stand then', async () => {
    const { acmeNorth } = world.organizations;
    await sql`update membership set line_manager_id = ${world.people.siteMember.membershipId} where id = ${world.people.northMember.membershipId}`.execute(
      world.db,
    );
    const atSite = await give(
      { kind: 'relation', relation: 'line-managers', organizationId: acmeNorth.id, path: acmeNorth.path },
      'acmeNorth',
      {
        under: world.delegations.acmeManager,
        scope: [{ where: 'relation', places: [{ ...world.organizations.acmeNorthSite, below: true }] }],
        permissions: ['user.read'],
      },
    );
    await move('owner', 'acmeNorth', 'beta');
    const [some] = (await loadChain(world.db, atSite))!;
    expect(some!.scope).toEqual([
      {
        where: 'relation',
        places: [{ ...world.organizations.acmeNorthSite, path: await pathOf('acmeNorthSite'), below: true }],
      },
    ]);
    const { items } = await world.as('siteMember', 'user.list', {});
    expect(items.map(({ displayName }) => displayName)).toEqual(['siteMember']);
  });

  it('leave a whole row before and after in the trail (I53)', async () => {
    await move('owner', 'acmeNorth', 'beta');
    const { rows } = await sql<{ type: string; before: object; after: object }>`
      select type, before, after from event where operation = 'organization.move' order by position`.execute(
      world.db,
    );
    expect(rows.map(({ type }) => type)).toEqual(['organization.moved', 'delegation.re-given']);
    const { rows: links } = await sql<{ row: object }>`
      select to_jsonb(d) - 'reason' as row from delegation d where id = ${world.delegations.northManager}`.execute(
      world.db,
    );
    expect(rows[1]!.after).toEqual(links[0]!.row);
    expect(rows[1]!.before).toMatchObject({
      parent_id: world.delegations.acmeManager,
      place_paths: ['r.1.1'],
      state: 'active',
    });
    expect(rows[0]).toMatchObject({ before: { path: 'r.1.1' }, after: { path: await pathOf('acmeNorth') } });
  });
});

const stateOf = async (...ids: string[]): Promise<Record<string, string>> =>
  Object.fromEntries(
    (
      await sql<{
        id: string;
        state: string;
      }>`select id, state from delegation where id = any (${ids}::uuid[])`.execute(world.db)
    ).rows.map(({ id: link, state }) => [link, state]),
  );

describe('who may move, and what nobody gains', () => {
  /** Somebody who may move here and there, and has nothing else but what is said. */
  const mover = async (
    name: string,
    places: OrganizationName[],
    permissions: string[],
    mayPassOn = 5,
  ): Promise<Person> => {
    const person = await addPerson(world.db, name, world.organizations.root);
    await give(user(person), 'root', {
      permissions: ['organization.read', 'organization.move', ...permissions],
      scope: [{ places: places.map((place) => ({ ...world.organizations[place], below: true })) }],
      mayPassOn,
    });
    return person;
  };

  it('takes organization.move over it and over both parents', async () => {
    const both = await mover('both', ['acmeNorth', 'beta'], []);
    expect(await refusal(move(both, 'acmeNorth', 'beta'))).toBe('not-permitted');
    const from = await mover('from', ['acme'], []);
    expect(await refusal(move(from, 'acmeNorth', 'beta'))).toBe('not-found');
    expect(await refusal(move('acmeManager', 'acmeNorth', 'acmeSouth'))).toBe('not-permitted');
    // Nobody looks after beta but the owners, who had it all before.
    const enough = await mover('enough', ['acme', 'beta'], []);
    expect(await refusal(move(enough, 'acmeNorth', 'beta'))).toBe('ok');
  });

  it('refuses what others would gain beyond the mover’s own ceiling', async () => {
    // acme2Manager would look after whatever comes below acme2.
    const little = await mover('little', ['acme', 'acme2'], ['user.read']);
    expect(await refusal(move(little, 'acmeNorth', 'acme2'))).toBe('organization.move-gains');
    expect(await refusal(preview(little, 'acmeNorth', 'acme2'))).toBe('organization.move-gains');
    const noDepth = await addPerson(world.db, 'noDepth', world.organizations.root);
    await give(user(noDepth), 'root', { role: 'owner', mayPassOn: 0 });
    expect(await refusal(move(noDepth, 'acmeNorth', 'acme2'))).toBe('organization.move-gains');
    const much = await addPerson(world.db, 'much', world.organizations.root);
    await give(user(much), 'root', { role: 'owner', mayPassOn: 9 });
    expect(await refusal(move(much, 'acmeNorth', 'acme2'))).toBe('ok');
  });

  it('sees who gains by names instead of places', async () => {
    const named = await addPerson(world.db, 'named', world.organizations.beta);
    const standing = await give({ kind: 'organization', organizationId: id('beta') }, 'beta', {
      role: 'owner',
      mayPassOn: 5,
    });
    await give(user(named), 'beta', {
      under: standing,
      permissions: ['membership.end'],
      scope: [{ users: [world.people.northMember.userId] }],
    });
    const little = await mover('little', ['acme', 'beta'], []);
    expect(await refusal(move(little, 'acmeNorth', 'beta'))).toBe('organization.move-gains');
    const more = await mover('more', ['acme', 'beta'], ['membership.end']);
    expect(await refusal(move(more, 'acmeNorth', 'beta'))).toBe('ok');
  });

  it('gives nobody access that the mover may not hand out: what everybody there has', async () => {
    await sql`insert into assignment (id, organization_id, entitlement_id, why)
      values (gen_random_uuid(), ${id('beta')}, ${world.entitlements.ledgerClerk}, 'direct')`.execute(
      world.db,
    );
    const plain = await mover('plain', ['acme', 'beta'], []);
    expect(await refusal(move(plain, 'acmeNorth', 'beta'))).toBe('organization.move-gains');
    const granting = await mover('granting', ['acme', 'beta'], ['access.grant']);
    expect(await refusal(move(granting, 'acmeNorth', 'beta'))).toBe('ok');
  });

  it('lifts no exception that binds the mover', async () => {
    const under = await give(user(world.people.auditor), 'root', { role: 'owner', mayPassOn: 5 });
    await sql`insert into exception (id, organization_id, path, permissions, set_under)
      values (gen_random_uuid(), ${id('acme')}, 'r.1', ${['membership.end']}, ${under})`.execute(world.db);
    const bound = await addPerson(world.db, 'bound', world.organizations.root);
    await give(user(bound), 'root', { role: 'owner', mayPassOn: 5 });
    expect(await refusal(move(bound, 'acmeNorth', 'beta'))).toBe('organization.move-gains');
    expect(await refusal(move('owner', 'acmeNorth', 'beta'))).toBe('ok');
  });

  it('lets a hole of somebody’s boundary go along, and gives nobody what lay in one', async () => {
    const { acme, acmeNorth, acmeNorthSite } = world.organizations;
    const holed = await addPerson(world.db, 'holed', acme);
    await give(user(holed), 'acme', {
      under: world.delegations.acmeStanding,
      scope: [{ places: [{ ...acme, below: true }], holes: [{ ...acmeNorth, below: true }] }],
    });
    await move('owner', 'acmeNorth', 'acmeSouth');
    expect(await refusal(world.as(holed, 'organization.read', { organizationId: acmeNorth.id }))).toBe(
      'not-found',
    );
    // Out of the hole it would be theirs: the mover has to be able to give that.
    const little = await mover('little', ['acme'], []);
    expect(await refusal(move(little, 'acmeNorthSite', 'acme'))).toBe('organization.move-gains');
    await move('owner', 'acmeNorthSite', 'acme');
    expect(await refusal(world.as(holed, 'organization.read', { organizationId: acmeNorthSite.id }))).toBe(
      'ok',
    );
  });

  it('gives what a relation is given to those who come into it only if the mover can', async () => {
    const { beta } = world.organizations;
    await give({ kind: 'relation', relation: 'members', organizationId: beta.id, path: beta.path }, 'root', {
      permissions: ['audit.read'],
    });
    const little = await mover('little', ['acme', 'beta'], []);
    expect(await refusal(move(little, 'acmeNorth', 'beta'))).toBe('organization.move-gains');
    await move('owner', 'acmeNorth', 'beta');
    expect(await refusal(world.as('northMember', 'event.list', {}))).toBe('ok');
  });

  it('never moves the root, anything below itself, or the mover’s own organization', async () => {
    expect(await refusal(move('owner', 'root', 'beta'))).toBe('organization.root');
    expect(await refusal(move('owner', 'acme', 'acmeNorthSite'))).toBe('organization.inside-itself');
    expect(await refusal(move('owner', 'acme', 'acme'))).toBe('organization.inside-itself');
    const inside = await addPerson(world.db, 'inside', world.organizations.acmeNorthSite);
    await give(user(inside), 'root', { role: 'owner', mayPassOn: 9 });
    expect(await refusal(move(inside, 'acmeNorth', 'beta'))).toBe('user.self');
    expect((await move('owner', 'acmeNorth', 'acme')).organizations).toBe(0);
  });

  it('keeps names unique and the tree flat enough', async () => {
    await sql`update organization set name = 'Twin' where id in (${id('acmeNorth')}, ${id('acme2North')})`.execute(
      world.db,
    );
    expect(await refusal(move('owner', 'acmeNorth', 'acme2'))).toBe('organization.name-taken');
    let parentId = id('beta');
    for (let level = 3; level <= 23; level += 1)
      parentId = (await world.as('owner', 'organization.create', { parentId, name: `level ${level}` })).id;
    // acmeNorth and its site need two levels, and one is left.
    expect(
      await refusal(world.as('owner', 'organization.move', { organizationId: id('acmeNorth'), parentId })),
    ).toBe('organization.too-deep');
    expect(
      await refusal(world.as('owner', 'organization.move', { organizationId: id('acmeSouth'), parentId })),
    ).toBe('ok');
  });

  it('opens nothing that was suspended from above', async () => {
    await world.as('owner', 'organization.suspend', { organizationId: id('acme') });
    const lower = await addPerson(world.db, 'lower', world.organizations.root);
    await give(user(lower), 'root', { role: 'owner', mayPassOn: 9 });
    expect(await refusal(move(lower, 'acmeNorth', 'beta'))).toBe('lift.from-above');
    expect(await refusal(move('owner', 'beta', 'acmeSouth'))).toBe('organization.off');
    expect(await refusal(move('owner', 'acmeNorth', 'beta'))).toBe('ok');
    expect(await refusal(world.as('northManager', 'user.list', {}))).toBe('ok');
  });

  it('leaves everybody else’s power as it was', async () => {
    const others = ['acme2Manager', 'auditor', 'secondOwner'] as const;
    const before = await powers(...others);
    const mine = await powers('northManager');
    await move('owner', 'acmeNorth', 'beta');
    const path = await pathOf('acmeNorth');
    expect(await powers(...others)).toEqual(before);
    expect((await powers('northManager')).map((one) => one.replaceAll(path, 'r.1.1'))).toEqual(mine);
  });
});

describe('what a move takes', () => {
  it('shows and stops the access that the new place may not have', async () => {
    await sql`insert into assignment (id, membership_id, entitlement_id, why) values
      (gen_random_uuid(), ${world.people.betaMember.membershipId}, ${world.entitlements.ledgerClerk}, 'direct'),
      (gen_random_uuid(), ${world.people.betaMember.membershipId}, ${world.entitlements.partsViewer}, 'direct')`.execute(
      world.db,
    );
    const { betaMember } = world.people;
    expect(await holds(world.db, betaMember.membershipId, world.entitlements.ledgerClerk)).toBe(true);
    const seen = await preview('owner', 'beta', 'acme2');
    expect(seen.access).toEqual([{ name: 'clerk', applicationName: 'ledger', people: 1 }]);
    expect((await move('owner', 'beta', 'acme2', seen.fingerprint)).access).toEqual(seen.access);
    expect(await holds(world.db, betaMember.membershipId, world.entitlements.ledgerClerk)).toBe(false);
    expect(await holds(world.db, betaMember.membershipId, world.entitlements.partsViewer)).toBe(true);
  });

  it('opens nothing to a rule that the mover may not hand out: where more may be held than before', async () => {
    const { root, acme2North } = world.organizations;
    const { partsViewer, ledgerClerk } = world.entitlements;
    // Everybody has it by a rule of the root, where their organization may: acme may not, acme2North may from now on.
    await give({ kind: 'organization', organizationId: acme2North.id }, 'acme2North', { mayPassOn: 3 });
    const rule = async (entitlementId: string): Promise<void> => {
      await sql`insert into access_rule (id, organization_id, entitlement_id) values (gen_random_uuid(), ${root.id}, ${entitlementId})`.execute(
        world.db,
      );
    };
    const mover = await addPerson(world.db, 'mover', root);
    const parent = (await loadChain(world.db, world.delegations.owner))!;
    await insertDelegations(world.db, [
      {
        parent,
        giverUserId: world.people.owner.userId,
        giverDelegationId: parent[0]!.id,
        delegate: user(mover),
        adminRoleId: adminRoleId('owner'),
        permissions: [],
        scope: [{ places: [{ ...root, below: true }] }],
        entitlements: {
          applications: [world.applications.parts, world.applications.notes],
          entitlements: [],
        },
        startsAt: alwaysBefore,
        endsAt: alwaysAfter,
        mayPassOn: 9,
      },
    ]);
    await rule(partsViewer);
    expect(await refusal(preview(mover, 'acmeSouth', 'acme2North'))).toBe('ok');
    await rule(ledgerClerk);
    expect(await holds(world.db, world.people.southMember.membershipId, ledgerClerk)).toBe(false);
    expect(await refusal(preview(mover, 'acmeSouth', 'acme2North'))).toBe('organization.move-gains');
    expect(await refusal(move(mover, 'acmeSouth', 'acme2North'))).toBe('organization.move-gains');
    await move('owner', 'acmeSouth', 'acme2North');
    expect(await holds(world.db, world.people.southMember.membershipId, ledgerClerk)).toBe(true);
  });

  it('says how many invitations stop working, because nothing they rest on reaches there', async () => {
    const invite = (by: PersonName, email: string) =>
      world.as(by, 'invitation.create', {
        organizationId: id('acmeNorth'),
        people: [{ email, displayName: 'X' }],
      });
    await invite('acmeManager', 'one@example.org');
    await invite('northManager', 'two@example.org');
    await invite('owner', 'three@example.org');
    expect((await preview('owner', 'acmeNorth', 'beta')).invitationsDead).toBe(1);
    expect((await move('owner', 'acmeNorth', 'beta')).invitationsDead).toBe(1);
  });

  it('is refused when the world moved since the preview', async () => {
    const seen = await preview('owner', 'acmeNorth', 'beta');
    // Something elsewhere does not matter, a new manager there does.
    await world.as('owner', 'organization.create', { parentId: id('beta'), name: 'sibling' });
    expect((await preview('owner', 'acmeNorth', 'beta')).fingerprint).toBe(seen.fingerprint);
    await world.as('acmeManager', 'delegation.create', {
      organizationId: id('acmeNorth'),
      delegate: { membershipId: world.people.northMember.membershipId },
      permissions: ['user.read'],
      reason: 'helps out',
    });
    expect(await refusal(move('owner', 'acmeNorth', 'beta', seen.fingerprint))).toBe(
      'organization.preview-stale',
    );
    expect(await pathOf('acmeNorth')).toBe('r.1.1');
  });

  it('names links within the reader’s reach only', async () => {
    const blind = await addPerson(world.db, 'blind', world.organizations.root);
    await give(user(blind), 'root', {
      permissions: ['organization.read', 'organization.move'],
      mayPassOn: 5,
    });
    const seen = await preview(blind, 'acmeNorth', 'beta');
    expect(seen).toMatchObject({ delegations: [], elsewhere: true, access: [] });
  });

  it('leaves somebody who can look after it (I38)', async () => {
    await sql`insert into credential (user_id, password_hash) values (${world.people.northManager.userId}, 'x')`.execute(
      world.db,
    );
    // The mover may not pass anything on, so the only manager who can sign in would end.
    const blind = await addPerson(world.db, 'blind', world.organizations.root);
    await give(user(blind), 'root', {
      permissions: ['organization.read', 'organization.move'],
      mayPassOn: 5,
    });
    expect(await refusal(move(blind, 'acmeNorth', 'beta'))).toBe('delegation.last-manager');
    await sql`insert into credential (user_id, password_hash) values (${world.people.owner.userId}, 'x')`.execute(
      world.db,
    );
    expect(await refusal(move(blind, 'acmeNorth', 'beta'))).toBe('ok');
    expect(await stateOf(world.delegations.northManager)).toEqual({
      [world.delegations.northManager]: 'ended',
    });
  });

  it('shows what was done there to whoever looks after the place of now', async () => {
    await world.as('acmeManager', 'membership.update', {
      membershipId: world.people.northMember.membershipId,
      title: 'Lead',
    });
    const seenBy = async (name: PersonName): Promise<number> =>
      (await world.as(name, 'event.list', { targetId: world.people.northMember.membershipId })).items.length;
    expect([await seenBy('acmeManager'), await seenBy('acme2Manager')]).toEqual([1, 0]);
    const [event] = (
      await world.as('acmeManager', 'event.list', { targetId: world.people.northMember.membershipId })
    ).items;
    await move('owner', 'acmeNorth', 'acme2');
    expect([await seenBy('acmeManager'), await seenBy('acme2Manager')]).toEqual([0, 1]);
    expect(await refusal(world.as('acmeManager', 'event.read', { eventId: event!.id }))).toBe('not-found');
    expect((await world.as('acme2Manager', 'event.read', { eventId: event!.id })).subject?.name).toBe(
      'northMember',
    );
  });
});

/** What became of each: `ok`, or the refusal's code. Anything but a refusal is a fault. */
async function together(...acts: Promise<unknown>[]): Promise<string[]> {
  return (await Promise.allSettled(acts)).map((one) => {
    if (one.status === 'fulfilled') return 'ok';
    expect(one.reason).toMatchObject({ name: 'Refusal' });
    return one.reason.code as string;
  });
}

describe('at the same time', () => {
  it('copies no path that a move has changed meanwhile', async () => {
    for (let round = 0; round < 6; round += 1) {
      const to = round % 2 === 0 ? 'beta' : 'acmeSouth';
      const answers = await together(
        world.as('owner', 'invitation.create', {
          organizationId: id('acmeNorthSite'),
          people: [{ email: `one${round}@example.org`, displayName: 'One' }],
        }),
        move('owner', 'acmeNorth', to),
        world.as('owner', 'invitation.create', {
          organizationId: id('acmeNorth'),
          people: [{ email: `two${round}@example.org`, displayName: 'Two' }],
        }),
        world.as('owner', 'delegation.create', {
          organizationId: id('acmeNorthSite'),
          delegate: { membershipId: world.people.northMember.membershipId },
          permissions: ['user.read'],
          reason: `round ${round}`,
        }),
        world.as('owner', 'organization.create', { parentId: id('acmeNorth'), name: `made ${round}` }),
      );
      expect(answers).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
    }
    const { rows } = await sql<{ wrong: number; below: number }>`
      select (select count(*)::int from invitation i join organization o on o.id = i.organization_id where i.path <> o.path) as wrong,
        (select count(*)::int from organization c join organization p on p.id = c.parent_id
          where c.path not like p.path || '.%' or c.path ~ ('^' || p.path || '[.].*[.]')) as below`.execute(
      world.db,
    );
    expect(rows).toEqual([{ wrong: 0, below: 0 }]);
    const { rows: scopes } = await sql`
      select 1 from delegation d, jsonb_array_elements(d.scope) b, jsonb_array_elements(b -> 'places') p
      join organization o on o.id = (p ->> 'id')::uuid where p ->> 'path' <> o.path or not o.path = any (d.place_paths)`.execute(
      world.db,
    );
    expect(scopes).toEqual([]);
  });

  it('makes no circle of two moves into each other', async () => {
    const answers = await together(move('owner', 'acme', 'acme2'), move('owner', 'acme2', 'acme'));
    expect(answers.sort()).toEqual(['ok', 'organization.inside-itself']);
    const { rows } = await sql`
      with recursive up as (select id, parent_id, 1 as n from organization union all
        select up.id, o.parent_id, n + 1 from up join organization o on o.id = up.parent_id where n < 20)
      select 1 from up where n >= 20`.execute(world.db);
    expect(rows).toEqual([]);
  });
});

describe('merging', () => {
  const merge = (by: PersonName | Person, what: OrganizationName, into: OrganizationName) =>
    world.as(by, 'organization.merge', { organizationId: id(what), intoId: id(into) });

  it('brings people, organizations, access, managers and invitations, and closes the rest', async () => {
    const { acmeNorth, acmeSouth } = world.organizations;
    const twice = await sql<{ id: string }>`
      insert into membership (id, user_id, organization_id, path, sort_name)
      values (gen_random_uuid(), ${world.people.southMember.userId}, ${acmeNorth.id}, 'r.1.1', 'southmember') returning id`.execute(
      world.db,
    );
    for (const entitlement of [world.entitlements.partsViewer, world.entitlements.ledgerClerk])
      await sql`insert into assignment (id, organization_id, entitlement_id, why)
        values (gen_random_uuid(), ${acmeNorth.id}, ${entitlement}, 'direct')`.execute(world.db);
    await world.as('acmeManager', 'invitation.create', {
      organizationId: acmeNorth.id,
      people: [{ email: 'new@example.org', displayName: 'New' }],
    });
    const receipt = await merge('owner', 'acmeNorth', 'acmeSouth');
    expect(receipt).toMatchObject({
      organizations: 1,
      members: 2,
      membersEnded: 1,
      assignments: 2,
      assignmentsEnded: 0,
      invitations: 1,
      invitationsRevoked: 0,
    });
    expect(receipt.delegations).toMatchObject([
      { delegationId: world.delegations.northManager, outcome: 'given-again' },
    ]);
    const { rows } = await sql<{ id: string; path: string; state: string; organizationId: string }>`
      select id, path, state, organization_id as "organizationId" from membership
      where id = any (${[world.people.northMember.membershipId, world.people.northManager.membershipId, twice.rows[0]!.id]}::uuid[])`.execute(
      world.db,
    );
    for (const row of rows)
      expect(row).toMatchObject(
        row.id === twice.rows[0]!.id
          ? { state: 'ended', organizationId: acmeNorth.id }
          : { state: 'active', path: 'r.1.2', organizationId: acmeSouth.id },
      );
    expect(await pathOf('acmeNorthSite')).toMatch(/^r\.1\.2\.[^.]+$/);
    const [link] = (await loadChain(world.db, world.delegations.northManager))!;
    expect(link!.scope).toEqual([{ places: [{ ...acmeSouth, below: true }] }]);
    expect(await holds(world.db, world.people.southMember.membershipId, world.entitlements.partsViewer)).toBe(
      true,
    );
    const closed = await sql<{
      state: string;
    }>`select state from organization where id = ${acmeNorth.id}`.execute(world.db);
    expect(closed.rows).toEqual([{ state: 'closed' }]);
    const open =
      await sql`select 1 from invitation where organization_id = ${acmeSouth.id} and path = 'r.1.2' and state = 'open' and invited_under = ${world.delegations.owner}`.execute(
        world.db,
      );
    expect(open.rows).toHaveLength(1);
  });

  it('ends what the doer may not give there', async () => {
    const doer = await addPerson(world.db, 'doer', world.organizations.root);
    await give(user(doer), 'root', {
      permissions: ['organization.read', 'organization.move', 'organization.close'],
      mayPassOn: 9,
    });
    await sql`insert into assignment (id, organization_id, entitlement_id, why)
      values (gen_random_uuid(), ${id('acmeNorth')}, ${world.entitlements.partsViewer}, 'direct')`.execute(
      world.db,
    );
    const receipt = await merge(doer, 'acmeNorth', 'acmeSouth');
    expect(receipt).toMatchObject({ members: 2, assignments: 0, assignmentsEnded: 1, elsewhere: true });
    expect(await stateOf(world.delegations.northManager)).toEqual({
      [world.delegations.northManager]: 'ended',
    });
    expect(await holds(world.db, world.people.southMember.membershipId, world.entitlements.partsViewer)).toBe(
      false,
    );
  });

  it('takes more than the power to move where others would gain, and never goes into itself', async () => {
    const doer = await addPerson(world.db, 'doer', world.organizations.root);
    await give(user(doer), 'root', {
      permissions: ['organization.read', 'organization.move', 'organization.close'],
      mayPassOn: 9,
    });
    expect(await refusal(merge(doer, 'acmeNorth', 'acme2'))).toBe('organization.move-gains');
    expect(await refusal(merge('owner', 'acme', 'acmeNorth'))).toBe('organization.inside-itself');
    expect(await refusal(merge('owner', 'root', 'beta'))).toBe('organization.root');
    expect(await refusal(merge('acmeManager', 'acmeNorth', 'acmeSouth'))).toBe('not-permitted');
  });
});

describe('closing and suspending (design, section 2, point 4; ruling 3)', () => {
  const close = (name: OrganizationName) =>
    world.as('owner', 'organization.close', { organizationId: id(name) });
  const resume = (by: PersonName | Person, name: OrganizationName) =>
    world.as(by, 'organization.resume', { organizationId: id(name) });

  it('gives back nothing but the organizations', async () => {
    const { acmeNorth, acmeNorthSite, acmeSouth } = world.organizations;
    const both = await give(user(world.people.acmeMember), 'acme', {
      under: world.delegations.acmeManager,
      scope: [
        {
          places: [
            { ...acmeNorthSite, below: true },
            { ...acmeSouth, below: true },
          ],
        },
      ],
    });
    await sql`insert into guardian (id, membership_id, organization_id)
      values (gen_random_uuid(), ${world.people.acmeMember.membershipId}, ${acmeNorth.id})`.execute(world.db);
    await close('acmeNorth');
    await resume('owner', 'acmeNorth');
    const { rows } = await sql<{ members: number; guardians: number }>`
      select (select count(*)::int from membership where path >= 'r.1.1' and path < 'r.1.1/' and state <> 'ended') as members,
        (select count(*)::int from guardian where state = 'active') as guardians`.execute(world.db);
    expect(rows).toEqual([{ members: 0, guardians: 0 }]);
    expect(await stateOf(world.delegations.northManager, both)).toEqual({
      [world.delegations.northManager]: 'ended',
      [both]: 'active',
    });
    // What it said of the closed place does not come back with it.
    expect((await loadChain(world.db, both))![0]!.scope).toEqual([
      { places: [{ ...acmeSouth, below: true }] },
    ]);
    expect(
      await refusal(world.as('acmeMember', 'organization.read', { organizationId: acmeNorthSite.id })),
    ).toBe('not-found');
    expect(
      await refusal(world.as('acmeManager', 'organization.read', { organizationId: acmeNorthSite.id })),
    ).toBe('ok');
  });

  it('lets those above read, audit, transfer and reopen, and nobody of it do anything', async () => {
    for (const off of ['suspend', 'close'] as const) {
      await world.as('owner', `organization.${off}`, { organizationId: id('acme2') });
      expect(
        await refusal(world.as('owner', 'organization.read', { organizationId: id('acme2North') })),
      ).toBe('ok');
      expect(
        (await world.as('owner', 'event.list', { organizationId: id('acme2') })).items.length,
      ).toBeGreaterThan(0);
      expect(await refusal(move('owner', 'acme2North', 'acme2'))).toBe('ok');
      expect(await refusal(world.as('acme2Manager', 'user.list', {}))).toBe('not-permitted');
      expect(
        await refusal(
          world.as('owner', 'invitation.create', {
            organizationId: id('acme2'),
            people: [{ email: 'a@example.org' }],
          }),
        ),
      ).toBe('not-permitted');
      await resume('owner', 'acme2');
      // Suspending ended nothing; closing ended it all.
      expect(await refusal(world.as('acme2Manager', 'user.list', {}))).toBe(
        off === 'suspend' ? 'ok' : 'not-permitted',
      );
    }
  });

  it('is reopened by nobody below whoever closed it, and the root never closes', async () => {
    const lower = await addPerson(world.db, 'lower', world.organizations.root);
    await give(user(lower), 'root', { role: 'owner', mayPassOn: 9 });
    await close('beta');
    expect(await refusal(resume(lower, 'beta'))).toBe('lift.from-above');
    expect(await refusal(resume('owner', 'beta'))).toBe('ok');
    expect(await refusal(close('root'))).toBe('organization.root');
  });
});

/** Moved by somebody who had no part in what was delegated there: none of their links stands above it before. */
describe('below a link that is given anew', () => {
  const belowNorthManager = async (mayPassOn = 2): Promise<string> => {
    await sql`update delegation set may_pass_on = ${mayPassOn} where id = ${world.delegations.northManager}`.execute(
      world.db,
    );
    return give(user(world.people.siteMember), 'acmeNorth', {
      under: world.delegations.northManager,
      by: world.people.northManager,
      permissions: ['user.read'],
    });
  };
  const chainIds = async (link: string): Promise<string[]> =>
    (await loadChain(world.db, link))!.map((one) => one.id);
  const linkOf = async (name: PersonName): Promise<string> =>
    (
      await sql<{ id: string }>`
        select id from delegation where delegate_membership_id = ${world.people[name].membershipId}`.execute(
        world.db,
      )
    ).rows[0]!.id;

  it('chains are whole, and nothing is said to end that stays (I04)', async () => {
    const below = await belowNorthManager();
    const seen = await preview('secondOwner', 'acmeNorth', 'acme2North');
    expect(seen.delegations).toMatchObject([
      { delegationId: world.delegations.northManager, outcome: 'given-again' },
    ]);
    expect(seen.delegations).toHaveLength(1);
    await move('secondOwner', 'acmeNorth', 'acme2North', seen.fingerprint);
    expect(await stateOf(below)).toEqual({ [below]: 'active' });
    expect(await chainIds(below)).toEqual([
      below,
      world.delegations.northManager,
      await linkOf('secondOwner'),
      world.delegations.rootRow,
    ]);
  });

  it('what is too deep ends, and does not wait to come back when the mover may pass on more', async () => {
    const below = await belowNorthManager();
    await give(user(world.people.rootMember), 'root', { role: 'owner', mayPassOn: 1 });
    const seen = await preview('rootMember', 'acmeNorth', 'beta');
    expect(seen.delegations).toMatchObject([{ outcome: 'given-again-less' }, { outcome: 'ended' }]);
    await move('rootMember', 'acmeNorth', 'beta');
    expect(await stateOf(below)).toEqual({ [below]: 'ended' });
  });

  it('the part of a split one is whole for what hangs below it', async () => {
    const { acmeNorth, acmeSouth } = world.organizations;
    const scope = [{ places: [acmeNorth, acmeSouth].map((place) => ({ ...place, below: true })) }];
    const both = await give(user(world.people.acmeMember), 'acme', {
      under: world.delegations.acmeManager,
      scope,
      mayPassOn: 2,
    });
    const child = await give(user(world.people.siteMember), 'acmeNorth', { under: both });
    await move('secondOwner', 'acmeNorth', 'beta');
    const [, part, ...above] = await chainIds(child);
    expect(part).not.toBe(both);
    expect(above).toEqual([await linkOf('secondOwner'), world.delegations.rootRow]);
  });

  it('the ceiling that goes along is read with what stands above it then', async () => {
    const { acmeNorth } = world.organizations;
    const { northMember } = world.people;
    const ceiling = await give({ kind: 'organization', organizationId: acmeNorth.id }, 'acmeNorth', {
      under: world.delegations.acmeStanding,
      mayPassOn: 3,
    });
    await sql`insert into assignment (id, membership_id, entitlement_id, why) values
      (gen_random_uuid(), ${northMember.membershipId}, ${world.entitlements.partsViewer}, 'direct')`.execute(
      world.db,
    );
    const manager = await give(user(world.people.siteMember), 'acmeNorth', { under: ceiling });
    const seen = await preview('secondOwner', 'acmeNorth', 'beta');
    expect(seen.access).toEqual([]);
    expect(seen.delegations.map(({ delegationId }) => delegationId)).not.toContain(manager);
    await move('secondOwner', 'acmeNorth', 'beta', seen.fingerprint);
    expect(await holds(world.db, northMember.membershipId, world.entitlements.partsViewer)).toBe(true);
    // Whoever was given something under the old ceiling stands under that one still.
    expect((await chainIds(manager)).slice(1, 3)).toEqual([ceiling, await linkOf('secondOwner')]);
    expect((await chainIds(world.delegations.northManager))[1]).toBe(ceiling);
  });

  it('invitations sent under one are not said to stop', async () => {
    await world.as('northManager', 'invitation.create', {
      organizationId: id('acmeNorth'),
      people: [{ email: 'one@example.org', displayName: 'One' }],
    });
    expect((await preview('secondOwner', 'acmeNorth', 'beta')).invitationsDead).toBe(0);
  });

  it('what a move of before had cut is whole again after the next start (sql/0061)', async () => {
    const below = await belowNorthManager();
    await sql`update delegation set chain = array[${world.delegations.northManager}::uuid] where id = ${below}`.execute(
      world.db,
    );
    const people = () => refusal(world.as('siteMember', 'user.list', {}));
    expect([await cutChains(world.db), await people()]).toEqual([[below], 'not-permitted']);
    const stamped = async () =>
      (await sql<{ sum: string }>`select sum(value) from stamp`.execute(world.db)).rows[0]!.sum;
    const before = await stamped();
    const mend = readFileSync(new URL('../../sql/0061-whole-chains.sql', import.meta.url), 'utf8');
    await sql.raw(mend).execute(world.db);
    expect([await cutChains(world.db), await people()]).toEqual([[], 'ok']);
    // Whoever keeps facts of those it concerns loads them anew.
    expect(Number(await stamped())).toBeGreaterThan(Number(before));
    await world.as('owner', 'delegation.end', { delegationId: world.delegations.northManager });
    expect(await people()).toBe('not-permitted');
  });

  it('one given meanwhile has what stands above its parent by then', async () => {
    const known = (await loadChain(world.db, world.delegations.northManager))!;
    await move('secondOwner', 'acmeNorth', 'beta');
    const [made] = await insertDelegations(world.db, [
      {
        parent: known,
        giverUserId: world.people.northManager.userId,
        giverDelegationId: known[0]!.id,
        delegate: user(world.people.siteMember),
        adminRoleId: null,
        permissions: ['user.read'],
        scope: [],
        entitlements: { all: true },
        startsAt: alwaysBefore,
        endsAt: alwaysAfter,
        mayPassOn: 0,
      },
    ]);
    const above = [world.delegations.northManager, await linkOf('secondOwner'), world.delegations.rootRow];
    expect(made!.chain).toEqual(above);
    expect(await chainIds(made!.id)).toEqual([made!.id, ...above]);
  });
});
