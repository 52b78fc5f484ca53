import { sql } from 'kysely';
import type { Subscriber } from '../../operation/subscribers.ts';
import { prepared } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { sendJob } from '../../platform/jobs.ts';
import { toldEvents, toldTypeOf } from './rules.ts';
import { hooksWanting } from './store.ts';
import { toldNow } from './told.ts';

/**
 * Files a delivery for each webhook that an event concerns, ten seconds after it: whatever was undone meanwhile is not
 * told (ruling 12). What the maker of a webhook may not see leaves no trace there either.
 */
export const fileDeliveries: Subscriber = {
  name: 'webhooks',
  on: toldEvents,
  // One more than undoing has: an undo of the last moment is committed by then.
  delaySeconds: 11,
  wanted: async (db, types) => {
    const told = types.map((type) => toldTypeOf(type) ?? type);
    const { rows } =
      await sql`${prepared} select 1 from webhook where state = 'active' and types && ${told}::text[] limit 1`.execute(
        db,
      );
    return rows.length > 0;
  },
  run: async (event, { db, config }) => {
    const type = toldTypeOf(event.type);
    if (!type || !event.path || !event.organizationId) return;
    for (const hook of await hooksWanting(db, type, event.path)) {
      if (!(await toldNow(db, hook, event, config.url))) continue;
      await db.transaction().execute(async (trx) => {
        // Run again, it finds what it filed (at least once from here on, once until here).
        const { rows } = await sql`
          insert into webhook_delivery (id, webhook_id, event_id, event_type, organization_id, next_at)
          select ${newId()}, w.id, ${event.id}, ${type}, ${event.organizationId}, remit_now()
          from webhook w where w.id = ${hook.id} and w.state = 'active' for key share
          on conflict (webhook_id, event_id) do nothing returning 1`.execute(trx);
        if (rows.length > 0) await sendJob(trx, 'webhook', { webhookId: hook.id });
      });
    }
  },
};
