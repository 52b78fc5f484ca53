import { type Kysely, sql } from 'kysely';
import type { DB } from '../../platform/schema.gen.ts';
import { hashSessionToken } from '../../platform/sessions.ts';

/** The portal's session behind a request: the one source of who is signed in. The provider's own follows it. */
export type LiveSession = {
  sessionId: string;
  userId: string;
  /** when the person proved who they are, seconds since the epoch */
  since: number;
  membershipId: string | null;
  organizationId: string | null;
  organizationName: string | null;
  path: string | null;
  /** the membership is active, in date, and its organization open */
  usable: boolean;
};

export async function findLiveSession(
  db: Kysely<DB>,
  token: string | undefined,
): Promise<LiveSession | undefined> {
  if (token === undefined) return undefined;
  const { rows } = await sql<LiveSession>`
    select s.id as "sessionId", s.user_id as "userId", floor(extract(epoch from s.created_at))::int as since,
      m.id as "membershipId", o.id as "organizationId", o.name as "organizationName", m.path,
      coalesce(m.state = 'active' and m.starts_at <= remit_now() and m.ends_at > remit_now() and not place_is_off(m.path), false) as usable
    from session s join app_user u on u.id = s.user_id
    left join membership m on m.id = s.membership_id and m.user_id = u.id left join organization o on o.id = m.organization_id
    where s.token_hash = ${hashSessionToken(token)} and s.ended_at is null and s.expires_at > remit_now() and u.state = 'active'`.execute(
    db,
  );
  return rows[0];
}
