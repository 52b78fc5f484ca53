import { sql } from 'kysely';
import { z } from 'zod';
import { giveAccess } from '../../access/give.ts';
import { loadRecipients, type Recipient } from '../../access/recipients.ts';
import { refuseApart } from '../../access/separations.ts';
import { loadAssignments } from '../../access/take.ts';
import { takeBack } from '../../access/undo.ts';
import type { Context } from '../../operation/operation.ts';
import { invalid } from '../../platform/problems.ts';
import { offersFor, whyNotOffered } from '../catalogue.ts';
import { thingsAskedFor } from '../decision.ts';
import { say } from '../say.ts';
import type { RequestRow } from '../store.ts';
import type { Kind, Undoing, Wanted } from './kind.ts';

const payload = z
  .object({ lastDay: z.string().optional().describe('The day that it was asked until.') })
  .strict();

/** A role in an application, or an access role. */
export const access: Kind<z.infer<typeof payload>> = {
  payload,
  words: (row) => say('kind.access', { thing: thingOf(row), name: row.displayName }),
  details: () => ({}),
  apply: giveAsked,
  takeBack: takeBackGiven,
};

export const thingInput = {
  entitlementId: z.uuid().optional().describe('A role of an application, or else:'),
  accessRoleId: z.uuid().optional().describe('An access role.'),
};

/** @throws Refusal `input.invalid` */
export function oneThing(input: {
  entitlementId?: string | undefined;
  accessRoleId?: string | undefined;
}): void {
  if ((input.entitlementId === undefined) === (input.accessRoleId === undefined))
    throw invalid(undefined, 'ask-one-of', { fields: 'entitlementId, accessRoleId' });
}

export const thingOf = ({ applicationName, name }: RequestRow): string =>
  applicationName ? `${applicationName}: ${name}` : name;

export async function wantedAccess(
  context: Context,
  { target }: Recipient,
  asked: {
    entitlementId?: string | undefined;
    accessRoleId?: string | undefined;
    reason: string;
    endsAt: Date | null;
    lastDay?: string | undefined;
  },
): Promise<Wanted> {
  const thingId = (asked.entitlementId ?? asked.accessRoleId)!;
  const offers = await offersFor(context.db, { membershipId: target.id, path: target.path });
  const kind = asked.entitlementId ? 'entitlement' : 'access-role';
  const offer = offers.find(({ thing }) => thing.id === thingId && thing.kind === kind);
  if (!offer) throw await whyNotOffered(context, target, thingId);
  await refuseApart(context, {
    membershipId: target.id,
    thing: offer.thing,
    entitlementIds: offer.thing.entitlements.map(({ id }) => id),
    until: asked.endsAt ?? undefined,
  });
  return {
    kind: 'access',
    payload: asked.lastDay ? { lastDay: asked.lastDay } : {},
    gives: ['request.decide', 'access.grant'],
    organizationId: target.organizationId!,
    path: target.path,
    membershipId: target.id,
    subjectId: target.userId ?? null,
    entitlementId: asked.entitlementId ?? null,
    accessRoleId: asked.accessRoleId ?? null,
    entitlementIds: offer.thing.entitlements.map(({ id }) => id),
    reason: asked.reason,
    endsAt: asked.endsAt,
    same: undefined,
  };
}

/** Gives what was asked for to whom it is for, until when they asked. */
export async function giveAsked(
  giver: Context,
  row: RequestRow,
  { lastDay }: { lastDay?: string | undefined },
): Promise<null> {
  const recipients = await loadRecipients(giver.db, [row.membershipId!], [], giver.at);
  const [given] = await giveAccess(
    giver,
    [recipients.get(row.membershipId!)],
    await thingsAskedFor(giver, row),
    {
      from: undefined,
      until: row.endsAt ?? undefined,
      lastDay,
      why: 'request',
      reason: row.reason,
      requestId: row.id,
      permit: giver.permit,
      knowing: giver.facts,
    },
  );
  if (!given!.ok) throw given!.refusal;
  return null;
}

/** What came by this request is taken back, and what it stood in for comes back. */
export async function takeBackGiven({ context, because }: Undoing, row: RequestRow): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select id from assignment where request_id = ${row.id} and state = 'active'`.execute(context.db);
  const loaded = await loadAssignments(
    context,
    rows.map(({ id }) => id),
  );
  await takeBack(
    context,
    [...loaded.values()].map((one) => ({ ...one, because })),
  );
}
