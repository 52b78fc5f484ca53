/**
 * What the rules say of a world that changes no more is asked thousands of times: it is found once and remembered with
 * that very object. A copy, or a world still being changed, is not settled, and everything is found anew there.
 */
import type { World } from './world.ts';

const answers = new WeakMap<World, Map<string, unknown>>();

/** From here on nobody changes this world. */
export function settled(world: World): World {
  if (!answers.has(world)) answers.set(world, new Map());
  return world;
}

/** @param find must depend on nothing but the world and what the key names */
export function once<T>(world: World, key: string, find: () => T): T {
  const known = answers.get(world);
  if (!known) return find();
  if (known.has(key)) return known.get(key) as T;
  const found = find();
  known.set(key, found);
  return found;
}
