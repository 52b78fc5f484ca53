import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dayOf } from '../../src/directory/days.ts';
import { passTime } from '../../src/platform/clock.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

type Role = keyof World['entitlements'];
const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const member = (person: PersonName) => world.people[person].membershipId;
const ask = async (who: PersonName, role: Role = 'partsBuyer') =>
  (await world.as(who, 'request.create', { entitlementId: world.entitlements[role], reason: '' })).requestId;
const risk = (role: Role, is: 'low' | 'normal' | 'high') =>
  sql`update entitlement set risk = ${is} where id = ${world.entitlements[role]}`.execute(world.db);
const inbox = async (who: PersonName, filter: object = {}) =>
  (await world.as(who, 'request.list', { box: 'inbox', ...filter })).items;
const ids = async (who: PersonName, filter: object = {}) =>
  (await inbox(who, filter)).map(({ requestId }) => requestId);
const stateOf = async (requestId: string) =>
  (await world.as('acmeManager', 'request.read', { requestId })).state;
const many = (who: PersonName, requestIds: string[], approve = true) =>
  world.as(who, 'request.decide-many', { requestIds, approve });
const inADay = () => new Date(Date.now() + 86_400_000).toISOString();

describe('many at once', () => {
  it('decides what is low, and refuses the rest with the reason, each by itself', async () => {
    await risk('partsViewer', 'low');
    await risk('notesReader', 'high');
    const low = [await ask('northMember', 'partsViewer'), await ask('southMember', 'partsViewer')];
    const others = [await ask('northMember', 'partsBuyer'), await ask('northMember', 'notesReader')];
    const out = await ask('betaMember', 'partsViewer');
    const { results } = await many('acmeManager', [...others, out, ...low, low[0]!]);
    const said = Object.fromEntries(
      results.map(({ requestId, ok, refusal: why }) => [requestId, why?.code ?? ok]),
    );
    expect(said).toEqual({
      [low[0]!]: true,
      [low[1]!]: true,
      [others[0]!]: 'request.not-low-risk',
      [others[1]!]: 'request.not-low-risk',
      [out]: 'not-found',
    });
    for (const one of low) expect(await stateOf(one)).toBe('approved');
    for (const one of others) expect(await stateOf(one)).toBe('open');
    const { rows } = await sql<{ type: string; n: number }>`
      select type, count(*)::int as n from event where operation = 'request.decide-many' group by 1 order by 1`.execute(
      world.db,
    );
    expect(rows).toEqual([
      { type: 'assignment.given', n: 2 },
      { type: 'request.approved', n: 2 },
    ]);
  });

  it('leaves nothing of a row that cannot be given, and can be tried again', async () => {
    await risk('partsViewer', 'low');
    await risk('notesReader', 'low');
    const asked = [await ask('northMember', 'partsViewer'), await ask('southMember', 'notesReader')];
    const isNow = (state: string) =>
      sql`update entitlement set state = ${state} where id = ${world.entitlements.notesReader}`.execute(
        world.db,
      );
    await isNow('retired');
    const first = await many('acmeManager', asked);
    expect(first.results.filter(({ ok }) => ok)).toHaveLength(1);
    const { rows } = await sql`select 1 from request_decision where request_id = ${asked[1]}`.execute(
      world.db,
    );
    expect(rows).toEqual([]);
    await isNow('active');
    const again = await many('acmeManager', asked);
    expect(again.results.every(({ ok }) => ok)).toBe(true);
    for (const requestId of asked) await world.as('acmeManager', 'request.undo', { requestId });
    expect(await ids('acmeManager')).toEqual(asked);
  });

  it('never decides one’s own, and says alone what it is refused for', async () => {
    await risk('partsViewer', 'low');
    const own = await ask('acmeManager', 'partsViewer');
    await expect(many('acmeManager', [own])).rejects.toEqual(refusal('request.own'));
    await expect(many('betaMember', [own])).rejects.toEqual(refusal('not-found'));
  });
});

