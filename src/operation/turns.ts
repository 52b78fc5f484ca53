import { refuse } from '../platform/refusals.ts';

/**
 * Lets only so many pieces of long work run at once in this process; some more wait for their turn, and the rest are told
 * to come back. Otherwise ten of them held every connection to the database, and everybody else waited (I59).
 */
export class Turns {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  /** @throws Refusal `server.busy` when too many wait already */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#most) this.#running += 1;
    else if (this.#waiting.length >= this.#mostWaiting) throw refuse('server.busy');
    // Whoever is done hands on the turn itself, so nobody slips in between.
    else await new Promise<void>((begin) => this.#waiting.push(begin));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
