import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { decide } from '../../src/authority/decide.ts';
import type { Target } from '../../src/authority/delegation.ts';
import type { Area, Shift } from '../../src/authority/difference.ts';
import type { Credential, Facts } from '../../src/authority/facts.ts';
import { holds } from '../../src/authority/holds.ts';
import { loadFacts } from '../../src/authority/load-facts.ts';
import type { Difference, HolderId } from '../../src/authority/measure.ts';
import { type Permission, permissionNames, traitsOf } from '../../src/authority/permissions.ts';
import type { Part } from '../../src/authority/pieces.ts';
import { insertDelegations, loadChain } from '../../src/delegation/store.ts';
import { operation } from '../../src/operation/operation.ts';
import { run } from '../../src/operation/pipeline.ts';
import { isRefusal } from '../../src/operation/raised.ts';
import { membershipTargets, organizationTarget } from '../../src/operation/targets.ts';
import { newId } from '../../src/platform/ids.ts';
import { type OperationName, operations } from '../../src/server/operations.gen.ts';
import { numbersFrom } from '../harness/random-run.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/**
 * What a preview says, against the plain truth: everybody is asked for every act, every place, every person and every
 * entitlement, before and after the change was really made.
 */
let captured: { difference: Difference; token: string } | undefined;
const rehearse = operation({
  name: 'test.rehearse',
  summary: 'Keep what a rehearsal measured',
  http: 'POST /test',
  input: z.object({ operation: z.string(), input: z.record(z.string(), z.unknown()) }),
  output: z.object({}),
  needs: 'self',
  effect: 'reading',
  run: async (context, { operation: name, input }) => {
    captured = await context.rehearse(name, input);
    return {};
  },
});

type Truth = {
  /** holder permission organization */
  here: Set<string>;
  /** holder permission organization entitlement */
  about: Set<string>;
  /** holder permission membership */
  over: Set<string>;
  /** membership entitlement */
  held: Set<string>;
};

const aboutAccess: Permission[] = ['access.grant', 'access.end', 'request.decide'];

type Cast = {
  holders: [HolderId, Credential][];
  organizations: string[];
  members: string[];
  entitlements: { id: string; applicationId: string }[];
};

async function truth(world: World, cast: Cast): Promise<Truth> {
  const { db } = world;
  const found: Truth = { here: new Set(), about: new Set(), over: new Set(), held: new Set() };
  const places: Target[] = [];
  for (const id of cast.organizations) places.push((await organizationTarget(db, id))!);
  const people = await membershipTargets(db, cast.members);
  for (const [holder, credential] of cast.holders) {
    const facts: Facts = await loadFacts(db, credential);
    const may = (permission: Permission, target: Target) =>
      decide(facts, permission, target).effect === 'permit';
    for (const permission of permissionNames) {
      for (const place of places) {
        if (may(permission, place)) found.here.add(`${holder} ${permission} ${place.id}`);
        if (aboutAccess.includes(permission))
          for (const entitlement of cast.entitlements)
            if (may(permission, { ...place, entitlement }))
              found.about.add(`${holder} ${permission} ${place.id} ${entitlement.id}`);
      }
      for (const [id, target] of people)
        if (may(permission, target)) found.over.add(`${holder} ${permission} ${id}`);
    }
  }
  for (const membershipId of cast.members)
    for (const { id } of cast.entitlements)
      if (await holds(db, membershipId, id)) found.held.add(`${membershipId} ${id}`);
  return found;
}

type Ground = { places: Map<string, Target>; people: Map<string, Target> };

const inArea = ({ path, below, holes }: Area, at: string): boolean =>
  (at === path || (below && at.startsWith(`${path}.`))) &&
  !holes.some((hole) => at === hole.path || (hole.below && at.startsWith(`${hole.path}.`)));

