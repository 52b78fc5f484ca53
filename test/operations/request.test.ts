import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { passTime } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { addPerson, makeWorld, type Person, type PersonName, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const absent = '00000000-0000-7000-8000-00000000dead';
const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const member = (person: PersonName) => world.people[person].membershipId;
type Role = keyof World['entitlements'];
const ask = (who: PersonName | Person, role: Role, more: object = {}) =>
  world.as(who, 'request.create', {
    entitlementId: world.entitlements[role],
    reason: 'For the plant.',
    ...more,
  });
const decide = (who: PersonName | Person, requestId: string, approve = true, note = '') =>
  world.as(who, 'request.decide', { requestId, approve, note });
const has = (person: PersonName, role: Role) => holds(world.db, member(person), world.entitlements[role]);
const catalogue = async (who: PersonName) =>
  (await world.as(who, 'request.catalogue', {})).items.map(({ name, state }) => `${name} ${state}`);
const inbox = async (who: PersonName | Person) =>
  (await world.as(who, 'request.list', { box: 'inbox' })).items.map(({ requestId }) => requestId);

describe('the catalogue', () => {
  it('offers what the organization may have and the person has not', async () => {
    expect(await catalogue('northMember')).toEqual([
      'author free',
      'reader free',
      'buyer free',
      'viewer free',
    ]);
    await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [member('northMember')],
      entitlementIds: [world.entitlements.partsBuyer],
    });
    await ask('northMember', 'notesAuthor');
    expect(await catalogue('northMember')).toEqual(['author asked', 'reader free', 'viewer free']);
    expect(await catalogue('betaMember')).toContain('clerk free');
  });

  it('says who would decide, by level and never by name, and for whom it is; one of it by its id', async () => {
    const page = await world.as('northMember', 'request.catalogue', {});
    expect(page.whom).toMatchObject({ displayName: 'northMember', organizationName: 'acmeNorth' });
    const whoOf = ({ items }: typeof page) =>
      items.map(({ name, steps }) => `${name}: ${steps.map(({ who }) => who.join())}`);
    // By the rule of the decision: the manager there looks after one of the applications alone, and decides nothing of their own.
    expect(whoOf(page)).toEqual([
      'author: level-above',
      'reader: level-above',
      'buyer: managers',
      'viewer: managers',
    ]);
    const own = await world.as('northManager', 'request.catalogue', {});
    expect(new Set(own.items.flatMap(({ steps }) => steps.flatMap(({ who }) => who)))).toEqual(
      new Set(['level-above']),
    );
    const { id } = page.items.at(-1)!;
    const one = await world.as('northMember', 'request.catalogue', { thingId: id });
    expect(one.items.map((item) => item.id)).toEqual([id]);
  });

  it('pages without gaps and finds by name', async () => {
    const all: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await world.as('northMember', 'request.catalogue', { limit: 1, cursor });
      all.push(...page.items.map(({ name }) => name));
      cursor = page.next;
    } while (cursor);
    expect(all).toEqual(['author', 'reader', 'buyer', 'viewer']);
    const found = await world.as('northMember', 'request.catalogue', { search: 'BUY' });
    expect(found.items.map(({ name }) => name)).toEqual(['buyer']);
  });
});

