import { sql } from 'kysely';
import type { Chain } from '../authority/delegation.ts';
import { refuse } from '../platform/refusals.ts';
import type { Context } from './operation.ts';

/**
 * What was paused or suspended from above is not let go from below: lifting gives power or access again (ruling 4).
 * The trail says under which link it was done; whoever acts under a link that hangs below that one has to ask.
 * @param because the chain that would lift it, nearest first
 * @throws Refusal `lift.from-above`
 */
export async function requireMayLift(
  context: Pick<Context, 'db'>,
  targetId: string,
  type: string,
  because: Chain,
): Promise<void> {
  const { rows } = await sql<{ under: string | null }>`
    select delegations[1] as under from event where target_id = ${targetId} and type = ${type}
    order by position desc limit 1`.execute(context.db);
  const under = rows[0]?.under;
  if (under && because.slice(1).some(({ id }) => id === under)) throw refuse('lift.from-above');
}
