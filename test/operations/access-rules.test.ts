import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holds, loadHoldings } from '../../src/authority/holds.ts';
import { loadPower } from '../../src/authority/power.ts';
import { run } from '../../src/operation/pipeline.ts';
import { passTime } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeLinkSecret } from '../../src/platform/one-time-secrets.ts';
import { operations } from '../../src/server/operations.gen.ts';
import { makeWorld, type OrganizationName, type PersonName, type World } from '../harness/world.ts';

/** Access by rule, read at use: what is recorded of a person gives it, and gives it no longer (ruling 2). */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

type Rule = {
  at: OrganizationName;
  in?: OrganizationName;
  below?: boolean;
  title?: string;
  attributes?: Record<string, unknown>;
  relation?: 'managers' | 'line-managers' | 'guardians' | 'members';
  entitlement?: keyof World['entitlements'];
  accessRoleId?: string;
  startsAt?: string;
  endsAt?: string;
};

async function rule(one: Rule): Promise<string> {
  const id = newId();
  const { organizations, entitlements } = world;
  const entitlementId = one.accessRoleId ? null : entitlements[one.entitlement ?? 'partsViewer'];
  await sql`insert into access_rule (id, organization_id, in_organization_id, below, title, attributes, relation, entitlement_id,
      access_role_id, starts_at, ends_at)
    values (${id}, ${organizations[one.at].id}, ${one.in ? organizations[one.in].id : null}, ${one.below ?? true}, ${one.title ?? null},
      ${JSON.stringify(one.attributes ?? {})}::jsonb, ${one.relation ?? null}, ${entitlementId}, ${one.accessRoleId ?? null},
      ${one.startsAt ?? '-infinity'}, ${one.endsAt ?? 'infinity'})`.execute(world.db);
  return id;
}

const record = (person: PersonName, facts: { title?: string; attributes?: Record<string, unknown> }) =>
  sql`update membership set title = coalesce(${facts.title ?? null}, title),
      attributes = coalesce(${facts.attributes ? JSON.stringify(facts.attributes) : null}::jsonb, attributes)
    where id = ${world.people[person].membershipId}`.execute(world.db);

/** Who of these has it now. */
async function havers(entitlement: keyof World['entitlements'] = 'partsViewer'): Promise<PersonName[]> {
  const having: PersonName[] = [];
  for (const [name, { membershipId }] of Object.entries(world.people))
    if (await holds(world.db, membershipId, world.entitlements[entitlement])) having.push(name as PersonName);
  return having.sort();
}

const inNorth: PersonName[] = ['northManager', 'northMember', 'siteMember'];

describe('who a rule is about', () => {
  it('is everybody where it stands and below, look-alikes left out', async () => {
    expect(await havers()).toEqual([]);
    await rule({ at: 'acme', in: 'acmeNorth' });
    expect(await havers()).toEqual(inNorth);
    await rule({ at: 'acme', in: 'acmeSouth', below: false });
    expect(await havers()).toEqual([...inNorth, 'southMember']);
    await rule({ at: 'acme' });
    expect(await havers()).not.toContain('acme2Member');
    expect(await havers()).toContain('acmeHelpDesk');
  });

  it('reaches nobody outside the organization where it stands, whatever place it names (I01)', async () => {
    await rule({ at: 'acmeNorth', in: 'root' });
    expect(await havers()).toEqual(inNorth);
    await rule({ at: 'acmeSouth', in: 'acme2' });
    expect(await havers()).toEqual(inNorth);
  });

  it('fits titles and fields, all that are named, as they are now', async () => {
    await rule({ at: 'acme', title: 'Fitter', attributes: { grade: 3 } });
    await record('northMember', { title: ' fitter', attributes: { grade: 3, depot: 'x' } });
    await record('southMember', { title: 'Fitter', attributes: { grade: 2 } });
    await record('siteMember', { title: 'Fitters', attributes: { grade: 3 } });
    expect(await havers()).toEqual(['northMember']);
    await record('northMember', { title: 'Foreman' });
    expect(await havers()).toEqual([]);
  });

  it('stands in the relation that it asks for', async () => {
    const managers = await rule({ at: 'acme', relation: 'managers' });
    expect(await havers()).toEqual(['acmeManager', 'acmePeer', 'northManager']);
    await world.as('acmeManager', 'delegation.pause', { delegationId: world.delegations.northManager });
    expect(await havers()).toEqual(['acmeManager', 'acmePeer']);
    await sql`update access_rule set state = 'ended' where id = ${managers}`.execute(world.db);

    await rule({ at: 'acme', relation: 'line-managers' });
    expect(await havers()).toEqual([]);
    const { northMember, siteMember } = world.people;
    await sql`update membership set line_manager_id = ${northMember.membershipId} where id = ${siteMember.membershipId}`.execute(
      world.db,
    );
    expect(await havers()).toEqual(['northMember']);
    await world.as('acmeManager', 'membership.end', { membershipId: siteMember.membershipId });
    expect(await havers()).toEqual([]);

    await rule({ at: 'acme', relation: 'guardians', in: 'acmeSouth' });
    const { southMember } = world.people;
    await sql`insert into guardian (id, membership_id, organization_id, ends_at)
      values (${newId()}, ${southMember.membershipId}, ${world.organizations.acmeSouth.id}, remit_now() + interval '1 day')`.execute(
      world.db,
    );
    expect(await havers()).toEqual(['southMember']);
    await passTime(world.db, 2 * 86_400);
    expect(await havers()).toEqual([]);
  });
});

