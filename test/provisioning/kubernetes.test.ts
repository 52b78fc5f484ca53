import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { performImport } from '../../src/enrolment/import/run.ts';
import { passTime } from '../../src/platform/clock.ts';
import { connectorNamed } from '../../src/provisioning/connectors/all.ts';
import { keptConnections, type Sending } from '../../src/provisioning/sending/kept-connections.ts';
import { waitingMarks, workMark } from '../../src/provisioning/sending/marker.ts';
import { markTargets } from '../../src/provisioning/sending/marks.ts';
import { sendDue } from '../../src/provisioning/sending/sending.ts';
import type { Input } from '../../src/server/operations.gen.ts';
import { describeWith } from '../harness/peers.ts';
import { type Slapd, startSlapd } from '../harness/slapd.ts';
import { makeWorld, type World } from '../harness/world.ts';
import {
  accountRole,
  type Entry,
  lineOf,
  type Organization,
  readOrganization,
  rolesBy,
  rolesOf,
  shouldHold,
  top,
} from './files-of-org.ts';

/**
 * A real organization in, its people and who may do what out to a real OpenLDAP, then changed in ten ways: after each,
 * what `ldapsearch` prints is what follows from the files. Whose files these are: test/data/kubernetes-org/README.md.
 */
const long = process.env.REMIT_TEST_LONG === '1';
// All 1,509 people in 839 organizations are taken in the long run: here some 200 of them.
const parts = long ? undefined : ['etcd-io', 'kubernetes-client', 'kubernetes-csi'];

let world: World;
let slapd: Slapd;
let sending: Sending;
let connections: ReturnType<typeof keptConnections>;
let org: Organization;
let targetId: string;
const groups = new Map<string, { role: string } | { organization: string }>();
let holds = new Map<string, Entry>();
/** people who are in none of the other changes, nor manage anything */
const free = new Set<string>();

describeWith('slapd', 'a real organization in a directory', () => {
  beforeAll(async () => {
    slapd = await startSlapd();
    world = await makeWorld([markTargets]);
    const ports = [slapd.port, slapd.tlsPort];
    world.services.config = {
      ...world.services.config,
      egress: { networks: ['127.0.0.1'], httpHosts: [], ports },
    };
    connections = keptConnections(world.services);
    sending = { ...world.services, connectors: connectorNamed, egressOf: connections.egressOf };
    // Far from any midnight: what begins tomorrow is a day away.
    await passTime(
      world.db,
      await secondsUntil(sql`((remit_now() at time zone 'Europe/Amsterdam')::date + 1) + time '12:00'`),
    );
    org = readOrganization(parts);
    for (const user of org.people.keys()) if (!org.managed.some((one) => one.user === user)) free.add(user);
  });
  afterAll(async () => {
    connections?.close();
    await world?.close();
    await slapd?.close();
  });

  it('holds what the files say', async () => {
    await takeOver();
    await connect();
    await world.as('owner', 'target.activate', { provisioningTargetId: targetId });
    await converge();
    holds = shouldHold(org, holds, groups);
    expect(holds.size).toBe(long ? 1509 : org.people.size);
    expect(holds.size).toBeGreaterThan(150);
    expect([...holds.values()].filter((one) => one.groups.length > 1).length).toBeGreaterThan(50);
    await holdsTheSame();
  }, 600_000);

  it('follows ten changes', async () => {
    const names = await entryIds();
    for (const [what, change] of Object.entries(changes)) {
      const before = holds;
      await change();
      holds = shouldHold(org, holds, groups);
      expect(holds, `${what}: nothing would change`).not.toEqual(before);
      await converge();
      await holdsTheSame(what);
    }
    expect(Object.keys(changes)).toHaveLength(10);
    // Everybody who was there is there as the same entry: nobody was made anew.
    const now = await entryIds();
    for (const [user, id] of names) expect(now.get(user), user).toBe(id);
  }, 600_000);

  it('follows the days: in on the first, and gone two days after the last', async () => {
    const gone = [...holds.keys()].filter((user) =>
      [...org.belongs.get(user)!.values()].every(({ stands }) => stands === 'ended'),
    );
    expect(gone.length).toBeGreaterThan(1);
    await passTime(
      world.db,
      await secondsUntil(sql`(remit_now() at time zone 'Europe/Amsterdam')::date + 1`),
    );
    for (const user of coming) for (const one of org.belongs.get(user)!.values()) one.stands = 'live';
    await converge();
    holds = shouldHold(org, holds, groups);
    for (const user of coming) expect(holds.get(user)!.on).toBe(true);
    await holdsTheSame('the first day');

    await passTime(world.db, 2 * 86_400);
    await converge();
    for (const user of gone) holds.delete(user);
    await holdsTheSame('two days later');
  }, 600_000);

  it('writes nothing when it runs again', async () => {
    const before = { entries: await slapd.search(), ...(await work()) };
    expect(before.attempts).toBeGreaterThan(holds.size);
    // Off and on again: everybody is looked at afresh.
    await world.as('owner', 'target.pause', { provisioningTargetId: targetId });
    await world.as('owner', 'target.activate', { provisioningTargetId: targetId });
    expect(await waitingMarks(world.db, -1)).not.toEqual([]);
    await converge();
    // Each entry with its entryCSN, which the server changes at every write.
    expect({ entries: await slapd.search(), ...(await work()) }).toEqual(before);
    const { counts, findings } = await world.as('owner', 'target.try', { provisioningTargetId: targetId });
    expect(findings.filter(({ level }) => level === 'bad')).toEqual([]);
    expect(Object.entries(counts).filter(([would, n]) => would !== 'nothing' && n > 0)).toEqual([]);
  }, 600_000);
});

