import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { attachmentsOf, attachmentView, wantsAttachment } from '../attachments.ts';
import { beside, besideOf, lookAround } from '../context.ts';
import { decidersOf, whoDecides } from '../deciders.ts';
import { heldBeside, heldBesideOf } from '../held-beside.ts';
import { mayRead } from '../reading.ts';
import { readRequest } from '../store.ts';
import { colleague, colleaguesWhoDecide, decisionsSaid, decisionView, listSaid, said } from '../talk.ts';
import { requestView, viewOf } from '../view.ts';

export const requestRead = operation({
  name: 'request.read',
  summary: 'Show one request, where it stands, and who can decide it.',
  http: 'GET /requests/{requestId}',
  input: z.object({ requestId: z.uuid() }),
  output: requestView.extend({
    whoDecides: whoDecides.nullable().describe('While it is open.'),
    mayDecide: z.boolean(),
    beside: beside.nullable().describe('For whoever may decide it.'),
    held: heldBeside,
    pausedUntil: z
      .string()
      .nullable()
      .describe('Whoever asked was asked something; it goes on then at the latest.'),
    decisions: z.array(decisionView).describe('What was decided, oldest first; those taken back, too.'),
    canDecide: z.array(colleague).describe('Others who can decide it, of those you see. For whoever may.'),
    attachments: z.array(attachmentView),
    wantsAttachment: z.boolean().describe('Its policy wants a file before anybody approves it.'),
    said: z.array(said).describe('What was said about it, oldest first.'),
  }),
  needs: 'self',
  effect: 'reading',
  run: async (context, { requestId }) => {
    const { db, facts } = context;
    const row = await readRequest(db, requestId);
    if (!row) throw refuse('not-found');
    const { may, verdict } = await mayRead(context, row);
    if (!may) throw refuse('not-found');
    const permit = verdict.may ? verdict.permit : undefined;
    const view = viewOf({ ...row, permit }, facts);
    const open = view.state === 'open';
    const decides = open && verdict.may;
    const around = decides
      ? await besideOf(context, [{ ...row, permit }], await lookAround(context, [row.id]))
      : undefined;
    const paused = open && row.pausedAt;
    return {
      ...view,
      whoDecides: open ? await decidersOf(db, row) : null,
      mayDecide: decides,
      beside: around?.get(row.id) ?? null,
      held: decides ? await heldBesideOf(context, row) : null,
      pausedUntil: paused ? new Date(paused.getTime() + row.pauseLeft).toISOString() : null,
      decisions: await decisionsSaid(db, row, facts),
      canDecide: decides ? await colleaguesWhoDecide(context, row) : [],
      attachments: await attachmentsOf(db, row.id),
      wantsAttachment: open && wantsAttachment(row),
      said: await listSaid(db, row, facts),
    };
  },
});
