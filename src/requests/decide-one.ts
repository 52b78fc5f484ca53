import { giveEvents } from '../access/give.ts';
import { afterUndo } from '../access/rules.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import { lacksAttachment } from './attachments.ts';
import { courseEvents, goOn } from './course.ts';
import { permitToDecide, recordRequest } from './decision.ts';
import { type RequestRow, readRequest } from './store.ts';
import { decisionsOf, insertDecision } from './votes.ts';

/** Event types that an operation has to declare which decides. */
export const decideEvents = ['request.voted', ...courseEvents, ...giveEvents] as const;

export type Decided = { row: RequestRow; undoUntil: Date; changed: boolean };

/**
 * One person's yes or no to one request, with all that follows from it.
 * @param suits refuses a request that may be decided, but not in this way
 */
export async function decideOne(
  context: Context,
  { requestId, approve, note }: { requestId: string; approve: boolean; note: string },
  suits: (row: RequestRow) => void = () => {},
): Promise<Decided> {
  const { db, at } = context;
  // Locked first: of two decisions at once the second finds the first (I31).
  const before = await readRequest(db, requestId, { lock: true });
  if (!before) throw refuse('not-found');
  const said = (await decisionsOf(db, requestId)).findLast(({ userId }) => userId === context.user().userId);
  const stands = said && (before.state !== 'open' || said.step === before.step);
  const permit = await permitToDecide(context, before, stands ? said.step : undefined);
  if (stands && said.approve === approve)
    return { row: before, undoUntil: afterUndo(said.decidedAt), changed: false };
  // What they saw is what they decide about: a file that was added since is none of it (I34).
  context.checkVersion(before.version);
  if (stands || before.state !== 'open') throw refuse('request.decided');
  suits(before);
  if (approve && (await lacksAttachment(db, before))) throw refuse('attachment.missing');
  await insertDecision(context, before, { approve, note, permit });
  const after = await goOn(context, before);
  const type = after.state === 'open' ? 'request.voted' : `request.${after.state}`;
  recordRequest(context, type, before, after, permit.because);
  return { row: after, undoUntil: afterUndo(at), changed: true };
}
