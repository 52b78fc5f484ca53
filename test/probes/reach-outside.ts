import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OperationName, operationNames, operations } from '../../src/server/operations.gen.ts';
import { acts } from './acts.ts';
import { allowedTo } from './allowed.ts';
import { inside } from './atlas.ts';
import { type Actor, actorNames, places, type Things } from './landscape.ts';
import { type Slot, slotsOf, withAt } from './slots.ts';
import { openStage, type Stage } from './stage.ts';
import { comparable, leaks, ownWrites, strayWrites } from './verdict.ts';

/** More seeds and every combination: `npm run test:long`. */
const long = process.env.REMIT_TEST_LONG === '1';

/** What reached outside: `gap` names the place in the operation, for the list of known ones. */
type Finding = { gap: string; words: string };
type Aim = { label: string; id: string; outside: boolean };

/** Known gaps, one a line: `operation slot what`. The list may only shrink; `coverage.test.ts` counts it. */
export const knownGaps: ReadonlySet<string> = new Set(
  readFileSync(new URL('known-gaps.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#')),
);

/**
 * Registers the probes of one part of the operations: a part is a file, so that two run side by side.
 * Every operation x role x relation x place an id can stand; without `long`, whoever is not one of those that matter
 * most is tried at fewer places, chosen by what is tried, so that the same ones are tried each time.
 */
export function probePart(part: number, parts: number): void {
  const names = operationNames.filter((_, index) => index % parts === part);
  const counts = { probes: 0, outside: 0, known: new Set<string>() };
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(async () => {
    console.log(
      `${counts.probes} probes of ${names.length} operations, ${counts.outside} reached outside` +
        (counts.known.size > 0 ? `, ${counts.known.size} known gaps` : ''),
    );
    await stage?.close();
  });
  describe('no act reaches outside', () => {
    for (const name of names)
      it(name, async () => {
        const prober = new Prober(stage, name);
        const before = counts.probes;
        await prober.everything();
        counts.probes += prober.probes;
        expect(counts.probes - before, 'an operation that no probe covers').toBeGreaterThan(
          actorNames.length,
        );
        const fresh = prober.findings.filter(({ gap }) => !knownGaps.has(gap));
        counts.outside += fresh.length;
        for (const { gap } of prober.findings) if (knownGaps.has(gap)) counts.known.add(gap);
        expect(
          fresh
            .slice(0, 30)
            .map(({ gap, words }) => `[${gap}] ${words}`)
            .join('\n'),
        ).toBe('');
        const closed = [...knownGaps].filter(
          (gap) => gap.startsWith(`${name} `) && !prober.findings.some((one) => one.gap === gap),
        );
        expect(closed, 'closed: take it off known-gaps.txt').toEqual([]);
      });
  });
}

/** Whose boundary lies right beside others: what they reach is tried at every place. */
const matters = (actor: Actor): boolean => actor.name === 'acmeManager' || actor.name === 'northManager';

class Prober {
  probes = 0;
  readonly findings: Finding[] = [];
  readonly #stage: Stage;
  readonly #name: OperationName;
  constructor(stage: Stage, name: OperationName) {
    this.#stage = stage;
    this.#name = name;
  }

