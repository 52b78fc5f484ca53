/**
 * One trace: each step is done by the product on PostgreSQL and by the model, and then both are asked the same. What
 * differs is thrown with the law it breaks and everything that was done so far. Long, for it
 * is one loop with all that it compares.
 */
import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type pg from 'pg';
import { loadHoldings } from '../../src/authority/holds.ts';
import { type Call, run, type Services } from '../../src/operation/pipeline.ts';
import { isRefusal } from '../../src/operation/raised.ts';
import { readConfig } from '../../src/platform/config.ts';
import { type Database, openDatabase } from '../../src/platform/database.ts';
import { kindOf as kindOfRefusal, type Refusal } from '../../src/platform/refusals.ts';
import type { DB } from '../../src/platform/schema.gen.ts';
import { operations } from '../../src/server/operations.gen.ts';
import type { TestDatabase } from '../harness/database.ts';
import { type Act, any, type Outcome, type Prediction } from './acts/act.ts';
import { askingThrough } from './asking.ts';
import { choose, type Step } from './choose.ts';
import { readWorld, stopClock, writeWorld } from './database.ts';
import { firstWorld, idMaker } from './first-world.ts';
import { type Killer, openKiller } from './killer.ts';
import {
  accessAttenuation,
  accessOf,
  attenuation,
  boundaries,
  cascade,
  lockOut,
  powerOf,
  seats,
  writeContainment,
} from './laws.ts';
import { planned } from './planned.ts';
import { allReads, chooseRead, machineReads, type Read } from './reads.ts';
import { settled } from './remember.ts';
import { hasLeft, heldBy, holdingsOf, isRunning, stands, told, usingOf } from './rules.ts';
import { copyOf, differences, follow, plain, type World } from './world.ts';

export type Trace = { odd: number; seed: number; together: boolean; steps: Step[] };

/** Counted over all traces of a worker. */
export type Count = {
  traces: number;
  steps: number;
  reads: number;
  allowed: number;
  refused: number;
  conflict: number;
  races: number;
  killed: number;
};

/** One process of the product: its acts take connections as ever, its reads share one. */
type Instance = { acting: Services; asking: Services };

export type Bench = {
  /** the database, each statement planned once */
  db: Kysely<DB>;
  /** two instances of the product on one database, each with what it keeps in its memory */
  instances: [Instance, Instance];
  killer: Killer;
  roles: World['roles'];
  count: Count;
  close: () => Promise<void>;
};

export async function openBench(database: TestDatabase): Promise<Bench> {
  await stopClock(database.db);
  const { createInstance } = await import('../../src/delegation/instance.ts');
  await createInstance(database.db, { name: 'Model', timeZone: 'UTC' });
  const config = { ...readConfig({ REMIT_LOG_LEVEL: 'silent' }), databaseUrl: database.url };
  // The world stays small, so that a plan fits whatever it is asked for.
  const url = `${database.url}&options=${encodeURIComponent('-c plan_cache_mode=force_generic_plan')}`;
  const services = (db: Kysely<DB>): Services => ({ db, config, subscribers: [] });
  const opened: Database[] = [];
  const asking: pg.PoolClient[] = [];
  const openInstance = async (): Promise<Instance> => {
    const own = openDatabase(url, { max: 3 });
    opened.push(own);
    const client = await own.pool.connect();
    asking.push(client);
    return { acting: services(planned(own.pool)), asking: services(askingThrough(client)) };
  };
  const instances: Bench['instances'] = [await openInstance(), await openInstance()];
  const killer = await openKiller(database.url, config);
  return {
    db: instances[0].acting.db,
    instances,
    killer,
    roles: (await readWorld(database.db)).world.roles,
    count: {
      traces: 0,
      steps: 0,
      reads: 0,
      allowed: 0,
      refused: 0,
      conflict: 0,
      races: 0,
      killed: 0,
    },
    close: async () => {
      await killer.close();
      for (const client of asking) client.release();
      for (const one of opened) await one.close();
      await database.drop();
    },
  };
}

const start = Date.parse('2026-03-02T09:00:00Z');
let traceNumber = Math.floor(Math.random() * 0xffff) * 0x10000;

