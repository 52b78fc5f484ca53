import { sql } from 'kysely';
import pg from 'pg';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { type Call, run } from '../../src/operation/pipeline.ts';
import { newId } from '../../src/platform/ids.ts';
import type { Input, OperationName, Output } from '../../src/server/operations.gen.ts';
import { operations } from '../../src/server/operations.gen.ts';
import { makeWorld, type Person, type Place, type World } from '../harness/world.ts';
import { Schedule } from './schedule.ts';

/** How many act at once at most. */
const actors = 4;

export type As = <N extends OperationName>(
  person: Person,
  name: N,
  input: Input<N>,
  options?: Partial<Call>,
) => Promise<Output<N>>;

export type Stage = {
  world: World;
  schedule: Schedule;
  /** the same operations for each actor, on a pool of their own */
  as: As[];
  close: () => Promise<void>;
};

export async function makeStage(): Promise<Stage> {
  const world = await makeWorld();
  const watcher = new pg.Pool({ connectionString: world.url, max: 1 });
  watcher.on('error', () => {});
  const schedule = new Schedule(watcher);
  const databases = Array.from({ length: actors }, () => schedule.database(world.url));
  return {
    world,
    schedule,
    as: databases.map(
      ({ db }): As =>
        async (person, name, input, options) => {
          const call: Call = {
            credential: { kind: 'membership', membershipId: person.membershipId },
            input,
            requestId: 'race',
            ...options,
          };
          const services = { ...world.services, db };
          return (await run(services, operations[name], call)).output as never;
        },
    ),
    async close() {
      for (const database of databases) await database.close();
      await watcher.end();
      await world.close();
    },
  };
}

/** A partner of its own for one schedule: three organizations, two managers who can sign in, and members. */
export type Partner = {
  top: Place;
  east: Place;
  west: Place;
  people: Record<(typeof names)[number], Person>;
  delegations: { standing: string; ann: string; bob: string };
};

const names = ['ann', 'bob', 'cem', 'dot', 'eva'] as const;
let grown = 0;

export async function growPartner({ world }: Pick<Stage, 'world'>): Promise<Partner> {
  grown += 1;
  const code = `r.z${grown.toString(36)}`;
  const place = (path: string): Place => ({ id: newId(), path });
  const [top, east, west] = [place(code), place(`${code}.1`), place(`${code}.2`)];
  const { db } = world;
  const { root } = world.organizations;
  await sql`insert into organization (id, parent_id, path, name, next_code) values
    (${top.id}, ${root.id}, ${top.path}, ${`Partner ${grown}`}, 100),
    (${east.id}, ${top.id}, ${east.path}, 'East', 100), (${west.id}, ${top.id}, ${west.path}, 'West', 100)`.execute(
    db,
  );
  const people = Object.fromEntries(
    names.map((name) => [name, { userId: newId(), membershipId: newId(), name: `${name}${grown}` }]),
  ) as Partner['people'];
  const rows = names.map((name) => {
    const home = name === 'ann' || name === 'bob' ? top : east;
    return { ...people[name], home: home.id, path: home.path, manages: home === top };
  });
  const json = JSON.stringify(rows);
  await sql`
    with r as (select * from jsonb_to_recordset(${json}::jsonb) as r ("userId" uuid, "membershipId" uuid, name text, home uuid, path text, manages bool)),
    u as (insert into app_user (id, home_organization_id, display_name, email, proved_email, email_proved_at)
      select "userId", home, name, name || '@example.org', name || '@example.org', remit_now() from r returning 1),
    m as (insert into membership (id, user_id, organization_id, path, sort_name) select "membershipId", "userId", home, path, name from r returning 1)
    insert into credential (user_id, password_hash) select "userId", 'x' from r where manages`.execute(db);
  return { top, east, west, people, delegations: await delegate(world, top, people) };
}

async function delegate(
  world: World,
  top: Place,
  people: Partner['people'],
): Promise<Partner['delegations']> {
  const [standing, ann, bob] = [newId(), newId(), newId()];
  const { owner, rootRow } = world.delegations;
  const above = [owner, rootRow];
  const scope = [{ places: [{ ...top, below: true }] }];
  const entitlements = { applications: [world.applications.parts], entitlements: [] };
  const common = {
    kind: 'administer',
    giver_user_id: world.people.owner.userId,
    giver_delegation_id: owner,
    giver_membership_id: world.people.owner.membershipId,
    scope,
    place_paths: [top.path],
    entitlements,
    starts_at: '-infinity',
    ends_at: 'infinity',
    state: 'active',
    permissions: [],
    reason: '',
  };
  const manager = (id: string, { userId, membershipId }: Person) => ({
    ...common,
    id,
    parent_id: standing,
    chain: [standing, ...above],
    delegate_kind: 'user',
    delegate_user_id: userId,
    delegate_membership_id: membershipId,
    admin_role_id: adminRoleId('delegated-manager'),
    may_pass_on: 3,
  });
  const rows = [
    {
      ...common,
      id: standing,
      parent_id: owner,
      chain: above,
      delegate_kind: 'organization',
      delegate_organization_id: top.id,
      admin_role_id: adminRoleId('delegated-manager'),
      may_pass_on: 5,
    },
    manager(ann, people.ann),
    manager(bob, people.bob),
  ];
  await sql`
    insert into delegation (id, kind, parent_id, chain, giver_user_id, giver_delegation_id, giver_membership_id, delegate_kind, delegate_user_id,
      delegate_membership_id, delegate_organization_id, admin_role_id, permissions, scope, place_paths, entitlements, starts_at, ends_at,
      may_pass_on, state, reason)
    select id, kind, parent_id, chain, giver_user_id, giver_delegation_id, giver_membership_id, delegate_kind, delegate_user_id,
      delegate_membership_id, delegate_organization_id, admin_role_id, permissions, scope, place_paths, entitlements, starts_at, ends_at,
      may_pass_on, state, reason from jsonb_populate_recordset(null::delegation, ${JSON.stringify(rows)}::jsonb)`.execute(
    world.db,
  );
  return { standing, ann, bob };
}