describe('what bounds it', () => {
  it('is the ceiling of the organization where it stands, and of the person’s own (I01, I14)', async () => {
    await rule({ at: 'root', entitlement: 'ledgerClerk' });
    // Acme may hand out parts and notes only; others stand under nobody's ceiling.
    expect(await havers('ledgerClerk')).toEqual(
      ['auditor', 'betaMember', 'owner', 'rootMember', 'secondOwner'].sort(),
    );
    await rule({ at: 'acme', entitlement: 'notesReader' });
    expect(await havers('notesReader')).toContain('northMember');
    await world.as('owner', 'delegation.narrow', {
      delegationId: world.delegations.acmeStanding,
      entitlements: { applicationIds: [world.applications.parts], entitlementIds: [] },
    });
    expect(await havers('notesReader')).toEqual([]);
    const { holdings } = await loadHoldings(world.db, {
      membershipIds: [world.people.northMember.membershipId],
      entitlementId: world.entitlements.notesReader,
    });
    expect(holdings).toMatchObject([{ why: 'rule', held: false, stoppedBy: 'ceiling' }]);
  });

  it('is the narrower of the two, also where the person’s own organization may hand out more', async () => {
    const { acmeNorth } = world.organizations;
    // A standing delegation of north that does not hang below that of acme.
    await sql`insert into delegation (id, kind, parent_id, chain, delegate_kind, delegate_organization_id, scope, place_paths, entitlements)
      values (${newId()}, 'administer', ${world.delegations.owner}, ${[world.delegations.owner, world.delegations.rootRow]}::uuid[], 'organization',
        ${acmeNorth.id}, ${JSON.stringify([{ places: [{ ...acmeNorth, below: true }] }])}::jsonb, ${[acmeNorth.path]}, '{"all": true}')`.execute(
      world.db,
    );
    const above = await rule({ at: 'acme', entitlement: 'ledgerClerk' });
    expect(await havers('ledgerClerk')).toEqual([]);
    await sql`update access_rule set organization_id = ${acmeNorth.id} where id = ${above}`.execute(world.db);
    expect(await havers('ledgerClerk')).toEqual(inNorth);
  });

  it('is its dates, its state, and everything that stops access given by hand (I15, I18, I20)', async () => {
    const { rows } = await sql<{ soon: Date; later: Date }>`
      select remit_now() + interval '1 hour' as soon, remit_now() + interval '2 hours' as later`.execute(
      world.db,
    );
    const id = await rule({
      at: 'acmeNorth',
      startsAt: rows[0]!.soon.toISOString(),
      endsAt: rows[0]!.later.toISOString(),
    });
    expect(await havers()).toEqual([]);
    await passTime(world.db, 3600);
    expect(await havers()).toEqual(inNorth);
    await sql`update app_user set state = 'suspended' where id = ${world.people.siteMember.userId}`.execute(
      world.db,
    );
    await sql`update membership set state = 'suspended' where id = ${world.people.northMember.membershipId}`.execute(
      world.db,
    );
    expect(await havers()).toEqual(['northManager']);
    await sql`update access_rule set state = 'paused' where id = ${id}`.execute(world.db);
    expect(await havers()).toEqual([]);
    await sql`update access_rule set state = 'active' where id = ${id}`.execute(world.db);
    await world.as('acmeManager', 'organization.suspend', {
      organizationId: world.organizations.acmeNorth.id,
    });
    expect(await havers()).toEqual([]);
    await world.as('acmeManager', 'organization.resume', {
      organizationId: world.organizations.acmeNorth.id,
    });
    expect(await havers()).toEqual(['northManager']);
    await passTime(world.db, 3600);
    expect(await havers()).toEqual([]);
  });

  it('gives a bundle as it is now, and nothing of one that is retired', async () => {
    const { id: accessRoleId } = await world.as('owner', 'access-role.create', {
      organizationId: world.organizations.acme.id,
      name: 'Workshop',
      entitlementIds: [world.entitlements.partsViewer, world.entitlements.notesReader],
    });
    await rule({ at: 'acmeNorth', accessRoleId });
    expect(await havers('notesReader')).toEqual(inNorth);
    await sql`update access_role set state = 'retired' where id = ${accessRoleId}`.execute(world.db);
    expect(await havers('notesReader')).toEqual([]);
  });
});

