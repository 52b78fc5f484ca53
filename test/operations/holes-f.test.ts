import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import { whoMayDecide } from '../../src/requests/deciders.ts';
import type { Step } from '../../src/requests/policy.ts';
import { readRequest } from '../../src/requests/store.ts';
import { addMembership, makeWorld, type Person, type PersonName, type World } from '../harness/world.ts';

/** Ways round approvals, files and what stands beside them that somebody who wants in would try. */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

type StepInput = Partial<Step> & Pick<Step, 'approvers'>;
const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const member = (person: PersonName) => world.people[person].membershipId;
const people = (...names: PersonName[]): Step['approvers'] => [
  { kind: 'people', membershipIds: names.map(member) },
];
const policy = (by: PersonName, steps: StepInput[], applies: object = {}) =>
  world.as(by, 'approval-policy.create', {
    organizationId: world.organizations[by === 'owner' ? 'root' : 'acme'].id,
    name: `Policy of ${by}`,
    applies,
    steps: steps.map((one) => ({ name: 'Step', due: { hours: 10 }, ...one })),
  });
const ask = async (who: PersonName) =>
  (await world.as(who, 'request.create', { entitlementId: world.entitlements.partsBuyer, reason: '' }))
    .requestId;

describe('one of very many who may decide', () => {
  it('has a vote that counts (I36)', async () => {
    await sql`
      with made as (
        insert into app_user (id, home_organization_id, display_name)
          select gen_random_uuid(), ${world.organizations.acme.id}, 'p' || n from generate_series(1, 260) n returning id, display_name)
      insert into membership (id, user_id, organization_id, path, sort_name)
        select gen_random_uuid(), id, ${world.organizations.acme.id}, 'r.1', display_name from made`.execute(
      world.db,
    );
    await world.as('owner', 'delegation.create', {
      organizationId: world.organizations.acme.id,
      delegate: { relation: 'members', organizationId: world.organizations.acme.id },
      permissions: ['user.read', 'organization.read'],
      entitlements: { applicationIds: [], entitlementIds: [] },
    });
    await policy('owner', [{ approvers: [{ kind: 'holders', permission: 'user.read' }] }]);
    const requestId = await ask('northMember');
    const row = (await readRequest(world.db, requestId))!;
    const found = new Set((await whoMayDecide(world.db, row)).map(({ userId }) => userId));
    const { rows } = await sql<Person>`
      select user_id as "userId", id as "membershipId", sort_name as name from membership
      where path = 'r.1' and sort_name like 'p%' order by id`.execute(world.db);
    const missed = rows.find(({ userId }) => !found.has(userId))!;
    expect(missed).toBeDefined();
    expect(await world.as(missed, 'request.decide', { requestId, approve: true })).toMatchObject({
      state: 'approved',
    });
  });
});

describe('deputies of deputies', () => {
  it('decide as far down as the first allowed, and whoever is looked up may (I35)', async () => {
    await policy('acmeManager', [{ approvers: people('acmeMember') }]);
    const chain = ['acmeMember', 'siteMember', 'southMember', 'betaMember', 'acme2Member'] as const;
    for (const [n, of] of chain.slice(0, -1).entries()) {
      const to = chain[n + 1]!;
      await sql`insert into delegation (id, kind, giver_user_id, giver_membership_id, delegate_kind, delegate_user_id, delegate_membership_id,
          permissions, scope, place_paths, entitlements, starts_at, ends_at, may_pass_on)
        values (gen_random_uuid(), 'approve', ${world.people[of].userId}, ${member(of)}, 'user', ${world.people[to].userId}, ${member(to)},
          '{request.decide}', ${JSON.stringify([{ places: [{ id: world.organizations.root.id, path: 'r', below: true }] }])}::jsonb, '{r}',
          '{"all": true}', '-infinity', 'infinity', ${3 - n})`.execute(world.db);
    }
    const requestId = await ask('northMember');
    const able = await whoMayDecide(world.db, (await readRequest(world.db, requestId))!);
    expect(able.map(({ displayName }) => displayName).sort()).toEqual([...chain].sort());
    for (const who of chain.slice(1).toReversed())
      expect(await world.as(who, 'request.read', { requestId })).toMatchObject({ mayDecide: true });
  });
});

