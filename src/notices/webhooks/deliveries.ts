import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { inReach } from '../../authority/reach.ts';
import type { Context } from '../../operation/operation.ts';
import { decodeCursor, toPage } from '../../platform/paging.ts';
import { messageId } from '../../platform/webhook-signature.ts';

/** What was sent, or tried: for finding out what is wrong at the other end. */
export const deliveryView = z.object({
  id: z.uuid(),
  messageId: z
    .string()
    .describe('As the receiver sees it: the header `webhook-id`, the same on every attempt.'),
  eventType: z.string(),
  state: z
    .enum(['waiting', 'sent', 'failed', 'withheld'])
    .describe(
      '`failed`: given up, to be sent again by hand; `withheld`: undone or out of your sight by then.',
    ),
  attempts: z.number().int(),
  nextAt: z.string().nullable(),
  lastAt: z.string().nullable(),
  lastStatus: z.number().int().nullable().describe('What the other end answered.'),
  problem: z.string().nullable(),
  createdAt: z.string(),
});
export type DeliveryView = z.infer<typeof deliveryView>;

export const deliveryStates = ['waiting', 'sent', 'failed', 'withheld'] as const;

type Row = Omit<DeliveryView, 'messageId' | 'nextAt' | 'lastAt' | 'createdAt'> & {
  nextAt: Date | null;
  lastAt: Date | null;
  createdAt: Date;
};

/** Of a webhook that the pipeline has decided about; what happened outside the reader's own reach is left out. */
export const ofHook = (context: Context, webhookId: string): RawBuilder<unknown> => sql`
  d.webhook_id = ${webhookId} and exists (select 1 from organization o
    where o.id = d.organization_id and ${inReach(context.reach('webhook.configure'), sql`o.path`)})`;

const columns = sql`
  d.id, d.event_type as "eventType", d.state, d.attempts, d.next_at as "nextAt", d.last_at as "lastAt",
  d.last_status as "lastStatus", d.last_problem as problem, d.created_at as "createdAt"`;

export const deliveryOf = ({ nextAt, lastAt, createdAt, ...row }: Row): DeliveryView => ({
  ...row,
  messageId: messageId(row.id),
  nextAt: nextAt?.toISOString() ?? null,
  lastAt: lastAt?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
});

/** The newest first. */
export async function listDeliveries(
  context: Context,
  webhookId: string,
  { state, limit, cursor }: { state?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<{ items: DeliveryView[]; next?: string }> {
  const after = decodeCursor(cursor, ['uuid']);
  const { rows } = await sql<Row>`
    select ${columns} from webhook_delivery d where ${ofHook(context, webhookId)}
      ${state ? sql`and d.state = ${state}` : sql``} ${after ? sql`and d.id < ${after[0]}::uuid` : sql``}
    order by d.id desc limit ${limit + 1}`.execute(context.db);
  return toPage(rows.map(deliveryOf), limit, ({ id }) => [id]);
}

export async function readDelivery({ db }: Context, id: string): Promise<DeliveryView> {
  const { rows } = await sql<Row>`select ${columns} from webhook_delivery d where d.id = ${id}`.execute(db);
  return deliveryOf(rows[0]!);
}