/** What a difference says, written out as the truth is. */
function written(
  difference: Difference,
  direction: 'gains' | 'loses',
  cast: Cast,
  before: Ground,
  after: Ground,
): Truth {
  const found: Truth = { here: new Set(), about: new Set(), over: new Set(), held: new Set() };
  const side = direction === 'gains' ? after : before;
  for (const [holder, acts] of difference.powers)
    for (const [key, shifts] of acts) {
      const permission = key.replace(' *', '') as Permission;
      const reachesOff = traitsOf(permission).reading === true || traitsOf(permission).aboveOff === true;
      const at = (shift: Shift, id: string, where: 'places' | 'people'): Target | undefined => {
        const was = before[where].get(id);
        if (!was || !shift.areas.some((area) => inArea(area, was.path))) return undefined;
        return side[where].get(id)!.off && !reachesOff ? undefined : side[where].get(id);
      };
      for (const shift of shifts[direction]) {
        const says = (about: (part: Part) => boolean): boolean => about(shift.part) && !shift.but.some(about);
        if (!key.endsWith(' *')) {
          for (const id of cast.organizations)
            if (at(shift, id, 'places') && says(({ user, reports }) => !user && reports.length === 0))
              found.here.add(`${holder} ${permission} ${id}`);
          for (const id of cast.members) {
            const target = at(shift, id, 'people');
            if (target && says((part) => concerns(part, target)))
              found.over.add(`${holder} ${permission} ${id}`);
          }
        } else
          for (const id of cast.organizations)
            for (const { id: entitlement, applicationId } of cast.entitlements)
              if (
                at(shift, id, 'places') &&
                says(
                  ({ access, user, reports }) =>
                    !user &&
                    reports.length === 0 &&
                    ['*', `a:${applicationId}`, `e:${entitlement}`].includes(access!),
                )
              )
                found.about.add(`${holder} ${permission} ${id} ${entitlement}`);
      }
    }
  for (const one of direction === 'gains' ? difference.gained : difference.lost)
    found.held.add(`${one.membershipId} ${one.entitlementId}`);
  return found;
}

const concerns = ({ user, reports }: Part, { userId, line }: Target): boolean =>
  (!user || user === userId) &&
  reports.every((one) => {
    const [of, depth] = one.split(':');
    return depth === 'direct' ? line?.[0] === of : line?.includes(of!);
  });

const without = (one: Set<string>, other: Set<string>): string[] =>
  [...one].filter((key) => !other.has(key)).sort();

async function ground(world: World, cast: Cast): Promise<Ground> {
  const places = new Map<string, Target>();
  for (const id of cast.organizations) places.set(id, (await organizationTarget(world.db, id))!);
  return { places, people: await membershipTargets(world.db, cast.members) };
}

/** A world in some state that its rules allow, and changes of it, the same for the same seed. */
function chances(seed: number) {
  const next = numbersFrom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!;
  const chance = (share: number): boolean => next() < share;
  const some = <T>(from: readonly T[], most: number): T[] => [
    ...new Set(Array.from({ length: 1 + Math.floor(next() * most) }, () => pick(from))),
  ];
  return { pick, chance, some };
}

const names = (world: World): PersonName[] => Object.keys(world.people) as PersonName[];

