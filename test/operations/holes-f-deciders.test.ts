import { type RawBuilder, sql } from 'kysely';
import { expect, it } from 'vitest';
import { whoBroughtActors } from '../../src/authority/brought.ts';
import { loadFacts } from '../../src/authority/load-facts.ts';
import { permissionNames } from '../../src/authority/permissions.ts';
import { lookForDeciders, whoMayDecide } from '../../src/requests/deciders.ts';
import { type Approver, planned } from '../../src/requests/policy.ts';
import { mayDecide } from '../../src/requests/rules.ts';
import { askingOf, type RequestRow, readRequests } from '../../src/requests/store.ts';
import { numbersFrom } from '../harness/random-run.ts';
import {
  addMembership,
  makeWorld,
  type OrganizationName,
  type PersonName,
  type World,
} from '../harness/world.ts';

/**
 * Whoever may decide a request is found, and nobody else: looked up for many at once, for each by itself, and asked of
 * everybody one by one, in random worlds.
 */
it.each([1, 3])('whoever may decide is looked up, and nobody else (seed %i)', async (seed) => {
  const world = await makeWorld();
  try {
    const { pick, chance } = chooser(seed);
    await crowd(world);
    const rows = await someRequests(world);
    let found = 0;
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 12; n += 1) await shake(world, pick, chance);
      const { rows: members } = await sql<{ id: string }>`select id from membership`.execute(world.db);
      const people = await Promise.all(
        members.map(({ id }) => loadFacts(world.db, { kind: 'membership', membershipId: id })),
      );
      const brought = await whoBroughtActors(world.db, people);
      const current = await readRequests(
        world.db,
        rows.map(({ id }) => id),
      );
      const asked = current.map((row): RequestRow => {
        const step = planned(null, {
          ...{ name: 'Step', quorum: 'one', due: { hours: 1 }, remind: [], atEnd: 'refuse' },
          approvers: Array.from({ length: 1 + Number(chance(0.4)) }, () => someApprover(world, pick)),
          escalation: [],
        });
        return { ...row, plan: [step], step: 0, level: chance(0.2) ? 1 : 0 };
      });
      const together = await lookForDeciders(
        world.db,
        asked.map((row) => askingOf(row)),
      );
      for (const row of asked) {
        const asking = askingOf(row);
        const may = people.flatMap((facts) => {
          const verdict = mayDecide(facts, asking, brought);
          return verdict.may && facts.actor.kind === 'user' ? facts.actor.membershipId! : [];
        });
        const ids = (holders: readonly { membershipId: string }[]) =>
          holders.map(({ membershipId }) => membershipId).sort();
        const what = `seed ${seed}, round ${round}: ${JSON.stringify(asking.approvers)}`;
        expect(ids(together(asking)), what).toEqual(may.sort());
        expect(ids(await whoMayDecide(world.db, row)), what).toEqual(may.sort());
        found += may.length;
      }
    }
    expect(found).toBeGreaterThan(20);
  } finally {
    await world.close();
  }
});

type Pick = <T>(from: readonly T[]) => T;

function chooser(seed: number) {
  const next = numbersFrom(seed);
  return {
    pick: <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!,
    chance: (share: number): boolean => next() < share,
  };
}

const everybody = (world: World) => Object.keys(world.people) as PersonName[];

/** People of two organizations, and what whole groups may do. */
async function crowd({ db, people, organizations, as }: World): Promise<void> {
  for (const [who, where] of [
    ['northMember', 'acme2'],
    ['acmePeer', 'acmeSouth'],
  ] as const)
    await addMembership(db, people[who].userId, who, organizations[where]);
  const give = (relation: 'members' | 'line-managers' | 'managers', where: OrganizationName, more: object) =>
    as('owner', 'delegation.create', {
      organizationId: organizations[where].id,
      delegate: { relation, organizationId: organizations[where].id },
      ...more,
    });
  await give('members', 'acmeNorth', { permissions: ['user.read', 'organization.read'] });
  await give('line-managers', 'acme', {
    permissions: ['user.read', 'request.decide', 'access.grant'],
    reports: { depth: 'all' },
  });
  await give('managers', 'acme2', { permissions: ['user.read', 'audit.read', 'request.decide'] });
}

