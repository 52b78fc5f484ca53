import { sql } from 'kysely';
import { loadHoldings } from '../../src/authority/holds.ts';
import { spanOf } from '../../src/directory/days.ts';
import { endLapsedMemberships } from '../../src/directory/sweep.ts';
import { newId } from '../../src/platform/ids.ts';
import { startSession } from '../../src/platform/sessions.ts';
import { findLiveSession } from '../../src/signin/oidc/live-session.ts';
import { numbersFrom } from '../harness/random-run.ts';
import { makeWorld, type World } from '../harness/world.ts';
import { Agenda } from './agenda.ts';
import { endOf, oddDays, plusDays, startOf, zones } from './calendar.ts';
import { stopClock } from './frozen.ts';

/**
 * Years of people who join, stay longer and leave in two dozen time zones. Between two bounds nothing can change, so that
 * each bound that the calendar or the database knows is asked a millisecond before and at it, instead of samples. What is
 * wrong counts until that person is asked again: never too little. What should be comes from `Intl.DateTimeFormat` and
 * the days alone. Sweeps run in between, but for outages.
 */
export type Years = {
  from: string;
  days: number;
  people: number;
  acts: number;
  /** part of the acts that change a whole organization's time zone */
  zoneShare: number;
  seed: number;
  /** each how manieth person is asked from outside, too */
  every: number;
  /** what is done to the database behind everybody's back once all are there: a mistake to be found */
  plant?: (db: World['db']) => Promise<void>;
};
export type Counted = {
  /** milliseconds of access before a first day or after a last one, over all people */
  tooMuch: number;
  /** milliseconds in which somebody did not have what they should */
  tooLittle: number;
  instants: number;
  asked: number;
  apiAsked: number;
  acts: Record<string, number>;
  outages: number;
};

/** Milliseconds; the far ends of time are infinite. */
type Span = { startsAt: number; endsAt: number };
type Days = { firstDay: string | null; lastDay: string | null };
type Given = Days & Span;
type Person = Days &
  Span & {
    /** the how manieth */
    n: number;
    userId: string;
    membershipId: string;
    place: Place;
    ended: number;
    access: Given[];
  };
type Place = { id: string; path: string; zone: string; standing: Given | undefined };

const always: Span = { startsAt: Number.NEGATIVE_INFINITY, endsAt: Number.POSITIVE_INFINITY };
const spanIn = ({ firstDay, lastDay }: Days, zone: string): Span => ({
  startsAt: firstDay ? startOf(firstDay, zone) : always.startsAt,
  endsAt: lastDay ? endOf(lastDay, zone) : always.endsAt,
});
const isIn = (at: number, { startsAt, endsAt }: Span): boolean => at >= startsAt && at < endsAt;
const dayMs = 86_400_000;
const long = process.env.REMIT_TEST_LONG === '1';

/** @returns what was counted; `tooMuch` is to be 0 */
export async function liveThrough(years: Years): Promise<Counted> {
  const world = await makeWorld();
  try {
    return await live(world, years);
  } finally {
    await world.close();
  }
}

