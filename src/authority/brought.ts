import { type Kysely, type RawBuilder, sql } from 'kysely';
import { prepared } from '../platform/database.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Facts } from './facts.ts';
import { selvesOf, withGivers } from './self.ts';

/**
 * Who invited, enrolled or imported each of these people, or started their sign-in anew: they are not independent of each
 * other (ruling 8). By user id.
 */
export async function whoBrought(
  db: Kysely<DB>,
  userIds: readonly string[],
): Promise<Map<string, Set<string>>> {
  if (userIds.length === 0) return new Map();
  const { rows } = await sql<Bringing>`${prepared} ${bringings(userIds)}`.execute(db);
  return gathered(userIds, rows);
}

export type Bringing = { id: string; by: string | null };

/** Whom somebody brought, a row each: for a statement that asks something else besides. */
export const bringings = (userIds: readonly string[]): RawBuilder<Bringing> => sql`
    select i.accepted_by as id, coalesce(i.invited_by, d.giver_user_id) as by
      from invitation i left join delegation d on d.id = i.invited_under and d.delegate_kind = 'client'
      where i.accepted_by = any (${userIds}::uuid[])
    union select e.subject_id, coalesce(c.created_by, e.actor_id) from event e left join client c on c.id = e.actor_id
      where e.subject_id = any (${userIds}::uuid[]) and e.actor_kind in ('user', 'client') and e.actor_id <> e.subject_id
        and e.type in ('credential.reset', 'recovery.started', 'user.created', 'membership.created')`;

/** By who was brought. */
export function gathered(userIds: readonly string[], rows: readonly Bringing[]): Map<string, Set<string>> {
  const brought = new Map(userIds.map((id) => [id, new Set<string>()]));
  for (const { id, by } of rows) if (by) brought.get(id)!.add(by);
  return brought;
}

/** The same of whoever acts: of all the people whom these actors stand for, and of those for whom they decide. */
export function whoBroughtActors(
  db: Kysely<DB>,
  actors: readonly Facts[],
): Promise<Map<string, Set<string>>> {
  return whoBrought(db, standingFor(actors));
}

/** All the people whom these actors stand for. */
export const standingFor = (actors: readonly Facts[]): string[] => [
  ...new Set(actors.flatMap(withGivers).flatMap(selvesOf)),
];
