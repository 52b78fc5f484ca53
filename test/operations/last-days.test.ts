import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alwaysAfter, alwaysBefore } from '../../src/authority/facts.ts';
import { holds } from '../../src/authority/holds.ts';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { insertDelegations, loadChain } from '../../src/delegation/store.ts';
import { endLapsedMemberships } from '../../src/directory/sweep.ts';
import { endSessionsOfLeavers } from '../../src/lifecycle/leavers-sessions.ts';
import { warnOfLastDays } from '../../src/lifecycle/warnings.ts';
import { mailLastDays } from '../../src/notices/last-day-letters.ts';
import type { Rendered } from '../../src/notices/letter.ts';
import { readEvent } from '../../src/operation/events.ts';
import { startSession } from '../../src/platform/sessions.ts';
import { makeWorld, type World } from '../harness/world.ts';
import { endOf } from '../lifecycle/calendar.ts';
import { stopClock } from '../lifecycle/frozen.ts';

const zone = 'Europe/Amsterdam';
const day = 86_400_000;
const start = Date.parse('2066-05-01T10:00:00Z');
let world: World;
let setClock: (at: number) => Promise<void>;
beforeEach(async () => {
  world = await makeWorld();
  setClock = await stopClock(world.db, start);
});
afterEach(() => world.close());

const member = () => world.people.southMember.membershipId;
const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
const setLastDay = (lastDay: string | null, membershipId = member()) =>
  world.as('acmeManager', 'membership.update', { membershipId, lastDay });
const warnings = async () => {
  const { rows } = await sql<{ id: string; days: number; lastDay: string }>`
    select id, (after ->> 'daysBefore')::int as days, after ->> 'lastDay' as "lastDay" from event where type = 'last-day.neared'
    order by position`.execute(world.db);
  return rows;
};

