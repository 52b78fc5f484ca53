import type { Kysely } from 'kysely';
import { z } from 'zod';
import { type Holder, holderOf, nearestFirst } from '../authority/holders.ts';
import { loadCandidates } from '../authority/load-facts.ts';
import type { DB } from '../platform/schema.gen.ts';
import { mayDecide } from './rules.ts';
import { askingOf, type RequestRow, whoBroughtActors } from './store.ts';

/**
 * Who can decide, to whoever asks: somebody of their own organization, or a level above; unnamed and uncounted,
 * because a standard user sees neither (ruling 9).
 */
export const whoDecides = z.object({
  level: z.enum(['here', 'above', 'nobody']),
  words: z.string(),
});
export type WhoDecides = z.infer<typeof whoDecides>;

/**
 * The people who can decide it now, nearest first: by the same rule as the decision itself. Looked up when asked,
 * never kept: whoever may decide at that moment does (I35).
 */
export async function whoMayDecide(db: Kysely<DB>, row: RequestRow): Promise<Holder[]> {
  const asking = askingOf(row);
  const candidates = await loadCandidates(db, asking.target, true);
  const brought = await whoBroughtActors(
    db,
    candidates.map(({ facts }) => facts),
  );
  return nearestFirst(
    candidates.flatMap((candidate) => {
      const verdict = mayDecide(candidate.facts, asking, brought);
      return verdict.may ? holderOf(candidate, verdict.permit.because) : [];
    }),
  );
}

export async function decidersOf(db: Kysely<DB>, row: RequestRow): Promise<WhoDecides> {
  const independent = await whoMayDecide(db, row);
  if (independent.length === 0)
    return {
      level: 'nobody',
      words: 'Nobody can decide this at the moment. Ask a manager to look after it.',
    };
  if (independent.some(({ organizationId }) => organizationId === row.organizationId))
    return { level: 'here', words: `A manager of ${row.organizationName} decides this.` };
  return { level: 'above', words: 'A manager at a level above decides this.' };
}
