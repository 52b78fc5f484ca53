import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decide } from '../../src/authority/decide.ts';
import { alwaysAfter, alwaysBefore } from '../../src/authority/facts.ts';
import { loadFacts } from '../../src/authority/load-facts.ts';
import type { Permission } from '../../src/authority/permissions.ts';
import { insertDelegations, loadChain } from '../../src/delegation/store.ts';
import { endLapsedMemberships } from '../../src/directory/sweep.ts';
import { carryOutSuccessions } from '../../src/lifecycle/successions.ts';
import { mailLeftBehind } from '../../src/notices/left-behind-letters.ts';
import type { Rendered } from '../../src/notices/letter.ts';
import { eventColumns, type StoredEvent } from '../../src/operation/events.ts';
import { organizationTarget } from '../../src/operation/targets.ts';
import { passTime } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import {
  addMembership,
  makeWorld,
  type OrganizationName,
  type PersonName,
  type World,
} from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await sql`insert into credential (user_id, password_hash) select id, 'x' from app_user`.execute(world.db);
});
afterEach(() => world.close());

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const id = (person: PersonName) => world.people[person].membershipId;
const may = async (person: PersonName, permission: Permission, at: OrganizationName) =>
  decide(
    await loadFacts(world.db, { kind: 'membership', membershipId: id(person) }),
    permission,
    (await organizationTarget(world.db, world.organizations[at].id))!,
  ).effect === 'permit';
const lineManagerOf = async (person: PersonName) =>
  (
    await sql<{
      id: string | null;
    }>`select line_manager_id as id from membership where id = ${id(person)}`.execute(world.db)
  ).rows[0]!.id;
const reportsTo = (person: PersonName, manager: PersonName) =>
  sql`update membership set line_manager_id = ${id(manager)} where id = ${id(person)}`.execute(world.db);
const policyNaming = (by: PersonName, ...people: PersonName[]) =>
  world.as(by, 'approval-policy.create', {
    organizationId: world.organizations.acme.id,
    name: 'Named',
    applies: {},
    steps: [
      { name: 'Step', due: { hours: 10 }, approvers: [{ kind: 'people', membershipIds: people.map(id) }] },
    ],
  });
const stepsOf = async (policyId: string) =>
  JSON.stringify(
    (
      await sql<{ steps: unknown }>`select steps from approval_policy where id = ${policyId}`.execute(
        world.db,
      )
    ).rows[0]!.steps,
  );
const inbox = async (who: PersonName) =>
  (await world.as(who, 'request.list', { box: 'inbox' })).items.map(({ requestId }) => requestId);
const dayIn = async (days: number) =>
  (
    await sql<{
      day: string;
    }>`select to_char(remit_now() + make_interval(days => ${days}), 'YYYY-MM-DD') as day`.execute(world.db)
  ).rows[0]!.day;

/** acmePeer manages, leads, is named by a policy, is asked, decides for the manager, and looks after a household. */
async function everything() {
  await reportsTo('southMember', 'acmePeer');
  await reportsTo('acmeMember', 'acmePeer');
  await reportsTo('acmePeer', 'acmeManager');
  const policy = await policyNaming('owner', 'acmePeer');
  const { requestId } = await world.as('northMember', 'request.create', {
    entitlementId: world.entitlements.partsBuyer,
    reason: '',
  });
  await world.as('acmeManager', 'deputy.create', { membershipId: id('acmePeer'), lastDay: await dayIn(20) });
  await sql`insert into guardian (id, membership_id, organization_id) values (${newId()}, ${id('acmePeer')}, ${world.organizations.acmeNorthSite.id})`.execute(
    world.db,
  );
  return { policyId: policy.id, requestId };
}

