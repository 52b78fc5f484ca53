/** Instants to come, in order, with whom each concerns and how much is to be done then. */
export class Agenda<Person> {
  #at: number[] = [];
  #who = new Map<number, { who: Set<Person>; acts: number }>();
  #passed = Number.NEGATIVE_INFINITY;

  add(at: number, person: Person): void {
    if (at > this.#passed) this.#entry(at).who.add(person);
  }

  act(at: number): void {
    this.#entry(at).acts += 1;
  }

  #entry(at: number): { who: Set<Person>; acts: number } {
    let entry = this.#who.get(at);
    if (!entry) {
      entry = { who: new Set(), acts: 0 };
      this.#who.set(at, entry);
      let [low, high] = [0, this.#at.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        // the soonest stands last, where it is taken
        if (this.#at[middle]! > at) low = middle + 1;
        else high = middle;
      }
      this.#at.splice(low, 0, at);
    }
    return entry;
  }

  take(): { at: number; who: Set<Person>; acts: number } | undefined {
    const at = this.#at.pop();
    if (at === undefined) return undefined;
    this.#passed = at;
    const entry = this.#who.get(at)!;
    this.#who.delete(at);
    return { at, ...entry };
  }
}
