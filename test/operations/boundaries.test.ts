import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { decide } from '../../src/authority/decide.ts';
import type { Box, RelationKind, Target } from '../../src/authority/delegation.ts';
import type { Credential, Facts } from '../../src/authority/facts.ts';
import { holders } from '../../src/authority/holders.ts';
import { loadFacts } from '../../src/authority/load-facts.ts';
import type { Permission } from '../../src/authority/permissions.ts';
import { inReach, reach } from '../../src/authority/reach.ts';
import { run } from '../../src/operation/pipeline.ts';
import { membershipTarget } from '../../src/operation/targets.ts';
import { newId } from '../../src/platform/ids.ts';
import { operations } from '../../src/server/operations.gen.ts';
import {
  addMembership,
  addPerson,
  makeWorld,
  type OrganizationName,
  type Person,
  type World,
} from '../harness/world.ts';

/**
 * Every kind of delegate with every form of boundary, and their intersections along chains, on rows written by SQL: whom
 * each of them reaches is said by hand, and for everybody the list, the count, the predicate and `holders` are what the
 * check says of each single person (I04, I07).
 */
let world: World;
/** by name: those of the world, and a few more for lines, households and several organizations */
let people: Record<string, Person>;
let undo: string[] = [];
beforeAll(async () => {
  world = await makeWorld();
  people = { ...world.people };
  const { acmeSouth, acme2, acmeNorthSite } = world.organizations;
  for (const [name, home] of [
    ['lea', acmeSouth],
    ['max', acmeSouth],
    ['nia', acmeSouth],
    ['oto', acmeNorthSite],
    ['pia', acme2],
  ] as const)
    people[name] = await addPerson(world.db, name, home);
  // One person in two organizations: two memberships that do not mix.
  people.piaSouth = {
    ...people.pia!,
    name: 'piaSouth',
    membershipId: await addMembership(world.db, people.pia!.userId, 'pia', acmeSouth),
  };
});
afterAll(() => world.close());
afterEach(async () => {
  for (const statement of undo.reverse()) await sql.raw(statement).execute(world.db);
  undo = [];
  await sql`delete from exception`.execute(world.db);
  await sql`delete from guardian`.execute(world.db);
  await sql`delete from delegation where reason = 'boundary'`.execute(world.db);
  await sql`delete from client`.execute(world.db);
  await sql`update membership set line_manager_id = null`.execute(world.db);
});

type Where = OrganizationName | { only: OrganizationName };
/** A box in names: `in` places, `but` holes, `who` by name, `line` reports. */
type Part = {
  in?: Where[];
  but?: Where[];
  who?: string[];
  line?: { of?: string; depth: 'direct' | 'all' };
  where?: 'relation';
};
type To =
  | string
  | { organization: OrganizationName }
  | { relation: RelationKind; of: OrganizationName }
  | { client: true };

const placeOf = (where: Where) => {
  const name = typeof where === 'string' ? where : where.only;
  return { ...world.organizations[name], below: typeof where === 'string' };
};
const boxOf = ({ in: places, but, who, line, where }: Part): Box => ({
  ...(places ? { places: places.map(placeOf) } : {}),
  ...(but ? { holes: but.map(placeOf) } : {}),
  ...(who ? { users: who.map((name) => people[name]!.userId) } : {}),
  ...(line
    ? { reports: { depth: line.depth, ...(line.of ? { of: people[line.of]!.membershipId } : {}) } }
    : {}),
  ...(where ? { where } : {}),
});

const most: Permission[] = [
  'user.read',
  'organization.read',
  'membership.update',
  'request.decide',
  'access.grant',
];

type Row = { under?: string; to: To; scope: Part[]; by?: string; permissions?: string[]; mayPassOn?: number };

