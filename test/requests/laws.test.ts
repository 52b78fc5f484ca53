import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { passTime } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { wakeMany } from '../../src/requests/wake.ts';
import { addMembership, makeWorld, type Person, type PersonName, type World } from '../harness/world.ts';
import { asking, refusal } from './asking.ts';

/** The laws of requests and approvals by their numbers; I30 is `ends.test.ts`, faults of I36 are `kills.test.ts`. */
let world: World;
let here: ReturnType<typeof asking>;
beforeEach(async () => {
  world = await makeWorld();
  here = asking(world);
});
afterEach(() => world.close());

const until = '2999-01-01T00:00:00Z';
const has = (who: PersonName, role: keyof World['entitlements'] = 'partsBuyer') =>
  holds(world.db, here.member(who), world.entitlements[role]);
const deputy = (giver: PersonName, taker: PersonName, more: object = {}) =>
  world.as(giver, 'deputy.create', { membershipId: here.member(taker), until, ...more });
const three: PersonName[] = ['siteMember', 'southMember', 'acmeMember'];
const counts = async (requestId: string) => {
  const { rows } = await sql<{ decisions: number; given: number; events: number }>`
    select (select count(*)::int from request_decision where request_id = ${requestId} and undone_at is null) as decisions,
      (select count(*)::int from assignment where request_id = ${requestId} and state = 'active') as given,
      (select count(*)::int from event where target_id = ${requestId} and type in ('request.approved', 'request.refused')) as events`.execute(
    world.db,
  );
  return rows[0]!;
};

describe('I29 a deputy', () => {
  it('holds the decisions of the approver, and nothing else of theirs', async () => {
    await deputy('acmeManager', 'acmeMember');
    await expect(
      world.as('acmeMember', 'assignment.grant', {
        membershipIds: [here.member('northMember')],
        entitlementIds: [world.entitlements.partsBuyer],
      }),
    ).rejects.toMatchObject({ name: 'Refusal' });
    expect(await has('acmeMember')).toBe(false);
    expect(await here.vote('acmeMember', await here.ask())).toBe('approved');
  });

  it('decides in the period only: not before, not from its last instant on', async () => {
    const { rows } = await sql<{ from: Date; until: Date }>`
      select remit_now() + interval '1 hour' as from, remit_now() + interval '2 hours' as until`.execute(
      world.db,
    );
    const { from, until: end } = rows[0]!;
    await deputy('acmeManager', 'acmeMember', { from: from.toISOString(), until: end.toISOString() });
    const requests = [
      await here.ask('northMember', 'partsBuyer'),
      await here.ask('northMember', 'partsViewer'),
    ];
    expect(await here.inbox('acmeMember')).toEqual([]);
    expect(await here.vote('acmeMember', requests[0]!)).not.toBe('approved');
    await passTime(world.db, 3600);
    expect(await here.vote('acmeMember', requests[0]!)).toBe('approved');
    await passTime(world.db, 3600);
    expect(await here.vote('acmeMember', requests[1]!)).not.toBe('approved');
    expect(await here.inbox('acmeMember')).toEqual([]);
  });

  it('of a deputy decides only where the first said so', async () => {
    await deputy('acmeManager', 'acmeHelpDesk');
    await deputy('acmeHelpDesk', 'acmeMember');
    const request = await here.ask();
    expect(await here.vote('acmeMember', request)).toBe('not-found');
    await sql`update delegation set may_pass_on = 1 where kind = 'approve' and giver_user_id = ${world.people.acmeManager.userId}`.execute(
      world.db,
    );
    expect(await here.vote('acmeMember', request)).toBe('approved');
  });

  it('may not decide what the approver may not for being concerned', async () => {
    await deputy('acmeManager', 'acmeMember');
    const own = await here.ask('acmeManager', 'notesReader');
    expect(await here.vote('acmeMember', own)).toBe('request.not-independent');
    expect(await here.vote('acmePeer', own)).toBe('approved');
  });

  it('has no more than the approver has at that moment (I14)', async () => {
    await deputy('acmeManager', 'acmeMember');
    const request = await here.ask();
    await sql`update delegation set state = 'paused' where id = ${world.delegations.acmeManager}`.execute(
      world.db,
    );
    expect(await here.vote('acmeMember', request)).toBe('not-found');
  });
});