describe('asking', () => {
  it('twice is one request', async () => {
    const first = await ask('northMember', 'partsBuyer');
    expect(first).toMatchObject({ state: 'open', created: true, whoDecides: { level: 'here' } });
    expect(await ask('northMember', 'partsBuyer')).toMatchObject({
      created: false,
      requestId: first.requestId,
    });
    const { rows } = await sql`select 1 from event where type = 'request.created'`.execute(world.db);
    expect(rows).toHaveLength(1);
  });

  it('twice at once is one request too', async () => {
    const both = await Promise.all([ask('northMember', 'partsBuyer'), ask('northMember', 'partsBuyer')]);
    expect(both.map(({ created }) => created).sort()).toEqual([false, true]);
    expect(both[0]!.requestId).toBe(both[1]!.requestId);
  });

  it('is refused for what the organization may not have, as for what does not exist (I08)', async () => {
    await expect(ask('northMember', 'ledgerClerk')).rejects.toEqual(refusal('not-found'));
    await expect(world.as('northMember', 'request.create', { entitlementId: absent })).rejects.toEqual(
      refusal('not-found'),
    );
    await ask('betaMember', 'ledgerClerk');
    // The id of one kind under the name of the other is no thing either.
    await expect(
      world.as('northMember', 'request.create', { accessRoleId: world.entitlements.partsBuyer }),
    ).rejects.toEqual(refusal('not-found'));
  });

  it('is refused for what one has', async () => {
    await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [member('northMember')],
      entitlementIds: [world.entitlements.partsBuyer],
    });
    await expect(ask('northMember', 'partsBuyer')).rejects.toEqual(refusal('access.nothing-to-ask'));
  });

  it('is refused to somebody who is suspended here', async () => {
    await sql`update membership set state = 'suspended' where id = ${member('northMember')}`.execute(
      world.db,
    );
    await expect(ask('northMember', 'partsBuyer')).rejects.toEqual(refusal('not-permitted'));
    await ask('siteMember', 'partsBuyer');
  });

  it('for somebody else needs to see them', async () => {
    await expect(ask('northMember', 'partsBuyer', { membershipId: member('siteMember') })).rejects.toEqual(
      refusal('not-found'),
    );
    const asked = await ask('acmeHelpDesk', 'partsBuyer', { membershipId: member('siteMember') });
    expect(asked).toMatchObject({ forSomebodyElse: true, subject: { displayName: 'siteMember' } });
    // whoever decides, and sees the people there, knows who asked: the letter says it, too
    const { requestId } = asked;
    expect(await world.as('acmeManager', 'request.read', { requestId })).toMatchObject({
      requestedBy: 'acmeHelpDesk',
      forSomebodyElse: true,
    });
  });

  it('can be withdrawn by whoever asked', async () => {
    const { requestId } = await ask('northMember', 'partsBuyer');
    await expect(world.as('siteMember', 'request.withdraw', { requestId })).rejects.toEqual(
      refusal('not-found'),
    );
    expect((await world.as('northMember', 'request.withdraw', { requestId })).state).toBe('withdrawn');
    await expect(decide('northManager', requestId)).rejects.toEqual(refusal('request.decided'));
    expect((await ask('northMember', 'partsBuyer')).created).toBe(true);
  });

  it('names nobody out of sight as the decider (ruling 9)', async () => {
    expect((await ask('northMember', 'notesReader')).whoDecides).toEqual({
      level: 'above',
      words: 'A manager at a level above decides this.',
    });
    expect((await ask('betaMember', 'partsBuyer')).whoDecides.level).toBe('above');
    await sql`update delegation set state = 'paused' where delegate_kind = 'user'`.execute(world.db);
    expect((await ask('betaMember', 'notesReader')).whoDecides.level).toBe('nobody');
  });
});

