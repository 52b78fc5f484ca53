import type { Kysely } from 'kysely';
import { z } from 'zod';
import { missingForAct } from '../access/rules.ts';
import { type Holder, holders } from '../authority/holders.ts';
import type { DB } from '../platform/schema.gen.ts';
import { appointedBy, concernedIn, deciding } from './rules.ts';
import { askingOf, type RequestRow, targetOf, whoBrought } from './store.ts';

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
export async function whoMayDecide(db: Kysely<DB>, row: RequestRow, at: Date): Promise<Holder[]> {
  const asking = askingOf(row);
  const concerned = concernedIn(asking);
  const act = { permissions: deciding, entitlements: asking.entitlements, below: false };
  const able = (await holders(db, 'request.decide', targetOf(row))).filter(
    (holder) =>
      !concerned.includes(holder.userId) &&
      !appointedBy(holder.because, concerned) &&
      !missingForAct(holder.because, act, asking.target, { at, exceptions: holder.exceptions }),
  );
  const brought = await whoBrought(db, [...new Set(able.map(({ userId }) => userId))]);
  return able.filter(({ userId }) => !concerned.some((id) => brought.get(userId)!.has(id)));
}

export async function decidersOf(db: Kysely<DB>, row: RequestRow, at: Date): Promise<WhoDecides> {
  const independent = await whoMayDecide(db, row, at);
  if (independent.length === 0)
    return {
      level: 'nobody',
      words: 'Nobody can decide this at the moment. Ask a manager to look after it.',
    };
  if (independent.some(({ organizationId }) => organizationId === row.organizationId))
    return { level: 'here', words: `A manager of ${row.organizationName} decides this.` };
  return { level: 'above', words: 'A manager at a level above decides this.' };
}