/** One more row of some kind, written past the operations: states that only a history would bring about. */
async function unsettle(world: World, { pick, chance, some }: ReturnType<typeof chances>): Promise<void> {
  const { db } = world;
  const ids = async (query: string): Promise<string[]> =>
    (await sql<{ id: string }>`${sql.raw(query)}`.execute(db)).rows.map(({ id }) => id);
  const place = () => pick(Object.values(world.organizations));
  const person = () => world.people[pick(names(world))];
  const entitlement = () => pick(Object.values(world.entitlements));
  const now = (await sql<{ at: Date }>`select remit_now() as at`.execute(db)).rows[0]!.at.getTime();
  const day = 86_400_000;
  const from = (start: number, end: number) => ({
    startsAt: new Date(now + start * day),
    endsAt: new Date(now + end * day),
  });
  const [always, later, over] = [from(-1, 10), from(1, 10), from(-2, -1)];
  const box = () => {
    const places = some(Object.values(world.organizations), 2).map(({ id, path }) => ({
      id,
      path,
      below: chance(0.7),
    }));
    const hole = place();
    return {
      places,
      ...(chance(0.3) ? { holes: [{ id: hole.id, path: hole.path, below: chance(0.7) }] } : {}),
      ...(chance(0.2)
        ? { users: some(Object.values(world.people), 2).map(({ userId }) => userId) }
        : chance(0.15)
          ? { reports: { of: person().membershipId, depth: pick(['direct', 'all'] as const) } }
          : {}),
    };
  };
  const limit = () =>
    chance(0.4)
      ? { all: true as const }
      : {
          applications: some(Object.values(world.applications), 2),
          entitlements: chance(0.5) ? [entitlement()] : [],
        };
  const kind = pick([
    'link',
    'link',
    'link',
    'link',
    'deputy',
    'exception',
    'assignment',
    'assignment',
    'role',
    'line',
    'off',
    'suspended',
    'client',
    'admin-role',
    'relation',
  ]);
  if (kind === 'link' || kind === 'client' || kind === 'relation') {
    const parent = (await loadChain(
      db,
      pick(
        await ids(
          `select id from delegation where kind = 'administer' and delegate_kind <> 'client' and state <> 'ended' order by id`,
        ),
      ),
    ))!;
    const to = person();
    const where = place();
    let clientId = '';
    if (kind === 'client') {
      clientId = newId();
      await sql`insert into client (id, organization_id, name, key_hash) values (${clientId}, ${where.id}, ${clientId}, ${Buffer.from(clientId)})`.execute(
        db,
      );
    }
    const roles = await ids(`select id from admin_role order by id`);
    const giver = person();
    const standing = chance(0.2);
    await insertDelegations(db, [
      {
        parent,
        giverUserId: giver.userId,
        giverDelegationId: parent[0]!.id,
        giverMembershipId: giver.membershipId,
        delegate:
          kind === 'client'
            ? { kind: 'client', clientId }
            : kind === 'relation'
              ? {
                  kind: 'relation',
                  relation: pick(['managers', 'line-managers', 'members'] as const),
                  organizationId: where.id,
                  path: where.path,
                }
              : standing
                ? { kind: 'organization', organizationId: where.id }
                : { kind: 'user', userId: to.userId, membershipId: to.membershipId },
        adminRoleId: chance(0.4) ? pick(roles) : null,
        permissions: some(permissionNames, 12),
        scope: standing
          ? [{ places: [{ ...where, below: true }] }]
          : kind === 'relation' && chance(0.5)
            ? [{ where: 'relation' }]
            : chance(0.8)
              ? [box()]
              : [box(), box()],
        entitlements: limit(),
        ...pick([always, always, always, later, over]),
        mayPassOn: pick([0, 1, 3]),
      },
    ]);
    if (chance(0.15))
      await sql`update delegation set state = 'paused' where id = ${pick(await ids(`select id from delegation where delegate_kind <> 'root' and state = 'active' order by id`))}`.execute(
        db,
      );
  } else if (kind === 'deputy') {
    const [giver, deputy] = [person(), person()];
    const where = box();
    await sql`insert into delegation (id, kind, giver_user_id, giver_membership_id, delegate_kind, delegate_user_id, delegate_membership_id, scope, place_paths, entitlements, may_pass_on)
      values (${newId()}, 'approve', ${giver.userId}, ${giver.membershipId}, 'user', ${deputy.userId}, ${deputy.membershipId},
        ${JSON.stringify([where])}::jsonb, ${where.places.map(({ path }) => path)}::text[], ${JSON.stringify(limit())}::jsonb, ${pick([0, 1])})`.execute(
      db,
    );
  } else if (kind === 'exception') {
    const where = place();
    const under = pick(await ids(`select id from delegation where kind = 'administer' order by id`));
    const about = pick(['all', 'application', 'entitlement']);
    await sql`insert into exception (id, organization_id, path, below, permissions, application_id, entitlement_id, user_id, set_under)
      values (${newId()}, ${where.id}, ${where.path}, ${chance(0.7)}, ${chance(0.5) ? [] : some(permissionNames, 6)}::text[],
        ${about === 'application' ? pick(Object.values(world.applications)) : null}, ${about === 'entitlement' ? entitlement() : null},
        ${chance(0.3) ? person().userId : null}, ${under})`.execute(db);
  } else if (kind === 'assignment' || kind === 'role') {
    const role = newId();
    if (kind === 'role') {
      await sql`insert into access_role (id, organization_id, name) values (${role}, ${world.organizations.root.id}, ${role})`.execute(
        db,
      );
      for (const id of some(Object.values(world.entitlements), 3))
        await sql`insert into access_role_entitlement (access_role_id, entitlement_id) values (${role}, ${id})`.execute(
          db,
        );
    }
    const toOrganization = chance(0.3);
    await sql`insert into assignment (id, membership_id, organization_id, entitlement_id, access_role_id, why)
      values (${newId()}, ${toOrganization ? null : person().membershipId}, ${toOrganization ? place().id : null},
        ${kind === 'role' ? null : entitlement()}, ${kind === 'role' ? role : null}, 'direct') on conflict do nothing`.execute(
      db,
    );
  } else if (kind === 'line') {
    const [who, manager] = [person(), person()];
    if (who !== manager)
      await sql`update membership set line_manager_id = ${manager.membershipId} where id = ${who.membershipId}`.execute(
        db,
      );
  } else if (kind === 'off')
    await sql`update organization set state = 'suspended' where id = ${place().id} and parent_id is not null`.execute(
      db,
    );
  else if (kind === 'suspended')
    await sql`update membership set state = 'suspended' where id = ${person().membershipId}`.execute(db);
  else
    await sql`insert into admin_role (id, organization_id, name, permissions) values (${newId()}, ${world.organizations.root.id}, ${newId()}, ${some(permissionNames, 10)}::text[])`.execute(
      db,
    );
}