describe('a last day that comes near', () => {
  it('is told of at 30, 7 and 1 days, once each; another day anew', async () => {
    await setLastDay('2066-06-30');
    const end = endOf('2066-06-30', zone);
    for (const [before, told] of [
      [30 * day + 1, 0],
      [30 * day, 1],
      [29 * day, 0],
      [7 * day, 1],
      [2 * day, 0],
      [day, 1],
      [1, 0],
      [0, 0],
    ] as const) {
      await setClock(end - before);
      expect(await warnOfLastDays(world.services)).toBe(told);
      expect(await warnOfLastDays(world.services)).toBe(0);
    }
    expect((await warnings()).map(({ days }) => days)).toEqual([30, 7, 1]);
    await setClock(end - day);
    await world.as('acmeManager', 'membership.extend', { membershipId: member(), lastDay: '2066-08-31' });
    expect(await warnOfLastDays(world.services)).toBe(0);
    await setClock(endOf('2066-08-31', zone) - 7 * day);
    expect(await warnOfLastDays(world.services)).toBe(1);
    expect((await warnings()).at(-1)).toMatchObject({ days: 7, lastDay: '2066-08-31' });
  });

  it('is told of at the distances of the organization, or of the nearest above that has its own', async () => {
    const { acme, acmeSouth } = world.organizations;
    const at = (organizationId: string) =>
      world.as('acmeManager', 'last-day-notice.read', { organizationId });
    expect(await at(acmeSouth.id)).toMatchObject({ own: false, days: [30, 7, 1] });
    await world.as('acmeManager', 'last-day-notice.update', { organizationId: acme.id, days: [14, 90, 14] });
    expect(await at(acmeSouth.id)).toMatchObject({ own: false, days: [90, 14] });
    await world.as('acmeManager', 'last-day-notice.update', { organizationId: acmeSouth.id, days: [60] });
    await setLastDay('2066-08-31');
    await setLastDay('2066-08-31', world.people.acmeMember.membershipId);
    const end = endOf('2066-08-31', zone);
    const told: [number, number][] = [];
    for (const before of [91, 90, 61, 60, 30, 14, 7, 1]) {
      await setClock(end - before * day);
      told.push([before, await warnOfLastDays(world.services)]);
    }
    expect(told.filter(([, count]) => count > 0)).toEqual([
      [90, 1],
      [60, 1],
      [14, 1],
    ]);
    await world.as('acmeManager', 'last-day-notice.update', { organizationId: acmeSouth.id, days: null });
    expect(await at(acmeSouth.id)).toMatchObject({ own: false, days: [90, 14], version: 0 });
  });

  it('is told of once where the day was set late, at the distance that fits', async () => {
    await setLastDay('2066-05-05');
    expect(await warnOfLastDays(world.services)).toBe(1);
    expect((await warnings()).map(({ days }) => days)).toEqual([7]);
  });

  it('is told of once by processes that run together, and by one that follows another that died', async () => {
    await setLastDay('2066-05-20');
    let dies = true;
    const dying = {
      ...world.services,
      subscribers: [
        {
          name: 'dies',
          on: ['last-day.neared'],
          once: async () => {
            if (dies) throw new Error('killed before commit');
          },
        },
      ],
    };
    await expect(warnOfLastDays(dying)).rejects.toThrow('killed');
    expect(await warnings()).toEqual([]);
    const { rows } = await sql`select 1 from last_day_warning`.execute(world.db);
    expect(rows).toEqual([]);
    dies = false;
    const counts = await Promise.all([1, 2, 3].map(() => warnOfLastDays(world.services)));
    expect(counts.reduce((sum, count) => sum + count)).toBe(1);
    expect(await warnings()).toHaveLength(1);
  });

  it('is told to the person, the line manager and who looks after the place, one letter each', async () => {
    await sql`update membership set line_manager_id = ${world.people.rootMember.membershipId} where id = ${member()}`.execute(
      world.db,
    );
    await setLastDay('2066-05-20');
    await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [member()],
      entitlementIds: [world.entitlements.partsBuyer],
    });
    await warnOfLastDays(world.services);
    const [warned] = await warnings();
    const event = (await readEvent(world.db, warned!.id))!;
    const sent: Rendered[] = [];
    const mailer = {
      send: async (letter: Rendered) => {
        sent.push(letter);
        return 'sent' as const;
      },
    };
    // Run again, as a job is whose process died after sending.
    for (let n = 0; n < 2; n += 1)
      await mailLastDays(mailer as never).run!(event, { ...world.services, subscribers: [] });
    const to = sent.map((one) => one.to.name).sort();
    expect(to).toEqual(expect.arrayContaining(['southMember', 'rootMember', 'acmeManager']));
    expect(new Set(to).size).toBe(to.length);
    // The link leads to a page; nothing follows from opening it.
    expect(sent.find((one) => one.to.name === 'acmeManager')!.text).toContain(`/people/${member()}/last-day`);
    const own = () => sent.find((one) => one.to.name === 'southMember')!;
    expect(own().text).not.toContain(member());
    // The day as the reader writes it, in the subject, too; what ends; and where it is made later.
    for (const [language, written, place] of [
      ['en', '20 May 2066', 'Your place at acmeSouth'],
      ['nl', '20 mei 2066', 'Je plek bij acmeSouth'],
      ['de', '20. Mai 2066', 'Ihr Platz bei acmeSouth'],
      ['fr', '20 mai 2066', 'Votre place chez acmeSouth'],
    ] as const) {
      await sql`update app_user set language = ${language}`.execute(world.db);
      await sql`delete from notice`.execute(world.db);
      sent.length = 0;
      await mailLastDays(mailer as never).run!(event, { ...world.services, subscribers: [] });
      for (const one of sent) {
        expect(one.subject).toContain(written);
        expect(one.text).toContain(written);
      }
      expect(own().text).toContain(`- ${place}`);
      expect(own().text).toContain('- parts: buyer');
      expect(own().text).toContain('/ask?kind=last-day');
    }
    await setClock(endOf('2066-05-20', zone));
    sent.length = 0;
    await sql`delete from notice`.execute(world.db);
    await mailLastDays(mailer as never).run!(event, { ...world.services, subscribers: [] });
    expect(sent).toEqual([]);
  });
});

