import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Credential } from '../../src/authority/facts.ts';
import { holds } from '../../src/authority/holds.ts';
import { run } from '../../src/operation/pipeline.ts';
import { passTime } from '../../src/platform/clock.ts';
import { makeLinkSecret } from '../../src/platform/one-time-secrets.ts';
import { hashSessionToken } from '../../src/platform/sessions.ts';
import type { Input, OperationName, Output } from '../../src/server/operations.gen.ts';
import { operations } from '../../src/server/operations.gen.ts';
import { makeWorld, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const password = 'a walrus in the garden';

/** As a stranger, or as whoever a session belongs to. */
async function call<N extends OperationName>(
  name: N,
  input: Input<N>,
  credential: Credential = { kind: 'none' },
): Promise<{ output: Output<N>; session: Credential }> {
  const { output, cookies } = await run(world.services, operations[name], {
    credential,
    input,
    requestId: 'test',
  });
  const token = cookies.find((cookie) => cookie.name === 'remit_session')?.value;
  return {
    output: output as Output<N>,
    session: token ? { kind: 'session', tokenHash: hashSessionToken(token) } : { kind: 'none' },
  };
}

const asMember = (person: { membershipId: string }): Credential => ({
  kind: 'membership',
  membershipId: person.membershipId,
});

async function invite(
  email: string,
  more: Partial<Input<'invitation.create'>> = {},
  as: Parameters<World['as']>[0] = 'acmeManager',
): Promise<{ invitationId: string; token: string }> {
  const { results } = await world.as(as, 'invitation.create', {
    organizationId: world.organizations.acmeNorth.id,
    people: [{ email, displayName: 'New Person' }],
    ...more,
  });
  expect(results[0]!.refusal).toBeUndefined();
  const invitationId = results[0]!.invitationId!;
  return { invitationId, token: await link(invitationId) };
}

/** What the mail carries. */
const link = (invitationId: string) => makeLinkSecret(world.db, 'invitation', invitationId, 14 * 86_400);

const events = async (type: string) =>
  (
    await sql<{ after: Record<string, unknown>; delegations: string[]; subject_id: string | null }>`
      select after, delegations, subject_id from event where type = ${type} order by position`.execute(
      world.db,
    )
  ).rows;

describe('accepting', () => {
  it('makes a person, a membership and what came with it, signs in, and works once', async () => {
    const { token, invitationId } = await invite('new@acme.example', {
      title: 'Fitter',
      entitlementIds: [world.entitlements.partsViewer],
    });
    const { output: shown } = await call('invitation.look-up', { token });
    expect(shown).toMatchObject({
      state: 'open',
      step: 'password',
      organizationName: 'acmeNorth',
      inviterName: 'acmeManager',
      access: [{ application: 'parts', name: 'viewer' }],
      managerAs: null,
    });
    const { output: joined, session } = await call('invitation.accept', {
      token,
      displayName: 'Nina Newcomer',
      password,
    });
    expect(joined).toMatchObject({ signedIn: true, organizationId: world.organizations.acmeNorth.id });
    expect(await holds(world.db, joined.membershipId, world.entitlements.partsViewer)).toBe(true);
    expect((await call('me.read', {}, session)).output).toMatchObject({ displayName: 'Nina Newcomer' });
    await expect(call('invitation.accept', { token, password })).rejects.toMatchObject({
      code: 'invitation.used',
    });
    expect((await call('invitation.look-up', { token })).output.state).toBe('accepted');

    const [accepted] = await events('invitation.accepted');
    expect(accepted).toMatchObject({
      subject_id: joined.userId,
      after: { id: invitationId, acceptedBy: joined.userId },
    });
    expect(accepted!.delegations[0]).toBe(world.delegations.acmeManager);
    expect(await events('user.created')).toHaveLength(1);
    expect(await events('membership.created')).toHaveLength(1);
    const [given] = await events('assignment.given');
    expect(given!.delegations[0]).toBe(world.delegations.acmeManager);
    expect(JSON.stringify(await events('invitation.created'))).not.toContain('new@acme.example');
  });

  it('lets one of two acceptances at once win (I43)', async () => {
    const { token } = await invite('new@acme.example');
    const both = await Promise.allSettled([
      call('invitation.accept', { token, password }),
      call('invitation.accept', { token, password }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'invitation.used' },
    });
    const { rows } = await sql`select 1 from app_user where proved_email = 'new@acme.example'`.execute(
      world.db,
    );
    expect(rows).toHaveLength(1);
  });

  it('gives an address to one account, of two invitations accepted at once too (I40)', async () => {
    const one = await invite('new@acme.example');
    const two = await invite('New@ACME.example', { organizationId: world.organizations.acmeSouth.id });
    const both = await Promise.allSettled([
      call('invitation.accept', { token: one.token, password }),
      call('invitation.accept', { token: two.token, password }),
    ]);
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'invitation.sign-in-first' },
    });
  });

  it('tells expired from never, and lets somebody ask for a new one once', async () => {
    const { token, invitationId } = await invite('new@acme.example');
    await passTime(world.db, 14 * 86_400);
    await expect(call('invitation.accept', { token, password })).rejects.toMatchObject({
      code: 'invitation.expired',
    });
    await expect(call('invitation.accept', { token: 'made-up', password })).rejects.toMatchObject({
      code: 'invitation.unknown',
    });
    expect((await call('invitation.look-up', { token })).output).toMatchObject({
      state: 'expired',
      renewalAsked: false,
    });
    await call('invitation.ask-again', { token });
    await call('invitation.ask-again', { token });
    expect(await events('invitation.renewal-asked')).toHaveLength(1);
    expect((await world.as('acmeManager', 'invitation.list', { state: 'expired' })).items).toMatchObject([
      { id: invitationId, renewalAskedAt: expect.any(String) },
    ]);
    const again = await world.as('acmeManager', 'invitation.resend', { invitationId });
    expect(again).toMatchObject({ state: 'open', renewalAskedAt: null });
    await call('invitation.accept', { token: await link(invitationId), password });
  });

  it('stops with the day before which it would bring anything', async () => {
    const { token } = await invite('new@acme.example', { lastDay: tomorrow() });
    await passTime(world.db, 3 * 86_400);
    await expect(call('invitation.accept', { token, password })).rejects.toMatchObject({
      code: 'invitation.expired',
    });
  });

  it('starts no session before the first day', async () => {
    const { token } = await invite('new@acme.example', { firstDay: tomorrow() });
    const { output, session } = await call('invitation.accept', { token, password });
    expect(output.signedIn).toBe(false);
    expect(session).toEqual({ kind: 'none' });
  });

  it('asks for a name and a fit password, and changes nothing until then', async () => {
    const { token } = await invite('new@acme.example', { people: [{ email: 'new@acme.example' }] });
    await expect(call('invitation.accept', { token, password })).rejects.toMatchObject({
      code: 'input.invalid',
    });
    await expect(
      call('invitation.accept', { token, displayName: 'Nina', password: 'short' }),
    ).rejects.toMatchObject({ code: 'auth.password-weak' });
    await expect(call('invitation.accept', { token, displayName: 'Nina' })).rejects.toMatchObject({
      details: { field: 'password' },
    });
    expect((await call('invitation.look-up', { token })).output.state).toBe('open');
  });

  it('is refused when revoked', async () => {
    const { token, invitationId } = await invite('new@acme.example');
    await world.as('acmePeer', 'invitation.revoke', { invitationId });
    await expect(call('invitation.accept', { token, password })).rejects.toMatchObject({
      code: 'invitation.revoked',
    });
    await expect(world.as('acmeManager', 'invitation.resend', { invitationId })).rejects.toMatchObject({
      code: 'invitation.revoked',
    });
  });

  it('goes to the new address alone when re-addressed', async () => {
    const { token, invitationId } = await invite('old@acme.example', {
      entitlementIds: [world.entitlements.partsViewer],
    });
    const moved = await world.as('acmeManager', 'invitation.readdress', {
      invitationId,
      email: 'fresh@acme.example',
    });
    expect(moved).toMatchObject({ email: 'fresh@acme.example', state: 'open' });
    expect(moved.id).not.toBe(invitationId);
    await expect(call('invitation.accept', { token, password })).rejects.toMatchObject({
      code: 'invitation.revoked',
    });
    const { output } = await call('invitation.accept', { token: await link(moved.id), password });
    expect(await holds(world.db, output.membershipId, world.entitlements.partsViewer)).toBe(true);
  });
});