async function live(world: World, years: Years): Promise<Counted> {
  const { from, days, people: size, acts, zoneShare, seed, every, plant } = years;
  const next = numbersFrom(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)]!;
  const begin = Date.parse(`${from}T00:00:00Z`);
  const end = begin + days * dayMs;
  const setClock = await stopClock(world.db, begin);
  const places = await makePlaces(world);
  const counted: Counted = {
    tooMuch: 0,
    tooLittle: 0,
    instants: 0,
    asked: 0,
    apiAsked: 0,
    acts: {},
    outages: 0,
  };

  // Some sixty days of a year, so that many share one, and each zone has its own midnight of it.
  const someDay = (): string => plusDays(from, -30 + 6 * Math.floor((next() * (days + 30)) / 6));
  const odd = new Map(places.map(({ zone }) => [zone, oddDays(from, days, zone)]));
  const someDays = (zone: string): Days => {
    // A quarter ends on a day on which the clocks change: where 24 hours are no day.
    const changes = odd.get(zone)!;
    if (changes.length > 0 && next() < 0.25) return { firstDay: null, lastDay: pick(changes) };
    const firstDay = next() < 0.8 ? someDay() : null;
    const lastDay = next() < 0.7 ? plusDays(firstDay ?? someDay(), pick([0, 1, 6, 30, 90, 180])) : null;
    return { firstDay, lastDay };
  };
  const agenda = new Agenda<Person>();
  const people: Person[] = [];
  const byUser = new Map<string, Person>();
  const note = (person: Person): void => {
    const spans = [person, ...person.access, person.place.standing].filter((span) => span !== undefined);
    for (const { startsAt, endsAt } of spans)
      for (const at of [startsAt, endsAt]) if (at > begin && at < end) agenda.add(at, person);
  };

  for (let n = 0; n < size; n += 1) {
    const place = pick(places);
    const own = someDays(place.zone);
    const access: Given[] = [];
    if (next() < 0.9) {
      const given = next() < 0.5 ? { firstDay: null, lastDay: null } : someDays(place.zone);
      access.push({ ...given, ...spanIn(given, place.zone) });
    }
    people.push({
      ...own,
      ...spanIn(own, place.zone),
      n,
      userId: newId(),
      membershipId: newId(),
      place,
      ended: Number.POSITIVE_INFINITY,
      access,
    });
  }
  await write(world, people);
  for (const place of places.filter((_, n) => n % 4 === 0)) {
    const lastDay = someDay();
    if (lastDay <= plusDays(from, 2)) continue;
    await world.as('owner', 'delegation.create', {
      organizationId: place.id,
      delegate: 'organization',
      lastDay,
    });
    place.standing = {
      firstDay: null,
      lastDay,
      startsAt: always.startsAt,
      endsAt: endOf(lastDay, place.zone),
    };
  }
  for (const person of people) {
    byUser.set(person.userId, person);
    note(person);
  }

  // What the database takes for a bound is asked, too, wherever it lies.
  const noteStored = async (who: readonly Person[]): Promise<void> => {
    const { rows } = await sql<{ userId: string; at: Date }>`
      select m.user_id as "userId", b.at from membership m
      left join assignment a on a.membership_id = m.id and a.state = 'active'
      left join delegation d on d.delegate_organization_id = m.organization_id and d.delegate_kind = 'organization'
      cross join lateral (values (m.starts_at), (m.ends_at), (a.starts_at), (a.ends_at), (d.ends_at)) b (at)
      where m.user_id = any (${who.map(({ userId }) => userId)}::uuid[]) and isfinite(b.at)`.execute(
      world.db,
    );
    for (const { userId, at } of rows) if (+at > begin && +at < end) agenda.add(+at, byUser.get(userId)!);
  };
  await plant?.(world.db);
  await noteStored(people);

  const expected = (person: Person, at: number): boolean =>
    isIn(at, person) &&
    at < person.ended &&
    (!person.place.standing || isIn(at, person.place.standing)) &&
    person.access.some((given) => isIn(at, given));
  const wrong = new Map<Person, { at: number; held: boolean }>();

  const ask = async (who: readonly Person[], at: number): Promise<void> => {
    await setClock(at);
    counted.instants += 1;
    for (let n = 0; n < who.length; n += 1000) {
      const some = who.slice(n, n + 1000);
      const { holdings } = await loadHoldings(world.db, { userIds: some.map(({ userId }) => userId) });
      const held = new Set(holdings.flatMap((one) => (one.held ? [one.userId] : [])));
      for (const person of some) {
        counted.asked += 1;
        const known = wrong.get(person);
        if (known) counted[known.held ? 'tooMuch' : 'tooLittle'] += at - known.at;
        wrong.delete(person);
        const has = held.has(person.userId);
        if (has === expected(person, at)) continue;
        wrong.set(person, { at, held: has });
        counted[has ? 'tooMuch' : 'tooLittle'] += 1;
      }
    }
    for (const person of who.filter(({ n }) => n % every === 0)) await askFromOutside(person, at);
  };

  /** By the API, and by a sign-on to an application or a refresh of its token: both stand on the same session. */
  const askFromOutside = async (person: Person, at: number): Promise<void> => {
    counted.apiAsked += 1;
    const inside = isIn(at, person) && at < person.ended;
    const answer = await world
      .as({ ...person, name: '' }, 'access.mine', {})
      .then(({ applications }) => applications.some(({ held }) => held))
      .catch(() => false);
    const { cookie } = await startSession(world.db, {
      userId: person.userId,
      membershipId: person.membershipId,
      caller: { address: '192.0.2.1', userAgent: 'years', sessionToken: undefined },
    });
    const session = await findLiveSession(world.db, cookie.value);
    if (answer && !expected(person, at)) counted.tooMuch += 1;
    if (session?.usable && !inside) counted.tooMuch += 1;
    if (inside && !session?.usable) counted.tooLittle += 1;
  };

  const done = (what: string): void => {
    counted.acts[what] = (counted.acts[what] ?? 0) + 1;
  };
  const act = async (at: number): Promise<void> => {
    await setClock(at);
    const place = pick(places);
    const there = people.filter((one) => one.place === place && at < one.endsAt && at < one.ended);
    const kind = next() < zoneShare ? 'zone' : pick(['longer', 'longer', 'give', 'give', 'leave'] as const);
    const person = there.length > 0 ? pick(there) : undefined;
    if (kind === 'zone') {
      const zone = pick(zones);
      if (zone === place.zone) return;
      await world.as('owner', 'organization.update', { organizationId: place.id, timeZone: zone });
      place.zone = zone;
      // Whoever has left, and what is over, stays so (ruling 3).
      for (const one of there) {
        if (at < one.endsAt) Object.assign(one, spanIn(one, zone));
        for (const given of one.access)
          if (at < given.endsAt && (given.firstDay || given.lastDay)) {
            const span = spanIn(given, zone);
            if (given.firstDay) given.startsAt = span.startsAt;
            if (given.lastDay) given.endsAt = span.endsAt;
          }
      }
      if (place.standing && at < place.standing.endsAt)
        place.standing.endsAt = endOf(place.standing.lastDay!, zone);
      done(kind);
      await noteStored(there);
      for (const one of there) note(one);
      return await ask(there, at);
    }
    if (!person) return;
    if (kind === 'longer') {
      if (!person.lastDay) return;
      const lastDay = plusDays(person.lastDay, pick([1, 7, 60]));
      await world.as('owner', 'membership.update', { membershipId: person.membershipId, lastDay });
      person.lastDay = lastDay;
      person.endsAt = endOf(lastDay, place.zone);
    } else if (kind === 'leave') {
      await world.as('owner', 'membership.end', { membershipId: person.membershipId });
      person.ended = at;
    } else {
      if (place.standing || person.access.some(({ endsAt }) => endsAt > at)) return;
      const today = new Date(at).toISOString().slice(0, 10);
      const firstDay = plusDays(today, pick([0, 3, 9]));
      const lastDay = plusDays(firstDay, pick([2, 20]));
      await world.as('owner', 'assignment.grant', {
        membershipIds: [person.membershipId],
        entitlementIds: [world.entitlements.notesReader],
        firstDay,
        lastDay,
      });
      // What is given begins ten seconds later (ruling 12); a day that has begun is none to begin at.
      const startsAt = startOf(firstDay, place.zone);
      const kept = startsAt > at + 10_000;
      person.access = [
        {
          firstDay: kept ? firstDay : null,
          lastDay,
          startsAt: kept ? startsAt : at + 10_000,
          endsAt: endOf(lastDay, place.zone),
        },
      ];
    }
    done(kind);
    await noteStored([person]);
    note(person);
    await ask([person], at);
  };

  for (let n = 0; n < acts; n += 1) agenda.act(begin + Math.floor(next() * (end - begin)));
  let swept = begin;
  let down = begin;
  let everybody = begin;
  await ask(people, begin);
  for (let entry = agenda.take(); entry; entry = agenda.take()) {
    const { at, who, acts: due } = entry;
    // Half of the time no worker runs, for up to a month.
    if (at > down && at - swept > 5 * dayMs) {
      await setClock(at - 2);
      await endLapsedMemberships(world.services);
      swept = at;
      if (next() < 0.3) {
        counted.outages += 1;
        down = at + Math.floor(next() * 30 * dayMs);
      }
    }
    const whom = at - everybody > 30 * dayMs ? people : [...who];
    if (whom === people) {
      everybody = at;
      // hours long: whoever waits sees how far it came
      if (long) console.log(`${new Date(at).toISOString()} ${JSON.stringify(counted)}`);
    }
    if (whom.length > 0) {
      await ask(whom, at - 1);
      await ask(whom, at);
    }
    for (let n = 0; n < due; n += 1) await act(at);
  }
  await ask(people, end);
  return counted;
}

