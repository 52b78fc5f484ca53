import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/**
 * Ruling 2: writing what a relation reads is a grant of what it newly gives. A membership feeds "members of", a line
 * manager "line managers in" and everybody above in the line who has been given their reports.
 */
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

const at = (name: keyof World['organizations']) => world.organizations[name].id;
const member = (name: PersonName) => world.people[name].membershipId;
const refused = (code: string) => expect.objectContaining({ code });
const line = (by: PersonName, person: PersonName, head: PersonName) =>
  world.as(by, 'membership.update', { membershipId: member(person), lineManagerId: member(head) });
const clear = (person: PersonName) =>
  sql`update membership set line_manager_id = null where id = ${member(person)}`.execute(world.db);

describe('a line manager', () => {
  it('is named freely while nothing reads it', async () => {
    await line('acmeManager', 'northMember', 'acmeMember');
    await clear('northMember');
  });

  it('gets no more over a person than the doer could pass on', async () => {
    const given = await world.as('owner', 'delegation.create', {
      organizationId: at('acme'),
      delegate: { relation: 'line-managers', organizationId: at('acme') },
      reports: { depth: 'all' },
      permissions: ['user.read', 'organization.move'],
    });
    await expect(line('acmeManager', 'northMember', 'acmeMember')).rejects.toEqual(
      refused('membership.gives-power'),
    );
    const { rows } = await sql<{ head: string | null }>`
      select line_manager_id as head from membership where id = ${member('northMember')}`.execute(world.db);
    expect(rows[0]!.head).toBeNull();
    await line('owner', 'northMember', 'acmeMember');
    await clear('northMember');
    await world.as('owner', 'delegation.end', { delegationId: given.id });
  });

  it('gives those above in the line no more either', async () => {
    await line('acmeManager', 'acmeMember', 'acmeHelpDesk');
    const given = await world.as('owner', 'delegation.create', {
      organizationId: at('root'),
      delegate: { membershipId: member('acmeHelpDesk') },
      reports: { depth: 'all' },
      permissions: ['user.read', 'organization.move'],
    });
    await expect(line('acmeManager', 'northMember', 'acmeMember')).rejects.toEqual(
      refused('membership.gives-power'),
    );
    await line('owner', 'northMember', 'acmeMember');
    expect(
      (
        await world.as('acmeHelpDesk', 'decision.explain', {
          permission: 'organization.move',
          membershipId: member('northMember'),
        })
      ).effect,
    ).toBe('permit');
    await world.as('owner', 'delegation.end', { delegationId: given.id });
    await clear('northMember');
    await clear('acmeMember');
  });
});

describe('a membership', () => {
  it('gives nobody what the doer could not pass on: by invitation, by card, and again when accepted', async () => {
    const invite = (email: string) =>
      world.as('acmeManager', 'invitation.create', {
        organizationId: at('acmeSouth'),
        people: [{ email }],
      });
    await expect(invite('first@acme.example')).resolves.toBeTruthy();
    const given = await world.as('owner', 'delegation.create', {
      organizationId: at('acme'),
      delegate: { relation: 'members', organizationId: at('acme') },
      whereRelation: true,
      permissions: ['user.read', 'organization.move'],
    });
    await expect(invite('second@acme.example')).rejects.toEqual(refused('membership.gives-power'));
    await expect(
      world.as('acmeManager', 'user.enrol', {
        organizationId: at('acmeSouth'),
        displayName: 'Card Holder',
        userName: 'card.holder',
      }),
    ).rejects.toEqual(refused('membership.gives-power'));
    await world.as('owner', 'user.enrol', {
      organizationId: at('acmeSouth'),
      displayName: 'Card Holder',
      userName: 'card.holder',
    });
    await world.as('owner', 'delegation.end', { delegationId: given.id });
    await expect(invite('third@acme.example')).resolves.toBeTruthy();
  });
});
