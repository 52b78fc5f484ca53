import { type Kysely, sql } from 'kysely';
import { isInstance } from '../access/rules.ts';
import { chainIn } from '../authority/chain.ts';
import { missingFrom } from '../authority/decide.ts';
import { isSelf } from '../authority/self.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { chainAbove } from './rules.ts';

/**
 * A key is ended as the delegation that it is: by whoever made it or holds a link above it, never by a peer.
 * @throws Refusal `delegation.not-above`
 */
export async function requireAboveClient(context: Context, clientId: string): Promise<void> {
  if (isInstance(context.facts)) return;
  for (const { chain, giver } of await linksOf(context.db, clientId))
    if (!isSelf(context.facts, giver) && !chainAbove(context.facts, chain, context.target))
      throw refuse('delegation.not-above');
}

/**
 * Whoever has its new key acts as it does. So it is made anew only by somebody who holds a link above it now: that they
 * made it once, under a link that is no longer theirs or by another key, is not enough (I01).
 * @throws Refusal `delegation.not-above`
 */
export async function requireHoldsAboveClient(context: Context, clientId: string): Promise<void> {
  const { db, facts, target } = context;
  if (isInstance(facts)) return;
  for (const { chain, giver } of await linksOf(db, clientId)) {
    const isMaker = isSelf(facts, giver);
    const above = facts.held.some(
      (held) =>
        chain.includes(held.id) &&
        !missingFrom(chainIn(facts, held), isMaker ? 'client.configure' : 'delegation.end', target, facts),
    );
    if (!above) throw refuse('delegation.not-above');
  }
}

type Link = { chain: string[]; giver: string | null };

async function linksOf(db: Kysely<DB>, clientId: string): Promise<Link[]> {
  const { rows } = await sql<Link>`
    select chain, giver_user_id as giver from delegation where delegate_client_id = ${clientId} and state <> 'ended'`.execute(
    db,
  );
  return rows;
}
