import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { passTime } from '../../src/platform/clock.ts';
import { sendDue } from '../../src/provisioning/sending/sending.ts';
import { addMembership, type PersonName } from '../harness/world.ts';
import { makeStage, type Stage } from '../provisioning/stage.ts';

/** Somebody leaves, and comes back before or after their accounts would be deleted (ruling 3): no timer of before bites. */

const day = 86_400;
let stage: Stage;
let targetId: string;
beforeAll(async () => {
  stage = await makeStage();
});
afterAll(async () => {
  await stage?.close();
});
beforeEach(async () => {
  await sql`update target set state = 'retired'`.execute(stage.world.db);
  await sql`update assignment set state = 'ended', ended_at = remit_now() where state = 'active'`.execute(
    stage.world.db,
  );
  await sql`delete from mark`.execute(stage.world.db);
  stage.remote.there.clear();
  stage.remote.creates.clear();
  stage.remote.log.length = 0;
  targetId = await stage.connect({ policy: { onLoss: 'delete-after', deleteAfterDays: 3 } });
});

const there = () => [...stage.remote.there.values()];
const later = async (days: number) => {
  await passTime(stage.world.db, days * day + 60);
  await stage.settleAll(targetId);
  // Whatever is due by itself, and what follows from that.
  await sendDue(stage.sending, targetId);
};
async function leaves(person: PersonName): Promise<void> {
  await stage.give(person);
  await stage.settleAll(targetId);
  expect(there()).toMatchObject([{ enabled: true }]);
  await stage.as('owner', 'membership.end', { membershipId: stage.world.people[person].membershipId });
  await stage.settleAll(targetId);
  expect(there()).toMatchObject([{ enabled: false, roles: [] }]);
}
/** A new place, of the same person; nothing of the old one comes with it. */
async function comesBack(person: PersonName): Promise<void> {
  const { world } = stage;
  const { userId } = world.people[person];
  const membershipId = await addMembership(world.db, userId, person, world.organizations.acmeNorth);
  await stage.settleAll(targetId);
  expect(there().filter(({ enabled }) => enabled)).toEqual([]);
  await stage.give({ userId, membershipId, name: person });
  await stage.settleAll(targetId);
}

it('before the account is deleted: it is theirs again, and is not deleted when its time would have come', async () => {
  await leaves('northMember');
  await later(1);
  expect(there()).toMatchObject([{ enabled: false }]);
  await comesBack('northMember');
  const back = { correlation: stage.world.people.northMember.userId, enabled: true, roles: ['viewers'] };
  expect(there()).toMatchObject([back]);
  for (const days of [1, 1, 1, 30]) {
    await later(days);
    expect(there()).toMatchObject([back]);
  }
  expect([...stage.remote.creates.values()]).toEqual([1]);
});

it('after it was deleted: a new one is made, once, and nothing of the old one takes it away', async () => {
  await leaves('southMember');
  await later(3);
  expect(there()).toEqual([]);
  expect(await stage.account(targetId, 'southMember')).toMatchObject({ stands: 'gone' });
  await comesBack('southMember');
  const back = { correlation: stage.world.people.southMember.userId, enabled: true, roles: ['viewers'] };
  expect(there()).toMatchObject([back]);
  for (const days of [1, 3, 30]) {
    await later(days);
    expect(there()).toMatchObject([back]);
  }
  expect([...stage.remote.creates.values()]).toEqual([2]);
});

it('and leaves again: the time counts from then', async () => {
  await leaves('siteMember');
  await later(2);
  await comesBack('siteMember');
  const { rows } = await sql<{ id: string }>`
    select id from membership where user_id = ${stage.world.people.siteMember.userId} and state = 'active'`.execute(
    stage.world.db,
  );
  await stage.as('owner', 'membership.end', { membershipId: rows[0]!.id });
  await stage.settleAll(targetId);
  expect(there()).toMatchObject([{ enabled: false }]);
  // Three days after the first time they left, and two after the second.
  await later(2);
  expect(there()).toMatchObject([{ enabled: false }]);
  await later(1);
  expect(there()).toEqual([]);
});
