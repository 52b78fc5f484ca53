import { whoBroughtActors } from '../authority/brought.ts';
import type { Context } from '../operation/operation.ts';
import { mayDecide, type Verdict } from './rules.ts';
import { askingOf, type RequestRow } from './store.ts';

export type Reading = { may: boolean; concerned: boolean; verdict: Verdict };

/**
 * May the actor see this request? Whoever asked or gets it; whoever may decide it now; and whoever could decide a step
 * that is over may see what became of it.
 */
export async function mayRead(context: Context, row: RequestRow): Promise<Reading> {
  const { db, facts } = context;
  const { userId } = context.user();
  const brought = await whoBroughtActors(db, [facts]);
  const verdict = mayDecide(facts, askingOf(row), brought);
  // Whom an open step would come to ask later is not asked yet.
  const over = row.state === 'open' ? row.step : row.step + 1;
  const concerned = row.requesterId === userId || row.userId === userId;
  const could = (): boolean =>
    row.plan.some((_, step) => step < over && mayDecide(facts, askingOf(row, step), brought).may);
  return { may: concerned || verdict.may || could(), concerned, verdict };
}
