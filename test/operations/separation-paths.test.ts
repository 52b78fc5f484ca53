import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { addMembership as addDirectoryMembership } from '../../src/directory/store.ts';
import { performImport } from '../../src/enrolment/import/run.ts';
import { run } from '../../src/operation/pipeline.ts';
import { passTime } from '../../src/platform/clock.ts';
import { makeLinkSecret } from '../../src/platform/one-time-secrets.ts';
import { operations } from '../../src/server/operations.gen.ts';
import { apart, except, type Role } from '../harness/separation.ts';
import {
  addMembership,
  makeWorld,
  type OrganizationName,
  type PersonName,
  type World,
} from '../harness/world.ts';

/** Every path by which somebody could come to hold together what is kept apart (I37), one by one. */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const broken = { code: 'separation.broken' };
const at = (name: OrganizationName) => world.organizations[name].id;
const role = (name: Role) => world.entitlements[name];
const member = (person: PersonName) => world.people[person].membershipId;
const give = (name: Role, person: PersonName = 'northMember', more: object = {}) =>
  world.as('owner', 'assignment.grant', {
    membershipIds: [member(person)],
    entitlementIds: [role(name)],
    ...more,
  });
const giveAll = (name: Role, where: OrganizationName) =>
  world.as('owner', 'assignment.grant', { organizationId: at(where), entitlementIds: [role(name)] });
const has = (name: Role, membershipId: string) => holds(world.db, membershipId, role(name));
const keepApart = (where: OrganizationName = 'root') =>
  apart(world, ['partsBuyer', 'notesAuthor'], { at: where });
const bundle = (names: Role[], name = 'Bundle') =>
  world.as('owner', 'access-role.create', {
    organizationId: at('root'),
    name,
    entitlementIds: names.map(role),
  });

describe('through what is given to many', () => {
  it('holds for everybody in an organization, now and for whoever comes', async () => {
    await keepApart();
    await give('partsBuyer', 'siteMember');
    await expect(giveAll('notesAuthor', 'acmeNorth')).rejects.toMatchObject(broken);
    await giveAll('notesAuthor', 'acmeSouth');
    await expect(give('partsBuyer', 'southMember')).rejects.toMatchObject(broken);
    // Whoever has the one elsewhere does not become a member where everybody has the other.
    const joining = addMembership(
      world.db,
      world.people.siteMember.userId,
      'siteMember',
      world.organizations.acmeSouth,
    );
    await expect(joining).rejects.toMatchObject({ code: 'RM003' });
  });

  it('holds for bundles: given, and put into one that somebody has', async () => {
    await keepApart();
    const both = await bundle(['partsBuyer', 'notesAuthor'], 'Both');
    const giveBundle = (accessRoleId: string, person: PersonName) =>
      world.as('owner', 'assignment.grant', {
        membershipIds: [member(person)],
        accessRoleIds: [accessRoleId],
      });
    await expect(giveBundle(both.id, 'northMember')).rejects.toMatchObject(broken);
    const some = await bundle(['partsBuyer', 'notesReader'], 'Some');
    await giveBundle(some.id, 'siteMember');
    await give('notesAuthor', 'northMember');
    await expect(giveBundle(some.id, 'northMember')).rejects.toMatchObject(broken);
    const edit = (accessRoleId: string, names: Role[]) =>
      world.as('owner', 'access-role.update', { accessRoleId, entitlementIds: names.map(role) });
    await expect(edit(some.id, ['partsBuyer', 'notesReader', 'notesAuthor'])).rejects.toMatchObject(broken);
    await edit(some.id, ['partsBuyer', 'partsViewer']);
    const other = await bundle(['partsViewer'], 'Other');
    await giveBundle(other.id, 'northMember');
    await expect(edit(other.id, ['partsViewer', 'partsBuyer'])).rejects.toMatchObject(broken);
    // Nobody has it: it can be made so, and not be given.
    await edit(both.id, ['partsBuyer', 'notesAuthor', 'partsViewer']);
  });
});

