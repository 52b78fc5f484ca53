import { type Kysely, sql } from 'kysely';
import type { Target } from '../authority/delegation.ts';
import { type Facts, instant } from '../authority/facts.ts';
import { selvesOf } from '../authority/self.ts';
import type { DB } from '../platform/schema.gen.ts';

/** Who gets or has something: a person in one of their memberships, or an organization with all below it. */
export type Recipient = {
  target: Target & { id: string };
  organizationName: string;
  /** days are read in it */
  timeZone: string;
  /** the members of the organization and of those below, now and later */
  everybodyBelow: boolean;
  /** the membership has ended, or its last day has passed */
  gone: boolean;
};

type Row = Omit<Target, 'line'> & {
  line: string[] | null;
  id: string;
  organizationName: string;
  timeZone: string;
  ended: boolean;
  endsAt: string;
};

/** The recipients of these ids, by id; what does not exist is absent. One statement. */
export async function loadRecipients(
  db: Kysely<DB>,
  membershipIds: readonly string[],
  organizationIds: readonly string[],
  at: Date,
): Promise<Map<string, Recipient>> {
  const { rows } = await sql<Row>`
    select 'membership' as kind, m.id, m.organization_id as "organizationId", m.path, place_is_off(m.path) as off,
      m.user_id as "userId", m.line, o.name as "organizationName", o.time_zone as "timeZone", m.state = 'ended' as ended, m.ends_at::text as "endsAt"
    from membership m join organization o on o.id = m.organization_id where m.id = any (${membershipIds}::uuid[])
    union all
    select 'organization', o.id, o.id, o.path, place_is_off(o.path), null, null, o.name, o.time_zone, false, 'infinity'
    from organization o where o.id = any (${organizationIds}::uuid[])`.execute(db);
  return new Map(
    rows.map(({ organizationName, timeZone, ended, endsAt, userId, line, ...row }) => [
      row.id,
      {
        target: { ...row, userId: userId ?? undefined, line: line ?? undefined },
        organizationName,
        timeZone,
        everybodyBelow: row.kind === 'organization',
        gone: ended || instant(endsAt) <= at,
      },
    ]),
  );
}

/** Paths of all places where the actor is a member, so that nobody gives something to an organization of theirs. */
export async function ownPlaces(db: Kysely<DB>, facts: Facts): Promise<string[]> {
  const selves = selvesOf(facts);
  if (selves.length === 0) return [];
  const { rows } = await sql<{ path: string }>`
    select m.path from membership m where m.user_id = any (${selves}::uuid[]) and m.state <> 'ended'`.execute(
    db,
  );
  return rows.map(({ path }) => path);
}