describe('I31 one decision', () => {
  it('is made once: of two at the same instant one stands, twenty times', async () => {
    for (let round = 0; round < 20; round += 1) {
      const request = await here.ask(await here.newcomer(`asker${round}`));
      const answers = await Promise.all([
        here.vote('acmeManager', request),
        here.vote(round % 2 ? 'acmePeer' : 'acmeManager', request, round % 4 < 2),
        here.vote('northManager', request),
      ]);
      const { decisions, given, events } = await counts(request);
      expect({ decisions, events, given, answers }).toMatchObject({
        decisions: 1,
        events: 1,
        given: answers.includes('approved') ? 1 : 0,
      });
    }
  });

  it('stands after its ten seconds: no undo, no other answer, by nobody', async () => {
    const request = await here.ask();
    await here.decide('northManager', request, false);
    await passTime(world.db, 11);
    await expect(here.undo('northManager', request)).rejects.toEqual(refusal('undo.too-late'));
    for (const who of ['northManager', 'acmeManager', 'owner'] as const)
      expect(await here.vote(who, request, true)).toBe('request.decided');
    await expect(world.as('northMember', 'request.withdraw', { requestId: request })).rejects.toEqual(
      refusal('request.decided'),
    );
    expect(await has('northMember')).toBe(false);
  });

  it('gives the same answer when it is sent again, with its key and without', async () => {
    const request = await here.ask();
    const options = { idempotencyKey: 'once' };
    const input = { requestId: request, approve: true };
    const first = await world.as('northManager', 'request.decide', input, options);
    await passTime(world.db, 3600);
    expect(await world.as('northManager', 'request.decide', input, options)).toEqual(first);
    expect(await world.as('northManager', 'request.decide', input)).toEqual(first);
    expect(await counts(request)).toMatchObject({ decisions: 1, given: 1, events: 1 });
  });
});

describe('I32 nobody decides for themselves', () => {
  it('through somebody who made them their deputy', async () => {
    const request = await here.ask('acmeMember', 'partsBuyer');
    await deputy('acmeManager', 'acmeMember');
    expect(await here.vote('acmeMember', request)).toBe('request.own');
    expect(await here.inbox('acmeMember')).toEqual([]);
  });

  it('through a deputy of their own', async () => {
    const request = await here.ask('acmeManager', 'partsBuyer');
    await deputy('acmeManager', 'acmePeer');
    expect(await here.vote('acmePeer', request)).toBe('request.not-independent');
  });

  it('as one of a group that decides, nor counted in it', async () => {
    await here.policy([
      { approvers: [{ kind: 'members', organizationId: world.organizations.acme.id }], quorum: 'all' },
    ]);
    const request = await here.ask('acmeMember', 'partsBuyer');
    expect(await here.vote('acmeMember', request)).toBe('request.own');
    for (const who of ['acmeManager', 'acmePeer', 'acmeHelpDesk'] as const)
      expect(await here.vote(who, request)).toBe('open');
    expect(await here.vote('acmeApplicationManager', request)).toBe('approved');
  });

  it('when it escalates to them', async () => {
    await here.policy([
      {
        approvers: here.people('siteMember'),
        escalation: [{ approvers: here.people('northMember'), due: { hours: 1 } }],
      },
    ]);
    await sql`update membership set state = 'suspended' where id = ${here.member('siteMember')}`.execute(
      world.db,
    );
    const request = await here.ask();
    expect(await here.vote('northMember', request)).toBe('request.own');
    expect(await here.inbox('northMember')).toEqual([]);
    // neither them nor whom they asked it for, so the owners are asked at once
    expect(await here.inbox('owner')).toEqual([request]);
  });

  it('in another membership of theirs', async () => {
    const { userId, name } = world.people.acmeManager;
    const other = await addMembership(world.db, userId, name, world.organizations.acmeSouth);
    const asked = await here.ask({ userId, membershipId: other, name }, 'partsBuyer');
    expect(await here.vote('acmeManager', asked)).toBe('request.own');
  });

  it('for somebody whom they represent, nor whoever represents them', async () => {
    // A mandate carries acts inside an application only: it is no way to a decision in Remit.
    const { acmeManager, siteMember } = world.people;
    await sql`insert into delegation (id, kind, delegate_kind, delegate_user_id, delegate_membership_id, giver_user_id, giver_membership_id,
        represented_user_id, permissions, scope, place_paths, entitlements, created_at)
      values (${newId()}, 'represent', 'user', ${siteMember.userId}, ${siteMember.membershipId}, ${acmeManager.userId},
        ${acmeManager.membershipId}, ${acmeManager.userId}, '{request.decide,access.grant}', '[]', '{}', '{"all": true}', remit_now())`.execute(
      world.db,
    );
    const own = await here.ask('acmeManager', 'partsBuyer');
    expect(await here.vote('siteMember', own)).toBe('not-found');
    expect(await here.vote('siteMember', await here.ask())).toBe('not-found');
  });

  it('seeing as somebody else: looking decides nothing', async () => {
    const own = await here.ask('acmeManager', 'partsBuyer');
    const seen = await world.as('owner', 'user.see-as', { membershipId: here.member('acmePeer') });
    expect(JSON.stringify(seen)).not.toContain(own);
    expect(await counts(own)).toMatchObject({ decisions: 0 });
  });
});