type Step = { by: PersonName; name: OperationName; input: Record<string, unknown> };

async function someChange(
  world: World,
  { pick, chance, some }: ReturnType<typeof chances>,
): Promise<Step | undefined> {
  const { db } = world;
  const ids = async (query: string): Promise<string[]> =>
    (await sql<{ id: string }>`${sql.raw(query)}`.execute(db)).rows.map(({ id }) => id);
  const links = await ids(
    `select id from delegation where kind = 'administer' and delegate_kind <> 'root' and place_paths <> '{}' and state <> 'ended' order by id`,
  );
  const organizationId = pick(Object.values(world.organizations)).id;
  const membershipId = world.people[pick(names(world))].membershipId;
  const by: PersonName = chance(0.85) ? 'owner' : pick(names(world));
  const of = (name: OperationName, input: Record<string, unknown>): Step => ({ by, name, input });
  const delegationId = pick(links);
  const name = pick([
    'delegation.end',
    'delegation.end',
    'delegation.pause',
    'delegation.resume',
    'delegation.narrow',
    'delegation.narrow',
    'delegation.create',
    'delegation.resign',
    'organization.suspend',
    'organization.resume',
    'organization.close',
    'organization.move',
    'access-role.update',
    'access-role.retire',
    'application.retire',
    'entitlement.retire',
    'membership.end',
    'membership.suspend',
    'membership.resume',
    'admin-role.update',
    'admin-role.retire',
    'exception.create',
    'exception.lift',
  ] as const);
  switch (name) {
    case 'delegation.end':
    case 'delegation.pause':
      return of(name, { delegationId });
    case 'delegation.resume': {
      const paused = await ids(
        `select id from delegation where state = 'paused' and place_paths <> '{}' order by id`,
      );
      return paused.length > 0 ? of(name, { delegationId: pick(paused) }) : undefined;
    }
    case 'delegation.narrow':
      return of(name, {
        delegationId,
        ...(chance(0.5) ? { permissions: some(permissionNames, 10) } : {}),
        ...(chance(0.5)
          ? {
              entitlements: {
                applicationIds: [],
                entitlementIds: some(Object.values(world.entitlements), 2),
              },
            }
          : {}),
        ...(chance(0.3) ? { mayPassOn: 0 } : {}),
      });
    case 'delegation.resign': {
      const mine = names(world).filter((one) => one !== 'owner');
      const who = pick(mine);
      const held = await ids(
        `select id from delegation where delegate_membership_id = '${world.people[who].membershipId}' and state <> 'ended' order by id`,
      );
      return held.length > 0 ? { by: who, name, input: { delegationId: pick(held) } } : undefined;
    }
    case 'delegation.create':
      return of(name, {
        organizationId,
        below: chance(0.7),
        delegate: chance(0.8)
          ? { membershipId }
          : { relation: pick(['members', 'managers']), organizationId },
        permissions: some(permissionNames, 6),
        entitlements: chance(0.5)
          ? 'same'
          : { applicationIds: [pick(Object.values(world.applications))], entitlementIds: [] },
        ...(chance(0.3) ? { membershipIds: [world.people[pick(names(world))].membershipId] } : {}),
      });
    case 'organization.suspend':
    case 'organization.resume':
    case 'organization.close':
      return of(name, { organizationId });
    case 'organization.move':
      return name in operations
        ? of(name as OperationName, { organizationId, parentId: pick(Object.values(world.organizations)).id })
        : undefined;
    case 'access-role.update':
    case 'access-role.retire': {
      const roles = await ids(`select id from access_role where state = 'active' order by id`);
      if (roles.length === 0) return undefined;
      const accessRoleId = pick(roles);
      return of(
        name,
        name === 'access-role.retire'
          ? { accessRoleId }
          : { accessRoleId, entitlementIds: some(Object.values(world.entitlements), 3) },
      );
    }
    case 'application.retire':
      return chance(0.3) ? of(name, { applicationId: pick(Object.values(world.applications)) }) : undefined;
    case 'entitlement.retire':
      return chance(0.5) ? of(name, { entitlementId: pick(Object.values(world.entitlements)) }) : undefined;
    case 'membership.end':
    case 'membership.suspend':
    case 'membership.resume':
      return of(name, { membershipId });
    case 'admin-role.update':
    case 'admin-role.retire': {
      const roles = await ids(`select id from admin_role where key is null order by id`);
      if (roles.length === 0) return undefined;
      const adminRoleId = pick(roles);
      return of(
        name,
        name === 'admin-role.retire'
          ? { adminRoleId }
          : { adminRoleId, permissions: some(permissionNames, 10) },
      );
    }
    case 'exception.create':
      return of(name, {
        organizationId,
        below: chance(0.7),
        permissions: chance(0.5) ? [] : some(permissionNames, 4),
      });
    default: {
      const set = await ids(`select id from exception where state = 'active' order by id`);
      return set.length > 0 ? of(name, { exceptionId: pick(set) }) : undefined;
    }
  }
}

