import type { Permit } from '../authority/decide.ts';
import { type Ceilings, loadCeilings } from '../authority/holds.ts';
import type { Context } from '../operation/operation.ts';
import { type Refusal, refuse } from '../platform/refusals.ts';
import { changeOf, isOwn, whyNot } from './give.ts';
import { type Act, mayBeUndone, permitFor } from './rules.ts';
import { endRows, lastActs, lockAssignments, reviveRows } from './store.ts';
import { type Loaded, loadAssignments } from './take.ts';

export const undoEvents = ['assignment.withdrawn', 'assignment.restored'] as const;

export type Undone = { ok: true; became: 'taken-back' | 'given-back' } | { ok: false; refusal: Refusal };

type LastAct = { type: string; actorKind: string; actorId: string | null; at: Date };
type Ready = Loaded & { because: Permit['because'] };

/**
 * Takes back what the actor just gave, and gives back what they just took. Decided anew (ruling 12): both are
 * changes of who has what, so both need the right to give it, and giving back needs the ceiling as well.
 */
export async function undoAccess(context: Context, ids: readonly string[]): Promise<Undone[]> {
  const loaded = await loadAssignments(context, ids);
  const last = await lastActs(context.db, ids);
  const paths = [...loaded.values()].map(({ recipient }) => recipient.target.path);
  const ceilings = await loadCeilings(context.db, [...new Set(paths)]);
  const answers = ids.map((id) => {
    const found = loaded.get(id);
    return found ? decideUndo(context, found, last.get(id), ceilings) : refuse('not-found');
  });
  const ready = answers.filter((answer): answer is Ready => 'row' in answer);
  const back = await takeBack(
    context,
    ready.filter(({ row }) => row.state === 'active'),
  );
  const restored = await giveBack(
    context,
    ready.filter(({ row }) => row.state === 'ended'),
  );
  return answers.map((answer): Undone => {
    if (!('row' in answer)) return { ok: false, refusal: answer };
    if (back.has(answer.row.id)) return { ok: true, became: 'taken-back' };
    if (restored.has(answer.row.id)) return { ok: true, became: 'given-back' };
    return { ok: false, refusal: refuse('undo.too-late') };
  });
}

function decideUndo(
  context: Context,
  found: Loaded,
  last: LastAct | undefined,
  ceilings: Ceilings,
): Refusal | Ready {
  const { row, recipient, thing } = found;
  const act: Act = {
    permissions: ['access.grant'],
    entitlements: thing.entitlements,
    below: recipient.everybodyBelow,
  };
  const permit = permitFor(context.facts, act, recipient.target);
  if (!permit) return whyNot(context.facts, act, recipient.target);
  if (!recipient.everybodyBelow && isOwn(context.facts, recipient, [])) return refuse('user.self');
  if (!mayStillUndo(context, last)) return refuse('undo.too-late');
  // What an approval or an invitation gave is undone with the decision that it came from.
  if (row.state === 'active' && row.why !== 'direct') return refuse('undo.too-late');
  if (row.state === 'ended') {
    const { path } = recipient.target;
    if (
      recipient.gone ||
      !thing.live ||
      thing.entitlements.some((one) => !ceilings.allows(path, one).allowed)
    )
      return refuse('undo.too-late');
  }
  return { ...found, because: permit.because };
}

/** Within 10 s, by whoever did it: the trail says who and when. */
function mayStillUndo({ actor, at }: Context, last: LastAct | undefined): boolean {
  const me = actor.kind === 'user' ? actor.userId : actor.kind === 'client' ? actor.clientId : null;
  return (
    last !== undefined &&
    (last.type === 'assignment.given' || last.type === 'assignment.ended') &&
    last.actorKind === actor.kind &&
    last.actorId === me &&
    mayBeUndone(last.at, at)
  );
}

type Doing = Pick<Context, 'db' | 'at' | 'actor' | 'record'>;

/** Ends what was given as if it had never been, and brings back what it stood in for. Answers the ended ids. */
export async function takeBack(context: Doing, given: readonly Ready[]): Promise<Set<string>> {
  const by = context.actor.kind === 'user' ? context.actor.userId : null;
  const ids = given.map(({ row }) => row.id);
  const gone = new Map((await endRows(context.db, ids, by, context.at)).map((row) => [row.id, row]));
  const replaced: Ready[] = [];
  const before = await lockAssignments(
    context.db,
    given.flatMap(({ row }) => row.replaces ?? []),
  );
  for (const { row, recipient, thing, because } of given) {
    const after = gone.get(row.id);
    if (!after) continue;
    context.record(changeOf('assignment.withdrawn', recipient, after, { before: row, because }));
    const earlier = before.find(({ id }) => id === row.replaces);
    if (earlier) replaced.push({ row: earlier, recipient, thing, because });
  }
  await giveBack(context, replaced);
  return new Set(gone.keys());
}

/** Brings back what was ended, where nothing stands in its way. Answers the ids that are back. */
export async function giveBack(context: Doing, taken: readonly Ready[]): Promise<Set<string>> {
  const ids = taken.map(({ row }) => row.id);
  const restored = new Map((await reviveRows(context.db, ids)).map((row) => [row.id, row]));
  for (const { row, recipient, because } of taken) {
    const after = restored.get(row.id);
    if (after) context.record(changeOf('assignment.restored', recipient, after, { before: row, because }));
  }
  return new Set(restored.keys());
}