describe('somebody who has an account already', () => {
  it('is answered to the inviter as somebody new, signs in, and then joins', async () => {
    const { token } = await invite('BetaMember@example.org', {
      entitlementIds: [world.entitlements.partsViewer],
    });
    expect((await call('invitation.look-up', { token })).output.step).toBe('sign-in');
    await expect(call('invitation.accept', { token, password })).rejects.toMatchObject({
      code: 'invitation.sign-in-first',
    });
    const other = asMember(world.people.rootMember);
    expect((await call('invitation.look-up', { token }, other)).output.step).toBe('other-address');
    await expect(call('invitation.accept', { token }, other)).rejects.toMatchObject({
      code: 'invitation.other-address',
    });
    const { output } = await call('invitation.accept', { token }, asMember(world.people.betaMember));
    expect(output.userId).toBe(world.people.betaMember.userId);
    expect(await holds(world.db, output.membershipId, world.entitlements.partsViewer)).toBe(true);
    // Rights do not mix: the membership elsewhere holds nothing of it.
    expect(await holds(world.db, world.people.betaMember.membershipId, world.entitlements.partsViewer)).toBe(
      false,
    );
    const { rows } = await sql<{ home: string }>`select home_organization_id as home from app_user
      where id = ${output.userId}`.execute(world.db);
    expect(rows[0]!.home).toBe(world.organizations.beta.id);
  });

  it('gets the same answers as an address that nobody has (I40)', async () => {
    const shape = async (email: string) => {
      const { results } = await world.as('acmeManager', 'invitation.create', {
        organizationId: world.organizations.acmeNorth.id,
        people: [{ email }],
      });
      const { invitationId, ...answer } = results[0]!;
      const listed = await world.as('acmeManager', 'invitation.read', { invitationId: invitationId! });
      const blank = Object.fromEntries(Object.entries(listed).map(([key, value]) => [key, value === null]));
      return { ...answer, email: '', blank };
    };
    expect(await shape('betamember@example.org')).toEqual(await shape('nobody@example.org'));
  });
});