async function makePlaces({ db, organizations }: World): Promise<Place[]> {
  const places: Place[] = [];
  for (const [n, zone] of zones.entries()) {
    const [id, path] = [newId(), `r.z${n}`];
    await sql`insert into organization (id, parent_id, path, name, time_zone)
      values (${id}, ${organizations.root.id}, ${path}, ${zone}, ${zone})`.execute(db);
    places.push({ id, path, zone, standing: undefined });
  }
  return places;
}

/** As the product writes them, by its own reckoning of instants; one statement a table. */
async function write({ db, entitlements }: World, people: readonly Person[]): Promise<void> {
  const rows = people.map((person, n) => ({
    user_id: person.userId,
    id: person.membershipId,
    organization_id: person.place.id,
    path: person.place.path,
    sort_name: `p${n}`,
    first_day: person.firstDay,
    last_day: person.lastDay,
    starts_at: spanOf(person.firstDay, person.lastDay, person.place.zone).startsAt,
    ends_at: spanOf(person.firstDay, person.lastDay, person.place.zone).endsAt,
  }));
  const given = people.flatMap(({ membershipId, place, access }) =>
    access.map(({ firstDay, lastDay }) => ({
      id: newId(),
      membership_id: membershipId,
      entitlement_id: entitlements.notesReader,
      first_day: firstDay,
      last_day: lastDay,
      starts_at: spanOf(firstDay, lastDay, place.zone).startsAt,
      ends_at: spanOf(firstDay, lastDay, place.zone).endsAt,
    })),
  );
  for (let n = 0; n < rows.length; n += 2000) {
    const some = JSON.stringify(rows.slice(n, n + 2000));
    await sql`insert into app_user (id, home_organization_id, display_name)
      select r.user_id, r.organization_id, r.sort_name from jsonb_populate_recordset(null::membership, ${some}::jsonb) r`.execute(
      db,
    );
    await sql`insert into membership (id, user_id, organization_id, path, sort_name, first_day, last_day, starts_at, ends_at)
      select r.id, r.user_id, r.organization_id, r.path, r.sort_name, r.first_day, r.last_day, r.starts_at, r.ends_at
      from jsonb_populate_recordset(null::membership, ${some}::jsonb) r`.execute(db);
  }
  for (let n = 0; n < given.length; n += 2000)
    await sql`insert into assignment (id, membership_id, entitlement_id, first_day, last_day, starts_at, ends_at, why)
      select r.id, r.membership_id, r.entitlement_id, r.first_day, r.last_day, r.starts_at, r.ends_at, 'direct'
      from jsonb_populate_recordset(null::assignment, ${JSON.stringify(given.slice(n, n + 2000))}::jsonb) r`.execute(
      db,
    );
  // As the server does by itself within a minute. Without it one change of zone among 10,000 people takes 20 s, not 1.
  await sql`analyze`.execute(db);
}