/** Writes one link and answers its id; below the owner's where nothing else is said. */
async function link({ under = world.delegations.owner, to, scope, by, ...row }: Row): Promise<string> {
  const id = newId();
  const { organizations } = world;
  const boxes = scope.map(boxOf);
  const user = typeof to === 'string' ? people[to]! : null;
  const organization =
    typeof to === 'object'
      ? 'organization' in to
        ? to.organization
        : 'relation' in to
          ? to.of
          : null
      : null;
  const client = typeof to === 'object' && 'client' in to ? await machine() : null;
  const kind = user
    ? 'user'
    : client
      ? 'client'
      : typeof to === 'object' && 'relation' in to
        ? 'relation'
        : 'organization';
  await sql`insert into delegation (id, kind, parent_id, chain, giver_user_id, giver_membership_id, delegate_kind, delegate_user_id,
      delegate_membership_id, delegate_organization_id, delegate_client_id, relation, relation_path, permissions, scope, place_paths,
      entitlements, may_pass_on, reason)
    select ${id}, 'administer', p.id, array_prepend(p.id, p.chain), ${by ? people[by]!.userId : null}, ${by ? people[by]!.membershipId : null},
      ${kind}, ${user?.userId ?? null}, ${user?.membershipId ?? null}, ${organization ? organizations[organization].id : null}, ${client},
      ${kind === 'relation' ? (to as { relation: string }).relation : null}, ${kind === 'relation' ? organizations[organization!].path : null},
      ${row.permissions ?? most}, ${JSON.stringify(boxes)}::jsonb, ${boxes.flatMap((box) => (box.places ?? []).map(({ path }) => path))},
      '{"all": true}', ${row.mayPassOn ?? 5}, 'boundary' from delegation p where p.id = ${under}`.execute(
    world.db,
  );
  return id;
}

const keyHash = Buffer.from('the hash of a key');
async function machine(): Promise<string> {
  const id = newId();
  await sql`insert into client (id, organization_id, name, key_hash) values (${id}, ${world.organizations.acme.id}, 'Robot', ${keyHash})`.execute(
    world.db,
  );
  return id;
}

const set = async (statement: string, back: string): Promise<void> => {
  await sql.raw(statement).execute(world.db);
  undo.push(back);
};
const reportsTo = (who: string, manager: string) =>
  sql`update membership set line_manager_id = ${people[manager]!.membershipId} where id = ${people[who]!.membershipId}`.execute(
    world.db,
  );

const credentialOf = (who: string): Credential =>
  who === 'the key'
    ? { kind: 'key', keyHash }
    : { kind: 'membership', membershipId: people[who]!.membershipId };

let targets = new Map<string, Target>();
async function loadTargets(): Promise<void> {
  targets = new Map(
    await Promise.all(
      Object.entries(people).map(
        async ([name, { membershipId }]) =>
          [name, (await membershipTarget(world.db, membershipId))!] as const,
      ),
    ),
  );
}

const checked = (facts: Facts, permission: Permission): string[] =>
  [...targets].flatMap(([name, target]) =>
    decide(facts, permission, target).effect === 'permit' ? [name] : [],
  );

/** Whom the list shows, page by page; nobody where it says that there is nowhere to look. */
async function listed(who: string, limit: number): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const call = { credential: credentialOf(who), input: { limit, cursor }, requestId: 'test' };
    try {
      const { output } = await run(world.services, operations['user.list'], call);
      names.push(...output.items.map(({ membershipId }) => nameOf(membershipId)));
      cursor = output.next;
    } catch (error) {
      expect(error).toMatchObject({ code: 'not-permitted' });
      return [];
    }
  } while (cursor);
  expect(new Set(names).size).toBe(names.length);
  return names;
}

const nameOf = (membershipId: string): string =>
  Object.entries(people).find(([, one]) => one.membershipId === membershipId)![0];

/**
 * Whom `who` may update, as said by hand; and everything agrees with the check: for them, for a few others, for reading
 * and for changing.
 */
async function expectReach(who: string, expected: string[]): Promise<void> {
  await loadTargets();
  const facts = await loadFacts(world.db, credentialOf(who));
  expect([who, checked(facts, 'membership.update').sort()]).toEqual([who, [...expected].sort()]);
  for (const actor of new Set([who, 'northManager', 'acmeManager'])) await expectAgreement(actor);
  for (const name of new Set([...expected.slice(0, 2), 'northMember', 'nia']))
    for (const permission of ['membership.update', 'request.decide'] as const)
      await expectHolders(name, permission);
}