describe('deciding', () => {
  it('gives exactly that, ten seconds later, under the decider’s delegation', async () => {
    const { requestId } = await ask('northMember', 'partsBuyer');
    expect(await inbox('northManager')).toEqual([requestId]);
    expect((await decide('northManager', requestId, true, 'Welcome.')).state).toBe('approved');
    expect(await has('northMember', 'partsBuyer')).toBe(false);
    await passTime(world.db, 10);
    expect(await has('northMember', 'partsBuyer')).toBe(true);
    const mine = await world.as('northMember', 'request.list', { box: 'mine' });
    expect(mine.items[0]).toMatchObject({ state: 'approved', decidedBy: 'northManager', note: 'Welcome.' });
    expect(await inbox('northManager')).toEqual([]);
    const { rows } = await sql<{ type: string; delegations: string[]; text: string }>`
      select type, delegations, (to_jsonb(e) - 'personal')::text as text from event e order by position`.execute(
      world.db,
    );
    expect(rows.map(({ type }) => type)).toEqual(['request.created', 'assignment.given', 'request.approved']);
    expect(rows[1]!.delegations[0]).toBe(world.delegations.northManager);
    expect(rows.map(({ text }) => text).join()).not.toMatch(/Welcome|For the plant/);
  });

  it('gives nothing when refused, and says why to whoever asked', async () => {
    const { requestId } = await ask('northMember', 'partsBuyer');
    await decide('northManager', requestId, false, 'Ask purchasing.');
    await passTime(world.db, 60);
    expect(await has('northMember', 'partsBuyer')).toBe(false);
    expect(await world.as('northMember', 'request.read', { requestId })).toMatchObject({
      state: 'refused',
      note: 'Ask purchasing.',
      whoDecides: null,
    });
  });

  it('happens once, also when two decide at the same time (I31)', async () => {
    const { requestId } = await ask('northMember', 'partsBuyer');
    const answers = await Promise.allSettled([
      decide('northManager', requestId),
      decide('acmeManager', requestId, false),
      decide('acmePeer', requestId),
    ]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toEqual(refusal('request.decided'));
    const { rows } =
      await sql`select 1 from event where type in ('request.approved', 'request.refused')`.execute(world.db);
    expect(rows).toHaveLength(1);
  });

  it('answers a repeated decision alike', async () => {
    const { requestId } = await ask('northMember', 'partsBuyer');
    const first = await decide('northManager', requestId);
    expect(await decide('northManager', requestId)).toEqual(first);
    await expect(decide('northManager', requestId, false)).rejects.toEqual(refusal('request.decided'));
  });

  it('is for those in whose boundary it lies, with the access it is about', async () => {
    const parts = (await ask('northMember', 'partsBuyer')).requestId;
    const notes = (await ask('northMember', 'notesReader')).requestId;
    expect(await inbox('northManager')).toEqual([parts]);
    expect(await inbox('acmeApplicationManager')).toEqual([parts]);
    expect(await inbox('acmeManager')).toEqual([parts, notes]);
    expect(await inbox('acme2Manager')).toEqual([]);
    expect(await inbox('acmeHelpDesk')).toEqual([]);
    await expect(decide('acme2Manager', parts)).rejects.toEqual(refusal('not-found'));
    await expect(decide('acme2Manager', absent)).rejects.toEqual(refusal('not-found'));
    await expect(decide('northManager', notes)).rejects.toEqual(refusal('not-permitted'));
    await expect(world.as('acme2Manager', 'request.read', { requestId: parts })).rejects.toEqual(
      refusal('not-found'),
    );
    await decide('acmeManager', notes);
  });

  it('has an inbox without gaps or doubles, whatever lies between (I07)', async () => {
    const wanted: string[] = [];
    for (let index = 0; index < 12; index += 1) {
      const person = await addPerson(world.db, `asker${index}`, world.organizations.acmeNorth);
      await ask(person, 'notesReader');
      if (index % 3 === 0) wanted.push((await ask(person, 'partsBuyer')).requestId);
    }
    await ask('acmeManager', 'partsViewer');
    const pages: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await world.as('acmeApplicationManager', 'request.list', {
        box: 'inbox',
        limit: 2,
        cursor,
      });
      pages.push(...page.items.filter(({ what }) => what.name === 'buyer').map(({ requestId }) => requestId));
      cursor = page.next;
    } while (cursor);
    expect(pages).toEqual(wanted);
  });

  it('is never about oneself, as asker or as the one it is for (I32)', async () => {
    const own = (await ask('acmeManager', 'partsBuyer')).requestId;
    const byMe = (await ask('acmeManager', 'partsBuyer', { membershipId: member('southMember') })).requestId;
    const forMe = (await ask('owner', 'notesReader', { membershipId: member('acmeManager') })).requestId;
    for (const requestId of [own, byMe, forMe])
      await expect(decide('acmeManager', requestId)).rejects.toEqual(refusal('request.own'));
    expect(await inbox('acmeManager')).toEqual([]);
    await decide('acmePeer', own);
    await decide('acmePeer', byMe);
    // The peer was appointed by the owner, who asked for this one: a second owner decides.
    await expect(decide('acmePeer', forMe)).rejects.toEqual(refusal('request.not-independent'));
    await decide('secondOwner', forMe);
  });

  it('is not for somebody whom the asker appointed or invited (ruling 8)', async () => {
    const appointed = await addPerson(world.db, 'appointed', world.organizations.acme);
    await world.as('acmeManager', 'delegation.create', {
      organizationId: world.organizations.acme.id,
      delegate: { membershipId: appointed.membershipId },
      adminRoleId: adminRoleId('delegated-manager'),
    });
    const { requestId } = await ask('acmeManager', 'partsBuyer');
    expect(await inbox(appointed)).toEqual([]);
    await expect(decide(appointed, requestId)).rejects.toEqual(refusal('request.not-independent'));
    await sql`insert into invitation (id, organization_id, path, email, email_normal, invited_by, accepted_by, state, expires_at)
      values (${newId()}, ${world.organizations.acme.id}, 'r.1', 'p@example.org', 'p@example.org',
        ${world.people.acmeManager.userId}, ${world.people.acmePeer.userId}, 'accepted', remit_now())`.execute(
      world.db,
    );
    expect(await inbox('acmePeer')).toEqual([]);
    await expect(decide('acmePeer', requestId)).rejects.toEqual(refusal('request.not-independent'));
    expect(await inbox('owner')).toEqual([requestId]);
    const others = (await ask('southMember', 'partsBuyer')).requestId;
    expect(await inbox(appointed)).toEqual([others]);
    await decide(appointed, others);
  });

  it('checks the ceiling, the person and the asker anew (I35)', async () => {
    const forGone = (await ask('siteMember', 'partsBuyer')).requestId;
    await sql`update membership set state = 'ended' where id = ${member('siteMember')}`.execute(world.db);
    await expect(decide('acmeManager', forGone)).rejects.toEqual(refusal('membership.ended'));
    const byGone = (await ask('acmeHelpDesk', 'partsBuyer', { membershipId: member('northMember') }))
      .requestId;
    await sql`update app_user set state = 'suspended' where id = ${world.people.acmeHelpDesk.userId}`.execute(
      world.db,
    );
    await expect(decide('acmeManager', byGone)).rejects.toEqual(refusal('membership.ended'));
    const narrowed = (await ask('southMember', 'notesReader')).requestId;
    const retired = (await ask('southMember', 'partsViewer')).requestId;
    await world.as('owner', 'entitlement.retire', { entitlementId: world.entitlements.partsViewer });
    await expect(decide('acmeManager', retired)).rejects.toEqual(refusal('entitlement.retired'));
    await world.as('owner', 'delegation.narrow', {
      delegationId: world.delegations.acmeStanding,
      entitlements: { applicationIds: [world.applications.parts] },
    });
    await expect(decide('secondOwner', narrowed)).rejects.toEqual(refusal('entitlement.above-ceiling'));
    // The same people, without those changes.
    await decide('acmeManager', (await ask('southMember', 'partsBuyer')).requestId);
  });

  it('can be undone for ten seconds, by whoever decided', async () => {
    const { requestId } = await ask('northMember', 'partsBuyer');
    await decide('northManager', requestId);
    await expect(world.as('acmeManager', 'request.undo', { requestId })).rejects.toEqual(
      refusal('undo.too-late'),
    );
    expect((await world.as('northManager', 'request.undo', { requestId })).state).toBe('open');
    await passTime(world.db, 60);
    expect(await has('northMember', 'partsBuyer')).toBe(false);
    expect(await inbox('acmeManager')).toEqual([requestId]);
    await decide('northManager', requestId);
    await passTime(world.db, 11);
    await expect(world.as('northManager', 'request.undo', { requestId })).rejects.toEqual(
      refusal('undo.too-late'),
    );
    expect(await has('northMember', 'partsBuyer')).toBe(true);
  });
});

