import { sql } from 'kysely';
import type { Context } from '../operation/operation.ts';
import { problem } from '../platform/problems.ts';
import { refuse } from '../platform/refusals.ts';
import { matches, reachOfTrail } from './filter.ts';
import { recordRead } from './record-read.ts';
import { pageOfTrail } from './store.ts';
import { type EventView, viewEvents } from './view.ts';

/** Events of one file at most; a longer time is taken in parts, by `from` and `until`. */
const most = 20_000;

/** Everything in the target organization and below that matches, newest first. Each download is recorded. */
export async function trailFile(
  context: Context,
  operation: string,
  filter: Parameters<typeof matches>[0],
): Promise<EventView[]> {
  const { organizationId } = context.target;
  const reached = await reachOfTrail(context, { organizationId, below: true });
  const events: EventView[] = [];
  let cursor: string | undefined;
  do {
    const page = await pageOfTrail(context.db, sql`${reached} and ${matches(filter)}`, {
      cursor,
      limit: 1000,
    });
    events.push(...(await viewEvents(context, page.items)));
    cursor = page.next;
    if (events.length > most)
      throw refuse('input.too-large', { limit: problem('limit.events', { number: most }) });
  } while (cursor !== undefined);
  await recordRead(context, operation, { organizationId, subjectId: filter.subjectId, filter, always: true });
  return events;
}
