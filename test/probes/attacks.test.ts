import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EntitlementLimit } from '../../src/authority/delegation.ts';
import { alwaysAfter, alwaysBefore, type Credential } from '../../src/authority/facts.ts';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { insertDelegations, loadChain } from '../../src/delegation/store.ts';
import { makeLinkSecret, type Purpose } from '../../src/platform/one-time-secrets.ts';
import { addMembership, addPerson } from '../harness/world.ts';
import type { Act } from './stage.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const manager = adminRoleId('delegated-manager');
const keyCredential = (key: string): { credential: Credential } => ({
  credential: { kind: 'key', keyHash: createHash('sha256').update(key).digest() },
});
const isRefused = (answer: Awaited<ReturnType<Act>>, label: string, codes?: string[]): void => {
  const line = (answer.ok ? (answer.output as { results?: { ok: boolean }[] }).results : undefined)?.every(
    ({ ok }) => !ok,
  );
  expect(!answer.ok || line === true, `${label}: ${JSON.stringify(answer).slice(0, 400)}`).toBe(true);
  if (codes && !answer.ok) expect(codes, label).toContain(answer.code);
};

/** An API key of this manager's own making, with all that a key may be given. */
async function ownKey(act: Act): Promise<{ credential: Credential }> {
  const answer = await act(stage.actors.acmeManager, 'client.create', {
    organizationId: stage.things.acme.organizationId,
    name: 'mine',
    permissions: [
      'user.read',
      'organization.read',
      'user.invite',
      'access.grant',
      'access.end',
      'access.read',
      'request.decide',
      'membership.update',
      'membership.suspend',
      'delegation.create',
      'delegation.end',
      'client.configure',
    ],
    entitlements: 'same',
  });
  if (!answer.ok) throw new Error(JSON.stringify(answer));
  return keyCredential((answer.output as { key: string }).key);
}

describe('nobody makes themselves more (I02), not through a machine either', () => {
  const me = () => stage.actors.acmeManager;
  const mine = () => stage.actors.acmeManager.membershipId!;

  it('not directly', async () => {
    const { world } = stage;
    for (const act of [
      [
        'assignment.grant',
        { membershipIds: [mine()], entitlementIds: [world.entitlements.partsBuyer], accessRoleIds: [] },
      ],
      [
        'assignment.grant',
        {
          organizationId: world.organizations.acme.id,
          entitlementIds: [world.entitlements.partsBuyer],
          accessRoleIds: [],
        },
      ],
      [
        'delegation.create',
        {
          organizationId: world.organizations.acmeSouth.id,
          delegate: { membershipId: mine() },
          adminRoleId: manager,
        },
      ],
      ['membership.update', { membershipId: mine(), lastDay: '2099-01-01' }],
      ['membership.update', { membershipId: mine(), title: 'chief of everything' }],
      ['membership.invite', { membershipIds: [mine()] }],
      ['credential.reset', { membershipId: mine() }],
      ['credential.recover', { membershipId: mine() }],
      ['delegation.narrow', { delegationId: world.delegations.acmeManager, mayPassOn: 0 }],
      ['delegation.end', { delegationId: world.delegations.acmeManager }],
      ['delegation.end', { delegationId: world.delegations.acmeStanding }],
      ['delegation.resume', { delegationId: world.delegations.acmeStanding }],
    ] as const)
      isRefused((await stage.play(me(), act[0], act[1])).answer, act[0]);
  });

  it('not by a request that they, or their own key, decide', async () => {
    const { world } = stage;
    await stage.scene(async (act) => {
      const asked = await act(me(), 'request.create', { entitlementId: world.entitlements.partsBuyer });
      expect(asked.ok).toBe(true);
      const { requestId } = (asked as unknown as { output: { requestId: string } }).output;
      isRefused(await act(me(), 'request.decide', { requestId, approve: true }), 'by themselves');
      isRefused(
        await act(await ownKey(act), 'request.decide', { requestId, approve: true }),
        'by their own key',
      );
    });
  });

  it('not by their own key', async () => {
    const { world } = stage;
    await stage.scene(async (act) => {
      const key = await ownKey(act);
      const grant = { entitlementIds: [world.entitlements.partsBuyer], accessRoleIds: [] };
      const { result } = await stage.rehearsal.attempt(() =>
        act(key, 'assignment.grant', { ...grant, membershipIds: [stage.things.acmeSouth.membershipId] }),
      );
      expect(result.ok, 'the key can give to others').toBe(true);
      isRefused(
        await act(key, 'assignment.grant', { ...grant, membershipIds: [mine()] }),
        'gives its maker access',
      );
      isRefused(
        await act(key, 'assignment.grant', { ...grant, organizationId: world.organizations.acme.id }),
        'gives everybody access, its maker too',
      );
      isRefused(
        await act(key, 'membership.update', { membershipId: mine(), lastDay: '2099-01-01' }),
        'lengthens its maker',
      );
      isRefused(
        await act(key, 'delegation.create', {
          organizationId: world.organizations.acmeSouth.id,
          delegate: { membershipId: stage.things.acmeSouth.membershipId },
          adminRoleId: manager,
        }),
        'appoints somebody',
        ['delegation.outside', 'delegation.too-deep', 'auth.user-only'],
      );
      isRefused(
        await act(key, 'client.create', {
          organizationId: world.organizations.acmeSouth.id,
          name: 'more',
          permissions: ['user.read'],
        }),
        'makes another key',
      );
    });
  });

  it('a key does no protected act, whatever it was given', async () => {
    isRefused(
      await stage
        .play(stage.actors.acmeKey, 'credential.reset', { membershipId: stage.things.acmeSouth.membershipId })
        .then(({ answer }) => answer),
      'reset',
    );
    const { answer } = await stage.play(stage.actors.acmeManager, 'client.create', {
      organizationId: stage.things.acme.organizationId,
      name: 'mine',
      permissions: ['credential.reset'],
    });
    isRefused(answer, 'a key for resets');
  });

  it('not through another membership of theirs', async () => {
    const { world, rehearsal } = stage;
    await stage.scene(async (act) => {
      const second = await addMembership(rehearsal.db, me().userId!, 'second', world.organizations.acmeSouth);
      const grant = {
        membershipIds: [second],
        entitlementIds: [world.entitlements.partsBuyer],
        accessRoleIds: [],
      };
      isRefused(await act(me(), 'assignment.grant', grant), 'grant');
      isRefused(
        await act(me(), 'assignment.grant', {
          ...grant,
          membershipIds: [],
          organizationId: world.organizations.acmeSouth.id,
        }),
        'grant to all of it',
      );
      isRefused(
        await act(me(), 'delegation.create', {
          organizationId: world.organizations.acmeSouth.id,
          delegate: { membershipId: second },
          adminRoleId: manager,
        }),
        'delegate',
      );
      isRefused(
        await act(me(), 'membership.update', { membershipId: second, lastDay: '2099-01-01' }),
        'lengthen',
      );
    });
  });
});