describe('somebody who leaves at once', () => {
  it('hands what they managed, led, approved and were asked to the successor; nobody gets their household', async () => {
    const { policyId, requestId } = await everything();
    const before = await world.as('owner', 'membership.end-preview', { membershipId: id('acmePeer') });
    const kinds = ['delegation', 'report', 'report', 'policy', 'request', 'decides-for', 'guardian'];
    expect(before.behind.items.map(({ kind }) => kind)).toEqual(kinds);
    expect(before.behind.items.some(({ handed }) => handed)).toBe(false);
    const input = { membershipId: id('acmePeer'), successorId: id('acmeMember') };
    const preview = await world.as('owner', 'membership.end-preview', input);
    const handed = ['delegation', 'report', 'report', 'policy', 'request'];
    expect(preview.behind).toMatchObject({ elsewhere: false, refused: null });
    expect(preview.behind.items.filter((one) => one.handed).map(({ kind }) => kind)).toEqual(handed);
    expect(preview.behind.items.find(({ kind }) => kind === 'decides-for')!.why).toContain('Only');
    // Only looked at.
    expect(await inbox('acmePeer')).toEqual([requestId]);

    const { behind } = await world.as('owner', 'membership.end', input);
    expect(behind!.items).toEqual(preview.behind.items);
    expect(await may('acmeMember', 'user.invite', 'acmeSouth')).toBe(true);
    expect(await lineManagerOf('southMember')).toBe(id('acmeMember'));
    // Who succeeds comes below whom the leaver was below.
    expect(await lineManagerOf('acmeMember')).toBe(id('acmeManager'));
    expect(await stepsOf(policyId)).toContain(id('acmeMember'));
    expect(await inbox('acmeMember')).toEqual([requestId]);
    expect(await inbox('acmePeer')).toEqual([]);
    const approved = await world.as('acmeMember', 'request.decide', { requestId, approve: true });
    expect(approved.state).toBe('approved');
    const { rows } = await sql<{ membership: string }>`
      select membership_id as membership from guardian where state = 'active'`.execute(world.db);
    expect(rows).toEqual([{ membership: id('acmePeer') }]);
    expect(await carryOutSuccessions(world.services)).toBe(0);
  });

  it('gives a deputyship on, where whoever is away lets them go: the same decisions for as long', async () => {
    const until = await dayIn(20);
    await world.as('acmeManager', 'deputy.create', { membershipId: id('acmePeer'), lastDay: until });
    const deputies = async () =>
      (
        await sql<{ who: string; state: string; endsAt: Date; giver: string }>`
          select u.display_name as who, d.state, d.ends_at as "endsAt", d.giver_membership_id as giver
          from delegation d join app_user u on u.id = d.delegate_user_id where d.kind = 'approve' order by d.id`.execute(
          world.db,
        )
      ).rows;
    const [before] = await deputies();
    const leaving = { membershipId: id('acmePeer'), successorId: id('acmeMember') };
    const { behind } = await world.as('acmeManager', 'membership.end', leaving);
    expect(behind!.items.filter(({ handed }) => handed).map(({ kind }) => kind)).toContain('decides-for');
    const after = (await deputies()).filter(({ state }) => state !== 'ended');
    expect(after).toContainEqual({ ...before, who: 'acmeMember', giver: id('acmeManager') });
    const { requestId } = await world.as('northMember', 'request.create', {
      entitlementId: world.entitlements.partsBuyer,
      reason: '',
    });
    expect(await inbox('acmeMember')).toContain(requestId);
    expect((await world.as('acmeMember', 'request.decide', { requestId, approve: true })).state).toBe(
      'approved',
    );
  });

  it('does not make a successor of the leaver, of somebody out of sight, or of somebody gone', async () => {
    const end = (by: PersonName, successorId: string) =>
      world.as(by, 'membership.end', { membershipId: id('southMember'), successorId });
    const again = await addMembership(
      world.db,
      world.people.southMember.userId,
      'southMember',
      world.organizations.acmeNorth,
    );
    await expect(end('acmeManager', again)).rejects.toEqual(refusal('succession.same'));
    await expect(end('acmeManager', id('betaMember'))).rejects.toEqual(refusal('not-found'));
    await world.as('acmeManager', 'membership.end', { membershipId: id('northMember') });
    await expect(end('acmeManager', id('northMember'))).rejects.toEqual(refusal('membership.ended'));
    await expect(
      world.as('acmePeer', 'membership.name-successor', {
        membershipId: id('acmePeer'),
        successorId: id('acmeMember'),
      }),
    ).rejects.toEqual(refusal('user.self'));
  });
});