const long = process.env.REMIT_TEST_LONG === '1' || process.env.REMIT_TEST_PREVIEWS !== undefined;
const worlds = Number(process.env.REMIT_TEST_PREVIEWS ?? (long ? 40 : 3));

it('a preview equals the measured difference of before and after, on random states', async () => {
  const tally: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const world = await makeWorld();
      const by = chances(seed);
      for (let row = 0; row < 25; row += 1) await unsettle(world, by);
      for (let change = 0; change < 12; change += 1) {
        const step = await someChange(world, by);
        if (step) await compare(world, step, tally);
      }
      await world.close();
    }),
    {
      numRuns: worlds,
      // The short run asks the same everywhere; the long one goes where nobody has been.
      ...(long ? {} : { seed: 7 }),
      endOnFailure: true,
      ...(process.env.REMIT_TEST_SEED ? { examples: [[Number(process.env.REMIT_TEST_SEED)]] } : {}),
    },
  );
  console.log(`previews compared with the truth: ${JSON.stringify(tally)}`);
  expect(tally.changed ?? 0, 'some change changes something').toBeGreaterThan(0);
}, 600_000);

async function compare(
  world: World,
  { by, name, input }: Step,
  tally: Record<string, number>,
): Promise<void> {
  const { db } = world;
  const { rows: machines } = await sql<{
    id: string;
    key_hash: Buffer;
  }>`select id, key_hash from client`.execute(db);
  const cast: Cast = {
    holders: [
      ...Object.values(world.people).map(({ membershipId }): [HolderId, Credential] => [
        `m:${membershipId}`,
        { kind: 'membership', membershipId },
      ]),
      ...machines.map(({ id, key_hash }): [HolderId, Credential] => [
        `c:${id}`,
        { kind: 'key', keyHash: key_hash },
      ]),
    ],
    organizations: Object.values(world.organizations).map(({ id }) => id),
    members: Object.values(world.people).map(({ membershipId }) => membershipId),
    entitlements: (
      await sql<{
        id: string;
        applicationId: string;
      }>`select id, application_id as "applicationId" from entitlement order by id`.execute(db)
    ).rows,
  };
  const before = await truth(world, cast);
  const groundBefore = await ground(world, cast);
  const credential: Credential = { kind: 'membership', membershipId: world.people[by].membershipId };
  const refusalOf = async (act: () => Promise<unknown>): Promise<string | undefined> => {
    try {
      await act();
      return undefined;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return error.code;
    }
  };
  const shown = await refusalOf(() =>
    run(world.services, rehearse, { credential, requestId: 'test', input: { operation: name, input } }),
  );
  const done = await refusalOf(() =>
    run(world.services, operations[name], {
      credential,
      requestId: 'test',
      input,
      ...(shown ? {} : { ifPreview: captured!.token }),
    }),
  );
  const what = `${name} by ${by} ${JSON.stringify(input)}`;
  expect(done, what).toBe(shown);
  if (shown) {
    tally.refused = (tally.refused ?? 0) + 1;
    return;
  }
  const after = await truth(world, cast);
  const groundAfter = await ground(world, cast);
  const { difference } = captured!;
  const [gains, loses] = (['gains', 'loses'] as const).map((direction) =>
    written(difference, direction, cast, groundBefore, groundAfter),
  ) as [Truth, Truth];
  const readable = (keys: string[]): string[] => keys.map((key) => nameAll(world, key));
  for (const kind of ['here', 'about', 'over', 'held'] as const) {
    expect(readable(without(gains[kind], new Set())), `${what}: gains ${kind}`).toEqual(
      readable(without(after[kind], before[kind])),
    );
    expect(readable(without(loses[kind], new Set())), `${what}: loses ${kind}`).toEqual(
      readable(without(before[kind], after[kind])),
    );
  }
  const size = (kind: keyof Truth) => gains[kind].size + loses[kind].size;
  tally[name] = (tally[name] ?? 0) + 1;
  if (size('here') + size('about') + size('over') + size('held') > 0)
    tally.changed = (tally.changed ?? 0) + 1;
}

function nameAll(world: World, key: string): string {
  let text = key;
  for (const [name, { membershipId }] of Object.entries(world.people))
    text = text.replaceAll(membershipId, name);
  for (const [name, { id }] of Object.entries(world.organizations)) text = text.replaceAll(id, name);
  for (const [name, id] of Object.entries(world.entitlements)) text = text.replaceAll(id, name);
  return text;
}