async function expectAgreement(actor: string): Promise<void> {
  const facts = await loadFacts(world.db, credentialOf(actor));
  const readable = checked(facts, 'user.read').sort();
  expect([actor, (await listed(actor, 3)).sort()]).toEqual([actor, readable]);
  for (const permission of ['membership.update', 'access.grant'] as const) {
    const { rows } = await sql<{ id: string }>`
      select m.id from membership m where m.state <> 'ended' and ${inReach(reach(facts, permission), sql`m.path`, sql`m.user_id`, sql`m.line`)}`.execute(
      world.db,
    );
    expect([actor, permission, rows.map(({ id }) => nameOf(id)).sort()]).toEqual([
      actor,
      permission,
      checked(facts, permission).sort(),
    ]);
  }
}

async function expectHolders(name: string, permission: Permission): Promise<void> {
  const target = targets.get(name)!;
  const named = (await holders(world.db, permission, target)).map(({ membershipId }) => nameOf(membershipId));
  const able: string[] = [];
  for (const actor of Object.keys(people))
    if (decide(await loadFacts(world.db, credentialOf(actor)), permission, target).effect === 'permit')
      able.push(actor);
  expect([name, permission, named.sort()]).toEqual([name, permission, able.sort()]);
}

const inNorth = ['northManager', 'northMember', 'siteMember', 'oto'];
const inSouth = ['southMember', 'lea', 'max', 'nia', 'piaSouth'];
const inAcmeOnly = ['acmeManager', 'acmePeer', 'acmeHelpDesk', 'acmeApplicationManager', 'acmeMember'];
const inAcme = [...inAcmeOnly, ...inNorth, ...inSouth];

describe('a person', () => {
  it('reaches organizations with those below, and look-alikes never', async () => {
    await link({ to: 'betaMember', scope: [{ in: ['acme'] }] });
    await expectReach('betaMember', inAcme);
  });

  it('reaches an organization without those below', async () => {
    await link({ to: 'betaMember', scope: [{ in: [{ only: 'acme' }] }] });
    await expectReach('betaMember', inAcmeOnly);
  });

  it('reaches several at once, with some taken out', async () => {
    await link({
      to: 'betaMember',
      scope: [{ in: ['acme', 'acme2'], but: ['acmeNorth', { only: 'acme' }] }],
    });
    await expectReach('betaMember', [...inSouth, 'acme2Manager', 'acme2Member', 'acme2NorthMember', 'pia']);
  });

  it('reaches below a hole that takes one organization only', async () => {
    await link({ to: 'betaMember', scope: [{ in: ['acme'], but: [{ only: 'acmeNorth' }, 'acmeSouth'] }] });
    await expectReach('betaMember', [...inAcmeOnly, 'siteMember', 'oto']);
  });

  it('reaches named people, wherever they are or only somewhere', async () => {
    await link({ to: 'betaMember', scope: [{ who: ['pia', 'northMember'] }] });
    await expectReach('betaMember', ['pia', 'piaSouth', 'northMember']);
    await link({ to: 'rootMember', scope: [{ in: ['acme2'], who: ['pia', 'northMember'] }] });
    await expectReach('rootMember', ['pia']);
  });

  it('reaches a union of boxes, each of them whole', async () => {
    await reportsTo('oto', 'siteMember');
    await link({
      to: 'betaMember',
      scope: [
        { in: ['acmeSouth'], who: ['lea', 'northMember'] },
        { in: ['acmeNorth'], line: { of: 'siteMember', depth: 'all' } },
        { in: [{ only: 'acme2' }] },
      ],
    });
    await expectReach('betaMember', ['lea', 'oto', 'acme2Manager', 'acme2Member', 'pia']);
  });
});

