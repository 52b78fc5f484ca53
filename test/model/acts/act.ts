/** One act of a trace: what is sent to the product, and what the model says becomes of it. */
import type { Kysely } from 'kysely';
import type { Credential } from '../../../src/authority/facts.ts';
import type { DB } from '../../../src/platform/schema.gen.ts';
import type { OperationName } from '../../../src/server/operations.gen.ts';
import { chainOf, chainsFor, may, type Target, type Using } from '../rules.ts';
import { kinds, type Link, plain, type World } from '../world.ts';

export type Outcome = 'allowed' | 'refused' | 'conflict';

/** What the product did: its answer, and the world that it left. */
export type Done = { world: World; output: never };

export type Prediction = {
  outcomes: Outcome[];
  why: string;
  /** Makes the predicted changes in `world`; what the product may choose itself is checked, and the complaints returned. */
  apply?: (world: World, done: Done) => string[];
};

export type Act = {
  operation: OperationName;
  actor: Using;
  input: Record<string, unknown>;
  /** who sends it, where that is not the actor in a membership */
  credential?: Credential;
  /** what comes from outside before it is sent */
  prepare?: (db: Kysely<DB>) => Promise<void>;
  predict: (world: World) => Prediction;
};

/** The one shape of an act: its name, what is sent, and what the model says becomes of it. */
export const declare =
  <Arguments extends unknown[]>(
    operation: OperationName,
    inputOf: (...given: Arguments) => Record<string, unknown>,
    predict: (world: World, actor: Using, ...given: Arguments) => Prediction,
  ) =>
  (actor: Using, ...given: Arguments): Act => ({
    operation,
    actor,
    input: inputOf(...given),
    predict: (world) => predict(world, actor, ...given),
  });

export const any: Outcome[] = ['allowed', 'refused', 'conflict'];

/** Takes over what the product did, but only to the kinds of things that such an act may touch. */
export function takeOver(after: World, { world: got }: Done, touches: (typeof kinds)[number][]): string[] {
  const complaints: string[] = [];
  for (const kind of kinds) {
    const things = new Map<string, never>(got[kind] as Map<string, unknown> as Map<string, never>);
    if (!touches.includes(kind) && plain([...things].sort()) !== plain([...after[kind]].sort()))
      complaints.push(`it changed ${kind}, too`);
    // One by one, so that what was there keeps its order.
    const mine = after[kind] as Map<string, unknown> as Map<string, never>;
    for (const id of [...mine.keys()]) if (!things.has(id)) mine.delete(id);
    for (const [id, thing] of things) mine.set(id, thing);
  }
  return complaints;
}

export const refused = (why: string): Prediction => ({ outcomes: ['refused'], why });
export const conflict = (why: string): Prediction => ({ outcomes: ['conflict'], why });
export const allowed = (apply: (world: World, done: Done) => void, why = 'permitted'): Prediction => ({
  outcomes: ['allowed'],
  why,
  apply: (world, done) => {
    apply(world, done);
    return [];
  },
});
export const nothingChanges = allowed(() => {}, 'permitted, and so already');

/** Replaces one record of the world. */
export function change<T extends { id: string }>(
  things: Map<string, T>,
  id: string,
  fields: Partial<T>,
): void {
  things.set(id, { ...things.get(id)!, ...fields });
}

/** Only where, or above where, it was switched off is it let go again (ruling 4). */
export function mayLift(world: World, thing: string, chain: Link[]): boolean {
  const under = world.switchedOffUnder.get(thing) ?? [];
  return !chain.slice(1).some(({ id }) => under.includes(id));
}

export function noteSwitchedOff(world: World, thing: string, chains: Link[][]): void {
  world.switchedOffUnder.set(
    thing,
    chains.map(([held]) => held!.id),
  );
}

/** The order in which the product looks through what somebody holds: nearest the root first. */
export const inOrder = (world: World, actor: Using, permission: string, target: Target): Link[][] =>
  chainsFor(world, actor, permission, target).sort(
    (one, other) => one.length - other.length || (one[0]!.id < other[0]!.id ? -1 : 1),
  );

export { chainOf, may };
