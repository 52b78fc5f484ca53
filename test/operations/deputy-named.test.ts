import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { passTime } from '../../src/platform/clock.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const member = (person: PersonName) => world.people[person].membershipId;
const until = '2999-01-01T00:00:00Z';
const name = (who: PersonName, deputy: PersonName, more: object = {}) =>
  world.as(who, 'deputy.create', { membershipId: member(deputy), until, ...more });
const ask = async () =>
  (
    await world.as('northMember', 'request.create', {
      entitlementId: world.entitlements.partsBuyer,
      reason: '',
    })
  ).requestId;
const inbox = async (who: PersonName) =>
  (await world.as(who, 'request.list', { box: 'inbox' })).items.map(({ requestId }) => requestId);

describe('a deputy', () => {
  it('takes over what is open, decides it, and the trail names both (I26)', async () => {
    const request = await ask();
    expect(await inbox('acmeMember')).toEqual([]);
    await name('acmeManager', 'acmeMember');
    expect(await inbox('acmeMember')).toEqual([request]);
    await world.as('acmeMember', 'request.decide', { requestId: request, approve: true });
    const { rows } = await sql`
      select actor_id, on_behalf_of from event where type = 'request.approved' and target_id = ${request}`.execute(
      world.db,
    );
    expect(rows).toEqual([
      { actor_id: world.people.acmeMember.userId, on_behalf_of: world.people.acmeManager.userId },
    ]);
  });

  it('is seen by both, and ended by either', async () => {
    const { delegationId } = await name('acmeManager', 'acmeMember', {
      organizationId: world.organizations.acmeNorth.id,
    });
    const mine = await world.as('acmeManager', 'deputy.list', {});
    expect(mine.named).toMatchObject([
      { deputy: { displayName: 'acmeMember' }, organizationName: 'acmeNorth' },
    ]);
    const theirs = await world.as('acmeMember', 'deputy.list', {});
    expect(theirs.standsFor).toMatchObject([{ delegationId, giver: { displayName: 'acmeManager' } }]);
    await expect(world.as('acmePeer', 'deputy.end', { delegationId })).rejects.toEqual(refusal('not-found'));
    await world.as('acmeMember', 'deputy.end', { delegationId });
    expect((await world.as('acmeManager', 'deputy.list', {})).named).toEqual([]);
    await ask();
    expect(await inbox('acmeMember')).toEqual([]);
  });

  it('decides for its time only, and only the applications it was named for', async () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    await name('acmeManager', 'acmeMember', { until: soon, applicationIds: [world.applications.notes] });
    const request = await ask();
    expect(await inbox('acmeMember')).toEqual([]);
    await name('acmeManager', 'acmeHelpDesk', { until: soon, applicationIds: [world.applications.parts] });
    expect(await inbox('acmeHelpDesk')).toEqual([request]);
    await passTime(world.db, 7200);
    expect(await inbox('acmeHelpDesk')).toEqual([]);
  });

  it('is one of the reporting line for whoever looks after nothing: above them or below', async () => {
    for (const [report, lead] of [
      ['siteMember', 'northMember'],
      ['northMember', 'acmeMember'],
    ] as const)
      await world.as('acmeManager', 'membership.update', {
        membershipId: member(report),
        lineManagerId: member(lead),
      });
    const lineOf = async (actor: PersonName) =>
      (await world.as(actor, 'deputy.list', {})).lineManagers.map(({ displayName }) => displayName);
    expect(await lineOf('northMember')).toEqual(['acmeMember']);
    // Nobody reports to them: they decide nothing, and are shown nobody.
    expect(await lineOf('siteMember')).toEqual([]);
    // Higher up they do not even know who there is.
    await expect(name('siteMember', 'acmeMember')).rejects.toEqual(refusal('not-found'));
    await name('northMember', 'siteMember');
    await name('northMember', 'acmeMember');
    await name('acmeMember', 'siteMember', { mayPassOn: 1 });
    await expect(name('northMember', 'southMember')).rejects.toEqual(refusal('not-found'));
    // Who has gone is offered no more.
    await world.as('acmeManager', 'membership.suspend', { membershipId: member('acmeMember') });
    expect(await lineOf('northMember')).toEqual([]);
  });

  it('is never in a circle, oneself, or out of sight', async () => {
    await name('acmeManager', 'acmePeer', { mayPassOn: 1 });
    await name('acmePeer', 'acmeHelpDesk');
    await expect(name('acmeHelpDesk', 'acmeManager')).rejects.toEqual(refusal('deputy.circle'));
    await expect(name('siteMember', 'acmeManager')).rejects.toEqual(refusal('not-found'));
    await expect(name('acmePeer', 'acmeManager')).rejects.toEqual(refusal('deputy.circle'));
    await expect(name('acmeManager', 'acmeManager')).rejects.toEqual(refusal('deputy.self'));
    await expect(name('acmeManager', 'betaMember')).rejects.toEqual(refusal('not-found'));
  });

  it('may be one’s line manager, whom one does not see otherwise', async () => {
    await sql`update membership set line_manager_id = ${member('northManager')} where id = ${member('northMember')}`.execute(
      world.db,
    );
    await name('northMember', 'northManager');
    await expect(name('northMember', 'siteMember')).rejects.toEqual(refusal('not-found'));
  });
});
