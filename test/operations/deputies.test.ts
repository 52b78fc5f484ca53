import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decide } from '../../src/authority/decide.ts';
import type { EntitlementRef, Target } from '../../src/authority/delegation.ts';
import type { Facts } from '../../src/authority/facts.ts';
import { holders } from '../../src/authority/holders.ts';
import { loadFacts } from '../../src/authority/load-facts.ts';
import { type Permission, permissionNames } from '../../src/authority/permissions.ts';
import { loadPower } from '../../src/authority/power.ts';
import { inReach, reach } from '../../src/authority/reach.ts';
import { membershipTarget } from '../../src/operation/targets.ts';
import { passTime } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeWorld, type OrganizationName, type PersonName, type World } from '../harness/world.ts';

/** Deciding for an approver while they are away, on rows written by SQL (I29, I32). */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

type Row = {
  of: PersonName;
  to: PersonName;
  at?: OrganizationName;
  entitlements?: unknown;
  startsAt?: string;
  endsAt?: string;
  mayPassOn?: number;
};

async function deputy({ of, to, at = 'root', ...row }: Row): Promise<string> {
  const id = newId();
  const { people, organizations } = world;
  const scope = [{ places: [{ id: organizations[at].id, path: organizations[at].path, below: true }] }];
  await sql`insert into delegation (id, kind, giver_user_id, giver_membership_id, delegate_kind, delegate_user_id, delegate_membership_id,
      permissions, scope, place_paths, entitlements, starts_at, ends_at, may_pass_on)
    values (${id}, 'approve', ${people[of].userId}, ${people[of].membershipId}, 'user', ${people[to].userId}, ${people[to].membershipId},
      '{request.decide}', ${JSON.stringify(scope)}::jsonb, ${[organizations[at].path]}, ${JSON.stringify(row.entitlements ?? { all: true })}::jsonb,
      ${row.startsAt ?? '-infinity'}, ${row.endsAt ?? 'infinity'}, ${row.mayPassOn ?? 0})`.execute(world.db);
  return id;
}

const factsOf = (person: PersonName): Promise<Facts> =>
  loadFacts(world.db, { kind: 'membership', membershipId: world.people[person].membershipId });
const targetOf = async (person: PersonName): Promise<Target> =>
  (await membershipTarget(world.db, world.people[person].membershipId))!;
const may = async (
  person: PersonName,
  whom: PersonName,
  permission: Permission = 'request.decide',
  entitlement?: EntitlementRef,
): Promise<boolean> =>
  decide(await factsOf(person), permission, { ...(await targetOf(whom)), entitlement }).effect === 'permit';
const parts = (role: 'partsViewer' | 'partsBuyer' = 'partsBuyer'): EntitlementRef => ({
  id: world.entitlements[role],
  applicationId: world.applications.parts,
});
const notes = (): EntitlementRef => ({
  id: world.entitlements.notesReader,
  applicationId: world.applications.notes,
});

const ask = async (who: PersonName, role: keyof World['entitlements'] = 'partsBuyer'): Promise<string> =>
  (await world.as(who, 'request.create', { entitlementId: world.entitlements[role], reason: 'Work.' }))
    .requestId;
