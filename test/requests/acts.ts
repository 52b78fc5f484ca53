/**
 * What happens in simulated years: people ask, decide, come and go, and those who set the rules change them while
 * requests run. Each act is drawn as numbers, and finds what it is about in the world as it stands, so that a trace can
 * be made shorter. Long, for it is the list of all that can happen.
 */
import fc from 'fast-check';
import { sql } from 'kysely';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { newId } from '../../src/platform/ids.ts';
import { whoMayDecide } from '../../src/requests/deciders.ts';
import type { Approver, Duration, Quorum, Step } from '../../src/requests/policy.ts';
import { readRequest } from '../../src/requests/store.ts';
import type { Input, OperationName } from '../../src/server/operations.gen.ts';
import { addMembership, type Person } from '../harness/world.ts';
import { checkAll } from './checks.ts';
import { live, type Town, tried, workOff } from './town.ts';

type Draw = {
  of: <T>(from: readonly T[]) => T;
  upTo: (most: number) => number;
  chance: (percent: number) => boolean;
};

/** Numbers as choices, one after the other. */
function drawing(numbers: readonly number[]): Draw {
  let at = 0;
  const next = (): number => {
    at += 1;
    return numbers[(at - 1) % numbers.length]! + (at > numbers.length ? at * 7 : 0);
  };
  return {
    of: (from) => from[next() % from.length]!,
    upTo: (most) => next() % (most + 1),
    chance: (percent) => next() % 100 < percent,
  };
}

type Act = (town: Town, draw: Draw) => Promise<unknown>;

const as = <N extends OperationName>(town: Town, who: Person, name: N, input: Input<N>): Promise<unknown> =>
  tried(town, () => town.world.as(who, name, input));

/** One of the two owners most of the time. */
const boss = (town: Town, { of, chance }: Draw): Person =>
  chance(75) ? town.world.people[of(['owner', 'secondOwner'] as const)] : of(town.people);