describe('reporting lines', () => {
  it('direct and all, the delegate’s own, without themselves', async () => {
    await reportsTo('max', 'lea');
    await reportsTo('nia', 'max');
    await link({ to: 'lea', scope: [{ in: ['acme'], line: { depth: 'direct' } }] });
    await expectReach('lea', ['max']);
    await link({ to: 'lea', scope: [{ in: ['acme'], line: { depth: 'all' } }] });
    await expectReach('lea', ['max', 'nia']);
    // Of their own membership only: in another organization they have no reports.
    await link({ to: 'piaSouth', scope: [{ line: { depth: 'all' } }] });
    await reportsTo('northMember', 'pia');
    await expectReach('piaSouth', []);
  });

  it('of somebody else, in a part of the tree', async () => {
    await reportsTo('max', 'lea');
    await reportsTo('siteMember', 'max');
    await link({ to: 'betaMember', scope: [{ in: ['acmeSouth'], line: { of: 'lea', depth: 'all' } }] });
    await expectReach('betaMember', ['max']);
  });

  it('that go round in a circle end, and nobody reports to themselves', async () => {
    await reportsTo('max', 'lea');
    await reportsTo('nia', 'max');
    await reportsTo('lea', 'nia');
    await link({ to: 'lea', scope: [{ in: ['acme'], line: { depth: 'all' } }] });
    await link({ to: 'nia', scope: [{ in: ['acme'], line: { depth: 'direct' } }] });
    await expectReach('lea', ['max', 'nia']);
    await expectReach('nia', ['lea']);
  });

  it('are read sixteen levels down, and no further', async () => {
    const line: string[] = ['lea'];
    for (let level = 1; level <= 17; level += 1) {
      const name = `level${String(level).padStart(2, '0')}`;
      people[name] ??= await addPerson(world.db, name, world.organizations.acmeSouth);
      await reportsTo(name, line.at(-1)!);
      line.push(name);
    }
    await link({ to: 'lea', scope: [{ in: ['acmeSouth'], line: { depth: 'all' } }] });
    try {
      await expectReach('lea', line.slice(1, 17));
    } finally {
      for (const name of line.slice(1)) {
        await sql`update membership set state = 'ended', line_manager_id = null where id = ${people[name]!.membershipId}`.execute(
          world.db,
        );
        delete people[name];
      }
    }
  });
});

