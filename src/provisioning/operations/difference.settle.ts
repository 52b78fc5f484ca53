import { z } from 'zod';
import { isSelf } from '../../authority/self.ts';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { connectorNamed } from '../connectors/all.ts';
import {
  differenceTarget,
  differenceView,
  readDifference,
  seesDifference,
} from '../reconciling/difference-view.ts';
import {
  adopt,
  chooseOfTwo,
  lockDifference,
  mend,
  noteSettled,
  planTaking,
  requireTaking,
} from '../reconciling/reconcile-settle.ts';

const hows = {
  mend: 'mended',
  adopt: 'adopted',
  leave: 'left',
  disable: 'disable',
  delete: 'delete',
} as const;

export const differenceSettle = operation({
  name: 'difference.settle',
  summary:
    'Mend a difference at a connected system, take an account there as somebody’s own or out, or leave it.',
  http: 'POST /differences/{differenceId}/settle',
  input: z.object({
    differenceId: z.uuid(),
    how: z
      .enum(['mend', 'adopt', 'leave', 'disable', 'delete'])
      .describe(
        '`mend` brings an account to what it should be; `adopt` takes one that somebody else made as a person’s own; `leave` shows it no more; `disable` and `delete` have one that is nobody’s switched off or deleted, as soon as the brake lets it. Of two that are one person’s they are about the one that is not kept.',
      ),
    membershipId: z.uuid().optional().describe('With `adopt`: whose it is.'),
    keep: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .describe('Of a double, with `disable` or `delete`: which of its `externalIds` is the person’s.'),
  }),
  output: differenceView,
  needs: {
    permission: 'target.operate',
    target: (db, input) => differenceTarget(db, input.differenceId),
    visibleBy: 'target.read',
  },
  effect: 'changing',
  events: ['difference.settled'],
  run: async (context, { differenceId, how, membershipId, keep }) => {
    const { db, target, actor, facts } = context;
    const people = context.reach('user.read');
    if (!(await seesDifference(db, differenceId, people))) throw refuse('not-found');
    const difference = await lockDifference(db, differenceId);
    if (difference.settled) throw refuse('difference.settled');
    if ((how === 'leave' || difference.kind === 'double') && isSelf(facts, difference.userId))
      throw refuse('user.self');
    const by = actor.kind === 'user' ? actor.userId : null;
    if (how === 'disable' || how === 'delete') await requireTaking(db, difference.targetId, how);
    const owner =
      how === 'adopt'
        ? await adopt(db, difference, { membershipId, people, facts, connectors: connectorNamed })
        : difference.userId;
    if (how === 'mend') await mend(db, difference, by);
    else if (how === 'disable' || how === 'delete')
      await (keep === undefined
        ? planTaking(db, difference, how)
        : chooseOfTwo(db, difference, { keep, what: how }));
    else await noteSettled(db, differenceId, hows[how], by);
    context.record({
      type: 'difference.settled',
      targetKind: 'difference',
      targetId: differenceId,
      organizationId: target.organizationId,
      path: target.path,
      subjectId: owner,
      before: { kind: difference.kind, settled: null },
      after: { kind: difference.kind, settled: hows[how], accountId: difference.accountId },
    });
    return readDifference(db, people, differenceId);
  },
});
