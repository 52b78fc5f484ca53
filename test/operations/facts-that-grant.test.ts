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

describe('what comes with belonging somewhere', () => {
  const looking = ['user.read', 'organization.read'] as const;
  const give = (who: 'members' | 'managers', more: object = {}) =>
    world.as('owner', 'delegation.create', {
      organizationId: at('acme'),
      delegate: { relation: who, organizationId: at('acme') },
      permissions: [...looking],
      ...more,
    });
  const enrol = (by: PersonName, userName: string, lastDay?: string) =>
    world.as(by, 'user.enrol', { organizationId: at('acmeSouth'), displayName: userName, userName, lastDay });
  const ends = (when: string) =>
    sql`update delegation set ends_at = ${when}::timestamptz where id = ${world.delegations.acmeManager}`.execute(
      world.db,
    );
  const day = (years: number): string => `${new Date().getUTCFullYear() + years}-06-15`;

  it('lasts no longer than what the doer has: a manager for a time brings people in for a time', async () => {
    const given = await give('members');
    await ends(day(2));
    await expect(enrol('acmeManager', 'for.good')).rejects.toEqual(refused('membership.gives-power'));
    await expect(enrol('acmeManager', 'too.long', day(3))).rejects.toEqual(refused('membership.gives-power'));
    const card = await enrol('acmeManager', 'for.a.time', day(1));
    const lengthen = (by: PersonName, lastDay: string | null) =>
      world.as(by, 'membership.update', { membershipId: card.membershipId, lastDay });
    await expect(lengthen('acmeManager', day(3))).rejects.toEqual(refused('membership.gives-power'));
    await expect(lengthen('acmeManager', null)).rejects.toEqual(refused('membership.gives-power'));
    const invite = (email: string, lastDay?: string) =>
      world.as('acmeManager', 'invitation.create', {
        organizationId: at('acmeSouth'),
        people: [{ email }],
        lastDay,
      });
    await expect(invite('for.good@acme.example')).rejects.toEqual(refused('membership.gives-power'));
    await expect(invite('a.while@acme.example', day(1))).resolves.toBeTruthy();
    await expect(lengthen('owner', null)).resolves.toBeTruthy();
    await world.as('owner', 'delegation.end', { delegationId: given.id });
    await expect(enrol('acmeManager', 'nothing.comes.with.it')).resolves.toBeTruthy();
    await ends('infinity');
  });

  it('is, "where the relation holds", only what a newcomer would have there', async () => {
    const given = await world.as('owner', 'delegation.create', {
      organizationId: at('root'),
      delegate: { relation: 'members', organizationId: at('acme') },
      whereRelation: true,
      permissions: [...looking],
      entitlements: { applicationIds: [], entitlementIds: [] },
    });
    await expect(enrol('acmeManager', 'only.there')).resolves.toBeTruthy();
    await world.as('owner', 'delegation.end', { delegationId: given.id });
  });

  it('ends with what the doer gave: until their own last day they may', async () => {
    const given = await give('members', { until: `${day(1)}T00:00:00Z` });
    await ends(day(2));
    await expect(enrol('acmeManager', 'ends.before')).resolves.toBeTruthy();
    await world.as('owner', 'delegation.end', { delegationId: given.id });
    await ends('infinity');
  });

  it('is passed on no further than the doer may', async () => {
    const given = await give('members', { permissions: [...looking, 'delegation.create'], mayPassOn: 3 });
    await expect(enrol('acmeManager', 'too.deep')).rejects.toEqual(refused('membership.gives-power'));
    await expect(enrol('owner', 'deep.enough')).resolves.toBeTruthy();
    await world.as('owner', 'delegation.end', { delegationId: given.id });
  });

  it('is nothing that an exception denies to the doer, and to nobody who gains it', async () => {
    const given = await give('members');
    const exception = await world.as('owner', 'exception.create', {
      organizationId: at('acmeNorth'),
      permissions: ['user.read'],
    });
    // Whoever gains it is bound by that one as the doer is: there is nothing to give.
    await expect(enrol('acmeManager', 'bound.alike')).resolves.toBeTruthy();
    await sql`update exception set set_under = ${given.id} where id = ${exception.id}`.execute(world.db);
    await expect(enrol('acmeManager', 'not.bound')).rejects.toEqual(refused('membership.gives-power'));
    await world.as('owner', 'exception.lift', { exceptionId: exception.id });
    await world.as('owner', 'delegation.end', { delegationId: given.id });
  });

  it('is not kept for longer where an exception denies it to the doer only', async () => {
    const given = await world.as('owner', 'delegation.create', {
      organizationId: at('acmeNorth'),
      delegate: { membershipId: member('northMember') },
      permissions: [...looking],
    });
    const exception = await world.as('owner', 'exception.create', {
      organizationId: at('acmeNorthSite'),
      permissions: ['user.read'],
    });
    await sql`update exception set set_under = ${given.id} where id = ${exception.id}`.execute(world.db);
    const lastDay = (by: PersonName, day: string | null) =>
      world.as(by, 'membership.update', { membershipId: member('northMember'), lastDay: day });
    await lastDay('owner', day(1));
    await expect(lastDay('acmeManager', day(2))).rejects.toEqual(refused('membership.too-long'));
    await world.as('owner', 'exception.lift', { exceptionId: exception.id });
    await expect(lastDay('acmeManager', day(2))).resolves.toBeTruthy();
    await lastDay('owner', null);
    await world.as('owner', 'delegation.end', { delegationId: given.id });
  });

  it('counts a place that is suspended now: it comes back', async () => {
    const given = await world.as('owner', 'delegation.create', {
      organizationId: at('beta'),
      delegate: { relation: 'members', organizationId: at('acme') },
      permissions: [...looking],
      entitlements: { applicationIds: [], entitlementIds: [] },
    });
    await world.as('owner', 'organization.suspend', { organizationId: at('beta') });
    await expect(enrol('acmeManager', 'beta.later')).rejects.toEqual(refused('membership.gives-power'));
    await world.as('owner', 'organization.resume', { organizationId: at('beta') });
    await world.as('owner', 'delegation.end', { delegationId: given.id });
  });

  it('holds of a line manager: over people who stay longer than the doer may give', async () => {
    const given = await world.as('owner', 'delegation.create', {
      organizationId: at('acme'),
      delegate: { relation: 'line-managers', organizationId: at('acme') },
      reports: { depth: 'all' },
      permissions: ['user.read'],
    });
    await ends(day(2));
    await expect(line('acmeManager', 'northMember', 'acmeMember')).rejects.toEqual(
      refused('membership.gives-power'),
    );
    await ends('infinity');
    await line('acmeManager', 'northMember', 'acmeMember');
    await clear('northMember');
    await world.as('owner', 'delegation.end', { delegationId: given.id });
  });

  it('holds of a manager: as long as they are appointed, and no longer than that', async () => {
    const given = await give('managers');
    await ends(day(2));
    const appoint = (until?: string) =>
      world.as('acmeManager', 'delegation.create', {
        organizationId: at('acmeSouth'),
        delegate: { membershipId: member('southMember') },
        permissions: ['user.invite', 'user.read'],
        until,
      });
    // An open end is the doer's own: what comes with it ends then, too.
    await expect(appoint()).resolves.toBeTruthy();
    await world.as('owner', 'delegation.end', { delegationId: given.id });
    await ends('infinity');
  });
});
