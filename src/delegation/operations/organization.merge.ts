import { z } from 'zod';
import { closingEvents, endAllIn } from '../../directory/closing.ts';
import { changeState, lockToSwitchOff } from '../../directory/standing.ts';
import { lockOrganizationToChange } from '../../directory/store.ts';
import { type Context, operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { refuse } from '../../platform/refusals.ts';
import { mergeContents, mergingEvents } from '../merging.ts';
import { mergedInto } from '../moving.ts';
import { movingEvents, statesOf, writeFates } from '../moving-apply.ts';
import { carryOut } from '../moving-carry-out.ts';
import type { Journey } from '../moving-facts.ts';
import { childrenOf, decideJourney, planMove } from '../moving-plan.ts';
import { type MovingReceipt, movingReceipt, receiptOf } from '../moving-receipt.ts';

export const organizationMerge = operation({
  name: 'organization.merge',
  summary:
    'Make an organization part of another one: its people, organizations and access go there, and it is closed.',
  http: 'POST /organizations/{organizationId}/merge',
  input: z.object({
    organizationId: z.uuid().describe('The organization that will be no more'),
    intoId: z.uuid().describe('and the one that takes what it has.'),
  }),
  output: movingReceipt.extend({
    id: z.uuid(),
    organizations: z.number().int().describe('How many stood below it and went along.'),
    members: z.number().int(),
    membersEnded: z.number().int().describe('People who belonged to the other one already.'),
    assignments: z
      .number()
      .int()
      .describe('Access of everybody in it that everybody in the other one has now.'),
    assignmentsEnded: z.number().int().describe('Such access that you could not give there.'),
    invitations: z.number().int(),
    invitationsRevoked: z.number().int().describe('Invitations that you could not give there.'),
    version: z.number().int(),
  }),
  needs: {
    permission: 'organization.move',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'ending',
  previews: true,
  events: [
    ...new Set([
      ...movingEvents,
      ...mergingEvents,
      ...closingEvents,
      'membership.updated',
      'organization.moved',
      'organization.merged',
    ]),
  ],
  run: async (context, input) => {
    const there = await organizationTarget(context.db, input.intoId);
    context.require('organization.move', there, 'organization.read');
    context.require('organization.close', context.target, 'organization.read');
    const from = await lockToSwitchOff(context, 'organization.move');
    if (there!.path === from.path || there!.path.startsWith(`${from.path}.`))
      throw refuse('organization.inside-itself');
    if (there!.off || context.target.off) throw refuse('organization.off');
    const into = await lockOrganizationToChange(context.db, input.intoId);
    const children = await moveChildren(context, from.id, into.id);

    const journey: Journey = {
      top: from,
      below: false,
      paths: [from.path],
      destination: into.path,
      to: mergedInto(from, into),
    };
    const plan = await decideJourney(context, journey);
    const receipt = await receiptOf(context, { ...plan, top: from });
    const before = await statesOf(
      context.db,
      plan.fates.map((fate) => fate.before.id),
    );
    const merged = await mergeContents(context, from, into);
    await writeFates(context, plan.fates, before);
    await endAllIn(context, from);
    const closed = await changeState(context, from, 'closed', 'organization.closed');
    context.record({
      type: 'organization.merged',
      targetKind: 'organization',
      targetId: into.id,
      organizationId: into.id,
      path: into.path,
      after: { mergedFrom: from.id, ...merged },
    });
    return {
      ...join([...children.receipts, receipt]),
      ...merged,
      id: into.id,
      organizations: children.organizations,
      version: closed.version,
    };
  },
});

/** What stands below goes first, one by one: each has to find room there. */
async function moveChildren(
  context: Context,
  fromId: string,
  intoId: string,
): Promise<{ receipts: MovingReceipt[]; organizations: number }> {
  const receipts: MovingReceipt[] = [];
  let organizations = 0;
  for (const child of await childrenOf(context.db, fromId)) {
    context.require('organization.move', await organizationTarget(context.db, child.id), 'organization.read');
    const plan = (await planMove(context, { ...child, parentId: fromId }, intoId))!;
    receipts.push(await receiptOf(context, { ...plan, top: child }));
    await carryOut(context, child, plan);
    organizations += plan.organizations;
  }
  return { receipts, organizations };
}

const join = (receipts: readonly MovingReceipt[]): MovingReceipt => ({
  delegations: receipts.flatMap(({ delegations }) => delegations),
  elsewhere: receipts.some(({ elsewhere }) => elsewhere),
  invitationsDead: receipts.reduce((sum, one) => sum + one.invitationsDead, 0),
  access: receipts.flatMap(({ access }) => access),
});
