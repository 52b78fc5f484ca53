/** One act of a trace: what is sent to the product, and what the model says becomes of it. */
import type { OperationName } from '../../../src/server/operations.gen.ts';
import { chainOf, chainsFor, may, type Target, type Using } from '../rules.ts';
import type { Link, World } from '../world.ts';

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
  predict: (world: World) => Prediction;
};

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
