import { type Kysely, sql } from 'kysely';
import type { DB } from '../platform/schema.gen.ts';

/**
 * Ends the sessions of people who belong nowhere any more. It only tidies: each is refused at its next use since the end
 * of their last day (I17, I20). Whoever has another place, also one that is suspended or to come, keeps theirs.
 * @returns how many ended
 */
export async function endSessionsOfLeavers(db: Kysely<DB>): Promise<number> {
  const { rows } = await sql`
    update session s set ended_at = remit_now()
    where s.ended_at is null and s.expires_at > remit_now()
      and exists (select 1 from membership m where m.user_id = s.user_id)
      and not exists (select 1 from membership m where m.user_id = s.user_id and m.state <> 'ended' and m.ends_at > remit_now())
    returning s.id`.execute(db);
  return rows.length;
}
