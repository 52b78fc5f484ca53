import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { search } from '../../access/fields.ts';
import { wouldBreak, wouldBreakView } from '../../access/separations.ts';
import type { Thing } from '../../access/things.ts';
import { operation } from '../../operation/operation.ts';
import { decodeCursor, pageInput, pageOf, toPage } from '../../platform/paging.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { type Apart, apartBeside } from '../apart.ts';
import { offersFor } from '../catalogue.ts';
import { besideOffers, catalogueBeside } from '../catalogue-beside.ts';
import { whomFor } from '../for-whom.ts';
import { outlook, stepsAhead } from '../outlook.ts';

const keyOf = (thing: Thing): string[] => [thing.kind, thing.application?.name ?? '', thing.name, thing.id];

const isAfter = (key: string[], cursor: string[]): boolean => {
  const at = key.findIndex((part, index) => part !== cursor[index]);
  return at >= 0 && key[at]! > cursor[at]!;
};

export const requestCatalogue = operation({
  name: 'request.catalogue',
  summary: 'Show what you can ask for.',
  http: 'GET /me/catalogue',
  input: z.object({
    membershipId: z.uuid().optional().describe('For somebody you see; for yourself when absent.'),
    search,
    thingId: z.uuid().optional().describe('Only this role or access role.'),
    ...pageInput,
  }),
  output: pageOf(
    z.object({
      kind: z.enum(['entitlement', 'access-role']),
      id: z.uuid(),
      entitlementId: z.uuid().optional(),
      accessRoleId: z.uuid().optional(),
      name: z.string(),
      description: z.string(),
      applicationId: z.uuid().optional(),
      applicationName: z.string().optional(),
      contains: z.array(z.object({ applicationName: z.string(), name: z.string() })),
      ...catalogueBeside,
      state: z.enum(['free', 'asked']),
      openRequestId: z.uuid().optional().describe('You have asked for it; it is not decided yet.'),
      wouldBreak: wouldBreakView.optional(),
      wouldBreakAsked: z
        .object({ name: z.string().nullable(), roles: z.array(z.string()) })
        .optional()
        .describe('It may not be held together with what is asked for the same person besides.'),
      ...outlook,
    }),
  ).extend({
    whom: z
      .object({
        membershipId: z.uuid(),
        displayName: z.string(),
        organizationId: z.uuid(),
        organizationName: z.string(),
        lastDay: z.string().nullable(),
      })
      .describe('Who it would be for; what they have ends with their last day.'),
  }),
  needs: 'self',
  effect: 'reading',
  run: async (context, input) => {
    const cursor = decodeCursor(input.cursor, ['text', 'text', 'text', 'uuid']);
    const { target, organizationName } = await whomFor(context, input.membershipId);
    const offers = await offersFor(context.db, { membershipId: target.id, path: target.path }, input.search);
    const rest = offers
      .map((offer) => ({ ...offer, key: keyOf(offer.thing) }))
      .sort((one, other) => (isAfter(one.key, other.key) ? 1 : -1))
      .filter(
        ({ key, thing }) =>
          (!cursor || isAfter(key, cursor)) && (!input.thingId || thing.id === input.thingId),
      );
    const page = toPage(rest, input.limit, ({ key }) => key);
    const things = page.items.map(({ thing }) => thing);
    const broken = await wouldBreak(context, target.id, things);
    const apart = things.filter(({ id, separated }) => separated && !broken.has(id));
    const besides = await apartBeside(
      context,
      apart.map(({ entitlements }) => ({
        membershipId: target.id,
        entitlementIds: entitlements.map(({ id }) => id),
      })),
    );
    const brokenBesides = new Map(
      apart.map(({ id }, n) => [id, besides[n]!.find(({ breaksWithAsked }) => breaksWithAsked)]),
    );
    const ahead = await stepsAhead(context, target, things);
    const beside = await besideOffers(
      context,
      target,
      page.items.map(({ thing }) => thing),
    );
    return {
      ...page,
      whom: {
        membershipId: target.id,
        organizationId: target.organizationId!,
        organizationName,
        ...(await personIn(context.db, target.id)),
      },
      items: page.items.map(({ thing, openRequestId }) => ({
        kind: thing.kind,
        id: thing.id,
        ...(thing.kind === 'entitlement' ? { entitlementId: thing.id } : { accessRoleId: thing.id }),
        name: thing.name,
        description: thing.description,
        applicationId: thing.application?.id,
        applicationName: thing.application?.name,
        contains: thing.entitlements,
        ...beside.get(thing.id)!,
        state: openRequestId ? ('asked' as const) : ('free' as const),
        openRequestId,
        wouldBreak: broken.get(thing.id),
        wouldBreakAsked: withNames(openRequestId ? undefined : brokenBesides.get(thing.id)),
        ...ahead.get(thing.id)!,
      })),
    };
  },
});

const withNames = (apart: Apart | undefined) => apart && { name: apart.name, roles: apart.roles };

async function personIn(
  db: Kysely<DB>,
  membershipId: string,
): Promise<{ displayName: string; lastDay: string | null }> {
  const { rows } = await sql<{ displayName: string; lastDay: string | null }>`
    select u.display_name as "displayName", m.last_day as "lastDay"
    from membership m join app_user u on u.id = m.user_id where m.id = ${membershipId}`.execute(db);
  return rows[0]!;
}