describe('recording what a rule reads is giving what it gives (I01, ruling 2)', () => {
  const refused = { code: 'membership.gives-access' };
  const update = (by: PersonName, whom: PersonName, input: object) =>
    world.as(by, 'membership.update', { membershipId: world.people[whom].membershipId, ...input });

  it('titles and line managers', async () => {
    // The manager of north hands out parts only.
    await rule({ at: 'acme', title: 'Fitter', entitlement: 'notesReader' });
    await expect(update('northManager', 'northMember', { title: 'Fitter' })).rejects.toMatchObject(refused);
    await update('northManager', 'northMember', { title: 'Clerk' });
    await update('acmeManager', 'northMember', { title: 'Fitter' });
    // What they have already is given to nobody anew.
    await update('northManager', 'northMember', { title: 'fitter' });
    await rule({ at: 'acme', title: 'Reader', entitlement: 'partsViewer' });
    await update('northManager', 'siteMember', { title: 'Reader' });

    await rule({ at: 'acme', relation: 'line-managers', entitlement: 'notesAuthor' });
    const lineManagerId = world.people.northMember.membershipId;
    await expect(update('northManager', 'siteMember', { lineManagerId })).rejects.toMatchObject(refused);
    await update('acmeManager', 'siteMember', { lineManagerId });
    expect(await havers('notesAuthor')).toEqual(['northMember']);
  });

  it('joining, by every path, and again when an invitation is accepted', async () => {
    const { id: organizationId } = world.organizations.acmeNorth;
    const invite = (email: string, title: string) =>
      world.as('northManager', 'invitation.create', {
        organizationId,
        people: [{ email: `${email}@example.org`, displayName: 'New Person' }],
        title,
      });
    const enrol = (userName: string, title: string) =>
      world.as('northManager', 'user.enrol', { organizationId, userName, displayName: 'New Person', title });
    const { results } = await invite('before', 'Fitter');
    // What the ceiling lets nobody hold there is given to nobody.
    await rule({ at: 'acme', title: 'Fitter', entitlement: 'ledgerClerk' });
    await enrol('early', 'Fitter');
    await rule({ at: 'acme', title: 'Fitter', entitlement: 'notesReader' });
    await expect(invite('after', 'Fitter')).rejects.toMatchObject(refused);
    await expect(enrol('late', 'Fitter')).rejects.toMatchObject(refused);
    await invite('after', 'Clerk');
    await enrol('late', 'Clerk');
    const token = await makeLinkSecret(world.db, 'invitation', results[0]!.invitationId!, 3600);
    await expect(
      run(world.services, operations['invitation.accept'], {
        credential: { kind: 'none' },
        input: { token, password: 'a walrus in the garden' },
        requestId: 'test',
      }),
    ).rejects.toMatchObject({ code: 'invitation.dead' });
  });
});

describe('where it shows', () => {
  it('says that a rule gives it, beside what was given by hand', async () => {
    const { northMember } = world.people;
    const id = await rule({ at: 'acme', in: 'acmeNorth' });
    await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [northMember.membershipId],
      entitlementIds: [world.entitlements.partsViewer],
    });
    await passTime(world.db, 11);
    const { holdings } = await loadHoldings(world.db, { membershipIds: [northMember.membershipId] });
    expect(holdings.map(({ why, ruleId, held }) => ({ why, ruleId, held })).sort(byWhy)).toEqual([
      { why: 'direct', ruleId: null, held: true },
      { why: 'rule', ruleId: id, held: true },
    ]);
    const { applications } = await world.as('northMember', 'access.mine', {});
    expect(JSON.stringify(applications)).toContain('by a rule.');
  });

  it('for those in a relation leaves alone what somebody has otherwise', async () => {
    const { northMember } = world.people;
    await rule({ at: 'acme', relation: 'managers', entitlement: 'notesReader' });
    await sql`insert into assignment (id, membership_id, entitlement_id, why)
      values (${newId()}, ${northMember.membershipId}, ${world.entitlements.partsBuyer}, 'direct')`.execute(
      world.db,
    );
    expect(await holds(world.db, northMember.membershipId, world.entitlements.partsBuyer)).toBe(true);
    const { holdings } = await loadHoldings(world.db, { membershipIds: [northMember.membershipId] });
    expect(holdings.map(({ why }) => why)).toEqual(['direct']);
  });

  it('counts in the power of whoever has it (I12)', async () => {
    const { betaMember } = world.people;
    expect((await loadPower(world.db, betaMember.userId)).access).toEqual([]);
    await rule({ at: 'root', in: 'beta', entitlement: 'ledgerClerk' });
    expect((await loadPower(world.db, betaMember.userId)).access).toMatchObject([
      { path: world.organizations.beta.path, entitlement: { id: world.entitlements.ledgerClerk } },
    ]);
    // A rule of another place gives them nothing.
    expect((await loadPower(world.db, world.people.acme2Member.userId)).access).toEqual([]);
  });
});

const byWhy = (one: { why: string }, other: { why: string }): number => one.why.localeCompare(other.why);