describe('what stayed vacant', () => {
  const waiting = async (who: PersonName) =>
    (await world.as(who, 'attention.list', { kind: 'left-behind' })).items.map(({ id }) => id);
  const letters = async () => {
    const box: Rendered[] = [];
    const letter = mailLeftBehind({
      send: async (mail) => {
        box.push(mail);
        return 'sent';
      },
      close: () => {},
    });
    const { rows } = await sql<StoredEvent>`
      select ${eventColumns} from event e where e.type = any (${[...letter.on]}) order by e.at`.execute(
      world.db,
    );
    for (const event of rows) await letter.run!(event, world.services);
    return box.map(({ to, text }) => ({ to: to.name, text }));
  };
  const proved = () =>
    sql`update app_user set email = display_name || '@x.example', proved_email = display_name || '@x.example', email_proved_at = remit_now()`.execute(
      world.db,
    );

  it('is told to whoever can fill it, waits where they look, and goes over by one act after the leaving, too', async () => {
    const { policyId, requestId } = await everything();
    await proved();
    await world.as('owner', 'membership.end', { membershipId: id('acmePeer') });
    // Who may hand it over, as far as they see it; not who sees people only.
    expect(await waiting('acmeManager')).toEqual([id('acmePeer')]);
    await expect(waiting('acmeHelpDesk')).rejects.toEqual(refusal('not-permitted'));
    const mails = await letters();
    expect(mails.map(({ to }) => to)).toEqual(['acmeManager', 'northManager']);
    // The household lies with the nearest manager, who does not know the leaver, and is not told their name.
    expect(mails[1]!.text).toContain('household acmeNorthSite');
    expect(mails[1]!.text).not.toContain('acmePeer');
    expect(mails[1]!.text).toContain(
      `/organizations/${world.organizations.acmeNorthSite.id}?section=managers`,
    );
    for (const part of [
      'Looking after acme',
      'acmeSouth without a line manager now: 1',
      'name another deputy',
    ])
      expect(mails[0]!.text).toContain(part);
    expect(mails[0]!.text).toContain(`/people/${id('acmePeer')}`);

    const seen = await world.as('owner', 'membership.left-behind', {
      membershipId: id('acmePeer'),
      successorId: id('acmeMember'),
    });
    expect(await may('acmeMember', 'user.invite', 'acmeSouth')).toBe(false);
    const { behind } = await world.as('owner', 'membership.name-successor', {
      membershipId: id('acmePeer'),
      successorId: id('acmeMember'),
    });
    expect(behind!.items).toEqual(seen.items);
    expect(await may('acmeMember', 'user.invite', 'acmeSouth')).toBe(true);
    expect(await lineManagerOf('southMember')).toBe(id('acmeMember'));
    expect(await stepsOf(policyId)).toContain(id('acmeMember'));
    expect(await inbox('acmeMember')).toEqual([requestId]);
    // The household is nobody's, and the deputy is for the manager alone to name: both wait still.
    const left = await world.as('owner', 'membership.left-behind', { membershipId: id('acmePeer') });
    expect(left.items.map(({ kind }) => kind)).toEqual(['decides-for', 'guardian']);
    expect(await waiting('acmeManager')).toEqual([id('acmePeer')]);
    expect(await letters()).toHaveLength(0);
    await sql`update guardian set state = 'ended'`.execute(world.db);
    await sql`update delegation set state = 'ended', ended_at = remit_now() where kind = 'approve'`.execute(
      world.db,
    );
    expect(await waiting('owner')).toEqual([]);
  });

  it('is told after a successor took over, and gives no more than whoever hands over has', async () => {
    await reportsTo('southMember', 'acmePeer');
    await proved();
    await world.as('owner', 'membership.end', {
      membershipId: id('acmePeer'),
      lastDay: await dayIn(1),
      successorId: id('acmeMember'),
    });
    await passTime(world.db, 3 * 86_400);
    await endLapsedMemberships(world.services);
    // A successor was named: nothing is said to be vacant before they took over.
    expect(await letters()).toEqual([]);
    await carryOutSuccessions(world.services);
    expect(await letters()).toEqual([]);
    expect(await waiting('owner')).toEqual([]);

    await reportsTo('siteMember', 'northMember');
    await sql`update delegation set delegate_user_id = ${world.people.northMember.userId}, delegate_membership_id = ${id('northMember')}
      where kind = 'administer' and delegate_membership_id = ${id('acmeMember')}`.execute(world.db);
    await world.as('owner', 'membership.end', { membershipId: id('northMember') });
    // northManager may let them go, and sees nothing of what hangs above.
    const act = { membershipId: id('northMember'), successorId: id('northManager') };
    const { behind } = await world.as('northManager', 'membership.name-successor', act);
    expect(behind!.items.filter(({ kind }) => kind === 'delegation')).toEqual([]);
    expect(behind!.elsewhere).toBe(true);
    expect(await may('northManager', 'user.invite', 'acme')).toBe(false);
    await expect(
      world.as('northManager', 'membership.name-successor', { ...act, successorId: null }),
    ).rejects.toEqual(refusal('membership.ended'));
  });
});