export async function runTrace(bench: Bench, trace: Trace): Promise<void> {
  traceNumber += 1;
  const make = idMaker(traceNumber);
  const { world, id } = firstWorld(start, trace.odd, bench.roles, make);
  await writeWorld(bench.db, world);
  await writeSessions(bench.db, world);
  const names = new Map(Object.entries(id).map(([name, one]) => [one, name]));
  const run = new Running(bench, world, names, trace);
  bench.count.traces += 1;
  if (bench.count.traces % 20 === 0) await sql.raw('vacuum analyze').execute(bench.db);
  for (const step of trace.steps) {
    run.step += 1;
    bench.count.steps += 1;
    const chosen = choose({ world: run.world, make, only: run.only }, step);
    switch (chosen.kind) {
      case 'act':
        await run.act(chosen.act);
        break;
      case 'race':
        await run.race(chosen.acts);
        break;
      case 'killed':
        await run.killed(chosen.act, chosen.after);
        break;
      case 'happens': {
        run.say(chosen.happening.what);
        const { paths } = await readWorld(bench.db);
        await chosen.happening.happen(bench.db, paths);
        run.world = copyOf(run.world);
        chosen.happening.follow(run.world);
        await run.compareState('after what happened');
        break;
      }
    }
    await run.observe(step);
  }
  await run.finish();
}

const tokenHash = (membershipId: string): Buffer => createHash('sha256').update(membershipId).digest();

/** A session for everybody, so that what an instance keeps of a session's facts is asked, too (I11). */
async function writeSessions(db: Kysely<DB>, world: World): Promise<void> {
  const rows = [...world.memberships.values()].map(({ id, userId }) => ({
    id,
    token_hash: `\\x${tokenHash(id).toString('hex')}`,
    user_id: userId,
    membership_id: id,
    expires_at: 'infinity',
    ends_at: 'infinity',
  }));
  await sql`insert into session (id, token_hash, user_id, membership_id, expires_at, ends_at)
    select id, token_hash, user_id, membership_id, expires_at, ends_at
    from jsonb_populate_recordset(null::session, ${JSON.stringify(rows)}::jsonb)`.execute(db);
}

type Result = { outcome: Outcome; output: unknown; refusal: Refusal | undefined };

function outcomeOf(refusal: Refusal): Outcome {
  switch (kindOfRefusal(refusal.code)) {
    case 'conflict':
    case 'stale':
      return 'conflict';
    case 'fault':
    case 'unavailable':
    case 'too-many':
      throw refusal;
    default:
      return 'refused';
  }
}

/** What may bring an invitation or a machine that was not there. */
const makesEntries = new Set<Act['operation']>(['invitation.create', 'client.create']);

class Running {
  readonly bench: Bench;
  readonly trace: Trace;
  readonly names: Map<string, string>;
  readonly only: string[] | undefined;
  readonly first: World;
  world: World;
  step = 0;
  readonly said: string[] = [];
  readonly withSession: Set<string>;
  /** of machines, by client: what their keys are known by */
  readonly keys = new Map<string, Buffer>();

  constructor(bench: Bench, world: World, names: Map<string, string>, trace: Trace) {
    this.bench = bench;
    this.world = world;
    this.first = copyOf(world);
    this.names = names;
    this.trace = trace;
    this.withSession = new Set(world.memberships.keys());
    // A few who may do something, and what they could get together (I03).
    const able = [...world.memberships.keys()].filter((id) => heldBy(world, usingOf(world, id)).length > 0);
    this.only = trace.together
      ? [0, 1, 2].map((at) => able[(trace.seed >> (at * 4)) % able.length]!)
      : undefined;
  }

  /** Ids as the names that the first world gave them. */
  readable(text: string): string {
    let plainer = text;
    for (const [id, name] of this.names) plainer = plainer.replaceAll(id, name);
    return plainer;
  }

  say(what: string): void {
    this.said.push(`${this.step}. ${this.readable(what)}`);
  }

  fail(what: string): never {
    throw new Error(`${this.readable(what)}\nafter\n${this.said.join('\n')}`);
  }

  async send(services: Services, act: Act): Promise<Result> {
    const call: Call = {
      credential: act.credential ?? { kind: 'membership', membershipId: act.actor.membershipId },
      input: act.input,
      requestId: 'model',
    };
    return this.answerOf(() => run(services, operations[act.operation], call));
  }

  async answerOf(call: () => Promise<{ output: unknown }>): Promise<Result> {
    try {
      return { outcome: 'allowed', output: (await call()).output, refusal: undefined };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return { outcome: outcomeOf(error), output: undefined, refusal: error };
    }
  }

  describe = ({ operation, actor, input }: Act): string =>
    `${actor.membershipId} ${operation} ${JSON.stringify(input)}`;