const answer = async (who: PersonName, requestId: string): Promise<string> => {
  try {
    return (await world.as(who, 'request.decide', { requestId, approve: true })).state;
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const inbox = async (who: PersonName): Promise<string[]> => {
  const answered = await world.as(who, 'request.list', { box: 'inbox' });
  return answered.items.map(({ requestId }) => requestId);
};

describe('what a deputy has (I29)', () => {
  it('is the decisions of the approver, and nothing else', async () => {
    expect(await may('southMember', 'northMember')).toBe(false);
    await deputy({ of: 'acmeManager', to: 'southMember' });
    for (const permission of permissionNames)
      expect([permission, await may('southMember', 'northMember', permission)]).toEqual([
        permission,
        permission === 'request.decide',
      ]);
    // Not where the approver decides nothing: a look-alike sibling, and what lies above.
    expect(await may('southMember', 'acme2Member')).toBe(false);
    expect(await may('southMember', 'rootMember')).toBe(false);
    expect((await factsOf('southMember')).held).toEqual([]);
  });

  it('is within the approver’s own limits, and those it was named for', async () => {
    await deputy({ of: 'northManager', to: 'southMember' });
    expect(await may('southMember', 'northMember', 'request.decide', parts())).toBe(true);
    // The manager of north hands out parts only.
    expect(await may('southMember', 'northMember', 'request.decide', notes())).toBe(false);
    expect(await may('southMember', 'acmeMember')).toBe(false);
    await deputy({
      of: 'acmeManager',
      to: 'acmeMember',
      at: 'acmeNorth',
      entitlements: { applications: [], entitlements: [world.entitlements.partsViewer] },
    });
    expect(await may('acmeMember', 'northMember', 'request.decide', parts('partsViewer'))).toBe(true);
    expect(await may('acmeMember', 'northMember', 'request.decide', parts('partsBuyer'))).toBe(false);
    expect(await may('acmeMember', 'southMember')).toBe(false);
  });

  it('lasts for its period, half-open, and while it is neither paused nor ended (I15, I18)', async () => {
    const { rows } = await sql<{ from: Date; until: Date }>`
      select remit_now() + interval '1 hour' as from, remit_now() + interval '2 hours' as until`.execute(
      world.db,
    );
    const [{ from, until }] = rows as [{ from: Date; until: Date }];
    const id = await deputy({
      of: 'acmeManager',
      to: 'southMember',
      startsAt: from.toISOString(),
      endsAt: until.toISOString(),
    });
    expect(await may('southMember', 'northMember')).toBe(false);
    await passTime(world.db, 3600);
    expect(await may('southMember', 'northMember')).toBe(true);
    for (const [state, expected] of [
      ['paused', false],
      ['active', true],
    ] as const) {
      await sql`update delegation set state = ${state} where id = ${id}`.execute(world.db);
      expect(await may('southMember', 'northMember')).toBe(expected);
    }
    await passTime(world.db, 3600);
    expect(await may('southMember', 'northMember')).toBe(false);
  });

  it('rests on the approver’s standing and right at use (I14, I35)', async () => {
    await deputy({ of: 'acmeManager', to: 'southMember' });
    const { acmeManager } = world.people;
    for (const [off, on] of [
      [
        sql`update membership set state = 'suspended' where id = ${acmeManager.membershipId}`,
        sql`update membership set state = 'active' where id = ${acmeManager.membershipId}`,
      ],
      [
        sql`update app_user set state = 'suspended' where id = ${acmeManager.userId}`,
        sql`update app_user set state = 'active' where id = ${acmeManager.userId}`,
      ],
      [
        sql`update delegation set state = 'paused' where id = ${world.delegations.acmeManager}`,
        sql`update delegation set state = 'active' where id = ${world.delegations.acmeManager}`,
      ],
      [
        sql`update delegation set state = 'paused' where id = ${world.delegations.acmeStanding}`,
        sql`update delegation set state = 'active' where id = ${world.delegations.acmeStanding}`,
      ],
    ] as const) {
      await off.execute(world.db);
      expect(await may('southMember', 'northMember')).toBe(false);
      await on.execute(world.db);
      expect(await may('southMember', 'northMember')).toBe(true);
    }
    // And on the deputy's own.
    await sql`update membership set state = 'suspended' where id = ${world.people.southMember.membershipId}`.execute(
      world.db,
    );
    expect(await may('southMember', 'northMember')).toBe(false);
  });

  it('is passed on only where the approver let it be, and comes round to nobody', async () => {
    const first = await deputy({ of: 'acmeManager', to: 'southMember' });
    await deputy({ of: 'southMember', to: 'acmeMember' });
    expect(await may('acmeMember', 'northMember')).toBe(false);
    await sql`update delegation set may_pass_on = 1 where id = ${first}`.execute(world.db);
    expect(await may('acmeMember', 'northMember')).toBe(true);
    await deputy({ of: 'acmeMember', to: 'auditor' });
    expect(await may('auditor', 'northMember')).toBe(false);
    // A circle gives nobody more, and its end ends all of it.
    await deputy({ of: 'acmeMember', to: 'southMember', mayPassOn: 9 });
    await deputy({ of: 'southMember', to: 'acmeManager', mayPassOn: 9 });
    expect(await may('acmeMember', 'northMember')).toBe(true);
    await sql`update delegation set state = 'ended' where id = ${first}`.execute(world.db);
    expect(await may('southMember', 'northMember')).toBe(false);
    expect(await may('acmeMember', 'northMember')).toBe(false);
    expect(await may('acmeManager', 'northMember')).toBe(true);
  });
});

describe('check, list and who may (I07)', () => {
  it('agree for everybody, about everybody', async () => {
    await deputy({ of: 'acmeManager', to: 'southMember', at: 'acmeNorth', mayPassOn: 1 });
    await deputy({ of: 'southMember', to: 'betaMember', at: 'acmeNorthSite' });
    await deputy({ of: 'northManager', to: 'acmeMember' });
    await deputy({ of: 'owner', to: 'acme2Member', at: 'acme2' });
    await deputy({ of: 'northMember', to: 'siteMember' });
    const everybody = Object.keys(world.people) as PersonName[];
    const targets = new Map(
      await Promise.all(everybody.map(async (name) => [name, await targetOf(name)] as const)),
    );
    for (const actor of everybody) {
      const facts = await factsOf(actor);
      const checked = everybody.filter(
        (whom) => decide(facts, 'request.decide', targets.get(whom)!).effect === 'permit',
      );
      const { rows } = await sql<{ id: string }>`
        select m.id from membership m where ${inReach(reach(facts, 'request.decide'), sql`m.path`, sql`m.user_id`)}`.execute(
        world.db,
      );
      const listed = everybody.filter((whom) =>
        rows.some(({ id }) => id === world.people[whom].membershipId),
      );
      expect([actor, listed]).toEqual([actor, checked]);
    }
    for (const whom of ['northMember', 'siteMember', 'acme2Member', 'acmeMember'] as const) {
      const target = targets.get(whom)!;
      const named = (await holders(world.db, 'request.decide', target)).map(
        ({ membershipId }) => membershipId,
      );
      const able: string[] = [];
      for (const actor of everybody)
        if (decide(await factsOf(actor), 'request.decide', target).effect === 'permit')
          able.push(world.people[actor].membershipId);
      expect([whom, named.sort()]).toEqual([whom, able.sort()]);
    }
  });
});

describe('deciding requests', () => {
  it('gives what was asked for, in the deputy’s name and on the approver’s behalf (I26)', async () => {
    const { rows: days } = await sql<{ soon: Date }>`
      select remit_now() + interval '1 day' as soon`.execute(world.db);
    const link = await deputy({ of: 'acmeManager', to: 'southMember', endsAt: days[0]!.soon.toISOString() });
    const requestId = await ask('northMember');
    expect(await inbox('southMember')).toEqual([requestId]);
    expect(await answer('southMember', requestId)).toBe('approved');
    const { rows } = await sql<{ actor: string; behalf: string; delegations: string[] }>`
      select actor_id as actor, on_behalf_of as behalf, delegations from event where type = 'request.approved'`.execute(
      world.db,
    );
    expect(rows[0]).toMatchObject({
      actor: world.people.southMember.userId,
      behalf: world.people.acmeManager.userId,
    });
    expect(rows[0]!.delegations.slice(0, 2)).toEqual([link, world.delegations.acmeManager]);
    // The deputy is there for a day; what they gave lasts as long as if the approver had given it.
    const { rows: given } = await sql<{ open: boolean }>`
      select ends_at = 'infinity' as open from assignment where request_id = ${requestId}`.execute(world.db);
    expect(given).toEqual([{ open: true }]);
    // Both names stand wherever the decision does.
    const decided = await world.as('acmeManager', 'request.list', { box: 'decided' });
    expect(decided.items[0]).toMatchObject({ decidedBy: 'southMember', decidedFor: 'acmeManager' });
    const trail = await world.as('owner', 'event.list', { type: 'request' });
    const asked = trail.items.find(({ type }) => type === 'request.created');
    expect(asked?.sentence).toBe('NorthMember asked for “buyer” in parts in acmeNorth.');
    expect(trail.items.find(({ type }) => type === 'request.approved')?.sentence).toMatch(
      /^SouthMember \(deputy for acmeManager\) approved /,
    );
  });

  it('is nothing for who asked, and nobody decides for an approver what the approver may not (I32)', async () => {
    await deputy({ of: 'acmeManager', to: 'northMember' });
    const own = await ask('northMember');
    expect(await answer('northMember', own)).toBe('request.own');
    expect(await inbox('northMember')).toEqual([]);

    // The approver asks for themselves: their deputy is no second person, whatever else the deputy holds.
    await deputy({ of: 'acmeManager', to: 'southMember' });
    await deputy({ of: 'acmeManager', to: 'acmePeer' });
    const theirs = await ask('acmeManager');
    expect(await answer('southMember', theirs)).toBe('request.not-independent');
    expect(await answer('acmePeer', theirs)).toBe('request.not-independent');
    expect(await answer('owner', theirs)).toBe('approved');
  });

  it('inherits that the asker invited or appointed the approver (I29)', async () => {
    const { northManager, acmeManager } = world.people;
    // The manager of acme appointed the manager of north, whose deputy decides in the same place.
    await sql`insert into membership (id, user_id, organization_id, path, sort_name)
      values (${newId()}, ${acmeManager.userId}, ${world.organizations.acmeNorth.id}, ${world.organizations.acmeNorth.path}, 'm')`.execute(
      world.db,
    );
    await deputy({ of: 'northManager', to: 'siteMember' });
    const { rows } = await sql<{ id: string }>`
      select id from membership where user_id = ${acmeManager.userId} and path = ${world.organizations.acmeNorth.path}`.execute(
      world.db,
    );
    const asked = await world.as({ ...acmeManager, membershipId: rows[0]!.id }, 'request.create', {
      entitlementId: world.entitlements.partsBuyer,
      reason: 'Work.',
    });
    expect(await answer('northManager', asked.requestId)).toBe('request.not-independent');
    expect(await answer('siteMember', asked.requestId)).toBe('request.not-independent');
    expect(await inbox('siteMember')).toEqual([]);
    // Without that, the same deputy decides.
    expect(northManager.userId).not.toBe(acmeManager.userId);
    expect(await answer('siteMember', await ask('northMember'))).toBe('approved');
  });

  it('stops with the right it rests on, also for what was asked before (I14, I35)', async () => {
    await deputy({ of: 'acmeManager', to: 'southMember' });
    const requestId = await ask('northMember');
    await world.as('owner', 'delegation.pause', { delegationId: world.delegations.acmeManager });
    expect(await answer('southMember', requestId)).toBe('not-found');
    expect(await inbox('southMember')).toEqual([]);
    await world.as('owner', 'delegation.resume', { delegationId: world.delegations.acmeManager });
    expect(await answer('southMember', requestId)).toBe('approved');
  });

  it('is limited to the entitlements it was named for', async () => {
    await deputy({
      of: 'acmeManager',
      to: 'southMember',
      entitlements: { applications: [world.applications.notes], entitlements: [] },
    });
    const [buyer, reader] = [await ask('northMember'), await ask('northMember', 'notesReader')];
    expect(await inbox('southMember')).toEqual([reader]);
    expect(['not-found', 'not-permitted']).toContain(await answer('southMember', buyer));
    expect(await answer('southMember', reader)).toBe('approved');
  });
});

it('counts in the power of whoever decides for somebody: also later, and for a deputy in turn (I12)', async () => {
  const decides = async (person: PersonName) =>
    (await loadPower(world.db, world.people[person].userId)).chains.map(([link]) => [
      link!.id,
      link!.permissions,
    ]);
  const own = [[world.delegations.acmeManager, ['request.decide']]];
  expect(await decides('southMember')).toEqual([]);
  const later = await deputy({ of: 'acmeManager', to: 'southMember', startsAt: '2999-01-01' });
  expect(await decides('southMember')).toEqual(own);
  await sql`update delegation set starts_at = '-infinity', may_pass_on = 1 where id = ${later}`.execute(
    world.db,
  );
  expect(await decides('southMember')).toEqual(own);
  await deputy({ of: 'southMember', to: 'siteMember' });
  expect(await decides('siteMember')).toEqual(own);
  await sql`update delegation set state = 'ended', ended_at = remit_now() where id = ${later}`.execute(
    world.db,
  );
  expect([await decides('southMember'), await decides('siteMember')]).toEqual([[], []]);
});