describe('I33 n of m', () => {
  it('comes to the same by every order of every vote of 2 of 3', async () => {
    await here.policy([{ approvers: here.people(...three), quorum: { atLeast: 2 } }]);
    const orders = permutations(three);
    const said = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => three.map((_, at) => ((bits >> at) & 1) === 1));
    let n = 0;
    for (const order of orders) {
      for (const answers of said) {
        n += 1;
        const request = await here.ask(await here.newcomer(`voter${n}`));
        let [yes, no] = [0, 0];
        for (const who of order) {
          const approve = answers[three.indexOf(who)]!;
          const over = yes === 2 || no === 2;
          if (!over && approve) yes += 1;
          if (!over && !approve) no += 1;
          const expected = over ? 'request.decided' : yes === 2 ? 'approved' : no === 2 ? 'refused' : 'open';
          expect(`${order} ${answers}: ${await here.vote(who, request, approve)}`).toBe(
            `${order} ${answers}: ${expected}`,
          );
        }
        expect(await counts(request)).toMatchObject({ decisions: yes + no, given: yes === 2 ? 1 : 0 });
      }
    }
    expect(n).toBe(48);
  }, 60_000);

  it('counts a person once, whatever they sign in as', async () => {
    const { userId, name } = world.people.siteMember;
    const other: Person = {
      userId,
      name,
      membershipId: await addMembership(world.db, userId, name, world.organizations.acmeSouth),
    };
    await here.policy([
      { approvers: here.people('siteMember', other, 'southMember'), quorum: { atLeast: 2 } },
    ]);
    const request = await here.ask();
    expect(await here.vote('siteMember', request)).toBe('open');
    expect(await here.vote(other, request)).toBe('open');
    expect(await counts(request)).toMatchObject({ decisions: 1 });
    expect(await here.vote('southMember', request)).toBe('approved');
  });

  it('counts somebody who is asked and stands in for another once', async () => {
    await here.policy([
      { approvers: here.people('siteMember', 'southMember', 'acmeMember'), quorum: { atLeast: 2 } },
    ]);
    await sql`update membership set line_manager_id = ${here.member('southMember')} where id = ${here.member('siteMember')}`.execute(
      world.db,
    );
    await deputy('siteMember', 'southMember');
    const request = await here.ask();
    expect(await here.vote('southMember', request)).toBe('open');
    expect(await here.vote('southMember', request)).toBe('open');
    expect(await here.vote('acmeMember', request)).toBe('approved');
  });
});