  async act(act: Act): Promise<void> {
    await act.prepare?.(this.bench.db);
    const prediction = act.predict(this.world);
    let result: Result;
    try {
      result = await this.send(this.bench.instances[this.step % 2]!.acting, act);
    } catch (error) {
      this.say(`${this.describe(act)} -> fault`);
      throw new Error(`${(error as Error).stack}\nafter\n${this.said.join('\n')}`);
    }
    const answer = `${result.outcome}${result.refusal ? ` (${result.refusal.code}: ${result.refusal.message})` : ''}`;
    this.say(`${this.describe(act)} -> ${answer}`);
    this.bench.count[result.outcome] += 1;
    if (!prediction.outcomes.includes(result.outcome)) {
      this.fail(
        `${act.operation}: expected ${prediction.outcomes.join(' or ')} (${prediction.why}), got ${answer}`,
      );
    }
    await this.settle(act, prediction, result);
  }

  async settle(act: Act, prediction: Prediction, result: Result): Promise<void> {
    const before = this.world;
    if (result.outcome !== 'allowed') return this.compareState(`I57: after a refused ${act.operation}`);
    const got = await readWorld(this.bench.db);
    const after = copyOf(before);
    for (const complaint of prediction.apply!(after, { world: got.world, output: result.output as never }))
      this.fail(`${act.operation}: ${complaint}`);
    for (const complaint of follow(after, got.world, makesEntries.has(act.operation)))
      this.fail(`${act.operation}: ${complaint}`);
    const { key, id } = result.output as { key?: string; id?: string };
    if (act.operation === 'client.create') this.keys.set(id!, createHash('sha256').update(key!).digest());
    this.world = settled(after);
    this.compare(after, got, `after ${act.operation}`);
    this.laws(act, before, after);
  }

  laws(act: Act, before: World, after: World): void {
    const hold = (complaints: string[]): void => {
      for (const complaint of complaints) this.fail(`${complaint} (${act.operation})`);
    };
    hold(seats(before, after));
    hold(lockOut(before, after));
    // Whoever invited may have left meanwhile; what their link gives stands, and was asked of it.
    if (act.operation === 'invitation.accept' && !stands(before, act.actor.membershipId)) return;
    hold(attenuation(before, powerOf(before), powerOf(after), act.actor));
    hold(accessAttenuation(before, accessOf(before), accessOf(after), act.actor));
    hold(writeContainment(before, after, act.actor));
    if (
      act.operation === 'delegation.end' ||
      act.operation === 'delegation.pause' ||
      act.operation === 'delegation.narrow'
    )
      hold(cascade(before, after, act.input.delegationId as string));
  }

  compare(expected: World, got: Awaited<ReturnType<typeof readWorld>>, when: string): void {
    if (got.world.now !== expected.now) this.fail(`clock: ${got.world.now} instead of ${expected.now}`);
    for (const difference of differences(expected, got.world)) this.fail(`${when}: ${difference}`);
    for (const torn of got.torn) this.fail(`${when}: ${torn}`);
  }

  async compareState(when: string): Promise<void> {
    const got = await readWorld(this.bench.db);
    this.compare(this.world, got, when);
    for (const kind of ['invitations', 'clients'] as const)
      if (plain([...got.world[kind]].sort()) !== plain([...this.world[kind]].sort()))
        this.fail(`${when}: ${kind} changed`);
  }

  /** I17, I18, I20: whoever has left, or not begun, holds nothing; and everybody what the rules say. */
  async holdings(): Promise<void> {
    const membershipIds = [...this.world.memberships.keys()];
    const { holdings } = await loadHoldings(this.bench.db, { membershipIds });
    for (const { membershipId, entitlementId, held } of holdings) {
      const membership = this.world.memberships.get(membershipId)!;
      if (held && (hasLeft(this.world, membership) || membership.startsAt > this.world.now))
        this.fail(`I17, I18: ${membershipId} holds ${entitlementId} outside their days`);
    }
    for (const membershipId of membershipIds) {
      const held = (things: { assignmentId: string; held: boolean }[]): string =>
        plain(things.map((one) => `${one.assignmentId} ${one.held}`).sort());
      const got = held(holdings.filter((one) => one.membershipId === membershipId).filter(told(this.world)));
      const expected = held(holdingsOf(this.world, membershipId));
      if (got !== expected) this.fail(`I17, I18, I20: ${membershipId} holds ${got} instead of ${expected}`);
    }
  }

