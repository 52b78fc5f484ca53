import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { passTime } from '../../src/platform/clock.ts';
import type { Step } from '../../src/requests/policy.ts';
import { wake } from '../../src/requests/wake.ts';
import { makeWorld, type Person, type PersonName, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

type Role = keyof World['entitlements'];
type StepInput = Partial<Step> & Pick<Step, 'approvers'>;
const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const member = (person: PersonName) => world.people[person].membershipId;
const people = (...names: PersonName[]): Step['approvers'] => [
  { kind: 'people', membershipIds: names.map(member) },
];
const policy = (steps: StepInput[], applies: object = {}, by: PersonName = 'acmeManager') =>
  world.as(by, 'approval-policy.create', {
    organizationId: world.organizations[by === 'owner' ? 'root' : 'acme'].id,
    name: `Policy of ${by} ${steps.length}`,
    applies,
    steps: steps.map((one) => ({ name: 'Step', due: { hours: 10 }, ...one })),
  });
const ask = async (who: PersonName = 'northMember', role: Role = 'partsBuyer') =>
  (await world.as(who, 'request.create', { entitlementId: world.entitlements[role], reason: '' })).requestId;
const decide = (who: PersonName | Person, requestId: string, approve = true) =>
  world.as(who, 'request.decide', { requestId, approve });
const has = (person: PersonName = 'northMember', role: Role = 'partsBuyer') =>
  holds(world.db, member(person), world.entitlements[role]);
const waits = async (who: PersonName) =>
  (await world.as(who, 'request.list', { box: 'inbox' })).items.map(({ requestId }) => requestId);
const stateOf = async (requestId: string) =>
  (await world.as('northMember', 'request.read', { requestId })).state;
const later = async (requestId: string, hours: number) => {
  await passTime(world.db, hours * 3600);
  return await wake(world.services, requestId);
};
const lineManager = (of: PersonName, is: PersonName) =>
  sql`update membership set line_manager_id = ${member(is)} where id = ${member(of)}`.execute(world.db);

describe('steps', () => {
  it('come one after the other, each with its own approvers', async () => {
    await lineManager('northMember', 'siteMember');
    await policy([{ approvers: [{ kind: 'line-manager' }] }, { approvers: [{ kind: 'managers' }] }]);
    const request = await ask();
    expect(await waits('siteMember')).toEqual([request]);
    expect(await waits('acmeManager')).toEqual([]);
    await expect(decide('acmeManager', request)).rejects.toEqual(refusal('not-permitted'));
    expect(await decide('siteMember', request)).toMatchObject({ state: 'open', step: { number: 2, of: 2 } });
    expect(await waits('siteMember')).toEqual([]);
    expect(await waits('acmeManager')).toEqual([request]);
    expect(await decide('acmeManager', request)).toMatchObject({ state: 'approved', step: null });
    await passTime(world.db, 11);
    expect(await has()).toBe(true);
  });

  it('of a line manager who has no right to give rest on whoever saved the policy', async () => {
    await lineManager('northMember', 'siteMember');
    await policy([{ approvers: [{ kind: 'line-manager' }] }]);
    const request = await ask();
    expect(await decide('siteMember', request)).toMatchObject({ state: 'approved' });
    await passTime(world.db, 11);
    expect(await has()).toBe(true);
    const { rows } = await sql<{ under: string }>`
      select given_under as under from assignment where request_id = ${request}`.execute(world.db);
    expect(rows).toEqual([{ under: world.delegations.acmeManager }]);
  });

  it('ask a manager more when the policy’s owner may not give it any longer', async () => {
    await lineManager('northMember', 'siteMember');
    await policy([{ approvers: [{ kind: 'line-manager' }] }]);
    const request = await ask();
    await sql`update delegation set state = 'paused' where id = ${world.delegations.acmeManager}`.execute(
      world.db,
    );
    expect(await decide('siteMember', request)).toMatchObject({
      state: 'open',
      step: { number: 2, of: 2, name: 'Managers' },
    });
    expect(await has()).toBe(false);
    expect(await decide('acmePeer', request)).toMatchObject({ state: 'approved' });
  });

  it('need as many different people as the policy says (I33)', async () => {
    await policy([{ approvers: people('siteMember', 'southMember', 'acmeMember'), quorum: { atLeast: 2 } }]);
    const request = await ask();
    expect(await decide('siteMember', request)).toMatchObject({ state: 'open' });
    expect(await decide('siteMember', request)).toMatchObject({ state: 'open' });
    expect(await decide('southMember', request)).toMatchObject({ state: 'approved' });
    await expect(decide('acmeMember', request, false)).rejects.toEqual(refusal('request.decided'));
  });

  it('count nobody who has lost the right since (I35)', async () => {
    await policy([{ approvers: people('siteMember', 'southMember', 'acmeMember'), quorum: { atLeast: 2 } }]);
    const request = await ask();
    await decide('siteMember', request);
    await sql`update membership set state = 'suspended' where id = ${member('siteMember')}`.execute(world.db);
    expect(await decide('southMember', request)).toMatchObject({ state: 'open' });
    expect(await decide('acmeMember', request)).toMatchObject({ state: 'approved' });
  });

  it('never let whoever asked decide, also where the policy names them (I32)', async () => {
    await policy([{ approvers: people('northMember', 'siteMember') }]);
    const request = await ask();
    await expect(decide('northMember', request)).rejects.toEqual(refusal('request.own'));
    expect(await waits('northMember')).toEqual([]);
    expect(await decide('siteMember', request)).toMatchObject({ state: 'approved' });
  });

  it('of several policies all hold, from the nearest upwards', async () => {
    await policy([{ approvers: people('siteMember') }]);
    await policy([{ approvers: [{ kind: 'owners' }] }], {}, 'owner');
    const request = await ask();
    expect(await decide('siteMember', request)).toMatchObject({ state: 'open', step: { number: 2, of: 2 } });
    expect(await decide('secondOwner', request)).toMatchObject({ state: 'approved' });
  });

  it('are those that the policy is about', async () => {
    await policy([{ approvers: people('siteMember') }], { applications: [world.applications.notes] });
    const notes = await ask('northMember', 'notesReader');
    const parts = await ask('northMember', 'partsBuyer');
    expect(await waits('siteMember')).toEqual([notes]);
    expect(await waits('acmeManager')).toEqual([parts]);
  });

  it('get stricter with a policy that changed meanwhile (ruling 8)', async () => {
    const { id } = await policy([{ approvers: people('siteMember') }]);
    const request = await ask();
    await world.as('acmeManager', 'approval-policy.update', {
      policyId: id,
      steps: [{ name: 'More', approvers: people('southMember'), due: { hours: 10 } }],
    });
    expect(await decide('siteMember', request)).toMatchObject({
      state: 'open',
      step: { number: 2, name: 'More' },
    });
    expect(await decide('southMember', request)).toMatchObject({ state: 'approved' });
  });

  it('can be taken back for ten seconds, also before the last', async () => {
    await policy([{ approvers: people('siteMember') }, { approvers: people('southMember') }]);
    const request = await ask();
    await decide('siteMember', request);
    expect(await world.as('siteMember', 'request.undo', { requestId: request })).toMatchObject({
      step: { number: 1 },
    });
    expect(await waits('southMember')).toEqual([]);
    expect(await waits('siteMember')).toEqual([request]);
    await decide('siteMember', request, false);
    expect(await stateOf(request)).toBe('refused');
  });
});

describe('time', () => {
  it('reminds, asks others, then the owners, and ends it (I30)', async () => {
    await policy([
      {
        approvers: people('siteMember'),
        remind: [{ hours: 2 }],
        escalation: [{ approvers: people('southMember'), due: { hours: 10 } }],
      },
    ]);
    const request = await ask();
    expect(await later(request, 7)).toEqual([]);
    expect(await later(request, 1)).toEqual(['reminder']);
    expect(await later(request, 2)).toEqual(['escalation']);
    expect(await waits('southMember')).toEqual([request]);
    expect(await waits('siteMember')).toEqual([request]);
    expect(await later(request, 10)).toEqual(['reminder', 'escalation']);
    expect(await waits('owner')).toEqual([request]);
    expect(await later(request, 24 * 8)).toEqual(['reminder', 'end']);
    expect(await stateOf(request)).toBe('refused');
    expect(await later(request, 24)).toEqual([]);
    const { rows } = await sql<{ type: string; kind: string }>`
      select type, actor_kind as kind from event where target_id = ${request} and type <> 'request.created' order by position`.execute(
      world.db,
    );
    expect(rows.map(({ type, kind }) => `${type} ${kind}`)).toEqual([
      'request.reminded system',
      'request.escalated system',
      'request.reminded system',
      'request.escalated system',
      'request.reminded system',
      'request.lapsed system',
    ]);
  });

  it('gives it in the end where the policy’s owner said so, within what that owner may give', async () => {
    await policy([{ approvers: people('siteMember'), atEnd: 'approve' }]);
    const may = await ask('northMember', 'partsBuyer');
    await later(may, 24 * 10);
    expect(await stateOf(may)).toBe('approved');
    await passTime(world.db, 11);
    expect(await has()).toBe(true);
    const mayNot = await ask('northMember', 'notesReader');
    await sql`update delegation set state = 'ended', ended_at = remit_now() where id = ${world.delegations.acmeManager}`.execute(
      world.db,
    );
    await later(mayNot, 24 * 10);
    expect(await stateOf(mayNot)).toBe('refused');
  });

  it('does not wait for people who are not there: others are asked at once', async () => {
    await policy([
      {
        approvers: people('siteMember'),
        escalation: [{ approvers: people('southMember'), due: { hours: 10 } }],
      },
    ]);
    await sql`update membership set state = 'suspended' where id = ${member('siteMember')}`.execute(world.db);
    const request = await ask();
    expect(await waits('southMember')).toEqual([request]);
  });

  it('is reckoned in the hours of the organization', async () => {
    await policy([{ approvers: people('siteMember'), due: { workingHours: 8 } }]);
    await sql`insert into calendar (organization_id, days, opens, closes) values (${world.organizations.acme.id}, '{1,2,3,4,5}', '08:00', '12:00')`.execute(
      world.db,
    );
    const request = await ask();
    const { rows } = await sql<{ hours: number }>`
      select extract(epoch from next_at - created_at) / 3600 as hours from request where id = ${request}`.execute(
      world.db,
    );
    // two half days of work are never over before 20 hours have passed
    expect(Number(rows[0]!.hours)).toBeGreaterThanOrEqual(20);
  });
});

describe('a policy', () => {
  it('that would hang is refused with what hangs', async () => {
    const two = policy([{ approvers: people('siteMember'), quorum: { atLeast: 3 } }]);
    // the owners are asked at the last, but nobody else
    await expect(two).rejects.toEqual(refusal('policy.hangs'));
    const circle = policy([
      {
        approvers: people('siteMember'),
        escalation: [{ approvers: people('siteMember'), due: { hours: 1 } }],
      },
    ]);
    await expect(circle).rejects.toThrow(/“Step” after escalation 1 would never come to a yes/);
    await sql`update membership set state = 'suspended' where id = ${member('siteMember')}`.execute(world.db);
    await expect(policy([{ approvers: people('siteMember') }])).rejects.toThrow(/nobody of those named/);
  });

  it('names nobody out of sight, and is nobody’s who may not', async () => {
    await expect(policy([{ approvers: people('betaMember') }])).rejects.toEqual(refusal('not-found'));
    const members = { kind: 'members' as const, organizationId: world.organizations.beta.id };
    await expect(policy([{ approvers: [members] }])).rejects.toEqual(refusal('not-found'));
    await expect(policy([{ approvers: people('siteMember') }], {}, 'northMember')).rejects.toEqual(
      refusal('not-found'),
    );
  });

  it('gives nobody access by a policy of their own', async () => {
    await lineManager('acmeManager', 'siteMember');
    await policy([{ approvers: [{ kind: 'line-manager' }] }]);
    const request = await ask('acmeManager', 'notesReader');
    // a second yes is needed, by somebody whose right it is
    expect(await decide('siteMember', request)).toMatchObject({ state: 'open', step: { number: 2 } });
  });
});

describe('talking about a request', () => {
  const asks = (requestId: string) =>
    world.as('acmeManager', 'request.question', { requestId, words: 'For how long?' });
  const dueOf = async (requestId: string) => {
    const { rows } = await sql<{ at: Date; paused: boolean }>`
      select next_at as at, paused_at is not null as paused from request where id = ${requestId}`.execute(
      world.db,
    );
    return rows[0]!;
  };

  it('stands still while the asker is asked back, within bounds (ruling 8)', async () => {
    await policy([{ approvers: [{ kind: 'managers' }], due: { hours: 10 } }]);
    const request = await ask();
    const before = await dueOf(request);
    await asks(request);
    expect((await dueOf(request)).paused).toBe(true);
    expect(await later(request, 4)).toEqual([]);
    await world.as('northMember', 'request.answer', { requestId: request, words: 'Until May.' });
    const after = await dueOf(request);
    expect(after.paused).toBe(false);
    expect((after.at.getTime() - before.at.getTime()) / 3_600_000).toBeCloseTo(4, 1);
    const { said } = await world.as('northMember', 'request.read', { requestId: request });
    // who decides is not known to everybody who asks (ruling 9)
    expect(said).toMatchObject([
      { kind: 'question', by: null, text: 'For how long?' },
      { kind: 'answer', by: 'northMember', mine: true },
    ]);
  });

  it('goes on by itself when nobody answers', async () => {
    await policy([{ approvers: [{ kind: 'managers' }], due: { hours: 10 } }]);
    const request = await ask();
    await asks(request);
    expect(await later(request, 10)).toEqual(['pause-over']);
    await asks(request);
    expect((await dueOf(request)).paused).toBe(false);
    expect(await later(request, 10)).toEqual(['escalation']);
  });

  it('is among those who ask and those who decide', async () => {
    const request = await ask();
    const comment = (who: PersonName) =>
      world.as(who, 'request.comment', { requestId: request, words: 'Soon, please.' });
    await comment('northMember');
    await comment('acmeManager');
    await expect(comment('southMember')).rejects.toEqual(refusal('not-found'));
    await expect(
      world.as('northMember', 'request.question', { requestId: request, words: 'Why?' }),
    ).rejects.toEqual(refusal('request.own'));
  });

  it('passes to somebody who can decide it, too, and to nobody else', async () => {
    const request = await ask();
    const pass = (to: PersonName) =>
      world.as('acmeManager', 'request.pass-on', { requestId: request, membershipId: member(to) });
    await pass('acmePeer');
    await expect(pass('siteMember')).rejects.toEqual(refusal('request.cannot-decide'));
    await expect(pass('owner')).rejects.toEqual(refusal('request.cannot-decide'));
    expect(await decide('acmeManager', request)).toMatchObject({ state: 'approved' });
  });
});