describe('I34 what was approved is what is granted', () => {
  const bundle = (roles: (keyof World['entitlements'])[]) =>
    world.as('owner', 'access-role.create', {
      organizationId: world.organizations.root.id,
      name: 'buying',
      entitlementIds: roles.map((role) => world.entitlements[role]),
    });

  it('when the access role grows between two approvals of one request', async () => {
    await here.policy([
      { approvers: here.people('siteMember') },
      { approvers: here.people('southMember', 'acmeMember') },
    ]);
    const { id } = await bundle(['partsBuyer']);
    const { requestId } = await world.as('northMember', 'request.create', { accessRoleId: id });
    expect(await here.vote('siteMember', requestId)).toBe('open');
    await world.as('owner', 'access-role.update', {
      accessRoleId: id,
      entitlementIds: [world.entitlements.partsBuyer, world.entitlements.notesAuthor],
    });
    expect(await here.vote('southMember', requestId)).toBe('approved');
    await passTime(world.db, 11);
    expect([await has('northMember', 'partsBuyer'), await has('northMember', 'notesAuthor')]).toEqual([
      true,
      false,
    ]);
  });

  it('when it shrinks: what is not in it any more is still what was asked for, and nothing else', async () => {
    const { id } = await bundle(['partsBuyer', 'partsViewer']);
    const { requestId } = await world.as('northMember', 'request.create', { accessRoleId: id });
    await world.as('owner', 'access-role.update', {
      accessRoleId: id,
      entitlementIds: [world.entitlements.partsBuyer],
    });
    expect(await here.vote('acmeManager', requestId)).toBe('approved');
    const { rows } = await sql<{ id: string; role: string | null }>`
      select entitlement_id as id, access_role_id as role from assignment where request_id = ${requestId}`.execute(
      world.db,
    );
    expect(rows.every(({ role }) => role === null)).toBe(true);
    expect(rows.map((row) => row.id).sort()).toEqual(
      [world.entitlements.partsBuyer, world.entitlements.partsViewer].sort(),
    );
  });
});

describe('I35 still valid when applied', () => {
  const changes: Record<string, [code: string, change: () => Promise<unknown>]> = {
    'the asker has gone': [
      'membership.ended',
      () =>
        sql`update app_user set state = 'suspended' where id = ${world.people.acmeHelpDesk.userId}`.execute(
          world.db,
        ),
    ],
    'whom it is for has gone': [
      'membership.ended',
      () =>
        sql`update membership set state = 'ended' where id = ${here.member('northMember')}`.execute(world.db),
    ],
    'the role is retired': [
      'entitlement.retired',
      () => world.as('owner', 'entitlement.retire', { entitlementId: world.entitlements.partsBuyer }),
    ],
    'it lies above the ceiling now': [
      'entitlement.above-ceiling',
      () =>
        world.as('owner', 'delegation.narrow', {
          delegationId: world.delegations.acmeStanding,
          entitlements: { applicationIds: [world.applications.notes] },
        }),
    ],
  };
  for (const [what, [code, change]] of Object.entries(changes))
    it(`refuses the last of two approvals when ${what}, and gives nothing`, async () => {
      const byOwners = { approvers: [{ kind: 'owners' as const }] };
      await here.policy(
        [
          { ...byOwners, name: 'One' },
          { ...byOwners, name: 'Two' },
        ],
        'owner',
      );
      const request = await here.ask('acmeHelpDesk', 'partsBuyer', 'northMember');
      expect(await here.vote('owner', request)).toBe('open');
      await change();
      expect(await here.vote('secondOwner', request)).toBe(code);
      expect(await counts(request)).toMatchObject({ decisions: 1, given: 0 });
    });

  it('does not count an approval by somebody who lost the right since: the step is open again', async () => {
    await here.policy([
      { approvers: here.people('siteMember', 'acmeMember') },
      { approvers: here.people('southMember') },
    ]);
    const request = await here.ask();
    expect(await here.vote('siteMember', request)).toBe('open');
    await sql`update membership set state = 'suspended' where id = ${here.member('siteMember')}`.execute(
      world.db,
    );
    expect(await here.vote('southMember', request)).toBe('open');
    const read = await world.as('northMember', 'request.read', { requestId: request });
    expect(read.step).toMatchObject({ number: 1, of: 2 });
    expect(await here.vote('acmeMember', request)).toBe('approved');
  });

  it('counts all who were asked, and nobody who would only have been asked later', async () => {
    // Everybody of the first step said yes; owners, asked at the last, do not have to.
    await here.policy([
      { approvers: here.people('siteMember', 'acmeMember'), quorum: 'all' },
      { approvers: here.people('southMember') },
    ]);
    const request = await here.ask();
    expect(await here.vote('siteMember', request)).toBe('open');
    expect(await here.vote('acmeMember', request)).toBe('open');
    expect(await here.vote('southMember', request)).toBe('approved');
  });

  it('lets whoever became an approver decide what was open before', async () => {
    const request = await here.ask();
    expect(await here.inbox('southMember')).toEqual([]);
    await world.as('owner', 'delegation.create', {
      organizationId: world.organizations.acme.id,
      delegate: { membershipId: here.member('southMember') },
      adminRoleId: adminRoleId('delegated-manager'),
    });
    expect(await here.inbox('southMember')).toEqual([request]);
    expect(await here.vote('southMember', request)).toBe('approved');
  });
});

