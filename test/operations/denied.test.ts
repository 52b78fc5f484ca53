import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mostDeniedAnHour } from '../../src/operation/denied.ts';
import { passTime } from '../../src/platform/clock.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const member = (person: PersonName) => world.people[person].membershipId;
const denials = async () =>
  (
    await sql<{
      operation: string;
      actor: string;
      path: string;
      subject: string;
      after: Record<string, unknown>;
    }>`
      select operation, actor_id as actor, path, subject_id as subject, after from event where type = 'attempt.denied' order by position`.execute(
      world.db,
    )
  ).rows;

describe('attempts at what somebody may not do (I51)', () => {
  it('are recorded beside the abandoned change, once an hour each, with the thing if it was seen', async () => {
    const suspend = (person: PersonName) =>
      world.as('acmeHelpDesk', 'membership.suspend', { membershipId: member(person) });
    await expect(suspend('southMember')).rejects.toMatchObject({ code: 'not-permitted' });
    await expect(suspend('southMember')).rejects.toMatchObject({ code: 'not-permitted' });
    expect(await denials()).toEqual([
      {
        operation: 'membership.suspend',
        actor: world.people.acmeHelpDesk.userId,
        path: world.organizations.acmeSouth.path,
        subject: world.people.southMember.userId,
        after: {
          permission: 'membership.suspend',
          code: 'not-permitted',
          kind: 'membership',
          id: member('southMember'),
        },
      },
    ]);
    await passTime(world.db, 3600);
    await expect(suspend('southMember')).rejects.toMatchObject({ code: 'not-permitted' });
    expect(await denials()).toHaveLength(2);
  });

  it('name nothing that the actor could not see: absent and hidden are recorded alike', async () => {
    for (const membershipId of [member('acme2Member'), randomUUID()])
      await expect(world.as('acmeManager', 'membership.end', { membershipId })).rejects.toMatchObject({
        code: 'not-found',
      });
    const found = await denials();
    expect(found).toMatchObject([
      {
        path: world.organizations.acme.path,
        subject: world.people.acmeManager.userId,
        after: { permission: 'membership.end', code: 'not-found' },
      },
    ]);
    expect(JSON.stringify(found)).not.toContain(member('acme2Member'));
  });

  it('are recorded of previews as well, whichever way they are asked, and apart from the act itself', async () => {
    const input = { membershipId: member('southMember') };
    const preview = () =>
      world.as('acmeHelpDesk', 'change.preview', { operation: 'membership.suspend', input });
    await expect(preview()).rejects.toMatchObject({ code: 'not-permitted' });
    await expect(preview()).rejects.toMatchObject({ code: 'not-permitted' });
    await expect(world.as('acmeHelpDesk', 'membership.end-preview', input)).rejects.toMatchObject({
      code: 'not-permitted',
    });
    await expect(world.as('acmeHelpDesk', 'membership.suspend', input)).rejects.toMatchObject({
      code: 'not-permitted',
    });
    expect(
      (await denials()).map(({ operation, after }) => [operation, after.permission, after.preview]),
    ).toEqual([
      ['membership.suspend', 'membership.suspend', true],
      ['membership.end-preview', 'membership.end', true],
      ['membership.suspend', 'membership.suspend', undefined],
    ]);
  });

  it('of previews name nothing that the actor could not see, and stand once each', async () => {
    for (let n = 0; n < mostDeniedAnHour + 5; n += 1)
      await expect(
        world.as('acmeManager', 'change.preview', {
          operation: n % 2 ? 'membership.end' : 'organization.close',
          input: n % 2 ? { membershipId: member('acme2Member') } : { organizationId: randomUUID() },
        }),
      ).rejects.toMatchObject({ code: 'not-found' });
    const found = await denials();
    expect(found.map(({ operation, path }) => [operation, path])).toEqual([
      ['organization.close', world.organizations.acme.path],
      ['membership.end', world.organizations.acme.path],
    ]);
    expect(JSON.stringify(found)).not.toContain(member('acme2Member'));
  });

  it('are not what reading is refused, nor what is refused on other grounds', async () => {
    await expect(
      world.as('acmeMember', 'organization.read', { organizationId: world.organizations.acme2.id }),
    ).rejects.toMatchObject({ code: 'not-found' });
    await expect(
      world.as('acmeManager', 'change.preview', {
        operation: 'membership.suspend',
        input: { membershipId: 'x' },
      }),
    ).rejects.toMatchObject({ code: 'input.invalid' });
    expect(await denials()).toEqual([]);
  });

  it('are read by whoever may read the trail there, and by nobody else', async () => {
    await expect(
      world.as('acmeHelpDesk', 'membership.suspend', { membershipId: member('southMember') }),
    ).rejects.toMatchObject({ code: 'not-permitted' });
    const read = async (who: PersonName) =>
      (await world.as(who, 'event.list', { type: 'attempt.denied' })).items.map(({ sentence }) => sentence);
    expect(await read('acmeManager')).toEqual([
      'AcmeHelpDesk tried something in acmeSouth that they may not do.',
    ]);
    expect(await read('acme2Manager')).toEqual([]);
  });

  it('cannot flood the trail, and leave undo to whoever did the last thing', async () => {
    const south = world.people.southMember;
    await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [south.membershipId],
      entitlementIds: [world.entitlements.partsViewer],
    });
    const { rows } = await sql<{ id: string }>`select id from assignment`.execute(world.db);
    await expect(
      world.as('acmeHelpDesk', 'assignment.end', { assignmentId: rows[0]!.id }),
    ).rejects.toMatchObject({ code: 'not-permitted' });
    for (const { id } of (await sql<{ id: string }>`select id from membership`.execute(world.db)).rows)
      for (const name of ['membership.suspend', 'membership.resume', 'membership.end'] as const)
        await world.as('acmeHelpDesk', name, { membershipId: id }).catch(() => {});
    expect(await denials()).toHaveLength(mostDeniedAnHour);
    const undone = await world.as('acmeManager', 'assignment.undo', { assignmentIds: [rows[0]!.id] });
    expect(JSON.stringify(undone)).not.toContain('refusal');
  });

  it('are not those of somebody who only reads, or does what is their own', async () => {
    await expect(world.as('acmeMember', 'user.list', {})).rejects.toMatchObject({ code: 'not-permitted' });
    await expect(
      world.as('acmeMember', 'membership.delegations', { membershipId: member('owner') }),
    ).rejects.toMatchObject({ code: 'not-found' });
    expect(await denials()).toEqual([]);
  });
});