describe('through the directory', () => {
  it('holds when a last day is put off, an account is joined or somebody comes back', async () => {
    await keepApart();
    const { northMember, southMember, siteMember } = world.people;
    const inSouth = await addMembership(
      world.db,
      northMember.userId,
      'northMember',
      world.organizations.acmeSouth,
    );
    const soon = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
    await world.as('owner', 'membership.update', {
      membershipId: northMember.membershipId,
      lastDay: soon(5).slice(0, 10),
    });
    await give('partsBuyer', 'northMember');
    await world.as('owner', 'assignment.grant', {
      membershipIds: [inSouth],
      entitlementIds: [role('notesAuthor')],
      from: soon(20),
    });
    const lengthen = (days: number) =>
      world.as('owner', 'membership.update', {
        membershipId: northMember.membershipId,
        lastDay: soon(days).slice(0, 10),
      });
    await lengthen(15);
    await expect(lengthen(25)).rejects.toMatchObject(broken);

    await give('partsBuyer', 'siteMember');
    await give('notesAuthor', 'southMember');
    await expect(
      sql`update membership set user_id = ${siteMember.userId} where id = ${southMember.membershipId}`.execute(
        world.db,
      ),
    ).rejects.toMatchObject({ code: 'RM003' });

    await giveAll('notesAuthor', 'beta');
    const back = () =>
      addDirectoryMembership(world.db, {
        userId: siteMember.userId,
        displayName: 'siteMember',
        organizationId: at('beta'),
      });
    await expect(back()).rejects.toMatchObject({ code: 'RM003' });
    await world.as('owner', 'membership.end', { membershipId: siteMember.membershipId });
    expect(await has('notesAuthor', (await back()).id)).toBe(false);
    await passTime(world.db, 11);
    expect(
      await has(
        'notesAuthor',
        (await world.as('owner', 'user.list', { organizationId: at('beta'), search: 'siteMember' })).items[0]!
          .membershipId,
      ),
    ).toBe(true);
  });

  it('holds when an organization moves into a set, or below what everybody has, and not for what was before', async () => {
    await give('partsBuyer', 'southMember');
    await give('notesAuthor', 'southMember');
    await keepApart('beta');
    await expect(
      world.as('owner', 'organization.move', { organizationId: at('acmeSouth'), parentId: at('beta') }),
    ).rejects.toMatchObject(broken);
    // Under one set before and after: what was together before does not hold up the move, whatever moves with it.
    const wide = await keepApart('acme');
    await world.as('owner', 'organization.move', {
      organizationId: at('acmeSouth'),
      parentId: at('acmeNorth'),
    });
    await world.as('owner', 'separation.retire', { separationId: wide.id });
    await world.as('owner', 'organization.move', { organizationId: at('acmeSouth'), parentId: at('acme') });

    await keepApart('root');
    await give('partsViewer', 'siteMember');
    await giveAll('notesReader', 'acmeSouth');
    await apart(world, ['partsViewer', 'notesReader']);
    await expect(
      world.as('owner', 'organization.move', { organizationId: at('acmeNorth'), parentId: at('acmeSouth') }),
    ).rejects.toMatchObject(broken);
  });

  it('holds when an organization becomes part of another, and its own sets go along', async () => {
    await giveAll('notesAuthor', 'acmeNorth');
    await give('partsBuyer', 'southMember');
    await keepApart('acme');
    const merge = () =>
      world.as('owner', 'organization.merge', { organizationId: at('acmeSouth'), intoId: at('acmeNorth') });
    await expect(merge()).rejects.toMatchObject(broken);
    const ofSouth = await apart(world, ['partsViewer', 'partsBuyer'], { at: 'acmeSouth' });
    const [given] = (await world.as('owner', 'assignment.list', { membershipId: member('southMember') }))
      .items;
    await world.as('owner', 'assignment.end', { assignmentId: given!.id });
    await merge();
    const { items } = await world.as('owner', 'separation.list', { organizationId: at('acmeNorth') });
    expect(items.map(({ id }) => id)).toEqual([ofSouth.id]);
    await give('partsViewer', 'northMember');
    await expect(give('partsBuyer', 'northMember')).rejects.toMatchObject(broken);
  });
});