describe('what an invitation gives is decided again (I01, I14)', () => {
  it('is dead when the chain it was sent under has ended', async () => {
    const { token } = await invite('new@acme.example');
    await world.as('owner', 'delegation.end', { delegationId: world.delegations.acmeStanding });
    expect((await call('invitation.look-up', { token })).output.state).toBe('dead');
    await expect(call('invitation.accept', { token, password })).rejects.toMatchObject({
      code: 'invitation.dead',
    });
  });

  it('stands when its sender has left', async () => {
    const { token } = await invite('new@acme.example', { entitlementIds: [world.entitlements.partsViewer] });
    await world.as('acmePeer', 'membership.end', { membershipId: world.people.acmeManager.membershipId });
    const { output } = await call('invitation.accept', { token, password });
    expect(await holds(world.db, output.membershipId, world.entitlements.partsViewer)).toBe(true);
  });

  it('leaves out access that was narrowed away meanwhile', async () => {
    const { token } = await invite('new@acme.example', {
      entitlementIds: [world.entitlements.partsViewer, world.entitlements.notesReader],
    });
    await world.as('owner', 'delegation.narrow', {
      delegationId: world.delegations.acmeStanding,
      entitlements: { applicationIds: [world.applications.parts] },
    });
    const { output } = await call('invitation.accept', { token, password });
    const { rows } = await sql<{ id: string }>`select entitlement_id as id from assignment
      where membership_id = ${output.membershipId} and state = 'active'`.execute(world.db);
    expect(rows).toEqual([{ id: world.entitlements.partsViewer }]);
  });

  it('offers nothing above the ceiling, outside the boundary, or beyond the giver', async () => {
    const offer = (more: Partial<Input<'invitation.create'>>, as: 'acmeManager' | 'northManager' | 'owner') =>
      world.as(as, 'invitation.create', {
        organizationId: world.organizations.acmeNorth.id,
        people: [{ email: 'new@acme.example' }],
        ...more,
      });
    await expect(
      offer({ entitlementIds: [world.entitlements.ledgerClerk] }, 'acmeManager'),
    ).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(offer({ entitlementIds: [world.entitlements.ledgerClerk] }, 'owner')).rejects.toMatchObject({
      code: 'entitlement.above-ceiling',
    });
    await expect(
      offer({ entitlementIds: [world.entitlements.notesReader] }, 'northManager'),
    ).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(offer({ manager: {} }, 'northManager')).rejects.toMatchObject({
      code: 'delegation.outside',
    });
    await expect(
      offer({ organizationId: world.organizations.acme2.id }, 'acmeManager'),
    ).rejects.toMatchObject({ code: 'not-found' });
    await expect(
      world.as('acmeMember', 'invitation.create', {
        organizationId: world.organizations.acme.id,
        people: [{ email: 'new@acme.example' }],
      }),
    ).rejects.toMatchObject({ code: 'not-found' });
  });

  it('appoints a manager below the giver’s link, within what it gives at acceptance', async () => {
    const { token } = await invite('boss@acme.example', { manager: { mayPassOn: 1 } });
    expect((await call('invitation.look-up', { token })).output.managerAs).toBe('Manager');
    await world.as('owner', 'delegation.narrow', {
      delegationId: world.delegations.acmeStanding,
      entitlements: { applicationIds: [world.applications.parts] },
    });
    const { output, session } = await call('invitation.accept', { token, password });
    const { rows } = await sql<Record<string, unknown>>`
      select parent_id, giver_user_id, may_pass_on, entitlements, place_paths from delegation
      where delegate_membership_id = ${output.membershipId}`.execute(world.db);
    expect(rows).toEqual([
      {
        parent_id: world.delegations.acmeManager,
        giver_user_id: world.people.acmeManager.userId,
        may_pass_on: 1,
        entitlements: { applications: [world.applications.parts], entitlements: [] },
        place_paths: [world.organizations.acmeNorth.path],
      },
    ]);
    const { output: list } = await call('user.list', {}, session);
    expect(list.items.map((row) => row.organizationName).sort()).toEqual([
      'acmeNorth',
      'acmeNorth',
      'acmeNorth',
      'acmeNorthSite',
    ]);
  });

  it('does not appoint when the giver’s link ended, and the invitation says so', async () => {
    const { token } = await invite('boss@acme.example', { manager: {} });
    await world.as('owner', 'delegation.end', { delegationId: world.delegations.acmeManager });
    await expect(call('invitation.accept', { token, password })).rejects.toMatchObject({
      code: 'invitation.dead',
    });
    const { rows } = await sql`select 1 from app_user where proved_email = 'boss@acme.example'`.execute(
      world.db,
    );
    expect(rows).toEqual([]);
  });

  it('is sent again under whoever sends it: more days are a grant', async () => {
    const { invitationId } = await invite('new@acme.example', {
      entitlementIds: [world.entitlements.notesReader],
    });
    await expect(world.as('northManager', 'invitation.resend', { invitationId })).rejects.toMatchObject({
      code: 'not-found',
    });
    await world.as('owner', 'delegation.end', { delegationId: world.delegations.acmeManager });
    const revived = await world.as('acmePeer', 'invitation.resend', { invitationId });
    expect(revived).toMatchObject({ state: 'open', invitedByName: 'acmePeer' });
    const { output } = await call('invitation.accept', { token: await link(invitationId), password });
    expect(await holds(world.db, output.membershipId, world.entitlements.notesReader)).toBe(true);
  });
});

