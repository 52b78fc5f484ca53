import { setTimeout } from 'node:timers/promises';
import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import type pg from 'pg';
import { openDatabase } from '../../src/platform/database.ts';
import type { DB } from '../../src/platform/schema.gen.ts';

/**
 * Explores the orders in which several actors' statements can reach PostgreSQL. Each actor has a pool of its own that
 * stops before every statement; a seed says who goes on. Nothing sleeps: the next one goes when the statements under
 * way have been answered or wait for a lock of somebody who was stopped.
 */
export class Schedule {
  readonly #actors: Actor[] = [];
  readonly #watcher: pg.Pool;
  #random: () => number = () => 0;
  /** set while a schedule runs; otherwise every statement goes at once */
  #running = false;
  #changed: () => void = () => {};
  constructor(watcher: pg.Pool) {
    this.#watcher = watcher;
  }

  /** A database of one actor: a pool whose statements wait for their turn while a schedule runs. */
  database(url: string): { db: Kysely<DB>; close: () => Promise<void> } {
    const { pool } = openDatabase(url, { max: 2 });
    const actor: Actor = { state: 'idle', go: undefined, pids: new Set() };
    this.#actors.push(actor);
    const turn = (): Promise<void> => this.#turn(actor);
    const answered = (): void => this.#become(actor, 'thinking');
    const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool: gated(pool, actor, turn, answered) }) });
    return { db, close: () => db.destroy() };
  }

  #turn(actor: Actor): Promise<void> {
    if (!this.#running || actor.state === 'idle') return Promise.resolve();
    return new Promise((resolve) => {
      actor.go = resolve;
      this.#become(actor, 'ready');
    });
  }

  #become(actor: Actor, state: Actor['state']): void {
    if (!this.#running || actor.state === 'idle') return;
    actor.state = state;
    this.#changed();
  }

  /** Runs the acts, one an actor, in an order that the seed chooses; answers as `Promise.allSettled`. */
  async run(
    seed: number,
    acts: readonly (() => Promise<unknown>)[],
  ): Promise<PromiseSettledResult<unknown>[]> {
    this.#random = randomFrom(seed);
    this.#running = true;
    const settled = Promise.allSettled(
      acts.map(async (act, index) => {
        const actor = this.#actors[index]!;
        actor.state = 'thinking';
        try {
          return await act();
        } finally {
          this.#become(actor, 'idle');
        }
      }),
    );
    try {
      for (;;) {
        await this.#settle();
        const ready = this.#actors.filter(({ state }) => state === 'ready');
        if (ready.length === 0) {
          if (this.#actors.every(({ state }) => state === 'idle')) break;
          // Everybody waits for a lock: whoever holds it is answered soon, or PostgreSQL ends a deadlock.
          await this.#change();
          continue;
        }
        const chosen = ready[Math.floor(this.#random() * ready.length)]!;
        chosen.state = 'running';
        chosen.go!();
      }
    } finally {
      this.#running = false;
      for (const { go } of this.#actors) go?.();
    }
    return settled;
  }

  /** Until nobody thinks, and every statement under way waits for somebody's lock. */
  async #settle(): Promise<void> {
    for (;;) {
      while (this.#actors.some(({ state }) => state === 'thinking')) await this.#change();
      const running = this.#actors.filter(({ state }) => state === 'running' || state === 'waiting');
      if (running.length === 0) return;
      // Most statements are answered within a moment; only then is it worth asking.
      await Promise.race([this.#change(), setTimeout(1)]);
      if (this.#actors.some(({ state }) => state === 'thinking')) continue;
      const waiting = await this.#waitingForLocks(running.flatMap(({ pids }) => [...pids]));
      if (this.#actors.some(({ state }) => state === 'thinking')) continue;
      for (const actor of running)
        if (actor.state !== 'ready' && actor.state !== 'idle')
          actor.state = [...actor.pids].some((pid) => waiting.has(pid)) ? 'waiting' : 'running';
      if (!this.#actors.some(({ state }) => state === 'running')) return;
    }
  }

  /** Prepared, and past the view: it is asked again and again while a statement is under way. */
  async #waitingForLocks(pids: readonly number[]): Promise<Set<number>> {
    const { rows } = await this.#watcher.query<{ pid: number }>({
      name: 'waiting',
      text: `select a.pid from unnest($1::int[]) p, pg_stat_get_activity(p) a where a.wait_event_type = 'Lock'`,
      values: [pids],
    });
    return new Set(rows.map(({ pid }) => pid));
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }
}

type Actor = {
  state: 'idle' | 'thinking' | 'ready' | 'running' | 'waiting';
  go: (() => void) | undefined;
  /** connections with a statement under way */
  pids: Set<number>;
};

/** The pool with a stop before each statement. */
function gated(pool: pg.Pool, actor: Actor, turn: () => Promise<void>, answered: () => void): PostgresPool {
  const wrapped = new WeakMap<pg.PoolClient, pg.PoolClient>();
  const wrap = (client: pg.PoolClient): pg.PoolClient => {
    const known = wrapped.get(client);
    if (known) return known;
    const { processID } = client as unknown as { processID: number };
    const made = Object.create(client, {
      query: {
        value: async (statement: string, values?: unknown[]) => {
          await turn();
          actor.pids.add(processID);
          try {
            return await client.query(statement, values);
          } finally {
            actor.pids.delete(processID);
            answered();
          }
        },
      },
      release: { value: (broken?: boolean) => client.release(broken) },
    }) as pg.PoolClient;
    wrapped.set(client, made);
    return made;
  };
  return {
    connect: async () => wrap(await pool.connect()),
    end: () => pool.end(),
    options: pool.options,
  } as unknown as PostgresPool;
}

/** Small, fast and the same everywhere (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