describe('what stands beside a request', () => {
  it('is who has it, too, as far as one sees, how much harm it does, and when it is due', async () => {
    await risk('partsBuyer', 'high');
    await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [member('acmeMember'), member('northManager')],
      entitlementIds: [world.entitlements.partsBuyer],
    });
    await passTime(world.db, 11);
    const request = await ask('northMember');
    const [one] = await inbox('acmeManager');
    expect(one!.beside).toMatchObject({
      risk: 'high',
      alsoHave: { count: 1, names: ['northManager'] },
      lastSignIn: null,
      asDeputyFor: null,
      due: { next: 'escalates' },
    });
    await sql`insert into session (id, token_hash, user_id, last_seen_at, expires_at, ended_at)
      values (gen_random_uuid(), '\\x01', ${world.people.northMember.userId}, '2026-01-02T03:04:05Z', remit_now(), remit_now())`.execute(
      world.db,
    );
    const until = new Date(Date.now() + 30 * 86_400_000).toISOString();
    const lastDay = dayOf(new Date(until), 'Europe/Amsterdam');
    await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [member('northMember')],
      entitlementIds: [world.entitlements.partsViewer, world.entitlements.notesAuthor],
      until,
    });
    await passTime(world.db, 11);
    const read = await world.as('acmeManager', 'request.read', { requestId: request });
    // of the same application alone
    const viewer = { name: 'viewer', applicationName: 'parts', until, lastDay, ends: false };
    expect(read.held).toEqual([viewer]);
    const { rows: given } = await sql<{ id: string }>`
      select id from assignment where entitlement_id = ${world.entitlements.partsViewer} and state = 'active'
        and membership_id = ${member('northMember')}`.execute(world.db);
    const end = await world.as('northMember', 'ending.ask', { assignmentId: given[0]!.id, reason: 'Done.' });
    expect(end.state).toBe('open');
    expect((await world.as('acmeManager', 'request.read', { requestId: end.requestId })).held).toEqual([
      { ...viewer, ends: true },
    ]);
    expect(new Date(read.beside!.lastSignIn!).toISOString()).toBe('2026-01-02T03:04:05.000Z');
    // whoever asked is told nothing of others
    const own = await world.as('northMember', 'request.read', { requestId: request });
    expect([own.beside, own.held]).toEqual([null, null]);
  });

  it('is nothing about people whom the approver does not see', async () => {
    await world.as('acmeManager', 'approval-policy.create', {
      organizationId: world.organizations.acme.id,
      name: 'By name',
      applies: {},
      steps: [
        {
          name: 'One',
          approvers: [{ kind: 'people', membershipIds: [member('siteMember')] }],
          due: { hours: 5 },
        },
      ],
    });
    await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [member('northManager')],
      entitlementIds: [world.entitlements.partsBuyer],
    });
    await passTime(world.db, 11);
    await sql`insert into session (id, token_hash, user_id, expires_at)
      values (gen_random_uuid(), '\\x01', ${world.people.northMember.userId}, remit_now())`.execute(world.db);
    await ask('northMember');
    const [one] = await inbox('siteMember');
    expect(one!.beside).toMatchObject({ alsoHave: { count: 0, names: [] }, lastSignIn: null });
  });
});

describe('separations of duties beside a request', () => {
  it('are said before it is decided, and whether it would be refused', async () => {
    await world.as('owner', 'separation.create', {
      organizationId: world.organizations.acme.id,
      name: 'Buy and write',
      entitlementIds: [world.entitlements.partsBuyer, world.entitlements.notesAuthor],
    });
    await ask('northMember', 'partsBuyer');
    const touched = async () => (await inbox('acmeManager'))[0]!.beside!.separations;
    expect(await touched()).toMatchObject([{ name: 'Buy and write', breaks: false }]);
    await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [member('northMember')],
      entitlementIds: [world.entitlements.notesAuthor],
    });
    expect(await touched()).toEqual([
      {
        name: 'Buy and write',
        roles: ['notes: author', 'parts: buyer'],
        breaks: true,
        breaksWithAsked: false,
        exceptedUntil: null,
        exceptedLastDay: null,
      },
    ]);
  });

  it('are said of what is asked for besides, to who decides and to who asks', async () => {
    await world.as('owner', 'separation.create', {
      organizationId: world.organizations.acme.id,
      name: 'Buy and write',
      entitlementIds: [world.entitlements.partsBuyer, world.entitlements.notesAuthor],
    });
    const offered = async () =>
      (await world.as('northMember', 'request.catalogue', {})).items.find(({ name }) => name === 'author');
    expect((await offered())?.wouldBreakAsked).toBeUndefined();
    await ask('northMember', 'partsBuyer');
    expect((await offered())?.wouldBreakAsked?.roles).toEqual(['notes: author', 'parts: buyer']);
    expect((await offered())?.wouldBreak).toBeUndefined();
    await ask('northMember', 'notesAuthor');
    const roles = ['notes: author', 'parts: buyer'];
    expect((await inbox('acmeManager')).map(({ beside }) => beside!.separations)).toMatchObject([
      [{ breaks: false, breaksWithAsked: true, roles }],
      [{ breaks: false, breaksWithAsked: true, roles }],
    ]);
  });
});

