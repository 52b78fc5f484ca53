import { type RawBuilder, sql } from 'kysely';
import type { Permit } from '../authority/decide.ts';
import type { Context } from '../operation/operation.ts';
import { decodeCursor, encodeCursor } from '../platform/paging.ts';
import { type Box, beforeLooking, whereToLook } from './boxes.ts';
import { mayDecide } from './rules.ts';
import { askingOf, type RequestRow, readRequests } from './store.ts';

/** With what lets the reader decide it; absent among one's own. */
type Judged = RequestRow & { permit?: Permit | undefined };
type Page = { items: Judged[]; next?: string };

/** What a reader wants to see of a box. */
export type Narrowed = { where?: RawBuilder<unknown>; keep?: (permit: Permit | undefined) => boolean };

/** Looks at the same requests while they are read: waits for nothing but their ids. */
type Alongside = (requestIds: readonly string[]) => Promise<void>;

/** Text of an instant with all its microseconds: a cursor of milliseconds would skip or repeat rows. */
const exact = (column: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/**
 * A page of requests. What one may decide is a matter of places, which SQL filters by, and of what is asked for,
 * which the same rule as the decision's judges in memory: pages are filled until full, so none has gaps (I07).
 */
export async function pageOfRequests(
  context: Context,
  box: Box,
  { cursor, limit }: { cursor: string | undefined; limit: number },
  { where: narrowed = sql`true`, keep = () => true }: Narrowed = {},
  alongside: Alongside = async () => {},
): Promise<Page> {
  const me = context.user();
  const { asked, brought } = await beforeLooking(context.db, context.facts);
  const { parts, column, descending } = await whereToLook(context, box, me.userId, asked);
  const judge = (row: RequestRow): Judged | undefined => {
    if (box === 'mine') return row;
    if (box === 'inbox' && row.memberState === 'ended') return undefined;
    const verdict = mayDecide(
      context.facts,
      askingOf(row, box === 'decided' ? row.step : undefined),
      brought,
    );
    return verdict.may && keep(verdict.permit) ? { ...row, permit: verdict.permit } : undefined;
  };
  const items: Judged[] = [];
  const direction = sql.raw(descending ? 'desc' : 'asc');
  let after = decodeCursor(cursor, ['instant', 'uuid']);
  for (;;) {
    const beyond = after
      ? sql`and (${column}, q.id) ${sql.raw(descending ? '<' : '>')} (${after[0]}::timestamptz, ${after[1]}::uuid)`
      : sql``;
    // The first of each part are the first of all of them.
    const found = sql.join(
      parts.map(
        (
          part,
        ) => sql`(select q.id, ${column} as at from request q left join membership m on m.id = q.membership_id
          where ${part} and ${narrowed} ${beyond} order by ${column} ${direction}, q.id ${direction} limit ${limit + 1})`,
      ),
      sql` union `,
    );
    const { rows: first } = await sql<{ id: string }>`
      select id from (${found}) of order by at ${direction}, id ${direction} limit ${limit + 1}`.execute(
      context.db,
    );
    const ids = first.map(({ id }) => id);
    const [batch] = await Promise.all([readRequests(context.db, ids, exact(column)), alongside(ids)]);
    for (const row of batch) {
      const judged = judge(row);
      if (!judged) continue;
      if (items.length === limit) {
        const last = items[limit - 1]!;
        return { items, next: encodeCursor([last.position, last.id]) };
      }
      items.push(judged);
    }
    const last = batch.at(-1);
    if (!last || batch.length <= limit) return { items };
    after = [last.position, last.id];
  }
}