describe('inviting many', () => {
  it('answers per line, and invites the good ones', async () => {
    await invite('open@acme.example');
    const { results } = await world.as('acmeManager', 'invitation.create', {
      organizationId: world.organizations.acmeNorth.id,
      people: [
        'a@acme.example',
        'not an address',
        'A@ACME.example',
        'northmember@example.org',
        'open@acme.example',
        'acmemanager@example.org',
      ].map((email) => ({ email })),
    });
    expect(results.map((line) => line.refusal?.code ?? 'sent')).toEqual([
      'sent',
      'invitation.no-address',
      'invitation.twice',
      'membership.exists',
      'invitation.open-already',
      'user.self',
    ]);
    expect(await events('invitation.created')).toHaveLength(2);
  });

  it('checks pasted text without sending', async () => {
    await world.as('owner', 'organization.update', {
      organizationId: world.organizations.acme.id,
      domains: ['acme.example'],
    });
    await invite('open@acme.example');
    const { people, counts } = await world.as('acmeManager', 'invitation.check', {
      organizationId: world.organizations.acmeNorth.id,
      text: 'Name,E-mail\nAnna,anna@acme.example\nBob <bob@other.example>\nNorthMember@example.org\nopen@acme.example; anna@sub.acme.example\nanna@ACME.example\nhello',
    });
    expect(people.map(({ line, verdict, name }) => [line, verdict, name])).toEqual([
      [2, 'will-invite', 'Anna'],
      [3, 'outside-domains', 'Bob'],
      [4, 'already-here', undefined],
      [5, 'open-already', undefined],
      [5, 'will-invite', undefined],
      [6, 'twice', undefined],
      [7, 'not-an-address', undefined],
    ]);
    expect(counts).toMatchObject({ 'will-invite': 2, 'not-an-address': 1 });
    expect(await events('invitation.created')).toHaveLength(1);
    await expect(
      world.as('acmeManager', 'invitation.check', {
        organizationId: world.organizations.acmeNorth.id,
        text: '\n'.repeat(2001),
      }),
    ).rejects.toMatchObject({ code: 'input.too-large' });
  });

  it('makes room where an invitation expired', async () => {
    const { invitationId } = await invite('new@acme.example');
    await passTime(world.db, 15 * 86_400);
    await invite('new@acme.example');
    expect(await events('invitation.revoked')).toMatchObject([
      { after: { id: invitationId, state: 'revoked' } },
    ]);
  });

  it('lists what lies within reach only', async () => {
    const { invitationId } = await invite('new@acme.example');
    await invite('far@acme.example', { organizationId: world.organizations.acme2.id }, 'acme2Manager');
    const seen = async (as: Parameters<World['as']>[0]) =>
      (await world.as(as, 'invitation.list', {})).items.map(({ email }) => email);
    expect(await seen('acmeManager')).toEqual(['new@acme.example']);
    expect(await seen('northManager')).toEqual(['new@acme.example']);
    expect(await seen('owner')).toEqual(['far@acme.example', 'new@acme.example']);
    await expect(seen('acmeMember')).rejects.toMatchObject({ code: 'not-permitted' });
    const [forNorth] = (await world.as('northManager', 'invitation.list', {})).items;
    expect(forNorth!.invitedByName).toBeNull();
    for (const name of ['invitation.read', 'invitation.revoke', 'invitation.resend'] as const)
      await expect(world.as('acme2Manager', name, { invitationId })).rejects.toMatchObject({
        code: 'not-found',
      });
    await expect(world.as('acmeHelpDesk', 'invitation.revoke', { invitationId })).rejects.toMatchObject({
      code: 'not-permitted',
    });
  });
});

function tomorrow(): string {
  return new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
}
