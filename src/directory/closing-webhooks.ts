import { sql } from 'kysely';
import type { Context } from '../operation/operation.ts';

/** What was told about a place that is closed is told no more, also when it is opened again; its secrets are forgotten. */
export async function retireWebhooks(context: Context, path: string): Promise<void> {
  const { rows } = await sql<{
    id: string;
    organizationId: string;
    path: string;
    before: Record<string, unknown>;
    after: Record<string, unknown>;
  }>`
    update webhook w set state = 'retired', off_why = null, secret = '', old_secret = null, old_secret_until = null,
      changed_at = ${context.at}, version = w.version + 1
    from webhook b, organization o
    where b.id = w.id and o.id = w.organization_id and o.path >= ${path} and o.path < ${`${path}/`} and w.state <> 'retired'
    returning w.id, o.id as "organizationId", o.path,
      to_jsonb(b) - '{name,url,secret,old_secret,templates,rests_until,failing_since}'::text[] as before,
      to_jsonb(w) - '{name,url,secret,old_secret,templates,rests_until,failing_since}'::text[] as after`.execute(
    context.db,
  );
  const ids = rows.map(({ id }) => id);
  await sql`
    update webhook_delivery set state = 'failed', next_at = null, leased_until = null,
      last_problem = coalesce(last_problem, 'switched-off')
    where webhook_id = any (${ids}::uuid[]) and state = 'waiting'`.execute(context.db);
  for (const { id, ...row } of rows)
    context.record({ type: 'webhook.retired', targetKind: 'webhook', targetId: id, ...row });
}
