import type { Facts } from './facts.ts';

/**
 * The people who act when this actor does: a person; or whoever gave an API key what it may do, because a key is no
 * second person. No administrative act targets one of them, and none of them decides what they asked for (I02, I32).
 */
export function selvesOf({ actor, held }: Facts): string[] {
  if (actor.kind === 'user') return [actor.userId];
  if (actor.kind === 'client') return held.flatMap(({ giverUserId }) => giverUserId ?? []);
  return [];
}

export const isSelf = (facts: Facts, userId: string | null | undefined): boolean =>
  typeof userId === 'string' && selvesOf(facts).includes(userId);

/** The actor, and all those for whom they decide as a deputy, or as a deputy's deputy. */
export const withGivers = (facts: Facts): Facts[] => [
  facts,
  ...facts.deputyFor.flatMap(({ giver }) => withGivers(giver)),
];