describe('a last day', () => {
  it('is over at once for the leaver, and hands over when somebody looks, in the right of whoever named them', async () => {
    await reportsTo('southMember', 'acmePeer');
    await world.as('acmeManager', 'membership.end', {
      membershipId: id('acmePeer'),
      lastDay: await dayIn(1),
      successorId: id('acmeMember'),
    });
    expect(await carryOutSuccessions(world.services)).toBe(0);
    expect(await may('acmeMember', 'user.invite', 'acme')).toBe(false);
    await passTime(world.db, 3 * 86_400);
    // No job ran: the leaver has nothing any more, the successor nothing yet.
    expect(await may('acmePeer', 'user.invite', 'acme')).toBe(false);
    expect(await may('acmeMember', 'user.invite', 'acme')).toBe(false);
    expect(await carryOutSuccessions(world.services)).toBe(1);
    expect(await may('acmeMember', 'user.invite', 'acme')).toBe(true);
    expect(await lineManagerOf('southMember')).toBe(id('acmeMember'));
    const { rows } = await sql<{ actor: string; behalf: string | null }>`
      select actor_kind as actor, on_behalf_of as behalf from event where type = 'delegation.handed-over'`.execute(
      world.db,
    );
    expect(rows).toEqual([{ actor: 'system', behalf: world.people.acmeManager.userId }]);
    const told = async (who: PersonName) =>
      (await world.as(who, 'event.list', { type: 'delegation.handed-over' } as never)).items
        .filter(({ type }) => type === 'delegation.handed-over')
        .map(({ onBehalfOf, sentence }) => [
          onBehalfOf?.name,
          sentence.includes('(as acmeManager had said)'),
        ]);
    expect(await told('owner')).toEqual([['acmeManager', true]]);
    expect(await carryOutSuccessions(world.services)).toBe(0);
  });

  it('tells those of the place that it was said before, and by whom only those who see them', async () => {
    await reportsTo('siteMember', 'northMember');
    const lastDay = await dayIn(1);
    const leaving = { membershipId: id('northMember'), lastDay, successorId: id('northManager') };
    await world.as('acmeManager', 'membership.end', leaving);
    await passTime(world.db, 3 * 86_400);
    await carryOutSuccessions(world.services);
    expect(await lineManagerOf('siteMember')).toBe(id('northManager'));
    const told = async (who: PersonName) =>
      (await world.as(who, 'event.list', { subjectId: world.people.siteMember.userId })).items
        .filter(({ actor }) => actor.kind === 'system')
        .flatMap(({ onBehalfOf }) => (onBehalfOf ? [onBehalfOf] : []));
    expect(await told('owner')).toEqual([{ id: world.people.acmeManager.userId, name: 'acmeManager' }]);
    expect(await told('northManager')).toEqual([{ id: null, name: 'somebody' }]);
  });

  it('gives nothing where whoever named the successor has gone, or may it no longer', async () => {
    await reportsTo('southMember', 'acmePeer');
    await world.as('acmeManager', 'membership.name-successor', {
      membershipId: id('acmePeer'),
      successorId: id('acmeMember'),
    });
    await world.as('owner', 'delegation.end', { delegationId: world.delegations.acmeManager });
    await world.as('owner', 'membership.end', { membershipId: id('acmePeer') });
    expect(await may('acmeMember', 'user.invite', 'acme')).toBe(false);
    expect(await lineManagerOf('southMember')).toBe(id('acmePeer'));
    const { items } = await world.as('owner', 'delegation.vacant', {});
    expect(items.map(({ delegation }) => delegation.id)).toEqual([world.delegations.acmePeer]);
  });

  it('bites nobody who stays longer, and nobody who comes back', async () => {
    await reportsTo('southMember', 'acmePeer');
    const lastDay = await dayIn(1);
    await world.as('owner', 'membership.end', {
      membershipId: id('acmePeer'),
      lastDay,
      successorId: id('acmeMember'),
    });
    await world.as('owner', 'membership.extend', { membershipId: id('acmePeer'), lastDay: await dayIn(40) });
    await passTime(world.db, 3 * 86_400);
    expect(await carryOutSuccessions(world.services)).toBe(0);
    expect(await may('acmePeer', 'user.invite', 'acme')).toBe(true);
    await world.as('owner', 'membership.name-successor', { membershipId: id('acmePeer'), successorId: null });
    await passTime(world.db, 60 * 86_400);
    expect(await carryOutSuccessions(world.services)).toBe(0);
    expect(await lineManagerOf('southMember')).toBe(id('acmePeer'));
  });
});

