import { type RawBuilder, sql } from 'kysely';
import { inReach, type Reach } from '../../../authority/reach.ts';
import type { Door } from '../connection/door.ts';

/**
 * When a group last changed in what is seen of it through the door (`meta.lastModified`; RFC 7643, section 3.1), for a row of
 * `groups`. Whoever sees everybody below sees every change; for the others it moves with nothing about people out of
 * sight, or it would tell that there are some (I06).
 */
export const changedAt = ({ people }: Door): RawBuilder<unknown> => sql`greatest(g.created_at,
  case when ${seesAllBelow(people)} then g.changed_at else greatest(
    (select e.at from event e where e.target_id = g.id and e.type = 'group.updated' and e.personal ->> 'was' is not null
      order by e.position desc limit 1),
    (select e.at from event e join membership em on em.id = e.target_id
      where coalesce(e.after ->> 'groupId', e.before ->> 'groupId') = g.id::text
        and e.type in ('group.member-added', 'group.member-removed')
        and ${inReach(people, sql`em.path`, sql`em.user_id`, sql`em.line`)}
      order by e.position desc limit 1)) end)`;

/** Whether nobody of a group of `o` can be out of sight. */
function seesAllBelow({ regions, ...reach }: Reach): RawBuilder<boolean> {
  const whole = regions.filter(
    ({ place, holes, users, reports, without = [] }) =>
      place.below && users === undefined && holes.length + reports.length + without.length === 0,
  );
  return inReach({ ...reach, regions: whole }, sql`o.path`);
}