/** Somebody who has what `acmePeer` has, and no sign-in yet: what a take-over from files leaves. */
async function equalOfPeer(): Promise<{ userId: string; membershipId: string }> {
  const { world, rehearsal } = stage;
  const person = await addPerson(rehearsal.db, 'equal', world.organizations.acmeSouth);
  await sql`update app_user set proved_email = null, email_proved_at = null where id = ${person.userId}`.execute(
    rehearsal.db,
  );
  const parent = (await loadChain(rehearsal.db, world.delegations.acmeStanding))!;
  const limit: EntitlementLimit = {
    applications: [world.applications.parts, world.applications.notes],
    entitlements: [],
  };
  await insertDelegations(rehearsal.db, [
    {
      parent,
      giverUserId: world.people.owner.userId,
      giverDelegationId: world.delegations.owner,
      delegate: { kind: 'user', ...person },
      adminRoleId: manager,
      permissions: [],
      scope: [{ places: [{ ...world.organizations.acme, below: true }] }],
      entitlements: limit,
      startsAt: alwaysBefore,
      endsAt: alwaysAfter,
      mayPassOn: 3,
    },
  ]);
  return person;
}

describe('nobody takes control of somebody who is not strictly below (I12)', () => {
  const targets = (): [string, string, string][] => {
    const { world } = stage;
    return [
      ['acmePeer', 'a peer', world.people.acmeManager.membershipId],
      ['northManager', 'their own giver', world.people.acmeManager.membershipId],
      ['acmeHelpDesk', 'anybody: the help desk has no resets', world.people.acmeMember.membershipId],
      ['acmeManager', 'a visitor, whose home is elsewhere', stage.visitor.membershipId],
      ['owner', 'another owner', world.people.secondOwner.membershipId],
    ];
  };

  it('by a printed code', async () => {
    for (const [who, label, membershipId] of targets()) {
      const { answer } = await stage.play(stage.actors[who as 'owner'], 'credential.reset', { membershipId });
      isRefused(answer, `${who}: ${label}`);
    }
  });

  it('by a code when somebody has access that they may not give', async () => {
    const { world, rehearsal, things } = stage;
    await stage.scene(async (act) => {
      await sql`insert into assignment (id, membership_id, entitlement_id, why)
        values (gen_random_uuid(), ${things.acmeSouth.membershipId}, ${world.entitlements.ledgerClerk}, 'direct')`.execute(
        rehearsal.db,
      );
      isRefused(
        await act(stage.actors.acmeManager, 'credential.reset', {
          membershipId: things.acmeSouth.membershipId,
        }),
        'the ledger',
      );
    });
  });

  it('by sending a peer’s first invitation to another address', async () => {
    const { rehearsal } = stage;
    await stage.scene(async (act) => {
      const person = await equalOfPeer();
      const invited = await act(stage.actors.acmePeer, 'membership.invite', {
        membershipIds: [person.membershipId],
      });
      const invitationId = (invited as unknown as { output: { results: { invitationId: string }[] } }).output
        .results[0]!.invitationId;
      expect(invitationId).toBeDefined();
      isRefused(
        await act(stage.actors.acmePeer, 'invitation.readdress', {
          invitationId,
          email: 'peer.own@example.org',
        }),
        'readdress',
      );
      // Taken back and sent anew to an address of the peer's choosing, as somebody new of the same name: no link to the person.
      await act(stage.actors.acmePeer, 'invitation.revoke', { invitationId });
      const anew = await act(stage.actors.acmePeer, 'invitation.create', {
        organizationId: stage.things.acmeSouth.organizationId,
        people: [{ email: 'peer.own@example.org', displayName: 'equal' }],
        entitlementIds: [],
        accessRoleIds: [],
      });
      expect(anew.ok).toBe(true);
      const { rows } = await sql<{ membership: string | null }>`
        select membership_id as membership from invitation where email_normal = 'peer.own@example.org' and state = 'open'`.execute(
        rehearsal.db,
      );
      expect(rows).toEqual([{ membership: null }]);
    });
  });

  it('by a code for a peer, whatever state the peer’s delegation is in', async () => {
    const { rehearsal } = stage;
    const states = {
      active: sql`state = state`,
      paused: sql`state = 'paused'`,
      'still to come': sql`starts_at = remit_now() + interval '1 day'`,
    };
    for (const [state, change] of Object.entries(states))
      await stage.scene(async (act) => {
        const { membershipId } = await equalOfPeer();
        await sql`update delegation set ${change} where delegate_membership_id = ${membershipId}`.execute(
          rehearsal.db,
        );
        isRefused(await act(stage.actors.acmePeer, 'credential.reset', { membershipId }), state, [
          'user.protected',
        ]);
      });
  });

  it('by a code for somebody whose power stands in another organization', async () => {
    const { rehearsal, world } = stage;
    await stage.scene(async (act) => {
      const { userId, membershipId } = await addPerson(
        rehearsal.db,
        'two-sided',
        world.organizations.acmeSouth,
      );
      await addMembership(rehearsal.db, userId, 'two-sided', world.organizations.acme2);
      const { result } = await stage.rehearsal.attempt(() =>
        act(stage.actors.acmeManager, 'credential.reset', { membershipId }),
      );
      expect(result.ok, 'without power elsewhere').toBe(true);
      const { rows } = await sql<{ id: string }>`
        select id from membership where user_id = ${userId} and path = 'r.10'`.execute(rehearsal.db);
      await sql`update delegation set delegate_user_id = ${userId}, delegate_membership_id = ${rows[0]!.id}
        where id = ${world.delegations.acme2Manager}`.execute(rehearsal.db);
      isRefused(
        await act(stage.actors.acmeManager, 'credential.reset', { membershipId }),
        'a manager of acme2',
        ['user.protected'],
      );
    });
  });
});