const coming = new Set<string>();

/** Each changes Remit by operations and the files' own model alike. */
const changes: Record<string, () => Promise<void>> = {
  'somebody leaves': async () => {
    const user = somebody();
    for (const [organization, one] of org.belongs.get(user)!) {
      await world.as('owner', 'membership.end', { membershipId: await membershipOf(user, organization) });
      one.stands = 'ended';
    }
  },
  'somebody is suspended': async () => {
    const user = somebody();
    for (const [organization, one] of org.belongs.get(user)!) {
      await world.as('owner', 'membership.suspend', { membershipId: await membershipOf(user, organization) });
      one.stands = 'waits';
    }
  },
  'somebody moves': async () => {
    const user = somebody();
    const places = org.belongs.get(user)!;
    const from = org.home.get(user)!;
    const to = [...org.given].find(
      ([organization, roles]) =>
        organization !== top && !places.has(organization) && [...roles].some(isMapped),
    )![0];
    const { title } = places.get(from)!;
    const organizationId = await idOf('organization', to);
    await world.as('owner', 'membership.move', {
      membershipId: await membershipOf(user, from),
      organizationId,
    });
    places.delete(from);
    places.set(to, { stands: 'live', title });
    org.home.set(user, to);
  },
  'somebody is renamed': async () => {
    const user = somebody();
    const displayName = 'Zoë van der Ångström, née "O\'Neil"';
    const person = {
      userId: await idOf('user', user),
      membershipId: await membershipOf(user, org.home.get(user)!),
      name: user,
    };
    await world.as(person, 'me.update', { displayName });
    org.people.get(user)!.name = displayName;
  },
  'an organization loses a role': async () => {
    const [organization, roles] = [...org.given].find(
      ([one, all]) => one !== top && [...all].some(isMapped) && membersOf(one).length >= 3,
    )!;
    const role = [...roles].find(isMapped)!;
    const { rows } = await sql<{ id: string }>`
      select x.id from assignment x where x.state = 'active' and x.organization_id = ${await idOf('organization', organization)}
        and x.entitlement_id = ${(await entitlements()).get(role)}`.execute(world.db);
    await world.as('owner', 'assignment.end', { assignmentId: rows[0]!.id });
    roles.delete(role);
  },
  'somebody has another title': async () => {
    const user = somebody();
    const organization = org.home.get(user)!;
    await world.as('owner', 'membership.update', {
      membershipId: await membershipOf(user, organization),
      title,
    });
    org.belongs.get(user)!.get(organization)!.title = title;
  },
  'a rule appears': async () => {
    const [[user, organization]] = [...org.home].filter(
      ([user, home]) => org.belongs.get(user)!.get(home)?.title === title,
    ) as [[string, string]];
    const role = [...groups.values()].flatMap((one) =>
      'role' in one && !rolesOf(org, user).has(one.role) ? [one.role] : [],
    )[0]!;
    const at = lineOf(org, organization).at(-2)!;
    await world.as('owner', 'access-rule.create', {
      organizationId: await idOf('organization', at),
      name: 'Those who review',
      title,
      entitlementId: (await entitlements()).get(role)!,
    });
    org.rules.push({ organization: at, title, role });
  },
  'an organization closes': async () => {
    // With all below it. Some of its people are nowhere else: they leave by it.
    const within = (organization: string) =>
      [...org.above.keys()].filter((one) => lineOf(org, one).includes(organization));
    const livesIn = (user: string) =>
      [...org.belongs.get(user)!]
        .filter(([, { stands }]) => stands === 'live')
        .map(([organization]) => organization);
    const closing = [...org.above]
      .filter(([, above]) => above === top)
      .map(([organization]) => ({ organization, all: new Set(within(organization)) }))
      .filter(({ all }) =>
        [...org.people.keys()].some(
          (user) => livesIn(user).length > 0 && livesIn(user).every((one) => all.has(one)),
        ),
      )
      .sort((one, other) => one.all.size - other.all.size)[0]!;
    await world.as('owner', 'organization.close', {
      organizationId: await idOf('organization', closing.organization),
    });
    for (const places of org.belongs.values())
      for (const [organization, one] of places) if (closing.all.has(organization)) one.stands = 'ended';
    for (const organization of closing.all) org.given.delete(organization);
    org.rules = org.rules.filter((rule) => !closing.all.has(rule.organization));
  },
  'what may be handed out shrinks': async () => {
    // An application is taken out of what the whole project may hand out: the one that most have.
    const count = new Map<string, number>();
    for (const { on, groups: theirs } of holds.values())
      for (const group of on ? theirs : []) {
        const meant = groups.get(group)!;
        if ('role' in meant)
          count.set(applicationOf(meant.role), (count.get(applicationOf(meant.role)) ?? 0) + 1);
      }
    const [lost] = [...count].sort(([, one], [, other]) => other - one)[0]!;
    const organizationId = await idOf('organization', top);
    const { items } = await world.as('owner', 'delegation.list', {
      organizationId,
      delegate: 'organization',
    });
    const { rows } = await sql<{ id: string }>`
      select id from application where state = 'active' and organization_id = ${organizationId} and key <> ${lost}`.execute(
      world.db,
    );
    await world.as('owner', 'delegation.narrow', {
      delegationId: items[0]!.id,
      entitlements: { applicationIds: rows.map(({ id }) => id), entitlementIds: [] },
    });
    for (const roles of org.given.values())
      for (const role of roles) if (applicationOf(role) === lost) roles.delete(role);
    org.rules = org.rules.filter(({ role }) => applicationOf(role) !== lost);
  },
  'somebody comes tomorrow': async () => {
    const [organization] = [...org.given].find(([one, roles]) => one !== top && [...roles].some(isMapped))!;
    const { rows } = await sql<{ day: string }>`
      select ((remit_now() at time zone 'Europe/Amsterdam')::date + 1)::text as day`.execute(world.db);
    const user = 'new-comer';
    const input: Input<'user.enrol'> = {
      organizationId: await idOf('organization', organization),
      userName: user,
      displayName: 'New Comer',
      firstDay: rows[0]!.day,
    };
    await world.as('owner', 'user.enrol', input);
    coming.add(user);
    org.people.set(user, { name: 'New Comer', mail: '' });
    org.belongs.set(user, new Map([[organization, { stands: 'waits', title: '' }]]));
    org.home.set(user, organization);
    const unit = org.nameOf.get(organization)!;
    holds = new Map([
      ...holds,
      [user, { on: false, name: 'New Comer', mail: '', from: [{ title: '', unit }], groups: [] }],
    ]);
  },
};