describe('through the doors', () => {
  const invite = (entitlementIds: string[], email = 'ann@example.org') =>
    world.as('acmeManager', 'invitation.create', {
      organizationId: at('acmeNorth'),
      people: [{ email, displayName: 'Ann' }],
      entitlementIds,
    });
  async function accept(invitationId: string, credential: object = { kind: 'none' }) {
    const token = await makeLinkSecret(world.db, 'invitation', invitationId, 3600);
    const { output } = await run(world.services, operations['invitation.accept'], {
      credential: credential as { kind: 'none' },
      input: { token, password: 'a walrus in the garden', displayName: 'Ann' },
      requestId: 'test',
      caller: { address: '192.0.2.1', userAgent: 'test', sessionToken: undefined },
    });
    return output;
  }

  it('holds for what an invitation offers, when it is sent and when it is accepted', async () => {
    await keepApart('acme');
    const codeOf = async (sent: ReturnType<typeof invite>) => {
      const answer = await sent.catch((error: { code?: string }) => error);
      return 'code' in answer
        ? answer.code
        : JSON.stringify(answer).includes('separation.broken')
          ? 'separation.broken'
          : 'sent';
    };
    expect(await codeOf(invite([role('partsBuyer'), role('notesAuthor')]))).toBe('separation.broken');
    const sent = await invite([role('partsBuyer')]);
    await giveAll('notesAuthor', 'acmeNorth');
    expect(await codeOf(invite([role('partsBuyer')], 'bob@example.org'))).toBe('separation.broken');
    await accept((sent as unknown as { results: { invitationId: string }[] }).results[0]!.invitationId);
    const { rows } = await sql<{ id: string }>`
      select m.id from membership m join app_user u on u.id = m.user_id where u.proved_email = 'ann@example.org'`.execute(
      world.db,
    );
    await passTime(world.db, 11);
    // Ann is in, without what may not go with what everybody there has.
    expect(await has('notesAuthor', rows[0]!.id)).toBe(true);
    expect(await has('partsBuyer', rows[0]!.id)).toBe(false);
  });

  it('holds for what is taken over from files', async () => {
    const organizationId = at('beta');
    const files = (roles: string[], people: string[]) => ({
      'organizations.csv': 'id,parent,name\nsmall,,Small\n',
      'users.csv': `username,displayName\n${people.map((name) => `${name},${name}\n`).join('')}`,
      'memberships.csv': `user,organization\n${people.map((name) => `${name},small\n`).join('')}`,
      'applications.csv': 'application,role\nwiki,reader\nwiki,writer\n',
      'assignments.csv': `organization,application,role\n${roles.map((name) => `small,wiki,${name}\n`).join('')}`,
    });
    const take = async (taken: ReturnType<typeof files>) => {
      const planned = await world.as('owner', 'import.plan', { organizationId, files: taken });
      expect(planned.errors).toEqual([]);
      const { importId } = await world.as('owner', 'import.apply', {
        organizationId,
        files: taken,
        planHash: planned.planHash!,
      });
      await performImport(world.services, importId!).catch(() => undefined);
      return await world.as('owner', 'import.read', { importId: importId! });
    };
    expect((await take(files(['reader'], ['sam']))).state).toBe('done');
    const { rows: roles } = await sql<{ id: string }>`
      select e.id from entitlement e join application a on a.id = e.application_id where a.name = 'wiki'`.execute(
      world.db,
    );
    await world.as('owner', 'separation.create', {
      organizationId: at('root'),
      name: 'Reading and writing',
      entitlementIds: roles.map(({ id }) => id),
    });
    const done = await take(files(['reader', 'writer'], ['sam', 'tom']));
    expect([done.state, JSON.stringify(done)]).toEqual([
      'failed',
      expect.stringContaining('separation.broken'),
    ]);
    expect((await sql`select 1 from app_user where user_name = 'tom'`.execute(world.db)).rows).toEqual([]);
  });

  it('holds for what is asked for: when it is asked, decided, and applied', async () => {
    const { id } = await keepApart('acme');
    const ask = (name: Role) =>
      world.as('northMember', 'request.create', { entitlementId: role(name), reason: 'Needed.' });
    const buying = await ask('partsBuyer');
    const seen = async () =>
      (await world.as('northMember', 'request.catalogue', {})).items.find(
        ({ entitlementId }) => entitlementId === role('partsBuyer'),
      );
    expect((await seen())!.wouldBreak).toBeUndefined();
    await give('notesAuthor');
    // Warned before: the asker sees their own roles, and not the set.
    expect((await seen())!.wouldBreak).toEqual({ name: null, roles: ['notes: author', 'parts: buyer'] });
    const { applications } = await world.as('acmeManager', 'entitlement.grantable', {
      organizationId: at('acmeNorth'),
      membershipId: member('northMember'),
    });
    const shown = applications
      .flatMap(({ roles }) => roles)
      .find(({ entitlementId }) => entitlementId === role('partsBuyer'));
    expect(shown!.wouldBreak!.name).toContain('Apart');
    await world.as('northMember', 'request.withdraw', { requestId: buying.requestId });
    await expect(ask('partsBuyer')).rejects.toMatchObject(broken);
    const first = await except(world, id, 'northMember', new Date(Date.now() + 20 * 86_400_000));
    const again = await ask('partsBuyer');
    await world.as('owner', 'separation.lift', { separationExceptionId: first.id });
    const decide = () =>
      world.as('acmeManager', 'request.decide', { requestId: again.requestId, approve: true });
    await expect(decide()).rejects.toMatchObject(broken);
    const until = new Date(Date.now() + 10 * 86_400_000);
    await except(world, id, 'northMember', until);
    await decide();
    await passTime(world.db, 11);
    expect(await has('partsBuyer', member('northMember'))).toBe(true);
    await passTime(world.db, 10 * 86_400);
    expect(await has('partsBuyer', member('northMember'))).toBe(false);
  });
});