describe('somebody who would be asked later', () => {
  it('reads nothing of a request before it comes to them', async () => {
    await policy('acmeManager', [
      {
        approvers: people('acmeMember'),
        escalation: [{ approvers: people('siteMember'), due: { hours: 5 } }],
      },
      { approvers: people('southMember') },
    ] as never);
    const requestId = await ask('northMember');
    for (const who of ['siteMember', 'southMember'] as const)
      await expect(world.as(who, 'request.read', { requestId })).rejects.toEqual(refusal('not-found'));
  });
});

describe('beside a request from one of several organizations of a person', () => {
  let there: Person;
  beforeEach(async () => {
    const { userId } = world.people.northMember;
    const membershipId = await addMembership(world.db, userId, 'northMember', world.organizations.acme2);
    there = { userId, membershipId, name: 'northMember' };
  });
  const askThere = async (entitlementId: string) =>
    (await world.as(there, 'request.create', { entitlementId, reason: '' })).requestId;

  it('stands nothing of when they sign in, or use it elsewhere (I06)', async () => {
    const sessionId = newId();
    await sql`insert into session (id, token_hash, user_id, last_seen_at, expires_at, ended_at)
      values (${sessionId}, '\\x01', ${there.userId}, '2026-01-02T03:04:05Z', remit_now(), remit_now())`.execute(
      world.db,
    );
    const used = (membershipId: string, at: string) =>
      sql`insert into sign_on (grant_id, session_id, user_id, membership_id, application_id, created_at)
        values (${at}, ${sessionId}, ${there.userId}, ${membershipId}, ${world.applications.parts}, ${at})`.execute(
        world.db,
      );
    await used(there.membershipId, '2026-01-02T03:04:05Z');
    await used(member('northMember'), '2026-02-02T03:04:05Z');
    const requestId = await askThere(world.entitlements.partsBuyer);
    const { beside } = await world.as('acme2Manager', 'request.read', { requestId });
    expect(beside!.lastSignIn).toBeNull();
    expect(new Date(beside!.lastUse!).toISOString()).toBe('2026-01-02T03:04:05.000Z');
    const own = await ask('northMember');
    const { beside: home } = await world.as('acmeManager', 'request.read', { requestId: own });
    expect(home!.lastSignIn).not.toBeNull();
  });

  it('stands nothing of what they ask for elsewhere (I06)', async () => {
    const { partsBuyer, notesReader, partsViewer } = world.entitlements;
    const apart = (organization: 'root' | 'acme2', entitlementIds: string[]) =>
      world.as('owner', 'separation.create', {
        organizationId: world.organizations[organization].id,
        name: `Apart in ${organization}`,
        reason: '',
        entitlementIds,
        tooMany: 2,
      } as never);
    await apart('root', [partsBuyer, notesReader]);
    await apart('acme2', [partsBuyer, partsViewer]);
    for (const entitlementId of [notesReader, partsViewer])
      await world.as('northMember', 'request.create', { entitlementId, reason: '' });
    const requestId = await askThere(partsBuyer);
    const { beside } = await world.as('acme2Manager', 'request.read', { requestId });
    const buyer = 'parts: buyer';
    // that it would be too many is one bit; that of another place does not count here
    expect(beside!.separations).toMatchObject([
      { name: 'Apart in acme2', roles: [buyer], breaksWithAsked: false },
      { name: null, roles: [buyer], breaksWithAsked: true },
    ]);
    const seen = await world.as('owner', 'request.read', { requestId });
    expect(seen.beside!.separations[1]).toMatchObject({ roles: ['notes: reader', buyer] });
  });
});

