import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { run } from '../../src/operation/pipeline.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeLinkSecret } from '../../src/platform/one-time-secrets.ts';
import type { Input, OperationName, Output } from '../../src/server/operations.gen.ts';
import { operations } from '../../src/server/operations.gen.ts';
import { addMembership, makeWorld, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const password = 'a walrus in the garden';
const asStranger = async <N extends OperationName>(name: N, input: Input<N>): Promise<Output<N>> =>
  (await run(world.services, operations[name], { credential: { kind: 'none' }, input, requestId: 'test' }))
    .output as Output<N>;
const link = (invitationId: string) => makeLinkSecret(world.db, 'invitation', invitationId, 14 * 86_400);

describe('onboarding a partner', () => {
  const partner = { name: 'Solar Partner', managerName: 'Ada Boss', managerEmail: 'ada@solar.example' };

  it('takes three fields: its organization, what it may hand out, and its first manager', async () => {
    const made = await world.as('owner', 'partner.onboard', partner);
    const token = await link(made.invitationId);
    const ada = await asStranger('invitation.accept', { token, password });
    const boss = { userId: ada.userId, membershipId: ada.membershipId, name: 'Ada Boss' };

    const tops = await world.as(boss, 'organization.list', {});
    expect(tops.items.map(({ name }) => name)).toEqual(['Solar Partner']);
    const { rows } = await sql<{ parent_id: string }>`
      select parent_id from delegation where delegate_membership_id = ${ada.membershipId}`.execute(world.db);
    expect(rows).toEqual([{ parent_id: made.delegationId }]);

    // What the partner may hand out is what there is now, and nothing that is registered later.
    const give = (entitlementId: string) =>
      world.as(boss, 'invitation.create', {
        organizationId: made.organizationId,
        people: [{ email: `${entitlementId.slice(-6)}@solar.example` }],
        entitlementIds: [entitlementId],
      });
    expect((await give(world.entitlements.ledgerClerk)).results[0]!.ok).toBe(true);
    const later = await world.as('owner', 'application.register', {
      organizationId: world.organizations.root.id,
      key: 'later',
      name: 'Later',
      roles: [{ key: 'user', name: 'User' }],
    });
    await expect(give(later.roles[0]!.entitlementId)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('hands out only what was chosen, and passes on as far as was said', async () => {
    const made = await world.as('owner', 'partner.onboard', {
      ...partner,
      entitlements: { applicationIds: [], entitlementIds: [world.entitlements.partsViewer] },
      mayPassOn: 0,
      domains: ['solar.example'],
    });
    const ada = await asStranger('invitation.accept', { token: await link(made.invitationId), password });
    const boss = { userId: ada.userId, membershipId: ada.membershipId, name: 'Ada Boss' };
    const site = await world.as(boss, 'organization.create', { parentId: made.organizationId, name: 'Site' });
    const offer = (more: Partial<Input<'invitation.create'>>) =>
      world.as(boss, 'invitation.create', {
        organizationId: site.id,
        people: [{ email: 'bob@solar.example' }],
        ...more,
      });
    await expect(offer({ manager: {} })).rejects.toMatchObject({ code: 'delegation.outside' });
    await expect(offer({ entitlementIds: [world.entitlements.partsBuyer] })).rejects.toMatchObject({
      code: 'not-found',
    });
    expect((await offer({ entitlementIds: [world.entitlements.partsViewer] })).results[0]!.ok).toBe(true);
  });

  it('is all or nothing, and within the boundary', async () => {
    const count = async () =>
      (await sql<{ count: number }>`select count(*) as count from organization`.execute(world.db)).rows[0]!
        .count;
    const before = await count();
    await expect(
      world.as('owner', 'partner.onboard', { ...partner, managerEmail: 'owner@example.org' }),
    ).rejects.toMatchObject({ code: 'user.self' });
    await expect(world.as('owner', 'partner.onboard', { ...partner, name: 'ACME' })).rejects.toMatchObject({
      code: 'organization.name-taken',
    });
    await expect(
      world.as('acmeManager', 'partner.onboard', { ...partner, parentId: world.organizations.acme2.id }),
    ).rejects.toMatchObject({ code: 'not-found' });
    await expect(
      world.as('acmeManager', 'partner.onboard', {
        ...partner,
        entitlements: { applicationIds: [world.applications.ledger] },
      }),
    ).rejects.toMatchObject({ code: 'delegation.outside' });
    await expect(world.as('acmeMember', 'partner.onboard', partner)).rejects.toMatchObject({
      code: 'not-permitted',
    });
    expect(await count()).toBe(before);
  });

  it('lets a manager onboard one of their own below, within their own ceiling', async () => {
    const made = await world.as('acmeManager', 'partner.onboard', partner);
    const { rows } = await sql<{ parent_id: string; entitlements: unknown }>`
      select parent_id, entitlements from delegation where id = ${made.delegationId}`.execute(world.db);
    expect(rows[0]!.entitlements).toEqual({
      applications: [world.applications.parts, world.applications.notes],
      entitlements: [],
    });
  });
});

describe('enrolling somebody who has no e-mail', () => {
  const enrol = (more: Partial<Input<'user.enrol'>> = {}, as: Parameters<World['as']>[0] = 'acmeManager') =>
    world.as(as, 'user.enrol', {
      organizationId: world.organizations.acmeNorth.id,
      userName: 'jan.smit',
      displayName: 'Jan Smit',
      ...more,
    });

  it('gives a printed code that sets a password once', async () => {
    const card = await enrol({ entitlementIds: [world.entitlements.partsViewer] });
    expect(card.code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    const redeem = { organization: card.organizationId, userName: 'Jan.Smit', code: card.code, password };
    await asStranger('code.redeem', redeem);
    await expect(asStranger('code.redeem', redeem)).rejects.toMatchObject({ code: 'auth.code-invalid' });
    const { rows } =
      await sql`select entitlement_id from assignment where membership_id = ${card.membershipId}`.execute(
        world.db,
      );
    expect(rows).toEqual([{ entitlement_id: world.entitlements.partsViewer }]);
    const { rows: events } = await sql<{
      text: string;
    }>`select row_to_json(e)::text as text from event e`.execute(world.db);
    expect(events.some(({ text }) => text.includes(card.code))).toBe(false);
  });

  it('keeps user names unique in an organization and free elsewhere', async () => {
    await enrol();
    await expect(enrol({ userName: 'JAN.SMIT' })).rejects.toMatchObject({ code: 'user.name-taken' });
    await enrol({ organizationId: world.organizations.acmeSouth.id });
  });

  it.each([
    { userName: 'jan@acme.example' },
    { userName: 'jan smit' },
    { userName: 'j\u0430n' },
    { userName: '=jan' },
  ])('refuses %j as a user name', async (more) =>
    expect(enrol(more)).rejects.toMatchObject({ code: 'input.invalid' }),
  );

  it('enrols nobody when the access may not be given, or the place is outside', async () => {
    await expect(enrol({ entitlementIds: [world.entitlements.ledgerClerk] })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(enrol({ organizationId: world.organizations.acme2.id })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(enrol({}, 'acmeHelpDesk')).rejects.toMatchObject({ code: 'not-permitted' });
    const { rows } = await sql`select 1 from app_user where user_name is not null`.execute(world.db);
    expect(rows).toEqual([]);
  });
});

describe('inviting members who have no sign-in yet', () => {
  async function takenOver(email: string | null, home: keyof World['organizations'] = 'acmeNorth') {
    const userId = newId();
    await sql`insert into app_user (id, home_organization_id, user_name, display_name, email)
      values (${userId}, ${world.organizations[home].id}, 'kees', 'Kees', ${email})`.execute(world.db);
    const membershipId = await addMembership(world.db, userId, 'Kees', world.organizations[home]);
    return { userId, membershipId };
  }
  const invite = (membershipId: string, as: Parameters<World['as']>[0] = 'acmeManager') =>
    world.as(as, 'membership.invite', { membershipIds: [membershipId] });

  it('makes the account that is there theirs', async () => {
    const kees = await takenOver('kees@acme.example');
    const { results } = await invite(kees.membershipId);
    const { invitationId } = results[0]!;
    expect((await invite(kees.membershipId)).results[0]!.refusal!.code).toBe('invitation.open-already');
    const token = await link(invitationId!);
    expect((await asStranger('invitation.look-up', { token })).step).toBe('password');
    const joined = await asStranger('invitation.accept', { token, password });
    expect(joined).toMatchObject({ ...kees, signedIn: true });
    await asStranger('session.create', { email: 'KEES@acme.example', password });
    expect((await invite(kees.membershipId)).results[0]!.refusal!.code).toBe('user.has-sign-in');
    expect(await holds(world.db, kees.membershipId, world.entitlements.partsViewer)).toBe(false);
  });

  it('adds to the account of somebody who has one, once they sign in', async () => {
    const kees = await takenOver('betamember@example.org');
    await world.as('acmeManager', 'delegation.create', {
      organizationId: world.organizations.acmeNorth.id,
      delegate: { membershipId: kees.membershipId },
      adminRoleId: (await world.as('owner', 'admin-role.list', {})).items.find(
        ({ key }) => key === 'help-desk',
      )!.id,
    });
    await sql`insert into import_key (top_organization_id, kind, key, id)
      values (${world.organizations.acme.id}, 'user', 'kees', ${kees.userId})`.execute(world.db);
    const { results } = await invite(kees.membershipId);
    const token = await link(results[0]!.invitationId!);
    expect((await asStranger('invitation.look-up', { token })).step).toBe('sign-in');
    await expect(asStranger('invitation.accept', { token, password })).rejects.toMatchObject({
      code: 'invitation.sign-in-first',
    });
    await expect(world.as('rootMember', 'invitation.accept', { token })).rejects.toMatchObject({
      code: 'invitation.other-address',
    });
    const { userId } = world.people.betaMember;
    expect(await world.as('betaMember', 'invitation.accept', { token })).toMatchObject({
      userId,
      membershipId: kees.membershipId,
    });
    const here = { userId, membershipId: kees.membershipId, name: 'betaMember' };
    expect((await world.as(here, 'user.list', {})).items.length).toBeGreaterThan(1);
    await expect(world.as('betaMember', 'user.list', {})).rejects.toMatchObject({ code: 'not-permitted' });
    const { rows } = await sql`select id from import_key where kind = 'user'`.execute(world.db);
    expect(rows).toEqual([{ id: userId }]);
  });

  it('answers per person what stands in the way, and absent as forbidden', async () => {
    expect((await invite((await takenOver(null)).membershipId)).results[0]!.refusal!.code).toBe(
      'user.no-address',
    );
    const outside = await invite(world.people.acme2Member.membershipId);
    const absent = await invite(newId());
    expect(outside.results[0]!.refusal).toEqual(absent.results[0]!.refusal);
  });

  it('lets nobody choose the address of somebody with more power (I12)', async () => {
    const kees = await takenOver('kees@acme.example');
    const { results } = await invite(kees.membershipId, 'northManager');
    await world.as('acmeManager', 'delegation.create', {
      organizationId: world.organizations.acmeNorth.id,
      delegate: { membershipId: kees.membershipId },
      adminRoleId: (await world.as('owner', 'admin-role.list', {})).items.find(
        ({ key }) => key === 'delegated-manager',
      )!.id,
      mayPassOn: 1,
    });
    const invitationId = results[0]!.invitationId!;
    await expect(
      world.as('northManager', 'invitation.readdress', { invitationId, email: 'mine@evil.example' }),
    ).rejects.toMatchObject({ code: 'user.protected' });
    const moved = await world.as('acmeManager', 'invitation.readdress', {
      invitationId,
      email: 'kees@home.example',
    });
    await asStranger('invitation.accept', { token: await link(moved.id), password });
    await asStranger('session.create', { email: 'kees@home.example', password });
  });
});
