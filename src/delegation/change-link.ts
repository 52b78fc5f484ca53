import { sql } from 'kysely';
import { z } from 'zod';
import { missingFrom } from '../authority/decide.ts';
import type { Box, EntitlementLimit, Link } from '../authority/delegation.ts';
import { describeMissing } from '../authority/words.ts';
import { requireMayLift } from '../operation/lifted.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import { chainAbove } from './rules.ts';
import { type DelegationState, loadChain, toInstant } from './store.ts';

export const linkInput = z.object({ delegationId: z.uuid(), reason: z.string().max(500).default('') });

/** What changes on a link; absent fields stay. */
export type LinkChange = {
  state?: Link['state'];
  ended?: true;
  endsAt?: Date;
  /** the day that the new end comes from */
  lastDay?: string | null;
  entitlements?: EntitlementLimit;
  permissions?: string[];
  adminRoleId?: null;
  mayPassOn?: number;
  seats?: number;
  scope?: Box[];
};

/**
 * Changes one link under the lock of the pipeline. Only holders of a link above may; peers may not, and a holder resigns
 * by an operation of its own. Nothing below is written: it follows at its next use. Answers the link as it was.
 * @param lifting the event type that this takes back, which whoever did it from above has to
 */
export async function changeLink(
  context: Context,
  { delegationId, reason }: z.infer<typeof linkInput>,
  event: string,
  decideChange: (link: Link) => Promise<LinkChange>,
  { resigning = false, lifting }: { resigning?: boolean; lifting?: string } = {},
): Promise<Link> {
  const chain = await loadChain(context.db, delegationId);
  const link = chain?.[0];
  if (!link || link.delegateKind === 'root') throw refuse('not-found');
  const because = resigning ? undefined : chainAbove(context.facts, link.chain, context.target);
  if (!resigning && !because) throw refuse('delegation.not-above');
  if (link.state === 'ended') throw refuse('delegation.ended');
  if (lifting && because) {
    await requireMayLift(context, delegationId, lifting, because);
    const missing = missingFrom(because, 'delegation.create', context.target, context.facts);
    if (missing)
      throw refuse('not-permitted', { permission: 'delegation.create', missing: describeMissing(missing) });
  }
  context.checkVersion(link.version);
  const change = await decideChange(link);
  if (change.state === link.state || Object.keys(change).length === 0) {
    context.nothingChanged();
    return link;
  }
  const place = resigning ? placeOf(link) : context.target;
  const before = await stateOf(context, delegationId);
  await sql`
    update delegation set version = version + 1,
      state = ${change.state ?? link.state},
      ended_at = case when ${change.ended ?? false} then ${context.at} else ended_at end,
      ended_by = case when ${change.ended ?? false} then ${context.actor.kind === 'user' ? context.actor.userId : null}::uuid else ended_by end,
      ends_at = ${toInstant(change.endsAt ?? link.endsAt)},
      last_day = ${change.endsAt ? sql`${change.lastDay ?? null}::date` : sql`last_day`},
      entitlements = ${JSON.stringify(change.entitlements ?? link.entitlements)}::jsonb,
      permissions = ${change.permissions ?? sql`permissions`},
      admin_role_id = ${change.adminRoleId === null ? sql`null` : sql`admin_role_id`},
      may_pass_on = ${change.mayPassOn ?? link.mayPassOn},
      seats = ${change.seats ?? link.seats},
      scope = ${JSON.stringify(change.scope ?? link.scope)}::jsonb
    where id = ${delegationId}`.execute(context.db);
  context.record({
    type: event,
    targetKind: 'delegation',
    targetId: delegationId,
    organizationId: place.organizationId,
    path: place.path,
    subjectId: link.delegateUserId,
    before,
    after: await stateOf(context, delegationId),
    personal: reason ? { reason } : null,
    ...(because ? { because } : {}),
  });
  return link;
}

/** A holder who resigns has no reach over the link any more than over themselves: the link says where it stands. */
function placeOf(link: Link): { organizationId: string | null; path: string | null } {
  const place = link.scope[0]?.places?.[0];
  return { organizationId: place?.id ?? null, path: place?.path ?? null };
}

/** The whole row, as the trail keeps it. */
export async function stateOf(context: Context, delegationId: string): Promise<DelegationState> {
  const { rows } = await sql<{
    state: DelegationState;
  }>`select to_jsonb(d) - 'reason' as state from delegation d where d.id = ${delegationId}`.execute(
    context.db,
  );
  return rows[0]!.state;
}