describe('the filters', () => {
  it('narrow by kind, place, time, risk and deputy', async () => {
    await risk('notesReader', 'high');
    const high = await ask('northMember', 'notesReader');
    const south = await ask('southMember', 'partsBuyer');
    expect(await ids('acmeManager', { highRisk: true })).toEqual([high]);
    expect(await ids('acmeManager', { kind: 'access' })).toEqual([high, south]);
    expect(await ids('acmeManager', { kind: 'ending' })).toEqual([]);
    const { acmeSouth, beta } = world.organizations;
    expect(await ids('acmeManager', { organizationId: acmeSouth.id })).toEqual([south]);
    expect(await ids('acmeManager', { organizationId: beta.id })).toEqual([]);
    expect(await ids('acmeManager', { dueSoon: true })).toEqual([]);
    await sql`update request set next_at = remit_now() + interval '2 hours' where id = ${south}`.execute(
      world.db,
    );
    expect(await ids('acmeManager', { dueSoon: true })).toEqual([south]);
    await world.as('acmeManager', 'deputy.create', { membershipId: member('acmeMember'), until: inADay() });
    expect(await ids('acmeMember', { asDeputy: true })).toEqual([high, south]);
    expect((await inbox('acmeMember'))[0]!.beside!.asDeputyFor).toBe('acmeManager');
    expect(await ids('acmeManager', { asDeputy: true })).toEqual([]);
  });
});

describe('a deputy for some risks', () => {
  it('decides these, and nothing else', async () => {
    await risk('partsViewer', 'low');
    const low = await ask('northMember', 'partsViewer');
    const normal = await ask('northMember', 'partsBuyer');
    const { delegationId } = await world.as('acmeManager', 'deputy.create', {
      membershipId: member('acmeMember'),
      until: inADay(),
      risk: ['low'],
    });
    expect(await ids('acmeMember')).toEqual([low]);
    const { named } = await world.as('acmeManager', 'deputy.list', {});
    expect(named).toMatchObject([{ delegationId, risk: ['low'], applications: null }]);
    const decide = (requestId: string) =>
      world.as('acmeMember', 'request.decide', { requestId, approve: true });
    await expect(decide(normal)).rejects.toEqual(refusal('not-found'));
    expect(await decide(low)).toMatchObject({ state: 'approved' });
    const { decisions } = await world.as('northMember', 'request.read', { requestId: low });
    expect(decisions).toMatchObject([{ by: 'acmeMember', forWhom: 'acmeManager', approve: true }]);
  });

  it('is none for a policy that asks who holds the right, either', async () => {
    await world.as('acmeManager', 'approval-policy.create', {
      organizationId: world.organizations.acme.id,
      name: 'Holders',
      applies: {},
      steps: [
        {
          name: 'One',
          approvers: [{ kind: 'holders', permission: 'request.decide' }],
          due: { hours: 5 },
        },
      ],
    });
    const until = inADay();
    const risks = ['low' as const];
    await world.as('acmeManager', 'deputy.create', {
      membershipId: member('acmeMember'),
      until,
      risk: risks,
    });
    await world.as('acmePeer', 'deputy.create', { membershipId: member('acmeHelpDesk'), until });
    const request = await ask('northMember');
    expect(await ids('acmeMember')).toEqual([]);
    expect(await ids('acmeHelpDesk')).toEqual([request]);
  });
});

describe('taking back a vote before the last', () => {
  it('opens that step again, with both acts in the trail and on the page', async () => {
    const step = (name: PersonName) => ({
      name,
      approvers: [{ kind: 'people' as const, membershipIds: [member(name)] }],
      due: { hours: 5 },
    });
    await world.as('acmeManager', 'approval-policy.create', {
      organizationId: world.organizations.acme.id,
      name: 'Two',
      applies: {},
      steps: [step('siteMember'), step('southMember')],
    });
    const requestId = await ask('northMember');
    await world.as('siteMember', 'request.decide', { requestId, approve: true });
    // whoever decided a step that is over may see what became of it
    expect(await world.as('siteMember', 'request.read', { requestId })).toMatchObject({
      mayDecide: false,
      steps: [{ state: 'done' }, { state: 'open' }],
    });
    await world.as('siteMember', 'request.undo', { requestId });
    const read = await world.as('siteMember', 'request.read', { requestId });
    expect(read).toMatchObject({
      mayDecide: true,
      decisions: [{ step: 1, mine: true, takenBack: true }],
    });
    await world.as('siteMember', 'request.decide', { requestId, approve: true });
    await passTime(world.db, 11);
    await expect(world.as('siteMember', 'request.undo', { requestId })).rejects.toEqual(
      refusal('undo.too-late'),
    );
    const { rows } = await sql<{ type: string }>`
      select type from event where target_id = ${requestId} order by position`.execute(world.db);
    expect(rows.map(({ type }) => type)).toEqual([
      'request.created',
      'request.voted',
      'request.reopened',
      'request.voted',
    ]);
    await expect(world.as('betaMember', 'request.read', { requestId })).rejects.toEqual(refusal('not-found'));
  });
});