describe('a relation', () => {
  it('“managers of”: everybody who manages there or below, in the same boundary', async () => {
    await link({ to: { relation: 'managers', of: 'acmeNorth' }, scope: [{ in: ['acme2'] }] });
    await expectReach('northManager', ['acme2Manager', 'acme2Member', 'acme2NorthMember', 'pia', ...inNorth]);
    // Managers of what lies above are not managers of north.
    await expectReach('acmeManager', inAcme);
  });

  it('“managers of”, where they manage', async () => {
    const apart: Permission[] = ['membership.update', 'user.read'];
    await link({
      to: 'southMember',
      scope: [{ in: ['acmeSouth'], but: [{ only: 'acmeSouth' }] }, { in: [{ only: 'acmeNorthSite' }] }],
      permissions: ['user.invite'],
    });
    await link({
      to: { relation: 'managers', of: 'acme' },
      scope: [{ where: 'relation' }],
      permissions: apart,
    });
    await expectReach('southMember', ['siteMember', 'oto']);
    await set(
      `update delegation set state = 'paused' where id = '${world.delegations.northManager}'`,
      `update delegation set state = 'active' where id = '${world.delegations.northManager}'`,
    );
    await expectReach('northManager', []);
  });

  it('“managers of” does not feed itself: those who manage through it are no managers', async () => {
    await link({
      to: { relation: 'members', of: 'beta' },
      scope: [{ in: ['acmeNorth'] }],
      permissions: ['user.invite'],
    });
    await link({ to: { relation: 'managers', of: 'acmeNorth' }, scope: [{ in: ['acme2'] }] });
    await expectReach('betaMember', []);
  });

  it('“line managers in”: each their own reports, while they have any', async () => {
    await reportsTo('max', 'lea');
    await reportsTo('nia', 'max');
    await reportsTo('oto', 'siteMember');
    await link({
      to: { relation: 'line-managers', of: 'acmeSouth' },
      scope: [{ in: ['acme'], line: { depth: 'all' } }],
    });
    await expectReach('lea', ['max', 'nia']);
    await expectReach('max', ['nia']);
    await expectReach('nia', []);
    // A line manager elsewhere.
    await expectReach('siteMember', []);
    await reportsTo('nia', 'lea');
    await expectReach('max', []);
  });

  it('“guardians in”: the household they are guardian of, and not longer', async () => {
    await link({ to: { relation: 'guardians', of: 'acme' }, scope: [{ where: 'relation' }] });
    await expectReach('northMember', []);
    await sql`insert into guardian (id, membership_id, organization_id) values
      (${newId()}, ${people.northMember!.membershipId}, ${world.organizations.acmeSouth.id})`.execute(
      world.db,
    );
    await expectReach('northMember', inSouth);
    await sql`update guardian set ends_at = remit_now()`.execute(world.db);
    await expectReach('northMember', []);
  });

  it('“guardians in”: from a membership in another branch, too', async () => {
    await link({ to: { relation: 'guardians', of: 'acme' }, scope: [{ where: 'relation' }] });
    await sql`insert into guardian (id, membership_id, organization_id) values
      (${newId()}, ${people.acme2Member!.membershipId}, ${world.organizations.acmeSouth.id})`.execute(
      world.db,
    );
    await expectReach('acme2Member', inSouth);
  });

  it('“members of”: everybody there, where they belong themselves', async () => {
    await link({ to: { relation: 'members', of: 'acmeNorth' }, scope: [{ where: 'relation' }] });
    await expectReach('siteMember', ['siteMember', 'oto']);
    await expectReach('southMember', []);
    await expectReach('acme2NorthMember', []);
    // In the one of two memberships that lies there, and not in the other.
    await link({ to: { relation: 'members', of: 'acme2' }, scope: [{ in: [{ only: 'beta' }] }] });
    await expectReach('pia', ['betaMember']);
    await expectReach('piaSouth', []);
  });

  it('asks the standing of whoever is in it: suspended, or from an organization that is off', async () => {
    await link({ to: { relation: 'members', of: 'acmeSouth' }, scope: [{ in: ['beta'] }] });
    await expectReach('lea', ['betaMember']);
    await set(
      `update membership set state = 'suspended' where id = '${people.lea!.membershipId}'`,
      `update membership set state = 'active' where id = '${people.lea!.membershipId}'`,
    );
    await expectReach('lea', []);
    await set(
      `update organization set state = 'suspended' where id = '${world.organizations.acmeSouth.id}'`,
      `update organization set state = 'active' where id = '${world.organizations.acmeSouth.id}'`,
    );
    await expectReach('nia', []);
  });

  it('passes on, and what was passed on ends when the giver no longer stands in it', async () => {
    const related = await link({
      to: { relation: 'managers', of: 'acmeNorth' },
      scope: [{ in: ['acme2', 'beta'] }],
    });
    await link({ under: related, to: 'lea', by: 'northManager', scope: [{ in: ['acme2'] }] });
    await expectReach('lea', ['acme2Manager', 'acme2Member', 'acme2NorthMember', 'pia']);
    await set(
      `update delegation set state = 'paused' where id = '${world.delegations.northManager}'`,
      `update delegation set state = 'active' where id = '${world.delegations.northManager}'`,
    );
    await expectReach('lea', []);
  });

  it('passes on where it holds for the giver, and no wider', async () => {
    const related = await link({ to: { relation: 'managers', of: 'acme' }, scope: [{ where: 'relation' }] });
    await link({ under: related, to: 'lea', by: 'northManager', scope: [{ in: ['acme'] }] });
    await link({ under: related, to: 'max', by: 'acmeManager', scope: [{ in: ['acmeSouth'] }] });
    await expectReach('lea', inNorth);
    await expectReach('max', inSouth);
  });
});