describe('what works once works once, for its purpose (I43, I44)', () => {
  const stranger = () => stage.actors.stranger;
  const uses = {
    invitation: (token: string) =>
      ['invitation.accept', { token, displayName: 'somebody', password: 'another long sentence' }] as const,
    recovery: (token: string) => ['recovery.complete', { token, password: 'another long sentence' }] as const,
    'enrolment-code': (code: string) =>
      [
        'code.redeem',
        {
          organization: stage.codeUser.organizationId,
          userName: stage.codeUser.userName,
          code,
          password: 'another long sentence',
        },
      ] as const,
    setup: (token: string) =>
      [
        'setup.complete',
        {
          token,
          organizationName: 'x',
          displayName: 'x y',
          email: 'x@example.org',
          password: 'another long sentence',
        },
      ] as const,
  };

  it('once', async () => {
    const secrets = {
      invitation: stage.tokens.invitation,
      recovery: stage.tokens.recovery,
      'enrolment-code': stage.tokens.code,
    };
    for (const [kind, secret] of Object.entries(secrets) as [keyof typeof secrets, string][])
      await stage.scene(async (act) => {
        const [name, input] = uses[kind](secret);
        expect((await act(stranger(), name, input)).ok, kind).toBe(true);
        isRefused(await act(stranger(), name, input), `${kind} twice`);
        isRefused(
          await act(stranger(), name, input, { idempotencyKey: 'again' }),
          `${kind} twice with a key`,
        );
      });
  });

  it('for its purpose', async () => {
    const subjects: Partial<Record<Purpose, string>> = {
      invitation: stage.things.acmeSouth.invitationId,
      recovery: stage.things.acmeSouth.userId,
      'enrolment-code': stage.things.acmeSouth.userId,
      'email-proof': stage.things.acmeSouth.userId,
    };
    for (const purpose of ['invitation', 'recovery', 'enrolment-code', 'setup', 'email-proof'] as Purpose[])
      for (const kind of Object.keys(uses) as (keyof typeof uses)[]) {
        if (kind === purpose) continue;
        await stage.scene(async (act) => {
          const secret = await makeLinkSecret(stage.rehearsal.db, purpose, subjects[purpose] ?? null, 3600);
          const [name, input] = uses[kind](secret);
          isRefused(await act(stranger(), name, input), `a secret for ${purpose} at ${name}`);
        });
      }
  });

  it('sets nothing up where somebody is already', async () => {
    await stage.scene(async (act) => {
      const secret = await makeLinkSecret(stage.rehearsal.db, 'setup', null, 3600);
      const [name, input] = uses.setup(secret);
      isRefused(await act(stranger(), name, input), 'set-up of an instance that has an owner');
    });
  });

  it('not after what it rests on has ended (I14, I19)', async () => {
    const { world, things, rehearsal } = stage;
    const ends: Record<string, () => Promise<unknown>> = {
      'the link it was sent under': () =>
        sql`update delegation set state = 'ended' where id = ${world.delegations.acmeManager}`.execute(
          rehearsal.db,
        ),
      'paused link': () =>
        sql`update delegation set state = 'paused' where id = ${world.delegations.acmeManager}`.execute(
          rehearsal.db,
        ),
      'the standing delegation': () =>
        sql`update delegation set state = 'ended' where id = ${world.delegations.acmeStanding}`.execute(
          rehearsal.db,
        ),
      'the organization': () =>
        sql`update organization set state = 'closed' where id = ${world.organizations.acmeSouth.id}`.execute(
          rehearsal.db,
        ),
      'an organization above': () =>
        sql`update organization set state = 'suspended' where id = ${world.organizations.acme.id}`.execute(
          rehearsal.db,
        ),
      'the invitation': () =>
        sql`update invitation set state = 'revoked' where id = ${things.acmeSouth.invitationId}`.execute(
          rehearsal.db,
        ),
      'its date': () =>
        sql`update invitation set expires_at = remit_now() where id = ${things.acmeSouth.invitationId}`.execute(
          rehearsal.db,
        ),
    };
    for (const [what, end] of Object.entries(ends))
      await stage.scene(async (act) => {
        await end();
        const [name, input] = uses.invitation(stage.tokens.invitation);
        isRefused(await act(stranger(), name, input), `${what} ended`);
      });
    await stage.scene(async (act) => {
      await sql`update app_user set state = 'suspended' where id = ${things.acmeSouth.userId}`.execute(
        rehearsal.db,
      );
      for (const kind of ['recovery', 'enrolment-code'] as const) {
        const [name, input] = uses[kind](kind === 'recovery' ? stage.tokens.recovery : stage.tokens.code);
        isRefused(await act(stranger(), name, input), `${kind} of somebody suspended`);
      }
    });
  });
});

