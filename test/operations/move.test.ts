import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Box } from '../../src/authority/delegation.ts';
import { alwaysAfter, alwaysBefore, loadFacts } from '../../src/authority/facts.ts';
import { holds } from '../../src/authority/holds.ts';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { powersOf } from '../../src/authority/pieces.ts';
import { type Delegate, insertDelegations, loadChain } from '../../src/delegation/store.ts';
import {
  addPerson,
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

void [holds, addPerson, powers, refusal, preview];