describe('an organization', () => {
  it('gives nobody anything by its standing delegation, and bounds whoever hangs below it', async () => {
    const standing = await link({ to: { organization: 'beta' }, scope: [{ in: ['beta', 'acmeSouth'] }] });
    await expectReach('betaMember', []);
    await link({ under: standing, to: 'betaMember', scope: [{ in: ['acme', 'beta'] }] });
    await expectReach('betaMember', ['betaMember', ...inSouth]);
  });
});

describe('a machine', () => {
  it('reaches places and named people, and has no reports', async () => {
    const id = await link({
      to: { client: true },
      scope: [{ in: ['acmeSouth'], who: ['lea', 'pia', 'oto'] }],
    });
    await expectReach('the key', ['lea', 'piaSouth']);
    await reportsTo('max', 'lea');
    await sql`update delegation set scope = ${JSON.stringify([boxOf({ in: ['acme'], line: { depth: 'all' } })])}::jsonb where id = ${id}`.execute(
      world.db,
    );
    await expectReach('the key', []);
    await sql`update delegation set scope = ${JSON.stringify([boxOf({ in: ['acme'], line: { of: 'lea', depth: 'all' } })])}::jsonb where id = ${id}`.execute(
      world.db,
    );
    await expectReach('the key', ['max']);
  });
});

describe('along a chain', () => {
  /** A link of the power user for rootMember, and one below it for betaMember. */
  const chain = async (above: Part[], below: Part[]): Promise<void> => {
    const parent = await link({ to: 'rootMember', scope: above });
    await link({ under: parent, to: 'betaMember', by: 'rootMember', scope: below });
  };

  it('places meet places, and holes add up', async () => {
    await chain([{ in: ['acme'], but: ['acmeNorthSite'] }], [{ in: ['root'], but: [{ only: 'acme' }] }]);
    await expectReach('betaMember', ['northManager', 'northMember', ...inSouth]);
  });

  it('places meet an organization alone, either way round', async () => {
    await chain([{ in: ['acmeNorth'] }], [{ in: [{ only: 'acmeNorthSite' }, { only: 'acme' }] }]);
    await expectReach('betaMember', ['siteMember', 'oto']);
  });

  it('places meet named people', async () => {
    await chain([{ in: ['acmeSouth'] }], [{ who: ['pia', 'lea', 'northMember'] }]);
    await expectReach('betaMember', ['piaSouth', 'lea']);
  });

  it('named people meet named people', async () => {
    await chain(
      [{ who: ['lea', 'max', 'northMember'] }],
      [{ in: ['acmeSouth'], who: ['max', 'nia', 'northMember'] }],
    );
    await expectReach('betaMember', ['max']);
  });

  it('reports meet reports of others, and places', async () => {
    await reportsTo('max', 'lea');
    await reportsTo('nia', 'max');
    await reportsTo('siteMember', 'max');
    await chain(
      [{ in: ['acme'], line: { of: 'lea', depth: 'all' } }],
      [{ in: ['acmeSouth'], line: { of: 'max', depth: 'direct' } }],
    );
    await expectReach('betaMember', ['nia']);
  });

  it('direct reports of one are within all of them, and not the other way', async () => {
    await reportsTo('max', 'lea');
    await reportsTo('nia', 'max');
    await chain(
      [{ line: { of: 'lea', depth: 'direct' } }],
      [{ in: ['root'], line: { of: 'lea', depth: 'all' } }],
    );
    await expectReach('betaMember', ['max']);
  });

  it('“own reports” above are those of whoever holds that link', async () => {
    await reportsTo('max', 'lea');
    await reportsTo('nia', 'max');
    await reportsTo('oto', 'betaMember');
    const parent = await link({ to: 'lea', scope: [{ in: ['acme'], line: { depth: 'all' } }] });
    await link({ under: parent, to: 'betaMember', by: 'lea', scope: [{ in: ['acmeSouth', 'acmeNorth'] }] });
    await expectReach('betaMember', ['max', 'nia']);
    // And nobody reaches themselves through somebody else's line.
    await link({ under: parent, to: 'max', by: 'lea', scope: [{ in: ['acme'] }] });
    await expectReach('max', ['nia']);
  });

  it('a relation meets reports, named people and places', async () => {
    await reportsTo('lea', 'southMember');
    await reportsTo('oto', 'southMember');
    const related = await link({
      to: { relation: 'line-managers', of: 'acme' },
      scope: [{ where: 'relation' }],
    });
    await link({
      under: related,
      to: 'betaMember',
      by: 'southMember',
      scope: [{ in: ['acme'], line: { of: 'southMember', depth: 'all' } }],
    });
    await expectReach('betaMember', ['lea']);
    await expectReach('southMember', inSouth);
  });

  it('two boxes above meet two below, pair by pair', async () => {
    await reportsTo('oto', 'siteMember');
    await chain(
      [{ in: ['acmeSouth'], who: ['lea', 'max'] }, { in: ['acmeNorth'] }],
      [
        { in: ['acme'], but: ['acmeNorth'] },
        { in: ['root'], line: { of: 'siteMember', depth: 'all' } },
      ],
    );
    await expectReach('betaMember', ['lea', 'max', 'oto']);
  });

  it('four links deep, each of another form', async () => {
    await reportsTo('max', 'lea');
    await reportsTo('nia', 'lea');
    const one = await link({ to: 'rootMember', scope: [{ in: ['acme', 'acme2'] }] });
    const two = await link({
      under: one,
      to: { organization: 'beta' },
      scope: [{ in: ['root'], but: ['acme2'] }],
    });
    const three = await link({ under: two, to: 'auditor', scope: [{ line: { of: 'lea', depth: 'all' } }] });
    await link({ under: three, to: 'betaMember', by: 'auditor', scope: [{ who: ['max', 'oto', 'pia'] }] });
    await expectReach('betaMember', ['max']);
    await sql`update delegation set may_pass_on = 1 where id = ${one}`.execute(world.db);
    await expectReach('betaMember', []);
  });

  it('stops where a link above is paused, and a leaver’s link stops nothing (I14)', async () => {
    await chain([{ in: ['acme'] }], [{ in: ['acmeSouth'] }]);
    await set(
      `update membership set state = 'suspended' where id = '${people.rootMember!.membershipId}'`,
      `update membership set state = 'active' where id = '${people.rootMember!.membershipId}'`,
    );
    await expectReach('betaMember', inSouth);
    await sql`update delegation set state = 'paused' where delegate_user_id = ${people.rootMember!.userId}`.execute(
      world.db,
    );
    await expectReach('betaMember', []);
  });
});