const title = 'Reviewer';
const applicationOf = (role: string): string => role.slice(0, role.lastIndexOf(':'));
const isMapped = (role: string): boolean =>
  [...groups.values()].some((one) => 'role' in one && one.role === role);
const membersOf = (organization: string): string[] =>
  [...org.belongs].filter(([, places]) => places.get(organization)?.stands === 'live').map(([user]) => user);

/** Somebody who is in two organizations and two groups by roles, for one change only. */
function somebody(): string {
  const found = [...free].find((user) => {
    const places = [...org.belongs.get(user)!];
    return (
      holds.get(user)!.on &&
      places.length > 1 &&
      places.some(([organization, one]) => rolesBy(org, organization, one.title).some(isMapped)) &&
      holds.get(user)!.groups.filter((group) => 'role' in groups.get(group)!).length > 1
    );
  })!;
  free.delete(found);
  return found;
}

async function takeOver(): Promise<void> {
  const { files } = org;
  const organizationId = world.organizations.root.id;
  const { planHash, errors } = await world.as('owner', 'import.plan', { organizationId, files });
  expect(errors).toEqual([]);
  const { importId } = await world.as('owner', 'import.apply', {
    organizationId,
    files,
    planHash: planHash!,
  });
  await performImport(world.services, importId!);
  expect(await world.as('owner', 'import.read', { importId: importId! })).toMatchObject({ state: 'done' });
}