describe('naming a successor gives nobody what the namer could not', () => {
  it('no power beyond the namer’s: what hangs above them stays vacant', async () => {
    // northMember manages all of acme; northManager may let them go, and sees nothing of that.
    await sql`update delegation set delegate_user_id = ${world.people.northMember.userId}, delegate_membership_id = ${id('northMember')}
      where id = ${world.delegations.acmePeer}`.execute(world.db);
    const { behind } = await world.as('northManager', 'membership.end', {
      membershipId: id('northMember'),
      successorId: id('siteMember'),
    });
    expect(behind).toEqual({ items: [], elsewhere: true });
    expect(await may('siteMember', 'user.invite', 'acmeNorth')).toBe(false);
  });

  it('neither the namer nor a friend gets more than the namer has', async () => {
    const limited = (await loadChain(world.db, world.delegations.acmeStanding))!;
    await insertDelegations(world.db, [
      {
        parent: limited,
        giverUserId: world.people.owner.userId,
        giverDelegationId: world.delegations.owner,
        delegate: { kind: 'user', ...world.people.acmeMember },
        adminRoleId: null,
        permissions: ['user.read', 'membership.end', 'delegation.read', 'delegation.create'],
        scope: [{ places: [{ ...world.organizations.acme, below: true }] }],
        entitlements: { applications: [], entitlements: [] },
        startsAt: alwaysBefore,
        endsAt: alwaysAfter,
        mayPassOn: 3,
      },
    ]);
    const preview = await world.as('acmeMember', 'membership.end-preview', {
      membershipId: id('acmePeer'),
      successorId: id('acmeHelpDesk'),
    });
    expect(preview.behind.items).toMatchObject([
      { kind: 'delegation', handed: false, why: expect.stringMatching(/./) },
    ]);
    const { behind } = await world.as('acmeMember', 'membership.end', {
      membershipId: id('acmePeer'),
      successorId: id('acmeMember'),
    });
    expect(behind!.items).toMatchObject([{ kind: 'delegation', handed: false }]);
    expect(await may('acmeMember', 'user.invite', 'acme')).toBe(false);
  });

  it('no say in what the namer asked for, and no decision with fewer people', async () => {
    const policy = await world.as('owner', 'approval-policy.create', {
      organizationId: world.organizations.acme.id,
      name: 'Both',
      applies: {},
      steps: [
        {
          name: 'Step',
          due: { hours: 10 },
          quorum: 'all',
          approvers: [{ kind: 'people', membershipIds: [id('acmePeer'), id('acmeMember')] }],
        },
      ],
    });
    const { requestId } = await world.as('acmeManager', 'request.create', {
      entitlementId: world.entitlements.partsBuyer,
      reason: '',
    });
    const { behind } = await world.as('acmeManager', 'membership.end', {
      membershipId: id('acmePeer'),
      successorId: id('acmeMember'),
    });
    const of = (kind: string) => behind!.items.find((one) => one.kind === kind);
    expect(of('policy')).toMatchObject({ handed: false, why: expect.stringContaining('fewer people') });
    expect(of('request')).toMatchObject({ id: requestId, handed: false });
    expect(await stepsOf(policy.id)).toContain(id('acmePeer'));
  });
});