describe('an exception', () => {
  const except = (where: Where, who: string | null, permissions: string[] = []) =>
    sql`insert into exception (id, organization_id, path, below, permissions, user_id, set_under)
      values (${newId()}, ${placeOf(where).id}, ${placeOf(where).path}, ${placeOf(where).below}, ${permissions},
        ${who ? people[who]!.userId : null}, ${world.delegations.owner})`.execute(world.db);

  it('takes a place, or a person, out of every boundary but those from above (I13)', async () => {
    await link({ to: 'betaMember', scope: [{ in: ['acme'] }, { who: ['oto', 'lea'] }] });
    await except('acmeNorth', null);
    await except('acmeSouth', 'lea', ['membership.update']);
    await expectReach('betaMember', [...inAcmeOnly, ...inSouth.filter((name) => name !== 'lea')]);
    const facts = await loadFacts(world.db, credentialOf('owner'));
    expect(checked(facts, 'membership.update')).toContain('lea');
    await expectAgreement('owner');
  });
});

describe('a person of several organizations', () => {
  it('has in each membership what was given to that one', async () => {
    await link({ to: 'pia', scope: [{ in: ['beta'] }] });
    await link({ to: 'piaSouth', scope: [{ in: ['acmeNorth'] }] });
    await expectReach('pia', ['betaMember']);
    await expectReach('piaSouth', inNorth);
  });
});
