import { type RawBuilder, sql } from 'kysely';
import { inReach } from '../../../authority/reach.ts';
import type { Door } from '../connection/door.ts';
import { isShown } from './shown-fields.ts';

/**
 * When somebody last changed in what is seen of them through the door (`meta.lastModified`; RFC 7643, section 3.1), for a
 * row of `people`. It moves with nothing else, or it would tell that there is something more (I06). Groups are written at
 * the group, and a new name of the line manager is a change of that person.
 */
export const changedAt = (door: Door): RawBuilder<unknown> => sql`greatest(m.created_at,
  (select e.at from event e where e.target_id = m.id and e.type like 'membership.%' and ${saysOfMembership(door)}
    order by e.position desc limit 1),
  (select e.at from event e where e.target_id = m.user_id and e.type like 'user.%' and ${saysOfAccount}
    order by e.position desc limit 1))`;

/** What stands there before and after an event is not the same. */
const state = (key: string): RawBuilder<boolean> =>
  sql<boolean>`(e.before ->> ${key}::text) is distinct from (e.after ->> ${key}::text)`;
const personal = (key: RawBuilder<unknown>): RawBuilder<boolean> =>
  sql<boolean>`(e.personal -> 'before' -> ${key}) is distinct from (e.personal -> 'after' -> ${key})`;
const said = (keys: readonly string[]): RawBuilder<boolean> =>
  sql<boolean>`exists (select 1 from unnest(${keys}::text[]) k where ${personal(sql`k`)})`;
const anyOf = (parts: RawBuilder<boolean>[]): RawBuilder<boolean> =>
  sql<boolean>`(${sql.join(parts, sql` or `)})`;

const saysOfMembership = (door: Door): RawBuilder<boolean> =>
  anyOf([
    ...['state', 'organizationId', 'userId', 'firstDay', 'lastDay'].map(state),
    said(['title', 'userName', 'emails']),
    // Of the ids of feeds each sees its own.
    sql<boolean>`e.actor_id = ${door.ownerId} and ${personal(sql`'externalId'`)}`,
    sql<boolean>`${state('lineManagerId')} and exists (select 1 from membership v
      where v.id::text in (e.before ->> 'lineManagerId', e.after ->> 'lineManagerId') and ${inReach(door.people, sql`v.path`, sql`v.user_id`)})`,
    sql<boolean>`exists (select 1 from unnest(${door.fields.map(({ key }) => key)}::text[]) k
      where (e.personal #> array['before', 'attributes', k]) is distinct from (e.personal #> array['after', 'attributes', k])
        and ${isShown(door, sql`k`)})`,
  ]);

const saysOfAccount = anyOf([
  state('language'),
  said(['displayName', 'givenName', 'familyName', 'email', 'userName']),
]);
