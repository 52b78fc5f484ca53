import { attemptIn } from '../operation/attempt.ts';
import type { Context } from '../operation/operation.ts';
import { isInTheWay, undone } from '../operation/rehearsal.ts';
import { refuse } from '../platform/refusals.ts';
import { give, rightsOfSavers, type Saved } from './rights.ts';
import type { RequestRow } from './store.ts';

/**
 * Would a policy without steps approve this at once? By the very rule of approving by rule: the same rights, and the giving
 * itself, done and undone, so that a dry run never promises what the request would not get.
 * @throws Refusal `server.busy` where somebody else was changing the same each time
 */
export async function approvesAtOnce(context: Context, row: RequestRow, policy: Saved): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await undone(context.db, async (trx) => {
        const rights = await rightsOfSavers(trx, row, [policy]);
        // What was given cannot be given once more; that it was, says nothing against the policy.
        if (rights.length === 0 || row.state === 'approved') return rights.length > 0;
        const trying = tryingIn(context, trx);
        return (await trying.attempt(() => give(trying, row, rights))).ok;
      });
    } catch (error) {
      if (!isInTheWay(error)) throw error;
      if (attempt === 3) throw refuse('server.busy');
    }
  }
}

/** The same actor in the transaction that is undone; what would be recorded is not. */
const tryingIn = (context: Context, trx: Context['db']): Context =>
  Object.create(context, {
    db: { value: trx },
    record: { value: () => undefined },
    attempt: { value: attemptIn(trx, context.facts, []) },
  });