  async everything(): Promise<void> {
    const { input } = acts[this.#name] as (typeof acts)['user.list'];
    const slots = slotsOf(operations[this.#name]);
    for (const actorName of actorNames) {
      const actor = this.#stage.actors[actorName];
      const base = input(this.#stage.things[actor.base], this.#stage);
      await this.#probe(actor, base, '-', 'as it is');
      for (const place of this.#chosen(places, `${actorName} all`, actor.areas.length > 0 ? 2 : 1))
        await this.#probe(actor, input(this.#stage.things[place], this.#stage), '-', `all at ${place}`);
      // All of the product for those who have something to reach further from; of the others some places of an input
      // each, other ones for each of them, so that every place meets several of them.
      const all = matters(actor) || slots.length <= 1;
      const most = actor.areas.length > 0 || typeof operations[this.#name].needs === 'string' ? 2 : 1;
      for (const slot of all ? slots : this.#chosen(slots, `${actorName} slots`, most))
        await this.#probeSlot(actor, slot, base);
    }
  }

  /** Some of a list, the same ones each time; all of it in the long run and for the actors that matter most. */
  #chosen<T>(list: readonly T[], seed: string, most: number): T[] {
    if (long || list.length <= most) return [...list];
    const rank = (index: number): string =>
      createHash('md5').update(`${this.#name} ${seed} ${index}`).digest('hex');
    return list
      .map((one, index) => ({ one, rank: rank(index) }))
      .sort((one, other) => (one.rank < other.rank ? -1 : 1))
      .slice(0, most)
      .map(({ one }) => one);
  }

  /** Runs the operation with one input, and notes what reached outside. Returns what was answered. */
  async #probe(actor: Actor, input: unknown, where: string, label: string): Promise<string> {
    this.probes += 1;
    const { answer, written } = await this.#stage.play(actor, this.#name, input);
    const { needs } = operations[this.#name];
    const note = (kind: string, what: string): void => {
      this.findings.push({
        gap: `${this.#name} ${where} ${kind}`,
        words: `${actor.name}, ${label}: ${what}`,
      });
    };
    for (const what of strayWrites(actor, written, this.#stage.atlas)) note('wrote', what);
    for (const what of leaks(actor, answer, input, this.#stage, allowedTo(actor, this.#name, this.#stage)))
      note('showed', what);
    if (needs !== 'self' && needs !== 'public')
      for (const what of ownWrites(actor, written, this.#stage.atlas)) note('own', what);
    // That it was refused may be counted and recorded (I51); nothing else of it stays.
    const kept = written.find(
      ({ table, now }) =>
        table !== 'attempt' &&
        table !== 'audit_read' &&
        !(table === 'event' && now?.type === 'attempt.denied'),
    );
    if (!answer.ok && kept) note('I57', `was refused and wrote ${kept.table}`);
    return JSON.stringify(answer);
  }

  async #probeSlot(actor: Actor, slot: Slot, base: unknown): Promise<void> {
    const where = slot.name ?? slot.path.join('.');
    const put = (id: string, beside: boolean) =>
      withAt(base, slot.path, slot.as ? slot.as(id, base) : id, beside);
    const aims = aimsOf(this.#stage, actor, slot.of, base);
    const inList = slot.path.some((part) => typeof part === 'number');
    const lists = inList && (long || matters(actor)) ? [false, true] : [false];
    for (const beside of lists) {
      // Of the many ways in which SCIM names one thing each is tried at some places, other ones for each.
      const most = matters(actor) ? (beside ? 3 : slot.as ? 5 : 99) : 1;
      const nobody = randomUUID();
      const absent = await this.#stage.play(actor, this.#name, put(nobody, beside));
      const expected = comparable(absent.answer, [nobody], this.#stage.atlas);
      for (const aim of this.#chosen(aims, `${actor.name} ${where} ${beside}`, most)) {
        const label = `${where}${beside ? ' beside' : ''} = ${aim.label}`;
        const answer = await this.#probe(actor, put(aim.id, beside), where, label);
        if (!aim.outside) continue;
        const shown = comparable(JSON.parse(answer), [aim.id], this.#stage.atlas);
        if (shown !== expected)
          this.findings.push({
            gap: `${this.#name} ${where} I08`,
            words: `${actor.name}, ${label}: ${shown.slice(0, 250)} but an absent id ${expected.slice(0, 250)}`,
          });
      }
    }
  }
}

/** The things of one kind that an id can point at: at each place, the actor's own, a visitor's, and those above. */
function aimsOf(
  { things, visitor, world, atlas }: Stage,
  actor: Actor,
  kind: keyof Things,
  base: unknown,
): Aim[] {
  const sent = JSON.stringify(base);
  const aims = places.map((place): Aim => {
    const id = things[place][kind];
    const { path } = world.organizations[place];
    // Their own organization they know; a bundle of one above can be given to them; twice the same is no comparison.
    const known =
      (kind === 'organizationId' && [actor.home, actor.otherHome].includes(place)) ||
      (kind === 'accessRoleId' && world.organizations[actor.base].path.startsWith(`${path}.`)) ||
      sent.includes(id);
    const person = atlas.personOf.get(id);
    const theirs = !actor.people || (person !== undefined && actor.people.includes(person));
    return { label: place, id, outside: !known && !(inside(actor, path) && theirs) };
  });
  if (kind === 'membershipId') {
    const { path } = world.organizations.acmeSouth;
    const outside = !inside(actor, path) || actor.people !== undefined;
    aims.push({ label: 'visitor', id: visitor.membershipId, outside });
    for (const id of [actor.membershipId, actor.otherMembershipId])
      if (id) aims.push({ label: 'self', id, outside: false });
  }
  if (kind === 'entitlementId')
    aims.push({ label: 'ledger', id: world.entitlements.ledgerClerk, outside: !inside(actor, 'r') });
  if (kind === 'applicationId')
    aims.push({ label: 'ledger', id: world.applications.ledger, outside: !inside(actor, 'r') });
  if (kind === 'delegationId')
    aims.push({ label: 'the link above', id: world.delegations.acmeStanding, outside: false });
  return aims;
}