async function openRequests(town: Town): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from request where state = 'open' order by created_at, membership_id, entitlement_id, access_role_id`.execute(
    town.world.db,
  );
  return rows.map(({ id }) => id);
}

const oneOpen = async (town: Town, { of }: Draw): Promise<string | undefined> => {
  const ids = await openRequests(town);
  return ids.length > 0 ? of(ids) : undefined;
};

/** Somebody who may decide it, mostly; anybody otherwise. */
async function someDecider(town: Town, requestId: string, { of, chance }: Draw): Promise<Person> {
  const able = chance(85)
    ? await whoMayDecide(town.world.db, (await readRequest(town.world.db, requestId))!)
    : [];
  if (able.length === 0) return of(town.people);
  const names = [...able].sort((one, other) => (one.displayName < other.displayName ? -1 : 1));
  const { userId, membershipId, displayName } = of(names);
  return { userId, membershipId, name: displayName };
}

const ask: Act = async (town, draw) => {
  const { of, chance } = draw;
  const { accessRoles } = await things(town);
  const thing =
    accessRoles.length > 0 && chance(25)
      ? { accessRoleId: of(accessRoles) }
      : { entitlementId: of(Object.values(town.world.entitlements)) };
  const until = chance(30) ? { until: await instant(town, 1 + draw.upTo(90)) } : {};
  const whom = chance(25) ? { membershipId: of(town.people).membershipId } : {};
  const made = await tried(town, () =>
    town.world.as(of(town.people), 'request.create', { ...thing, ...until, ...whom, reason: '' }),
  );
  if (made?.created) town.count.requests += 1;
};

/** What else can be asked for: an organization, power, longer or no more access, another last day. */
const askForMore: Act = async (town, draw) => {
  const { of } = draw;
  const who = of(town.people);
  const { rows } = await sql<{
    id: string;
  }>`select id from assignment where state = 'active' and membership_id is not null order by created_at, id`.execute(
    town.world.db,
  );
  const assignmentId = rows.length > 0 ? of(rows).id : newId();
  const until = await instant(town, 1 + draw.upTo(90));
  const ways: (() => Promise<unknown>)[] = [
    () => as(town, who, 'organization.ask', { parentId: of(town.organizations).id, name: newId() }),
    () =>
      as(town, who, 'delegation.ask', {
        organizationId: of(town.organizations).id,
        adminRoleId: adminRoleId('help-desk'),
        until,
      }),
    () => as(town, who, 'extension.ask', { assignmentId, until }),
    () => as(town, who, 'ending.ask', { assignmentId }),
    () =>
      as(town, who, 'last-day.ask', {
        membershipId: of(town.people).membershipId,
        lastDay: draw.chance(50) ? null : until.slice(0, 10),
      }),
  ];
  if (await of(ways)()) town.count.requests += 1;
};

const decide: Act = async (town, draw) => {
  const requestId = await oneOpen(town, draw);
  if (!requestId) return;
  const who = await someDecider(town, requestId, draw);
  const said = await tried(town, () =>
    town.world.as(who, 'request.decide', { requestId, approve: draw.chance(75) }),
  );
  if (!said) return;
  town.count.decisions += 1;
  if (draw.chance(25)) {
    await live(town, draw.of([0, 3, 9, 10, 11]));
    await as(town, who, 'request.undo', { requestId });
  }
};

const decideAtOnce: Act = async (town, draw) => {
  const requestId = await oneOpen(town, draw);
  if (!requestId) return;
  const [one, other] = [await someDecider(town, requestId, draw), await someDecider(town, requestId, draw)];
  const votes = [one, other].map((who) =>
    tried(town, () => town.world.as(who, 'request.decide', { requestId, approve: draw.chance(70) })),
  );
  town.count.decisions += (await Promise.all(votes)).filter((vote) => vote !== undefined).length;
};

const talk: Act = async (town, draw) => {
  const requestId = await oneOpen(town, draw);
  if (!requestId) return;
  const who = await someDecider(town, requestId, draw);
  await as(town, who, 'request.question', { requestId, words: 'Why?' });
  await live(town, draw.of([0, 60, 3600, 30 * 3600]));
  const row = (await readRequest(town.world.db, requestId))!;
  const asker = town.people.find(({ userId }) => userId === row.requesterId)!;
  if (draw.chance(50)) await as(town, asker, 'request.answer', { requestId, words: 'Because.' });
  if (draw.chance(30))
    await as(town, who, 'request.pass-on', { requestId, membershipId: draw.of(town.people).membershipId });
  if (draw.chance(20)) await as(town, asker, 'request.withdraw', { requestId });
};

const duration = ({ of, upTo }: Draw): Duration =>
  of<Duration>([
    { hours: 1 + upTo(60) },
    { hours: 1 + upTo(60) },
    { workingHours: 1 + upTo(20) },
    { workingDays: 1 + upTo(4) },
  ]);

function approvers(town: Town, { of, upTo }: Draw): Approver[] {
  const one = (): Approver =>
    of<() => Approver>([
      () => ({ kind: 'line-manager' }),
      () => ({ kind: 'managers' }),
      () => ({ kind: 'application-managers' }),
      () => ({ kind: 'level-above' }),
      () => ({ kind: 'owners' }),
      () => ({ kind: 'holders', permission: of(['access.grant', 'audit.read', 'user.invite'] as const) }),
      () => ({ kind: 'members', organizationId: of(town.organizations).id }),
      () => ({
        kind: 'people',
        membershipIds: [...new Set(Array.from({ length: 1 + upTo(3) }, () => of(town.people).membershipId))],
      }),
    ])();
  return Array.from({ length: 1 + upTo(1) }, one);
}

const steps = (town: Town, draw: Draw): Step[] =>
  Array.from({ length: 1 + draw.upTo(2) }, (_, at) => ({
    name: `Step ${at + 1}`,
    approvers: approvers(town, draw),
    quorum: draw.of<Quorum>(['one', 'one', 'all', 'all', { atLeast: 2 }, { atLeast: 3 }]),
    due: duration(draw),
    remind: Array.from({ length: draw.upTo(2) }, () => duration(draw)),
    escalation: Array.from({ length: draw.upTo(2) }, () => ({
      approvers: approvers(town, draw),
      due: duration(draw),
    })),
    atEnd: draw.chance(30) ? 'approve' : 'refuse',
  }));

const policy: Act = async (town, draw) => {
  const { policies } = await things(town);
  const who = draw.chance(60) ? boss(town, draw) : town.world.people.acmeManager;
  const policyId = policies.length > 0 ? draw.of(policies) : undefined;
  // Few at a time: a request that needs everybody's policies is never approved.
  if (policyId && (policies.length > 2 || draw.chance(50)))
    return draw.chance(40)
      ? as(town, who, 'approval-policy.retire', { policyId })
      : as(town, who, 'approval-policy.update', { policyId, steps: steps(town, draw) });
  return as(town, who, 'approval-policy.create', {
    organizationId: draw.of(town.organizations).id,
    name: newId(),
    applies: draw.of([{}, {}, { membership: 'external' as const }, { longerThanDays: 30 }]),
    steps: steps(town, draw),
  });
};

const deputy: Act = async (town, draw) => {
  const [giver, taker] = [draw.of(town.people), draw.of(town.people)];
  const until = await instant(town, 1 + draw.upTo(60));
  if (!draw.chance(40))
    return as(town, giver, 'deputy.create', {
      membershipId: taker.membershipId,
      until,
      mayPassOn: draw.upTo(3),
    });
  // A circle, though none can be made by asking for it: two at once, or an old one.
  const { db, organizations } = town.world;
  const scope = JSON.stringify([{ places: [{ ...organizations.root, below: true }] }]);
  for (const [from, to] of [[giver, taker] as const, [taker, giver] as const])
    await sql`
      insert into delegation (id, kind, giver_user_id, giver_membership_id, delegate_kind, delegate_user_id, delegate_membership_id,
        permissions, scope, place_paths, entitlements, starts_at, ends_at, may_pass_on, reason)
      select ${newId()}, 'approve', ${from.userId}, ${from.membershipId}, 'user', ${to.userId}, ${to.membershipId}, '{request.decide}',
        ${scope}::jsonb, '{r}'::text[], '{"all": true}', remit_now(), ${until}::timestamptz, 3, ''
      where ${from.userId}::uuid <> ${to.userId}::uuid`.execute(db);
  return;
};

const vanish: Act = async (town, draw) => {
  const { db } = town.world;
  const who = draw.of(town.people);
  const { membershipId, userId } = who;
  const manager = draw.of(town.people);
  const ways: (() => Promise<unknown>)[] = [
    () => as(town, boss(town, draw), 'membership.suspend', { membershipId }),
    () => as(town, boss(town, draw), 'membership.resume', { membershipId }),
    () =>
      as(town, boss(town, draw), 'membership.update', { membershipId, lineManagerId: manager.membershipId }),
    () => as(town, boss(town, draw), 'membership.end', { membershipId }),
    () => sql`update app_user set state = 'suspended' where id = ${userId}`.execute(db),
    () => sql`update app_user set state = 'active' where state = 'suspended'`.execute(db),
    () => sql`update membership set state = 'active' where state = 'suspended'`.execute(db),
    () =>
      sql`update membership set line_manager_id = ${manager.membershipId} where id = ${membershipId}`.execute(
        db,
      ),
    () => rejoin(town),
  ];
  return draw.of(ways)();
};

/** Those who left come again, in memberships of their own. */
async function rejoin(town: Town): Promise<void> {
  const { rows } = await sql<{ id: string }>`select id from membership where state = 'ended'`.execute(
    town.world.db,
  );
  const gone = new Set(rows.map(({ id }) => id));
  const home = town.organizations[0]!;
  for (const [at, person] of town.people.entries()) {
    if (!gone.has(person.membershipId)) continue;
    const membershipId = await addMembership(town.world.db, person.userId, person.name, home);
    town.people[at] = { ...person, membershipId };
  }
}

const links: Act = async (town, draw) => {
  const { db } = town.world;
  const { rows } = await sql<{ id: string }>`
    select id from delegation where kind = 'administer' and cardinality(chain) > 1 and state <> 'ended' order by created_at, id`.execute(
    db,
  );
  const link = rows.length > 0 ? draw.of(rows).id : undefined;
  const ways: (() => Promise<unknown>)[] = [
    () =>
      as(town, boss(town, draw), 'delegation.create', {
        organizationId: draw.of(town.organizations).id,
        delegate: { membershipId: draw.of(town.people).membershipId },
        adminRoleId: adminRoleId('delegated-manager'),
        mayPassOn: 0,
      }),
    ...(link
      ? [
          () => as(town, boss(town, draw), 'delegation.pause', { delegationId: link }),
          () => as(town, boss(town, draw), 'delegation.resume', { delegationId: link }),
          () => as(town, boss(town, draw), 'delegation.resume', { delegationId: link }),
          () => as(town, boss(town, draw), 'delegation.end', { delegationId: link }),
        ]
      : []),
  ];
  return draw.of(ways)();
};

const places: Act = async (town, draw) => {
  const organizationId = draw.of(town.organizations).id;
  const who = boss(town, draw);
  const ways: (() => Promise<unknown>)[] = [
    () => as(town, who, 'organization.suspend', { organizationId }),
    () => as(town, who, 'organization.resume', { organizationId }),
    () => as(town, who, 'organization.resume', { organizationId }),
    () => as(town, who, 'organization.move', { organizationId, parentId: draw.of(town.organizations).id }),
    () =>
      as(town, who, 'organization.update', {
        organizationId,
        timeZone: draw.of(['UTC', 'Asia/Tokyo', 'America/Lima', 'Europe/Amsterdam', 'Pacific/Auckland']),
      }),
    () => (draw.chance(25) ? as(town, who, 'organization.close', { organizationId }) : Promise.resolve()),
    () => calendar(town, draw),
    () => calendar(town, draw),
  ];
  await draw.of(ways)();
  const { rows } = await sql<{
    id: string;
    path: string;
  }>`select id, path from organization order by created_at, id`.execute(town.world.db);
  town.organizations = town.organizations.map(({ id }) => rows.find((one) => one.id === id)!);
};

/** Written as it may stand in a database, also where no day is left on which anybody works. */
const calendar: Act = (town, draw) =>
  sql`insert into calendar (organization_id, days, opens, closes, holidays)
    select ${draw.of(town.organizations).id}, ${draw.of(['{1,2,3,4,5}', '{7}', '{1,2,3,4,5,6,7}', '{2,4}'])}::int[],
      ${draw.of(['00:00', '08:30', '11:00'])}, ${draw.of(['12:00', '17:00', '23:59'])},
      array(select (remit_now() + make_interval(days => n))::date from generate_series(0, ${draw.of([0, 3, 20, 100])}::int) n)
    on conflict (organization_id) do update set days = excluded.days, opens = excluded.opens, closes = excluded.closes, holidays = excluded.holidays`.execute(
    town.world.db,
  );

const roles: Act = async (town, draw) => {
  const { accessRoles } = await things(town);
  const who = town.world.people.owner;
  const entitlementIds = [...new Set([0, 1].map(() => draw.of(Object.values(town.world.entitlements))))];
  const ways: (() => Promise<unknown>)[] = [
    () =>
      as(town, who, 'access-role.create', {
        organizationId: town.world.organizations.root.id,
        name: newId(),
        entitlementIds,
      }),
    () =>
      sql`update entitlement set risk = ${draw.of(['low', 'normal', 'high'])} where id = ${draw.of(Object.values(town.world.entitlements))}`.execute(
        town.world.db,
      ),
    ...(accessRoles.length > 0
      ? [
          () => as(town, who, 'access-role.update', { accessRoleId: draw.of(accessRoles), entitlementIds }),
          () =>
            draw.chance(20)
              ? as(town, who, 'access-role.retire', { accessRoleId: draw.of(accessRoles) })
              : Promise.resolve(),
        ]
      : []),
    () => giveElsewhere(town, draw),
    () =>
      as(town, who, 'separation.create', {
        organizationId: town.world.organizations.root.id,
        name: newId(),
        entitlementIds,
      }),
  ];
  return draw.of(ways)();
};

/** What was asked for is given on another way, or taken from whoever has it. */
async function giveElsewhere(town: Town, draw: Draw): Promise<unknown> {
  const { rows } = await sql<{
    id: string;
  }>`select id from assignment where state = 'active' order by created_at, id`.execute(town.world.db);
  const who = boss(town, draw);
  return rows.length > 3
    ? as(town, who, 'assignment.end', { assignmentId: draw.of(rows).id })
    : as(town, who, 'assignment.grant', {
        membershipIds: [draw.of(town.people).membershipId],
        entitlementIds: [draw.of(Object.values(town.world.entitlements))],
      });
}

const time: Act = (town, draw) =>
  live(
    town,
    draw.of([5, 600, 3600, 9 * 3600, 86_400, 3 * 86_400, 10 * 86_400, 40 * 86_400]) + draw.upTo(1000),
  );

/** No worker for hours or days, while people go on. */
const outage: Act = async (town, draw) => {
  town.outage = true;
  town.count.outages += 1;
  for (let at = draw.upTo(2); at >= 0; at -= 1) {
    await live(town, draw.of([600, 6 * 3600, 2 * 86_400]) + draw.upTo(1000));
    await draw.of([ask, decide, vanish, talk])(town, draw);
    await checkAll(town);
  }
  if (draw.chance(15)) await live(town, 30 * 86_400);
  await workOff(town);
  town.outage = false;
};

const instant = async (town: Town, days: number): Promise<string> => {
  const { rows } = await sql<{ at: Date }>`select remit_now() + make_interval(days => ${days}) as at`.execute(
    town.world.db,
  );
  return rows[0]!.at.toISOString();
};

async function things(town: Town): Promise<{ accessRoles: string[]; policies: string[] }> {
  const { rows } = await sql<{ accessRoles: string[]; policies: string[] }>`
    select coalesce((select array_agg(id order by id) from access_role where state = 'active'), '{}') as "accessRoles",
      coalesce((select array_agg(id order by id) from approval_policy where state = 'active'), '{}') as policies`.execute(
    town.world.db,
  );
  return rows[0]!;
}

/** How often each happens, of a hundred or so. */
const kinds: Record<string, [number, Act]> = {
  ask: [18, ask],
  askForMore: [6, askForMore],
  decide: [16, decide],
  decideAtOnce: [4, decideAtOnce],
  talk: [7, talk],
  policy: [10, policy],
  deputy: [4, deputy],
  vanish: [9, vanish],
  links: [4, links],
  places: [6, places],
  roles: [4, roles],
  time: [14, time],
  outage: [4, outage],
};

class Happening implements fc.AsyncCommand<object, Town> {
  readonly name: string;
  readonly act: Act;
  readonly numbers: number[];
  constructor(name: string, act: Act, numbers: number[]) {
    this.name = name;
    this.act = act;
    this.numbers = numbers;
  }
  check = (): boolean => true;
  async run(_: object, town: Town): Promise<void> {
    town.count.steps += 1;
    await this.act(town, drawing(this.numbers));
    // What an act made due at once, by a shorter calendar for example, is done at once.
    if (!town.outage) await workOff(town);
    await checkAll(town);
  }
  toString = (): string => `${this.name}(${this.numbers.join(',')})`;
}

const numbers = fc.array(fc.nat(9999), { minLength: 24, maxLength: 24 });

export const lives = fc.commands(
  Object.entries(kinds).flatMap(([name, [weight, act]]) =>
    Array.from({ length: weight }, () => numbers.map((drawn) => new Happening(name, act, drawn))),
  ),
  { maxCommands: 120, size: 'max' },
);