describe('a later last day', () => {
  it('leaves no gap: what was held a millisecond before the old end is held at it', async () => {
    await setLastDay('2066-05-20');
    await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [member()],
      entitlementIds: [world.entitlements.partsBuyer],
    });
    const end = endOf('2066-05-20', zone);
    await setClock(end - 1);
    expect(await holds(world.db, member(), world.entitlements.partsBuyer)).toBe(true);
    await world.as('acmeManager', 'membership.extend', { membershipId: member(), lastDay: '2066-05-27' });
    await setClock(end);
    expect(await holds(world.db, member(), world.entitlements.partsBuyer)).toBe(true);
    expect(await endLapsedMemberships(world.services)).toBe(0);
    await setClock(endOf('2066-05-27', zone) - 1);
    expect(await holds(world.db, member(), world.entitlements.partsBuyer)).toBe(true);
    await setClock(endOf('2066-05-27', zone));
    expect(await holds(world.db, member(), world.entitlements.partsBuyer)).toBe(false);
  });

  it('takes whoever could give the say that lasts longer with them: in approvals, and for a household', async () => {
    const { acme, acmeSouth, root } = world.organizations;
    // A manager of the site may let its people stay; the policy and the household stand a level above.
    const [standing] = [(await loadChain(world.db, world.delegations.acmeStanding))!];
    await insertDelegations(world.db, [
      {
        parent: standing,
        giverUserId: world.people.owner.userId,
        giverDelegationId: world.delegations.owner,
        delegate: { kind: 'user', ...world.people.acmeMember },
        adminRoleId: null,
        permissions: [
          'user.read',
          'membership.update',
          'user.invite',
          'delegation.create',
          'approval-policy.configure',
        ],
        scope: [{ places: [{ ...acmeSouth, below: true }] }],
        entitlements: { all: true },
        startsAt: alwaysBefore,
        endsAt: alwaysAfter,
        mayPassOn: 3,
      },
    ]);
    await setLastDay('2066-05-20');
    const extend = (who: 'acmeMember' | 'acmeManager', lastDay: string) =>
      world.as(who, 'membership.extend', { membershipId: member(), lastDay });
    const naming = (organizationId: string) =>
      world.as('owner', 'approval-policy.create', {
        organizationId,
        name: 'Named',
        applies: {},
        steps: [
          { name: 'Step', due: { hours: 10 }, approvers: [{ kind: 'people', membershipIds: [member()] }] },
        ],
      });
    await naming(acmeSouth.id);
    await extend('acmeMember', '2066-05-21');
    const above = await naming(acme.id);
    await expect(extend('acmeMember', '2066-05-22')).rejects.toEqual(refusal('membership.too-long'));
    await extend('acmeManager', '2066-05-23');
    await world.as('owner', 'approval-policy.retire', { policyId: above.id });
    await extend('acmeMember', '2066-05-24');
    for (const [place, may] of [
      [acmeSouth.id, true],
      [root.id, false],
    ] as const) {
      await sql`insert into guardian (id, membership_id, organization_id) values (gen_random_uuid(), ${member()}, ${place})`.execute(
        world.db,
      );
      const kept = extend('acmeMember', may ? '2066-05-25' : '2066-05-26');
      if (may) await kept;
      else await expect(kept).rejects.toEqual(refusal('membership.too-long'));
    }
  });

  it('is later; and comes from somebody who may give as much, before the end', async () => {
    await setLastDay('2066-05-20');
    const extend = (who: 'acmeManager' | 'northManager' | 'southMember', lastDay: string | null) =>
      world.as(who, 'membership.extend', { membershipId: member(), lastDay });
    for (const lastDay of ['2066-05-20', '2066-05-19'])
      await expect(extend('acmeManager', lastDay)).rejects.toEqual(refusal('last-day.not-later'));
    await expect(extend('northManager', '2066-06-01')).rejects.toEqual(refusal('not-found'));
    await expect(extend('southMember', '2066-06-01')).rejects.toMatchObject({ name: 'Refusal' });
    // What the manager could not give lasts no longer by their hand (ruling 4).
    await world.as('owner', 'delegation.create', {
      organizationId: world.organizations.acme2.id,
      delegate: { membershipId: member() },
      adminRoleId: adminRoleId('help-desk'),
    });
    await expect(extend('acmeManager', '2066-06-01')).rejects.toEqual(refusal('membership.too-long'));
    await setClock(endOf('2066-05-20', zone));
    await expect(
      world.as('owner', 'membership.extend', { membershipId: member(), lastDay: '2066-06-01' }),
    ).rejects.toEqual(refusal('membership.ended'));
  });
});

