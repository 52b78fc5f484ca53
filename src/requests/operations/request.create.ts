import { sql } from 'kysely';
import { z } from 'zod';
import { reason, until } from '../../access/fields.ts';
import { giveEvents } from '../../access/give.ts';
import { operation } from '../../operation/operation.ts';
import { newId } from '../../platform/ids.ts';
import { refuse } from '../../platform/refusals.ts';
import { offersFor, openRequest, whyNotOffered } from '../catalogue.ts';
import { begin, courseEvents } from '../course.ts';
import { decidersOf, whoDecides } from '../deciders.ts';
import { whomFor } from '../for-whom.ts';
import { readRequest, stateOf } from '../store.ts';
import { requestView, viewOf } from '../view.ts';

export const requestCreate = operation({
  name: 'request.create',
  summary: 'Ask for access, for yourself or for somebody you see.',
  http: 'POST /requests',
  input: z.object({
    membershipId: z.uuid().optional().describe('Who it is for; yourself when absent.'),
    entitlementId: z.uuid().optional().describe('A role of an application, or else:'),
    accessRoleId: z.uuid().optional().describe('An access role.'),
    reason: reason.default(''),
    until: until.optional(),
  }),
  output: requestView.extend({
    created: z.boolean().describe('False when it was asked for already and waits.'),
    whoDecides,
  }),
  needs: 'self',
  effect: 'changing',
  events: ['request.created', ...courseEvents, ...giveEvents],
  run: async (context, input) => {
    const { db, at } = context;
    const thingId = input.entitlementId ?? input.accessRoleId;
    if (!thingId || (input.entitlementId && input.accessRoleId))
      throw refuse('input.invalid', { problem: 'ask for either entitlementId or accessRoleId' });
    const endsAt = input.until ? new Date(input.until) : null;
    if (endsAt && endsAt <= at)
      throw refuse('input.invalid', { problem: 'until: lies in the past', field: 'until' });
    const { target } = await whomFor(context, input.membershipId);
    const offers = await offersFor(db, { membershipId: target.id, path: target.path });
    const kind = input.entitlementId ? 'entitlement' : 'access-role';
    const offer = offers.find(({ thing }) => thing.id === thingId && thing.kind === kind);
    if (!offer) throw await whyNotOffered(context, target, thingId);
    const id = newId(at.getTime());
    const { rows } = await sql<{ id: string }>`
      insert into request (id, requester_id, membership_id, organization_id, path, entitlement_id, access_role_id,
        entitlement_ids, reason, ends_at)
      values (${id}, ${context.user().userId}, ${target.id}, ${target.organizationId}, ${target.path}, ${input.entitlementId ?? null},
        ${input.accessRoleId ?? null}, ${offer.thing.entitlements.map((one) => one.id)}::uuid[], ${input.reason}, ${endsAt})
      on conflict do nothing returning id`.execute(db);
    const created = rows.length > 0;
    // Asking twice is one request: the answer is the one that waits.
    const found = (await readRequest(db, created ? id : await openRequest(db, target.id, thingId)))!;
    if (created)
      context.record({
        type: 'request.created',
        targetKind: 'request',
        targetId: id,
        organizationId: target.organizationId,
        path: target.path,
        subjectId: target.userId ?? null,
        after: stateOf(found),
        personal: { reason: input.reason },
      });
    else context.nothingChanged();
    const row = created ? await begin(context, found) : found;
    return { ...viewOf(row, context.facts), created, whoDecides: await decidersOf(db, row) };
  },
});
