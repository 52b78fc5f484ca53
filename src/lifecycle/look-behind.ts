import { z } from 'zod';
import type { Context } from '../operation/operation.ts';
import { isRefusal } from '../operation/raised.ts';
import { leftBehind, listBehind, staying } from './behind.ts';
import { membershipEnd } from './operations/membership.end.ts';
import { membershipNameSuccessor } from './operations/membership.name-successor.ts';
import { isOver } from './succession.ts';

export const behindSeen = leftBehind
  .extend({ refused: z.string().nullable().describe('Why none of it can be handed over now.') })
  .describe('What they leave behind, what of it goes to the successor, and what stays vacant.');

/**
 * What somebody leaves or left behind, and what of it a successor would get now. What handing over does is seen by doing
 * it, and undoing it: every refusal there is one here.
 */
export async function lookBehind(
  context: Context,
  membershipId: string,
  successorId: string | undefined,
): Promise<z.infer<typeof behindSeen>> {
  const stays = staying(await listBehind(context, membershipId));
  if (successorId === undefined || stays.items.length === 0) return { ...stays, refused: null };
  const act = (await isOver(context, membershipId)) ? membershipNameSuccessor : membershipEnd;
  try {
    const { output } = await context.rehearse(act.name, { membershipId, successorId });
    const { behind } = output as { behind: z.infer<typeof leftBehind> | null };
    return { ...(behind ?? stays), refused: null };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { ...stays, refused: error.message };
  }
}
