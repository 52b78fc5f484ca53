import { z } from 'zod';
import type { Link } from '../authority/delegation.ts';
import type { Context } from '../operation/operation.ts';
import type { Fate } from './moving.ts';
import { placesOf } from './moving.ts';
import type { AccessLost } from './moving-access.ts';
import { isMine } from './sight.ts';
import { viewDelegations } from './view.ts';

/** What a move or merger does to what was delegated and given; names within the reader's reach only (ruling 9). */
export const movingReceipt = z.object({
  delegations: z
    .array(
      z.object({
        delegationId: z.string(),
        sentence: z.string().describe('What it gave before.'),
        outcome: z
          .enum(['given-again', 'given-again-less', 'narrowed', 'ended'])
          .describe(
            'Given again by you, whole or as far as you can; narrowed to what stays behind; or ended, by itself or with one above.',
          ),
      }),
    )
    .describe('Delegations that would not hold together across the move.'),
  elsewhere: z.boolean().describe('There are others that you do not see.'),
  invitationsDead: z
    .number()
    .int()
    .describe(
      'Open invitations that stop working, because nothing they were sent under reaches the new place.',
    ),
  access: z
    .array(z.object({ name: z.string(), applicationName: z.string(), people: z.number().int() }))
    .describe(
      'Access that people there lose, because the new place may not have it; empty when you may not see access.',
    ),
});

export type MovingReceipt = z.infer<typeof movingReceipt>;

/** Where nothing was to do. */
export const nothingMoved: MovingReceipt = {
  delegations: [],
  elsewhere: false,
  invitationsDead: 0,
  access: [],
};

/** To be made before anything is written: sentences say what was. */
export async function receiptOf(
  context: Context,
  {
    fates,
    lost,
    invitationsDead,
    top,
  }: {
    fates: readonly Fate[];
    lost: readonly AccessLost[];
    invitationsDead: number;
    top: { id: string; path: string };
  },
): Promise<MovingReceipt> {
  const seen = fates.filter(({ before }) => sees(context, before));
  const views = await viewDelegations(
    context.db,
    context.facts,
    seen.map(({ before }) => before.id),
  );
  const sentences = new Map(views.map(({ id, sentence }) => [id, sentence]));
  const target = { kind: 'organization', id: top.id, organizationId: top.id, path: top.path, off: false };
  const seesPeople = context.decide('user.invite', target).effect === 'permit';
  const seesAccess = context.decide('access.read', target).effect === 'permit';
  return {
    delegations: seen.map((fate) => ({
      delegationId: fate.before.id,
      sentence: sentences.get(fate.before.id) ?? '',
      outcome: outcomeOf(fate),
    })),
    elsewhere: seen.length < fates.length,
    invitationsDead: seesPeople ? invitationsDead : 0,
    access: seesAccess
      ? lost.map(({ name, applicationName, people }) => ({ name, applicationName, people }))
      : [],
  };
}

function outcomeOf(fate: Fate): MovingReceipt['delegations'][number]['outcome'] {
  if (fate.kind === 're-given') return fate.less ? 'given-again-less' : 'given-again';
  if (fate.kind === 'split') return fate.given ? 'given-again' : 'narrowed';
  return 'ended';
}

function sees(context: Context, link: Link): boolean {
  if (isMine(context.facts, link)) return true;
  const places = link.scope.flatMap((box) => placesOf(box, link));
  return (
    places.length > 0 &&
    places.every(
      ({ id, path }) =>
        context.decide('delegation.read', {
          kind: 'delegation',
          id: link.id,
          organizationId: id,
          path,
          off: false,
          userId: link.delegateUserId ?? undefined,
        }).effect === 'permit',
    )
  );
}