describe('whoever has left', () => {
  it('has no session that goes on; whoever belongs elsewhere keeps theirs', async () => {
    const { userId, membershipId } = world.people.southMember;
    const caller = { address: '192.0.2.1', userAgent: 'test', sessionToken: undefined };
    const { sessionId } = await startSession(world.db, { userId, membershipId, caller });
    const live = async () => {
      const { rows } = await sql`select 1 from session where id = ${sessionId} and ended_at is null`.execute(
        world.db,
      );
      return rows.length === 1;
    };
    expect(await endSessionsOfLeavers(world.db)).toBe(0);
    const elsewhere = crypto.randomUUID();
    await sql`insert into membership (id, user_id, organization_id, path, sort_name)
      values (${elsewhere}, ${userId}, ${world.organizations.beta.id}, ${world.organizations.beta.path}, 'x')`.execute(
      world.db,
    );
    await world.as('owner', 'membership.end', { membershipId });
    expect(await endSessionsOfLeavers(world.db)).toBe(0);
    expect(await live()).toBe(true);
    await world.as('owner', 'membership.end', { membershipId: elsewhere });
    expect(await endSessionsOfLeavers(world.db)).toBe(1);
    expect(await live()).toBe(false);
  });
});

describe('what nobody uses', () => {
  it('is found: accounts without a sign-in for 90 days, and invitations that have expired', async () => {
    const unused = async (kind: 'unused-account' | 'expired-invitation', who = 'acmeManager' as const) =>
      (await world.as(who, 'attention.list', { kind })).items.map(({ id, personName }) => personName ?? id);
    await world.as('acmeManager', 'invitation.create', {
      organizationId: world.organizations.acmeSouth.id,
      people: [{ email: 'late@example.org' }],
    });
    expect(await unused('expired-invitation')).toEqual([]);
    await setClock(start + 91 * day);
    await startSession(world.db, {
      ...world.people.southMember,
      caller: { address: '192.0.2.1', userAgent: 'test', sessionToken: undefined },
    });
    const found = await unused('unused-account');
    expect(found).toContain('northMember');
    expect(found).not.toContain('southMember');
    expect(found).not.toContain('betaMember');
    expect(await unused('expired-invitation')).toEqual(['late@example.org']);
    // Complete, page by page, and told where something is done about it: the person, and the invitation to send again.
    for (const kind of ['unused-account', 'expired-invitation'] as const) {
      const whole = await world.as('acmeManager', 'attention.list', { kind, limit: 200 });
      const paged: string[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await world.as('acmeManager', 'attention.list', {
          kind,
          limit: 1,
          ...(cursor ? { cursor } : {}),
        });
        paged.push(...page.items.map(({ id }) => id));
        cursor = page.next;
        if (!cursor) break;
      }
      expect(paged).toEqual(whole.items.map(({ id }) => id));
      expect(whole.counts.find((one) => one.kind === kind)).toEqual({
        kind,
        count: paged.length,
        more: false,
      });
      for (const id of kind === 'unused-account' ? paged : [])
        expect((await world.as('acmeManager', 'membership.read', { membershipId: id })).membershipId).toBe(
          id,
        );
    }
    const { items } = await world.as('acmeManager', 'attention.list', { kind: 'expired-invitation' });
    await world.as('acmeManager', 'invitation.resend', { invitationId: items[0]!.id });
    expect(await unused('expired-invitation')).toEqual([]);
    // On the 90th day to the second, and not before.
    const { rows } = await sql<{ at: Date }>`
      select max(last_seen_at) as at from session where user_id = ${world.people.southMember.userId}`.execute(
      world.db,
    );
    await setClock(rows[0]!.at.getTime() + 90 * day - 1000);
    expect(await unused('unused-account')).not.toContain('southMember');
    await setClock(rows[0]!.at.getTime() + 90 * day);
    expect(await unused('unused-account')).toContain('southMember');
  });
});