describe('I36 no approval is lost', () => {
  it('acknowledged, recorded and given are the same number, also when many decide at once', async () => {
    const requests: string[] = [];
    for (let n = 0; n < 10; n += 1) requests.push(await here.ask(await here.newcomer(`many${n}`)));
    const deciders: PersonName[] = ['acmeManager', 'acmePeer', 'northManager'];
    const answers = await Promise.all(
      requests.flatMap((request) => deciders.map((who) => here.vote(who, request))),
    );
    const acknowledged = answers.filter((answer) => answer === 'approved').length;
    const { rows } = await sql<{ recorded: number; given: number }>`
      select (select count(*)::int from request_decision where approve and undone_at is null) as recorded,
        (select count(*)::int from assignment where request_id is not null and state = 'active') as given`.execute(
      world.db,
    );
    expect({ acknowledged, ...rows[0] }).toEqual({ acknowledged: 10, recorded: 10, given: 10 });
  });
});

describe('I37 what is kept apart', () => {
  beforeEach(() =>
    world.as('owner', 'separation.create', {
      organizationId: world.organizations.root.id,
      name: 'Who buys does not read',
      entitlementIds: [world.entitlements.partsBuyer, world.entitlements.notesReader],
    }),
  );
  const both = async (who: Person): Promise<[boolean, boolean]> => [
    await holds(world.db, who.membershipId, world.entitlements.partsBuyer),
    await holds(world.db, who.membershipId, world.entitlements.notesReader),
  ];

  it('is not brought together by two approvals at once, ten times', async () => {
    for (let round = 0; round < 10; round += 1) {
      const who = await here.newcomer(`apart${round}`);
      const [buy, read] = [await here.ask(who, 'partsBuyer'), await here.ask(who, 'notesReader')];
      const answers = await Promise.all([here.vote('acmeManager', buy), here.vote('acmePeer', read)]);
      expect(answers.sort()).toEqual(['approved', 'separation.broken']);
      await passTime(world.db, 11);
      expect((await both(who)).sort()).toEqual([false, true]);
    }
  });

  it('is not brought together by time, where a policy says yes in the end', async () => {
    await here.policy([{ approvers: here.people('siteMember'), atEnd: 'approve' }]);
    const who = await here.newcomer('patient');
    const requests = [await here.ask(who, 'partsBuyer'), await here.ask(who, 'notesReader')];
    await passTime(world.db, 60 * 86_400);
    expect([
      ...(await wakeMany(world.services, requests, (error) => expect.unreachable(String(error)))),
    ]).toEqual([]);
    await passTime(world.db, 11);
    expect((await both(who)).sort()).toEqual([false, true]);
    const states = await Promise.all(
      requests.map((requestId) => world.as(who, 'request.read', { requestId })),
    );
    expect(states.map(({ state }) => state).sort()).toEqual(['approved', 'refused']);
  });
});

function permutations<T>(of: readonly T[]): T[][] {
  if (of.length < 2) return [[...of]];
  return of.flatMap((one, at) => permutations(of.toSpliced(at, 1)).map((rest) => [one, ...rest]));
}