async function someRequests(world: World): Promise<{ id: string }[]> {
  for (const who of ['northMember', 'siteMember', 'acmeManager', 'acme2Member', 'southMember'] as const)
    for (const role of ['partsBuyer', 'notesReader'] as const)
      await world
        .as(who, 'request.create', { entitlementId: world.entitlements[role], reason: '' })
        .catch(() => undefined);
  const { rows } = await sql<{ id: string }>`
    select id from request where state = 'open' order by id`.execute(world.db);
  expect(rows.length).toBeGreaterThan(5);
  return rows;
}

function someApprover(world: World, pick: Pick): Approver {
  const membershipIds = [world.people[pick(everybody(world))].membershipId];
  const organizationId = world.organizations[pick(['acmeNorth', 'acme', 'beta', 'acme2'] as const)].id;
  const permission = pick([
    ...permissionNames.filter((one) => one.endsWith('.read')),
    'request.decide',
  ] as const);
  return pick<Approver>([
    { kind: 'people', membershipIds },
    { kind: 'members', organizationId },
    { kind: 'holders', permission },
    { kind: 'line-manager' },
    { kind: 'managers' },
    { kind: 'level-above' },
    { kind: 'application-managers' },
  ]);
}

/** One fact changes. */
async function shake(world: World, pick: Pick, chance: (share: number) => boolean): Promise<void> {
  const { db, people, organizations, applications } = world;
  const all = everybody(world);
  const [one, other] = [people[pick(all)], people[pick(all)]];
  const place = organizations[pick(Object.keys(organizations) as OrganizationName[])];
  const scope = JSON.stringify([{ places: [{ ...place, below: true }] }]);
  const limit = pick([
    { all: true },
    { all: true, risk: ['normal'] },
    { applications: [applications.parts], entitlements: [] },
  ]);
  const deputy = sql`
    insert into delegation (id, kind, giver_user_id, giver_membership_id, delegate_kind, delegate_user_id, delegate_membership_id,
        permissions, scope, place_paths, entitlements, starts_at, ends_at, may_pass_on)
      select gen_random_uuid(), 'approve', ${one.userId}, ${one.membershipId}, 'user', ${other.userId}, ${other.membershipId},
        '{request.decide}', ${scope}::jsonb, ${[place.path]}::text[], ${JSON.stringify(limit)}::jsonb, '-infinity', 'infinity',
        ${pick([0, 1, 2, 3])} where ${one.userId}::uuid <> ${other.userId}::uuid`;
  const changes: RawBuilder<unknown>[] = [
    deputy,
    deputy,
    deputy,
    // never a circle: whoever was made earlier is above
    sql`update membership m set line_manager_id = l.id from membership l where m.id = ${one.membershipId} and l.id = ${other.membershipId}
      and l.id < m.id and l.user_id <> m.user_id`,
    sql`update membership m set line_manager_id = l.id from membership l where m.id = ${other.membershipId} and l.id = ${one.membershipId}
      and l.id < m.id and l.user_id <> m.user_id`,
    sql`insert into exception (id, organization_id, path, permissions, user_id, application_id)
      values (gen_random_uuid(), ${place.id}, ${place.path}, '{request.decide}', ${chance(0.5) ? one.userId : null},
        ${chance(0.5) ? applications.parts : null})`,
    sql`update exception set state = 'lifted' where state = 'active' and user_id is null`,
    sql`update organization set state = case when state = 'active' then 'suspended' else 'active' end
      where id = ${organizations[pick(['acmeSouth', 'beta', 'acme2North'] as const)].id}`,
    sql`update membership set state = case when state = 'active' then 'suspended' else 'active' end where id = ${one.membershipId}
      and state <> 'ended' and ${chance(0.4)}`,
    sql`update delegation set giver_user_id = ${one.userId} where delegate_user_id = ${other.userId} and kind = 'administer'`,
    sql`update delegation set state = case when state = 'active' then 'paused' else 'active' end
      where delegate_user_id = ${other.userId} and state <> 'ended' and ${chance(0.3)}`,
    sql`insert into invitation (id, organization_id, path, email, email_normal, invited_by, state, accepted_by, expires_at)
      select gen_random_uuid(), ${place.id}, ${place.path}, 'x@example.org', 'x@example.org', ${one.userId}, 'accepted', ${other.userId},
        remit_now() + interval '1 day' where ${one.userId}::uuid <> ${other.userId}::uuid`,
  ];
  await pick(changes).execute(db);
}