describe('a deputy', () => {
  it('who made somebody a line manager decides nothing for them by it (ruling 2)', async () => {
    await sql`insert into delegation (id, kind, giver_user_id, giver_membership_id, delegate_kind, delegate_user_id, delegate_membership_id,
        permissions, scope, place_paths, entitlements, starts_at, ends_at)
      values (gen_random_uuid(), 'approve', ${world.people.siteMember.userId}, ${member('siteMember')}, 'user',
        ${world.people.northManager.userId}, ${member('northManager')}, '{request.decide}',
        ${JSON.stringify([{ places: [{ id: world.organizations.root.id, path: 'r', below: true }] }])}::jsonb, '{r}', '{"all": true}',
        '-infinity', 'infinity')`.execute(world.db);
    await sql`update membership set line_manager_id = ${member('acmeMember')} where id = ${member('northMember')}`.execute(
      world.db,
    );
    await policy('acmeManager', [{ approvers: [{ kind: 'line-manager' }] }]);
    await world.as('northManager', 'membership.update', {
      membershipId: member('northMember'),
      lineManagerId: member('siteMember'),
    });
    const { requestId } = await world.as('northMember', 'request.create', {
      entitlementId: world.entitlements.notesAuthor,
      reason: '',
    });
    await expect(world.as('northManager', 'request.decide', { requestId, approve: true })).rejects.toEqual(
      refusal('not-permitted'),
    );
    expect(await world.as('siteMember', 'request.decide', { requestId, approve: true })).toMatchObject({
      state: 'approved',
    });
  });
});

describe('a file', () => {
  const page = Buffer.from('%PDF-1.7 <html><script>alert(1)</script>').toString('base64');
  it.each([
    ['report.html', 'report.html.pdf'],
    ['report.pdf.exe', 'report.pdf.exe.pdf'],
    ['report', 'report.pdf'],
    ['Report.PDF', 'Report.PDF'],
    [`${'r'.repeat(196)}.hta`, `${'r'.repeat(196)}.pdf`],
  ])('is saved as what it is: %s', async (name, kept) => {
    const requestId = await ask('northMember');
    const { attachments } = await world.as('northMember', 'request.attach', {
      requestId,
      name,
      content: page,
    });
    expect(attachments.map((one) => one.name)).toEqual([kept]);
  });

  it('has a name that reads as it is', async () => {
    const requestId = await ask('northMember');
    for (const name of ['report\u202efdp.exe', 'a\nb.pdf'])
      await expect(
        world.as('northMember', 'request.attach', { requestId, name, content: page }),
      ).rejects.toEqual(refusal('input.invalid'));
  });
});

describe('an application’s manager', () => {
  it('has a vote that counts where they look after it for the person’s place (I36)', async () => {
    await policy('acmeManager', [{ approvers: [{ kind: 'application-managers' }] }]);
    const requestId = await ask('northMember');
    expect(
      await world.as('acmeApplicationManager', 'request.decide', { requestId, approve: true }),
    ).toMatchObject({ state: 'approved' });
  });
});

describe('who has what a catalogue offers', () => {
  it('is told to whoever may see access (I06)', async () => {
    await sql`insert into assignment (id, membership_id, entitlement_id, why)
      values (gen_random_uuid(), ${member('acmeMember')}, ${world.entitlements.partsBuyer}, 'direct')`.execute(
      world.db,
    );
    const told = async () =>
      (await world.as('acmeHelpDesk', 'request.catalogue', {})).items.find(
        ({ id }) => id === world.entitlements.partsBuyer,
      )!.whoHas;
    expect(await told()).toEqual({ count: 1, names: ['acmeMember'] });
    await sql`update delegation set admin_role_id = null, permissions = '{organization.read,user.read}'
      where delegate_user_id = ${world.people.acmeHelpDesk.userId}`.execute(world.db);
    expect(await told()).toBeNull();
  });
});