/** Roles are groups, and so are the top and what is right below it. */
async function connect(): Promise<void> {
  const known = await entitlements();
  const roles = [...new Set([...org.given.values()].flatMap((all) => [...all]))].filter(
    (role) => role !== accountRole,
  );
  for (const role of roles) groups.set(role, { role });
  for (const organization of org.above.keys())
    if (lineOf(org, organization).length <= 2) groups.set(`all of ${organization}`, { organization });
  const asRoles = await Promise.all(
    [...groups].map(async ([name, one]) =>
      'role' in one
        ? { name, entitlementId: known.get(one.role)! }
        : { name, organizationId: await idOf('organization', one.organization) },
    ),
  );
  const target = await world.as('owner', 'target.create', {
    organizationId: await idOf('organization', top),
    name: 'Directory',
    connector: 'ldap',
    settings: {
      host: slapd.host,
      port: String(slapd.tlsPort),
      trust: slapd.trust,
      account: slapd.manager.dn,
      base: slapd.people,
      groupBase: slapd.groups,
    },
    secrets: { password: slapd.manager.password },
    mapping: [
      { to: 'uid', pieces: [{ field: 'userName' }] },
      { to: 'cn', pieces: [{ field: 'displayName' }] },
      { to: 'sn', pieces: [{ field: 'familyName' }] },
      { to: 'mail', pieces: [{ field: 'email' }] },
      { to: 'title', pieces: [{ field: 'title' }] },
      { to: 'o', pieces: [{ field: 'organizationName' }] },
    ],
    roles: [{ entitlementId: known.get(accountRole)! }, ...asRoles],
    policy: { prepareDays: 2, onLoss: 'delete-after', deleteAfterDays: 2 },
    limits: { atOnce: 16, perMinute: 60_000 },
    // Ten changes in one minute are more than the brake lets through; it has tests of its own.
    brake: { atLeast: 10_000, share: 1 },
  });
  targetId = target.id;
}

/** Marks become accounts and are sent, as the worker does; twice, as access just given begins some seconds later. */
async function converge(): Promise<void> {
  for (const seconds of [0, 11]) {
    if (seconds > 0) await passTime(world.db, seconds);
    for (const id of await waitingMarks(world.db, -1)) await workMark(world.db, sending.connectors, id);
    await sendDue(sending, targetId);
  }
}

