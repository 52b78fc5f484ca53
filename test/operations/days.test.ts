import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { run } from '../../src/operation/pipeline.ts';
import { operations } from '../../src/server/operations.gen.ts';
import { addPerson, makeWorld, type World } from '../harness/world.ts';
import { endOf, plusDays, startOf, zones } from '../lifecycle/calendar.ts';
import { stopClock } from '../lifecycle/frozen.ts';

/** Days of access and of delegations: from midnight to midnight in the organization's zone, whoever gives them where. */
let world: World;
let setClock: (at: number) => Promise<void>;
beforeAll(async () => {
  world = await makeWorld();
  setClock = await stopClock(world.db, Date.parse('2024-01-01T00:00:00Z'));
});
afterAll(() => world.close());

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
type Kept = { firstDay: string | null; lastDay: string | null; startsAt: Date; endsAt: Date };
const kept = async (table: 'assignment' | 'delegation', id: string): Promise<Kept> => {
  const { rows } = await sql<Kept>`
    select first_day as "firstDay", last_day as "lastDay", starts_at as "startsAt", ends_at as "endsAt"
    from ${sql.table(table)} where id = ${id}`.execute(world.db);
  return rows[0]!;
};
const setZone = (zone: string) =>
  sql`update organization set time_zone = ${zone} where id = ${world.organizations.acme.id}`.execute(
    world.db,
  );
const give = async (days: { firstDay?: string; lastDay?: string; until?: string }) => {
  const somebody = await addPerson(world.db, `somebody${Math.random()}`, world.organizations.acme);
  const { results } = await world.as('owner', 'assignment.grant', {
    membershipIds: [somebody.membershipId],
    entitlementIds: [world.entitlements.notesReader],
    ...days,
  });
  return kept('assignment', results[0]!.assignmentIds![0]!);
};
const appoint = async (days: { firstDay?: string; lastDay?: string }) => {
  const somebody = await addPerson(world.db, `manager${Math.random()}`, world.organizations.acme);
  const made = await world.as('owner', 'delegation.create', {
    organizationId: world.organizations.acme.id,
    delegate: { membershipId: somebody.membershipId },
    adminRoleId: adminRoleId('help-desk'),
    ...days,
  });
  return { id: made.id, ...(await kept('delegation', made.id)) };
};
const spanIn = (zone: string, firstDay: string, lastDay: string) => ({
  firstDay,
  lastDay,
  startsAt: new Date(startOf(firstDay, zone)),
  endsAt: new Date(endOf(lastDay, zone)),
});

describe('access and delegations by day', () => {
  it.each(zones.map((zone) => [zone] as const))('last from midnight to midnight in %s', async (zone) => {
    await setClock(Date.parse('2026-02-01T00:00:00Z'));
    await setZone(zone);
    expect(await give({ firstDay: '2026-03-10', lastDay: '2026-10-26' })).toEqual(
      spanIn(zone, '2026-03-10', '2026-10-26'),
    );
    expect(await appoint({ firstDay: '2026-03-10', lastDay: '2026-10-26' })).toMatchObject(
      spanIn(zone, '2026-03-10', '2026-10-26'),
    );
  });

  it.each([
    ['midnight does not exist', 'Africa/Cairo', '2024-04-26'],
    ['midnight does not exist, either', 'Asia/Beirut', '2025-03-30'],
    ['midnight comes twice', 'America/Havana', '2018-11-04'],
    ['the day does not exist', 'Pacific/Apia', '2011-12-30'],
    ['clocks change by half an hour', 'Australia/Lord_Howe', '2025-10-05'],
  ])('begin and end rightly where %s', async (_, zone, day) => {
    await setClock(startOf(day, 'UTC') - 40 * 86_400_000);
    await setZone(zone);
    for (const [firstDay, lastDay] of [
      [plusDays(day, -3), plusDays(day, -1)],
      [plusDays(day, -1), day],
      [day, plusDays(day, 1)],
      [plusDays(day, 1), plusDays(day, 2)],
    ] as const)
      expect(await give({ firstDay, lastDay })).toEqual(spanIn(zone, firstDay, lastDay));
  });

  it('keep no day where something else bounds them, and take one side in one way only', async () => {
    await setClock(Date.parse('2026-02-01T12:00:00Z'));
    await setZone('Europe/Amsterdam');
    // today has begun: it is in force in ten seconds
    expect(await give({ firstDay: '2026-02-01', lastDay: '2026-02-03' })).toMatchObject({
      firstDay: null,
      lastDay: '2026-02-03',
      startsAt: new Date('2026-02-01T12:00:10Z'),
    });
    expect(await give({ until: '2026-02-03T23:00:00Z' })).toMatchObject({ lastDay: null });
    await expect(give({ lastDay: '2026-02-03', until: '2026-02-03T23:00:00Z' })).rejects.toEqual(
      refusal('input.invalid'),
    );
    await expect(give({ firstDay: '2026-02-09', lastDay: '2026-02-08' })).rejects.toEqual(
      refusal('input.invalid'),
    );
  });
});