  /** Two at once come to what one after the other comes to, in one of the two orders. */
  async race([one, other]: [Act, Act]): Promise<void> {
    this.bench.count.races += 1;
    for (const act of [one, other]) await act.prepare?.(this.bench.db);
    const [first, second] = this.bench.instances;
    const results = await Promise.all([this.send(first.acting, one), this.send(second.acting, other)]);
    this.say(
      `at once: ${this.describe(one)} -> ${results[0].refusal?.code ?? 'allowed'}; ${this.describe(other)} -> ${results[1].refusal?.code ?? 'allowed'}`,
    );
    const got = await readWorld(this.bench.db);
    const complaints: string[] = [];
    let wide = false;
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const world = copyOf(this.world);
      const wrong = order.flatMap((index) => {
        const prediction = [one, other][index]!.predict(world);
        const result = results[index]!;
        if (!prediction.outcomes.includes(result.outcome))
          return [`${prediction.outcomes.join(' or ')} expected (${prediction.why}), ${result.outcome} came`];
        if (result.outcome !== 'allowed') return [];
        const complaints = prediction.apply!(world, { world: got.world, output: result.output as never });
        // What one with wide effects came to cannot be told from what the other did beside it.
        const isWide = prediction.outcomes.length === any.length;
        wide ||= isWide;
        return isWide ? [] : complaints;
      });
      wrong.push(...differences(world, got.world));
      if (wrong.length === 0) return this.raced([one, other], world, got);
      complaints.push(wrong.join('; '));
    }
    if (!wide) this.fail(`race: no order explains it: ${complaints.join(' | or: ')}`);
    const { switchedOffUnder } = this.world;
    this.raced([one, other], { ...got.world, switchedOffUnder: new Map(switchedOffUnder) }, got);
  }

  raced(acts: [Act, Act], world: World, got: Awaited<ReturnType<typeof readWorld>>): void {
    const before = this.world;
    const makes = acts.some((act) => makesEntries.has(act.operation));
    const after = { ...world, invitations: new Map(before.invitations), clients: new Map(before.clients) };
    for (const complaint of follow(after, got.world, makes)) this.fail(`race: ${complaint}`);
    this.world = after;
    for (const torn of got.torn) this.fail(`after a race: ${torn}`);
    for (const complaint of [...lockOut(before, after), ...seats(before, after)])
      this.fail(`${complaint} (race)`);
  }

  /** A transaction that dies before its end has done nothing; one that was quicker has done all (I57). */
  async killed(act: Act, after: number): Promise<void> {
    await act.prepare?.(this.bench.db);
    const prediction = act.predict(this.world);
    let result: Result | undefined;
    try {
      result = await this.answerOf(() => this.bench.killer.run(act, after));
    } catch {
      // the connection was ended under it
    }
    this.bench.count.killed += result ? 0 : 1;
    this.say(`cut after ${after} statements: ${this.describe(act)} -> ${result?.outcome ?? 'killed'}`);
    if (!result) return this.compareState(`I57: after a killed ${act.operation}`);
    if (!prediction.outcomes.includes(result.outcome)) {
      this.fail(
        `${act.operation}: expected ${prediction.outcomes.join(' or ')} (${prediction.why}), got ${result.outcome}`,
      );
    }
    return this.settle(act, prediction, result);
  }

  /** Five random reads for each of three observers. */
  async observe({ kind, n }: Step): Promise<void> {
    settled(this.world);
    let dice =
      (kind * 31 + n.reduce((sum, one) => (sum * 17 + one) % 1_000_003, this.trace.seed)) % 2_147_483_647;
    const roll = (): number => {
      dice = (dice * 48_271) % 2_147_483_647;
      return dice >> 3;
    };
    const all = [...this.world.memberships.keys()];
    const able = all.filter(
      (id) => stands(this.world, id) && heldBy(this.world, usingOf(this.world, id)).length > 0,
    );
    const from = able.length > 0 ? able : all;
    const observers = [from, from, all].map((some) => {
      const observer = some[roll() % some.length]!;
      const reads = [0, 1, 2, 3, 4].map(() => chooseRead(this.world, observer, roll(), roll()));
      return this.asks(observer, reads, roll());
    });
    const machines = [...this.keys.keys()];
    if (machines.length > 0 && roll() % 3 === 0) {
      const machine = machines[roll() % machines.length]!;
      observers.push(
        allOf(machineReads(this.world, machine, roll()).map((read) => this.read(machine, read, 0, false))),
      );
    }
    await allOf(observers);
    await this.holdings();
  }

  /**
   * One observer's reads, by one of the two instances: the first alone, so that the others find what it keeps of the
   * session since. Some come without a session: for these everything is loaded each time (I11).
   */
  async asks(observer: string, reads: Read[], by: number): Promise<void> {
    const instance = by % 4 === 0 ? 1 : 0;
    const [first, ...others] = reads;
    await this.read(observer, first!, instance, true);
    await allOf(others.map((read, index) => this.read(observer, read, instance, (index + by) % 12 < 11)));
  }

  async read(membershipId: string, read: Read, instance: 0 | 1, bySession: boolean): Promise<void> {
    this.bench.count.reads += 1;
    const services = this.bench.instances[instance].asking;
    const keyHash = this.keys.get(membershipId);
    const credential: Call['credential'] = keyHash
      ? { kind: 'key', keyHash }
      : bySession && this.withSession.has(membershipId)
        ? { kind: 'session', tokenHash: tokenHash(membershipId) }
        : { kind: 'membership', membershipId };
    const result = await this.answerOf(() =>
      run(services, operations[read.operation], { credential, input: read.input, requestId: 'model' }),
    );
    const asked = `${membershipId} asks ${read.operation} ${JSON.stringify(read.input)} (${credential.kind})`;
    // Whoever is suspended as a person is answered as nobody.
    const known = keyHash
      ? isRunning(this.world, this.world.clients.get(membershipId)!)
      : this.world.users.get(this.world.memberships.get(membershipId)!.userId)!.state === 'active';
    const expected = known ? read.expected : 'refused';
    if (result.refusal) {
      const { code } = result.refusal;
      if (
        expected === 'refused' ||
        (read.emptyWhenRefused && (plain(expected) === '[]' || expected === 'absent'))
      )
        return;
      if (expected === 'absent' && (code === 'not-found' || code === 'auth.required')) return;
      const law = expected === 'absent' ? 'I08 id indifference' : 'I07 list = filter(check)';
      return this.fail(
        `${law}: ${asked}: expected ${plain(expected)}, got ${code} ${result.refusal.message}`,
      );
    }
    const got = plain(read.of(result.output as never));
    if (expected === 'absent' && read.emptyWhenRefused && got === '[]') return;
    if (got !== plain(expected))
      this.fail(`I06, I07, I11, I13, I15, I19, I20: ${asked}: ${contrast(expected, JSON.parse(got))}`);
  }

  /** All reads of one observer, and the laws of the whole. */
  async finish(): Promise<void> {
    const all = [...this.world.memberships.keys()];
    const able = all.filter((id) => heldBy(this.world, usingOf(this.world, id)).length > 0);
    const observers = new Set(
      [0, 5, 11].map(
        (at) => (at === 11 ? all : able)[(this.trace.seed + at) % (at === 11 ? all : able).length]!,
      ),
    );
    await allOf(
      [...observers].map((observer) => this.asks(observer, allReads(this.world, observer), this.trace.seed)),
    );
    await this.holdings();
    for (const complaint of boundaries(this.world)) this.fail(complaint);
    if (this.only) this.collusion(this.only);
  }

  /** I03: a few who act alone never have more together than they had or could have passed on. */
  collusion(only: string[]): void {
    const users = new Set(only.map((id) => this.first.memberships.get(id)!.userId));
    const power = (world: World): Set<string> => {
      const atoms = new Set<string>();
      for (const [userId, spots] of powerOf(world))
        if (users.has(userId))
          for (const [spot, permissions] of spots)
            if (this.first.organizations.has(spot) || this.first.memberships.has(spot))
              for (const permission of permissions) atoms.add(`${spot} ${permission}`);
      return atoms;
    };
    const had = power(this.first);
    for (const atom of power(this.world))
      if (!had.has(atom)) this.fail(`I03 collusion: ${only.join(', ')} together gained ${atom}`);
  }
}

/** All settle before the first that failed is told, so that no read is still under way when the next trace begins. */
async function allOf(promises: Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises))
    if (result.status === 'rejected') throw result.reason;
}

/** What is expected and did not come, and what came and was not expected; field by field where there are fields. */
function contrast(expected: unknown, got: unknown): string {
  if (Array.isArray(expected) && Array.isArray(got)) {
    const [one, other] = [expected.map(plain), got.map(plain)];
    const missing = one.filter((item) => !other.includes(item));
    const extra = other.filter((item) => !one.includes(item));
    return `missing [${missing.join(', ')}], not expected [${extra.join(', ')}]`;
  }
  if (expected && got && typeof expected === 'object' && typeof got === 'object') {
    const [one, other] = [expected as Record<string, unknown>, got as Record<string, unknown>];
    return Object.keys({ ...one, ...other })
      .filter((key) => plain(one[key]) !== plain(other[key]))
      .map((key) => `${key}: ${contrast(one[key], other[key])}`)
      .join('; ');
  }
  return `expected ${plain(expected)}, got ${plain(got)}`;
}