/** By OpenLDAP's own program. */
async function holdsTheSame(when = 'at first'): Promise<void> {
  const [people, found] = await Promise.all([
    slapd.search('(employeeNumber=*)', {
      base: slapd.people,
      attributes: ['uid', 'cn', 'mail', 'title', 'o', 'pwdAccountLockedTime'],
    }),
    slapd.search('(objectClass=groupOfNames)', { base: slapd.groups, attributes: ['cn', 'member'] }),
  ]);
  const uidOf = new Map(people.map(({ dn, values }) => [dn, values.uid![0]!]));
  const theirs = new Map<string, string[]>();
  for (const { values } of found)
    for (const member of values.member!.filter((one) => one !== `cn=nobody,${slapd.groups}`)) {
      const user = uidOf.get(member) ?? member;
      theirs.set(user, [...(theirs.get(user) ?? []), values.cn![0]!].sort());
    }
  const there = people.map(({ values }): [string, Entry] => [
    values.uid![0]!,
    {
      on: !values.pwdaccountlockedtime,
      name: values.cn![0]!,
      mail: values.mail?.[0] ?? '',
      from: oneOf(holds.get(values.uid![0]!), { title: values.title?.[0] ?? '', unit: values.o?.[0] ?? '' }),
      groups: theirs.get(values.uid![0]!) ?? [],
    },
  ]);
  expect(there.length, when).toBe(holds.size);
  expect(Object.fromEntries(there), when).toEqual(Object.fromEntries(holds));
  for (const member of theirs.keys())
    expect(holds.has(member), `${when}: ${member} is in a group`).toBe(true);
}

/** All that it may be when this is one of them; else what it is, which then differs. */
const oneOf = (should: Entry | undefined, { title, unit }: Entry['from'][number]): Entry['from'] =>
  should?.from.some((one) => one.title === title && one.unit === unit) ? should.from : [{ title, unit }];

async function entryIds(): Promise<Map<string, string>> {
  const found = await slapd.search('(uid=*)', { base: slapd.people, attributes: ['uid', 'entryUUID'] });
  return new Map(found.map(({ values }) => [values.uid![0]!, values.entryuuid![0]!]));
}

/** What was tried so far, and what is left to do. */
async function work(): Promise<{ attempts: number; claims: number; left: number }> {
  const { rows } = await sql<{ attempts: number; claims: number; left: number }>`
    select (select count(*)::int from account_attempt) as attempts, sum(lease)::int as claims,
      (count(*) filter (where dead_at is not null or due_at is not null or attempts > 0 or stands = 'unsure'))::int as left
    from account where target_id = ${targetId}`.execute(world.db);
  expect(rows[0]!.left).toBe(0);
  return rows[0]!;
}

/** What the take-over calls it. */
async function idOf(kind: 'organization' | 'user', key: string): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select id from import_key where kind = ${kind} and key = ${key}`.execute(world.db);
  return rows[0]!.id;
}

async function membershipOf(user: string, organization: string): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select id from membership where user_id = ${await idOf('user', user)} and state <> 'ended'
      and organization_id = ${await idOf('organization', organization)}`.execute(world.db);
  return rows[0]!.id;
}

async function entitlements(): Promise<Map<string, string>> {
  const { rows } = await sql<{ role: string; id: string }>`
    select a.key || ':' || e.key as role, e.id from entitlement e join application a on a.id = e.application_id`.execute(
    world.db,
  );
  return new Map(rows.map(({ role, id }) => [role, id]));
}

async function secondsUntil(localTime: ReturnType<typeof sql>): Promise<number> {
  const { rows } = await sql<{ seconds: number }>`
    select ceil(extract(epoch from (${localTime}) at time zone 'Europe/Amsterdam' - remit_now()))::float as seconds`.execute(
    world.db,
  );
  return rows[0]!.seconds;
}