describe('rights of two organizations do not mix', () => {
  it('gives in one membership nothing of the other', async () => {
    const { actors, things, world } = stage;
    const { mixedManager } = actors;
    await stage.scene(async (act) => {
      const grant = {
        membershipIds: [things.acmeSouth.membershipId],
        entitlementIds: [world.entitlements.partsBuyer],
        accessRoleIds: [],
      };
      isRefused(await act(mixedManager, 'assignment.grant', grant), 'as a member of beta');
      expect(
        (await act(mixedManager, 'session.switch', { membershipId: mixedManager.otherMembershipId })).ok,
      ).toBe(true);
      const key = { idempotencyKey: 'kept' };
      expect(await act(mixedManager, 'assignment.grant', grant, key)).toMatchObject({ ok: true });
      expect(
        (await act(mixedManager, 'session.switch', { membershipId: mixedManager.membershipId })).ok,
      ).toBe(true);
      isRefused(
        await act(mixedManager, 'assignment.grant', grant, key),
        'replayed from the other membership',
      );
      isRefused(await act(mixedManager, 'assignment.grant', grant), 'back again');
    });
  });

  it('switches to nobody else’s membership', async () => {
    const { actors, things, visitor } = stage;
    for (const membershipId of [
      things.acmeSouth.membershipId,
      visitor.membershipId,
      actors.owner.membershipId,
    ])
      isRefused(
        (await stage.play(actors.mixedManager, 'session.switch', { membershipId })).answer,
        'switch',
        ['not-found'],
      );
  });
});
