/**
 * A small instance in which requests live through years: its people, the worker that wakes requests when time passes,
 * and what happened to each request so far.
 */
import { sql } from 'kysely';
import { isRefusal } from '../../src/operation/raised.ts';
import { passTime } from '../../src/platform/clock.ts';
import { wake } from '../../src/requests/wake.ts';
import { addPerson, makeWorld, type Person, type World } from '../harness/world.ts';
import { stopClock } from '../model/database.ts';
import { checkAll } from './checks.ts';

export type Count = {
  traces: number;
  steps: number;
  years: number;
  requests: number;
  decisions: number;
  refusals: number;
  reminders: number;
  escalations: number;
  outages: number;
  ends: Record<string, number>;
};

export const counted = (): Count => ({
  traces: 0,
  steps: 0,
  years: 0,
  requests: 0,
  decisions: 0,
  refusals: 0,
  reminders: 0,
  escalations: 0,
  outages: 0,
  ends: {},
});

/** What the checks remember of a request: how long it may take at most, by its own account. */
export type Promised = { steps: number; bound: number };

export type Town = {
  world: World;
  people: Person[];
  organizations: { id: string; path: string }[];
  promised: Map<string, Promised>;
  count: Count;
  /** nobody works: due jobs lie */
  outage: boolean;
  close: () => Promise<void>;
};

export async function makeTown(count: Count): Promise<Town> {
  const world = await makeWorld();
  await stopClock(world.db);
  // A partner where nobody manages, and a group that stands empty.
  const newcomer = await addPerson(world.db, 'newcomer', world.organizations.beta);
  count.traces += 1;
  return {
    world,
    people: [...Object.values(world.people), newcomer],
    organizations: Object.values(world.organizations),
    promised: new Map(),
    count,
    outage: false,
    close: () => world.close(),
  };
}

/** Does something that may be refused; anything else that goes wrong is a fault. */
export async function tried<T>(town: Town, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    town.count.refusals += 1;
    return undefined;
  }
}

/** Runs every job that is due, as the worker does, until none is: waking may make more due. */
export async function workOff(town: Town): Promise<void> {
  const { db } = town.world;
  for (let round = 0; ; round += 1) {
    if (round > 200)
      throw new Error('the worker never gets done: waking makes something due at once, again and again');
    const { rows } = await sql<{ requestId: string }>`
      delete from pgboss.job where name = 'request' and start_after <= remit_now()
      returning data ->> 'requestId' as "requestId"`.execute(db);
    if (rows.length === 0) return;
    for (const { requestId } of rows) {
      await wake(town.world.services, requestId);
      // At least once is what a queue promises.
      if (round % 3 === 0) await wake(town.world.services, requestId);
    }
  }
}

/** Time passes; unless nobody works, each job runs at its instant. */
export async function live(town: Town, seconds: number): Promise<void> {
  const { db } = town.world;
  town.count.years += seconds / (365 * 86_400);
  if (town.outage) return await passTime(db, seconds);
  let left = seconds;
  while (left > 0) {
    const { rows } = await sql<{ wait: number | null }>`
      select extract(epoch from min(start_after) - remit_now())::float8 as wait from pgboss.job where name = 'request'`.execute(
      db,
    );
    const wait = Math.min(left, Math.max(rows[0]!.wait ?? left, 0));
    await passTime(db, wait);
    left -= wait;
    await workOff(town);
    if (wait === 0 && rows[0]!.wait === null) break;
  }
}

/** Everybody who could decide is gone for good; then time alone has to end all (I30). */
export async function emptyAndEnd(town: Town): Promise<void> {
  const { db } = town.world;
  town.outage = false;
  await workOff(town);
  await sql`update delegation set state = 'ended', ended_at = remit_now() where state <> 'ended' and cardinality(chain) > 0`.execute(
    db,
  );
  await sql`update app_user set state = 'suspended'`.execute(db);
  for (let rounds = 0; ; rounds += 1) {
    const { rows } = await sql<{ open: number; wait: number }>`
      select count(*)::int as open, max(extract(epoch from deadline + make_interval(secs => pause_left / 1000.0) - remit_now()))::float8 as wait
      from request where state = 'open'`.execute(db);
    const { open, wait } = rows[0]!;
    if (open === 0) break;
    // What the requests themselves promised is all they get, whatever has to happen on the way.
    if (rounds > 0) throw new Error(`${open} requests are open after all their time has passed`);
    await live(town, Math.max(wait, 0) + 1);
    await checkAll(town);
  }
  const { rows } = await sql<{ how: string; n: number }>`
    select q.state || ' by ' || case when q.state = 'withdrawn' then 'the asker' when q.decided_by is null then 'time' else 'people' end as how,
      count(*)::int as n from request q group by 1`.execute(db);
  for (const { how, n } of rows) town.count.ends[how] = (town.count.ends[how] ?? 0) + n;
  const { rows: events } = await sql<{ type: string; n: number }>`
    select type, count(*)::int as n from event where type in ('request.reminded', 'request.escalated') group by 1`.execute(
    db,
  );
  for (const { type, n } of events)
    town.count[type === 'request.reminded' ? 'reminders' : 'escalations'] += n;
}
