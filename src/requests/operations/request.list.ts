import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { type Context, operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { type Around, beside, besideOf, lookAround } from '../context.ts';
import { type Narrowed, pageOfRequests } from '../inbox.ts';
import { requestKinds } from '../policy.ts';
import { requestView, viewOf } from '../view.ts';

const filters = {
  kind: z.enum(requestKinds).optional().describe('Only this kind of request.'),
  organizationId: z.uuid().optional().describe('Only there and below.'),
  dueSoon: z.boolean().optional().describe('Only what is due within a day, or was reminded of.'),
  highRisk: z.boolean().optional(),
  asDeputy: z.boolean().optional().describe('Only what you would decide for somebody else.'),
};
type Filters = z.infer<z.ZodObject<typeof filters>>;

export const requestList = operation({
  name: 'request.list',
  summary:
    'List requests: your own, those that wait for you, or those that were decided where you may decide.',
  http: 'GET /requests',
  input: z.object({ box: z.enum(['mine', 'inbox', 'decided']).default('mine'), ...filters, ...pageInput }),
  output: pageOf(requestView.extend({ beside: beside.nullable().describe('Of what waits for you.') })),
  needs: 'self',
  effect: 'reading',
  run: async (context, { box, cursor, limit, ...wanted }) => {
    const around = new Map<string, Around>();
    const look = async (requestIds: readonly string[]): Promise<void> => {
      for (const [id, one] of await lookAround(context, requestIds)) around.set(id, one);
    };
    const waits = box === 'inbox';
    const page = await pageOfRequests(
      context,
      box,
      { cursor, limit },
      await narrowed(context, wanted),
      waits ? look : undefined,
    );
    const found = waits ? await besideOf(context, page.items, around) : undefined;
    return {
      ...page,
      items: page.items.map((row) => ({
        ...viewOf(row, context.facts),
        beside: found?.get(row.id) ?? null,
      })),
    };
  },
});

async function narrowed({ db, at, decide, facts }: Context, wanted: Filters): Promise<Narrowed> {
  const where: RawBuilder<unknown>[] = [sql`true`];
  if (wanted.kind) where.push(sql`q.kind = ${wanted.kind}`);
  if (wanted.organizationId) {
    // One that is out of reach holds nothing that the reader sees, as one that is not there.
    const place = await organizationTarget(db, wanted.organizationId);
    const own = facts.actor.kind === 'user' && facts.actor.organizationId === wanted.organizationId;
    const seen = place && (own || decide('organization.read', place).effect === 'permit');
    const path = seen ? place.path : undefined;
    where.push(path ? sql`q.path >= ${path} and q.path < ${`${path}/`}` : sql`false`);
  }
  if (wanted.dueSoon)
    where.push(sql`(q.next_at < ${at}::timestamptz + interval '1 day' or q.done_until > q.level_at)`);
  if (wanted.highRisk)
    where.push(
      sql`exists (select 1 from entitlement h where h.id = any (q.entitlement_ids) and h.risk = 'high')`,
    );
  return {
    where: sql`(${sql.join(where, sql` and `)})`,
    ...(wanted.asDeputy ? { keep: (permit) => permit?.because[0]?.kind === 'approve' } : {}),
  };
}
