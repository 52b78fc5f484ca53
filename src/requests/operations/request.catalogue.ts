import { z } from 'zod';
import { search } from '../../access/fields.ts';
import { wouldBreak, wouldBreakView } from '../../access/separations.ts';
import type { Thing } from '../../access/things.ts';
import { operation } from '../../operation/operation.ts';
import { decodeCursor, pageInput, pageOf, toPage } from '../../platform/paging.ts';
import { offersFor } from '../catalogue.ts';
import { whomFor } from '../for-whom.ts';

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
      state: z.enum(['free', 'asked']),
      openRequestId: z.uuid().optional().describe('You have asked for it; it is not decided yet.'),
      wouldBreak: wouldBreakView.optional(),
    }),
  ),
  needs: 'self',
  effect: 'reading',
  run: async (context, input) => {
    const cursor = decodeCursor(input.cursor, ['text', 'text', 'text', 'uuid']);
    const { target } = await whomFor(context, input.membershipId);
    const offers = await offersFor(context.db, { membershipId: target.id, path: target.path }, input.search);
    const rest = offers
      .map((offer) => ({ ...offer, key: keyOf(offer.thing) }))
      .sort((one, other) => (isAfter(one.key, other.key) ? 1 : -1))
      .filter(({ key }) => !cursor || isAfter(key, cursor));
    const page = toPage(rest, input.limit, ({ key }) => key);
    const broken = await wouldBreak(
      context,
      target.id,
      page.items.map(({ thing }) => thing),
    );
    return {
      ...page,
      items: page.items.map(({ thing, openRequestId }) => ({
        kind: thing.kind,
        id: thing.id,
        ...(thing.kind === 'entitlement' ? { entitlementId: thing.id } : { accessRoleId: thing.id }),
        name: thing.name,
        description: thing.description,
        applicationId: thing.application?.id,
        applicationName: thing.application?.name,
        contains: thing.entitlements,
        state: openRequestId ? ('asked' as const) : ('free' as const),
        openRequestId,
        wouldBreak: broken.get(thing.id),
      })),
    };
  },
});
