import { sql } from 'kysely';
import { isInstance } from '../access/rules.ts';
import { isSelf } from '../authority/self.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import { chainAbove } from './rules.ts';

/**
 * A key is ended, and made anew, as the delegation that it is: by whoever made it or holds a link above it, never by a
 * peer. Who has its new key acts as it does, so nobody gets by it what they could not have given it.
 * @throws Refusal `delegation.not-above`
 */
export async function requireAboveClient(context: Context, clientId: string): Promise<void> {
  if (isInstance(context.facts)) return;
  const { rows } = await sql<{ chain: string[]; giver: string | null }>`
    select chain, giver_user_id as giver from delegation where delegate_client_id = ${clientId} and state <> 'ended'`.execute(
    context.db,
  );
  for (const { chain, giver } of rows)
    if (!isSelf(context.facts, giver) && !chainAbove(context.facts, chain, context.target))
      throw refuse('delegation.not-above');
}