describe('when the time zone of an organization changes', () => {
  it('the same days mean other instants, for whoever could give as much', async () => {
    await setClock(Date.parse('2026-02-01T00:00:00Z'));
    await setZone('Europe/Amsterdam');
    const { id } = await appoint({ firstDay: '2026-03-01', lastDay: '2026-03-31' });
    const somebody = await addPerson(world.db, 'refiled', world.organizations.acme);
    const { results } = await world.as('owner', 'assignment.grant', {
      membershipIds: [somebody.membershipId],
      entitlementIds: [world.entitlements.notesReader],
      firstDay: '2026-03-01',
      lastDay: '2026-03-31',
    });
    const assignmentId = results[0]!.assignmentIds![0]!;
    for (const timeZone of ['America/New_York', 'Asia/Tokyo']) {
      await world.as('owner', 'organization.update', {
        organizationId: world.organizations.acme.id,
        timeZone,
      });
      expect(await kept('assignment', assignmentId)).toEqual(spanIn(timeZone, '2026-03-01', '2026-03-31'));
      expect(await kept('delegation', id)).toEqual(spanIn(timeZone, '2026-03-01', '2026-03-31'));
    }
    const { rows } = await sql<{ type: string }>`
      select type from event where target_id in (${id}, ${assignmentId}) and type like '%.refiled'`.execute(
      world.db,
    );
    expect(rows).toHaveLength(4);
  });

  it('everybody is moved by as many statements as one person, to what each day means there, over clock changes', async () => {
    let statements = 0;
    const counting = world.db.withPlugin({
      transformQuery: ({ node }) => {
        statements += 1;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    const { id: organizationId, path } = world.organizations.acmeNorthSite;
    const update = async (timeZone: string) => {
      statements = 0;
      const call = {
        credential: { kind: 'membership', membershipId: world.people.owner.membershipId },
        input: { organizationId, timeZone },
        requestId: 'zone',
      } as const;
      await run({ ...world.services, db: counting }, operations['organization.update'], call);
      return statements;
    };
    const join = async (from: number, count: number) => {
      await sql`
        with n as (select gen_random_uuid() as id, gen_random_uuid() as membership_id, date '2026-02-01' + k % 300 as first, date '2026-03-20' + (k * 7) % 300 as last
          from generate_series(${from}::int, ${from + count - 1}::int) k),
        u as (insert into app_user (id, home_organization_id, display_name) select id, ${organizationId}, 'many' from n returning id),
        m as (insert into membership (id, user_id, organization_id, path, sort_name, first_day, last_day, starts_at, ends_at)
          select membership_id, n.id, ${organizationId}, ${path}, 'many', least(first, last), greatest(first, last),
            least(first, last)::timestamp at time zone 'Europe/Amsterdam', (greatest(first, last) + 1)::timestamp at time zone 'Europe/Amsterdam'
          from n join u on u.id = n.id returning id)
        insert into assignment (id, membership_id, entitlement_id, why, first_day, last_day, starts_at, ends_at)
          select gen_random_uuid(), n.membership_id, ${world.entitlements.notesReader}, 'direct', least(first, last), greatest(first, last),
            least(first, last)::timestamp at time zone 'Europe/Amsterdam', (greatest(first, last) + 1)::timestamp at time zone 'Europe/Amsterdam'
          from n join m on m.id = n.membership_id`.execute(world.db);
    };
    await sql`update organization set time_zone = 'Europe/Amsterdam' where id = ${organizationId}`.execute(
      world.db,
    );
    await join(0, 1);
    const ofOne = [await update('America/New_York'), await update('Europe/Amsterdam')];
    await join(1, 79);
    const ofMany = [await update('America/New_York'), await update('Europe/Amsterdam')];
    expect(ofMany).toEqual(ofOne);
    // One by one, by a calendar that knows nothing of ours.
    for (const zone of zones.filter((one) => /Cairo|Johns|Havana|Beirut|Chatham|Santiago/.test(one))) {
      await update(zone);
      for (const table of ['membership', 'assignment'] as const) {
        const { rows } = await sql<Kept>`
          select t.first_day as "firstDay", t.last_day as "lastDay", t.starts_at as "startsAt", t.ends_at as "endsAt"
          from ${sql.table(table)} t join membership m on m.id = ${table === 'membership' ? sql`t.id` : sql`t.membership_id`}
          where m.organization_id = ${organizationId} and t.first_day is not null`.execute(world.db);
        expect(rows.length).toBe(80);
        expect(rows, `${table} ${zone}`).toEqual(
          rows.map(({ firstDay, lastDay }) => spanIn(zone, firstDay!, lastDay!)),
        );
      }
    }
  });

  it('nobody lengthens what they could not give: that ends as early as before', async () => {
    await setClock(Date.parse('2026-02-01T00:00:00Z'));
    await setZone('Europe/Amsterdam');
    // a peer's delegation is not a manager's to lengthen, nor is their own
    const own = await kept('delegation', world.delegations.acmeManager);
    const peer = await world.as('owner', 'delegation.create', {
      organizationId: world.organizations.acme.id,
      delegate: { membershipId: world.people.acmeMember.membershipId },
      adminRoleId: adminRoleId('help-desk'),
      lastDay: '2026-03-31',
    });
    const before = await kept('delegation', peer.id);
    await world.as('acmeManager', 'organization.update', {
      organizationId: world.organizations.acme.id,
      timeZone: 'America/New_York',
    });
    expect(await kept('delegation', peer.id)).toEqual(before);
    expect(await kept('delegation', world.delegations.acmeManager)).toEqual(own);
    // earlier it goes for everybody
    await world.as('acmeManager', 'organization.update', {
      organizationId: world.organizations.acme.id,
      timeZone: 'Asia/Tokyo',
    });
    expect((await kept('delegation', peer.id)).endsAt).toEqual(new Date(endOf('2026-03-31', 'Asia/Tokyo')));
  });
});

describe('keys, exceptions, invitations and partners by day', () => {
  const zone = 'Pacific/Auckland';
  const lastDay = '2026-09-26';
  /** the evening before clocks change there: the day ends at local midnight, and is still another day elsewhere */
  const end = () => new Date(endOf(lastDay, zone)).toISOString().replace('.000Z', 'Z');
  const instant = (text: string | null) => new Date(text!).toISOString().replace('.000Z', 'Z');

  it('end at local midnight at the end of the day, and show that day, whoever looks from where', async () => {
    await setClock(Date.parse('2026-02-01T00:00:00Z'));
    await setZone(zone);
    const { acme } = world.organizations;
    const key = await world.as('owner', 'client.create', {
      organizationId: acme.id,
      name: 'By day',
      permissions: ['user.read'],
      lastDay,
    });
    expect([instant(key.until), key.lastDay]).toEqual([end(), lastDay]);
    const exception = await world.as('owner', 'exception.create', {
      organizationId: acme.id,
      permissions: ['user.invite'],
      lastDay,
    });
    expect([instant(exception.until), exception.lastDay]).toEqual([end(), lastDay]);
    const partner = await world.as('owner', 'partner.onboard', {
      name: 'By day',
      managerName: 'Day Manager',
      managerEmail: 'day@partner.example',
      timeZone: zone,
      lastDay,
    });
    expect(instant((await kept('delegation', partner.delegationId)).endsAt.toISOString())).toBe(end());
    await world.as('owner', 'invitation.create', {
      organizationId: acme.id,
      people: [{ email: 'manager@partner.example' }],
      manager: { lastDay },
    });
    const { rows } = await sql<{ until: string }>`
      select delegation ->> 'endsAt' as until from invitation where email = 'manager@partner.example'`.execute(
      world.db,
    );
    expect(instant(rows[0]!.until)).toBe(end());
    const { items } = await world.as('owner', 'ending.list', { days: 366, limit: 200 });
    for (const one of items.filter(({ id }) => [key.id, exception.id, partner.delegationId].includes(id)))
      expect(one.lastDay, one.kind).toBe(lastDay);
    await expect(
      world.as('owner', 'exception.create', {
        organizationId: acme.id,
        lastDay,
        until: '2026-09-26T00:00:00Z',
      }),
    ).rejects.toEqual(refusal('input.invalid'));
  });
});