describe('an access role that is asked for', () => {
  const bundle = (name: string, roles: Role[]) =>
    world.as('owner', 'access-role.create', {
      organizationId: world.organizations.root.id,
      name,
      entitlementIds: roles.map((role) => world.entitlements[role]),
    });

  it('is given as one when it is as it was', async () => {
    const { id } = await bundle('buying', ['partsBuyer', 'notesReader']);
    const asked = await world.as('northMember', 'request.create', { accessRoleId: id });
    expect(asked.contains.map(({ name }) => name)).toEqual(['reader', 'buyer']);
    // Half of it lies beyond the nearer manager.
    await expect(decide('northManager', asked.requestId)).rejects.toEqual(refusal('not-permitted'));
    await decide('acmeManager', asked.requestId);
    const { items } = await world.as('acmeManager', 'assignment.list', {
      membershipId: member('northMember'),
    });
    expect(items).toMatchObject([{ accessRoleId: id, why: 'request', state: 'not-begun' }]);
  });

  it('gives no more than what was asked for when it has grown (I34)', async () => {
    const { id } = await bundle('buying', ['partsBuyer']);
    const { requestId } = await world.as('northMember', 'request.create', { accessRoleId: id });
    await world.as('owner', 'access-role.update', {
      accessRoleId: id,
      entitlementIds: [world.entitlements.partsBuyer, world.entitlements.notesAuthor],
    });
    await decide('northManager', requestId);
    await passTime(world.db, 10);
    expect(await has('northMember', 'partsBuyer')).toBe(true);
    expect(await has('northMember', 'notesAuthor')).toBe(false);
  });

  it('is not offered when part of it lies above the ceiling', async () => {
    await bundle('books', ['partsBuyer', 'ledgerClerk']);
    expect(await catalogue('northMember')).not.toContain('books free');
    expect(await catalogue('betaMember')).toContain('books free');
  });
});
