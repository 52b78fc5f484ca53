import type { Context } from '../operation/operation.ts';
import { type Refusal, refuse } from '../platform/refusals.ts';
import { changeOf, isOwn, whyNot } from './give.ts';
import { loadRecipients, type Recipient } from './recipients.ts';
import { type Act, permitFor } from './rules.ts';
import { type Assignment, endRows, lockAssignments } from './store.ts';
import { loadThings, type Thing } from './things.ts';

/** An assignment with who has it and what it is, loaded once and locked. */
export type Loaded = { row: Assignment; recipient: Recipient; thing: Thing };

/** Loads many assignments by three statements; what does not exist is absent. */
export async function loadAssignments(
  context: Pick<Context, 'db' | 'at'>,
  ids: readonly string[],
): Promise<Map<string, Loaded>> {
  const rows = await lockAssignments(context.db, ids);
  const recipients = await loadRecipients(
    context.db,
    rows.flatMap((row) => row.membershipId ?? []),
    rows.flatMap((row) => row.organizationId ?? []),
    context.at,
  );
  const things = await loadThings(
    context.db,
    rows.flatMap((row) => row.entitlementId ?? []),
    rows.flatMap((row) => row.accessRoleId ?? []),
  );
  return new Map(
    rows.map((row) => [
      row.id,
      {
        row,
        recipient: recipients.get((row.membershipId ?? row.organizationId)!)!,
        thing: things.get((row.entitlementId ?? row.accessRoleId)!)!,
      },
    ]),
  );
}

export type Taken = { ok: true; changed: boolean } | { ok: false; refusal: Refusal };

/**
 * Ends assignments, each decided by one delegation that reaches who has it and everything in it. In force at
 * commit (ruling 12). Ending what has ended changes nothing.
 */
export async function endAccess(context: Context, ids: readonly string[]): Promise<Taken[]> {
  const loaded = await loadAssignments(context, ids);
  const answers = ids.map((id) => {
    const found = loaded.get(id);
    if (!found) return refuse('not-found');
    const { recipient, thing } = found;
    const act: Act = {
      permissions: ['access.end'],
      entitlements: thing.entitlements,
      below: recipient.everybodyBelow,
    };
    const permit = permitFor(context.facts, act, recipient.target);
    if (!permit) return whyNot(context.facts, act, recipient.target);
    if (!recipient.everybodyBelow && isOwn(context.facts, recipient, [])) return refuse('user.self');
    return { ...found, because: permit.because };
  });
  const toEnd = answers.flatMap((answer) =>
    'row' in answer && answer.row.state === 'active' ? [answer] : [],
  );
  const by = context.actor.kind === 'user' ? context.actor.userId : null;
  const ended = await endRows(
    context.db,
    toEnd.map(({ row }) => row.id),
    by,
    context.at,
  );
  const after = new Map(ended.map((row) => [row.id, row]));
  for (const { row, recipient, because } of toEnd)
    context.record(changeOf('assignment.ended', recipient, after.get(row.id)!, { before: row, because }));
  return answers.map((answer) =>
    'row' in answer ? { ok: true, changed: after.has(answer.row.id) } : { ok: false, refusal: answer },
  );
}
